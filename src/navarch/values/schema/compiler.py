"""From schema documents to nodes that can be checked against: ids, anchors, references, drafts, metaschemas.

A document is a root with resources in it (the document itself, and subschemas with an id of their own). A node is one
schema at one place of one root; its keywords are compiled when it is first asked for them, or all at once
(`compile_all`) to find out what is wrong with a schema. Rules, order and words are santhosh-tekuri/jsonschema's.
"""

from __future__ import annotations

from navarch.errors import NavarchError, ValuesError
from navarch.golang.strconv import quote
from navarch.golang.url import parse_url
from navarch.values.schema import urls
from navarch.values.schema.document import read_json
from navarch.values.schema.drafts import LATEST, draft_of, escape, metaschema
from navarch.values.schema.keywords import Keywords

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from navarch.values.schema.drafts import Draft

    # gets the content behind a URL; None stands for a document that allows everything
    Load = Callable[[str], bytes | None]

__all__ = ["Compiler", "Node", "Resource", "Root", "metaschema_node"]


class Resource:
    """A document, or a schema in it that has an id: what references without a URL are relative to."""

    __slots__ = ("anchors", "at", "draft", "dynamic", "url", "vocabularies")

    def __init__(self, at: str, url: str, draft: Draft, vocabularies: tuple[str, ...] | None) -> None:
        self.at = at
        self.url = url
        self.draft = draft
        self.vocabularies = vocabularies
        self.anchors: dict[str, str] = {}
        self.dynamic: list[str] = []

    def knows(self, vocabulary: str) -> bool:
        if vocabulary == "core" or self.draft.version < 2019:
            return True
        return vocabulary in (self.draft.defaults if self.vocabularies is None else self.vocabularies)


class Root:
    """A document with what lies in it."""

    __slots__ = ("document", "resources", "seen", "url")

    def __init__(self, url: str, document: Any) -> None:
        self.url = url
        self.document = document
        self.resources: dict[str, Resource] = {}
        self.seen: set[str] = set()

    def resource(self, at: str) -> Resource:
        """The resource that a place belongs to."""
        around = [place for place in self.resources if at == place or at.startswith(f"{place}/")]
        return self.resources[max(around, key=len, default="")]

    def lookup(self, at: str) -> Any:
        """What stands at a place. Raises ValuesError where nothing does."""
        value = self.document
        for part in at.split("/")[1:]:
            key = _unescape(part)
            if key is None:
                raise ValuesError(f"invalid json-pointer {quote(_location(self.url, at))}")
            if type(value) is dict and key in value:
                value = value[key]
            elif type(value) is list and key.isdigit() and int(key) < len(value):
                value = value[int(key)]
            else:
                raise ValuesError(f"json-pointer in {quote(_location(self.url, at))} not found")
        return value

    def place(self, fragment: str, resource: Resource) -> str:
        """The place that a reference's fragment means in a resource."""
        if not fragment or fragment.startswith("/"):
            return resource.at + fragment
        if fragment not in resource.anchors:
            reference = f"{resource.url}#{urls.encode_fragment(fragment)}"
            raise ValuesError(f"anchor in {quote(reference)} not found in schema {quote(self.url)}")
        return resource.anchors[fragment]


class Node:
    """A schema: `keywords` has what is checked, compiled; `boolean` is set where the schema is just true or false."""

    __slots__ = (
        "_compiled",
        "_compiler",
        "all_items",
        "all_properties",
        "at",
        "boolean",
        "draft",
        "dynamic_anchors",
        "items_done",
        "resource",
        "root",
    )

    def __init__(self, compiler: Compiler, root: Root, at: str) -> None:
        self._compiler = compiler
        self._compiled: dict[str, Any] | None = None
        self.root = root
        self.at = at
        self.resource = root.resource(at)
        self.draft = self.resource.draft.version
        self.boolean: bool | None = None
        self.all_properties = False
        self.all_items = False
        self.items_done = 0
        self.dynamic_anchors: dict[str, Node] = {}

    @property
    def location(self) -> str:
        return _location(self.root.url, self.at)

    @property
    def keywords(self) -> dict[str, Any]:
        return self.compile() if self._compiled is None else self._compiled

    def compile(self) -> dict[str, Any]:
        """The keywords, compiled if they aren't yet. Raises ValuesError where they can't be."""
        if self._compiled is None:
            self._compiler.compile(self)
        return self._compiled or {}

    def top(self) -> Node:
        """The schema that this one's resource is as a whole."""
        return self if self.at == self.resource.at else self._compiler.enqueue(self.root, self.resource.at)

    def at_place(self, at: str) -> Node:
        """The schema at another place of the same document."""
        return self._compiler.enqueue(self.root, at)

    def settle(self, keywords: dict[str, Any]) -> None:
        """Take over compiled keywords."""
        self.all_properties = "additionalProperties" in keywords
        if self.draft < 2020:
            items = keywords.get("items")
            self.all_items = "additionalItems" in keywords or isinstance(items, Node)
            self.items_done = len(items) if type(items) is list else 0
        else:
            self.all_items = "items" in keywords
            self.items_done = len(keywords.get("prefixItems", ()))
        self._compiled = keywords


class Compiler:
    """Documents by URL, and the nodes made of them. `load` gets what isn't known yet."""

    def __init__(self, load: Load | None = None, *, assert_formats: bool = False) -> None:
        self._load = load
        self._assert_formats = assert_formats
        self._documents: dict[str, Any] = {}
        self._roots: dict[str, Root] = {}
        self._nodes: dict[tuple[str, str], Node] = {}
        self._queue: list[Node] = []

    def add(self, url: str, document: Any) -> None:
        self._documents[url] = document

    def node(self, url: str, *, trusted: bool = False) -> Node:
        """The schema that a document is as a whole; `trusted` says that it is known to be one."""
        return self.enqueue(self._root(url, trusted=trusted), "")

    def compile_all(self) -> None:
        """Compile all that can be reached from the nodes asked for. Raises ValuesError for the first fault."""
        done = 0
        while done < len(self._queue):
            self._queue[done].compile()
            done += 1

    def enqueue(self, root: Root, at: str) -> Node:
        """The node at a place of a root."""
        node = self._nodes.get((root.url, at))
        if node is None:
            node = self._nodes[root.url, at] = Node(self, root, at)
            self._queue.append(node)
        return node

    # documents

    def _root(self, url: str, *, trusted: bool = False) -> Root:
        root = self._roots.get(url)
        if root is None:
            document = self._document(url)
            root = Root(url, document)
            self._collect(root, document, url, "", LATEST, None)
            if not trusted and not url.startswith(("http://json-schema.org/", "https://json-schema.org/")):
                self._check(root, document, "")
            self._roots[url] = root
        return root

    def _document(self, url: str) -> Any:
        if url not in self._documents:
            known = metaschema(url)
            self._documents[url] = self._fetch(url) if known is None else known
        return self._documents[url]

    def _fetch(self, url: str) -> Any:
        try:
            if self._load is None:
                raise ValuesError("no URLLoader set")
            data = self._load(url)
            return True if data is None else read_json(data)
        except NavarchError as error:
            raise ValuesError(f"failing loading {quote(url)}: {error}") from error

    def _check(self, root: Root, schema: Any, at: str) -> None:
        """Hold a schema to the metaschema of its draft."""
        from navarch.values.schema.validator import findings

        resource = root.resource(at)
        meta = metaschema_node(resource)
        problems = findings(meta, schema, dialects=root.resources, meta=meta)
        if problems is not None:
            lines = "\n".join(line for problem in problems for line in problem.lines())
            failed = f"jsonschema validation failed with {_quoted(meta.location)}\n{lines}"
            raise ValuesError(f"{quote(_location(root.url, at))} is not valid against metaschema: {failed}")

    def _ensure(self, node: Node) -> None:
        """A reference may lead to a place that isn't known to hold a schema: then it must prove to."""
        if node.at in node.root.seen:
            return
        schema = node.root.lookup(node.at)
        resource = node.root.resource(node.at)
        self._collect(node.root, schema, resource.url, node.at, resource.draft, resource.vocabularies)
        node.resource = node.root.resource(node.at)
        node.draft = node.resource.draft.version
        self._check(node.root, schema, node.at)

    def _collect(
        self, root: Root, schema: Any, base: str, at: str, draft: Draft, vocabularies: tuple[str, ...] | None
    ) -> None:
        """Find the resources and anchors in a schema."""
        if at in root.seen:
            return
        if type(schema) is not dict:
            if not at:
                root.resources[at] = Resource(at, base, draft, vocabularies)
            root.seen.add(at)
            return
        own = self._draft(schema, root.url, at, draft, set())
        names_draft = type(schema.get("$schema")) is str
        identity = own.identity(schema)
        if not identity and at:
            own, names_draft = draft, False
            identity = own.identity(schema)
        if identity:
            base = urls.join(base, identity)
        if identity or not at:
            self._add_resource(root, schema, base, at, own if names_draft else draft, vocabularies, names_draft)
        resource = next(found for found in root.resources.values() if found.url == base)
        _collect_anchors(root, schema, at, resource)
        for place, inner in own.subschemas(schema, at):
            self._collect(root, inner, base, place, resource.draft, resource.vocabularies)
        root.seen.add(at)

    def _add_resource(
        self,
        root: Root,
        schema: dict[str, Any],
        base: str,
        at: str,
        draft: Draft,
        vocabularies: tuple[str, ...] | None,
        names_draft: bool,
    ) -> None:
        for found in root.resources.values():
            if found.url == base:
                if found.at != at:
                    raise ValuesError(
                        f"duplicate id {quote(base)} in {quote(root.url)} at {quote(at)} and {quote(found.at)}"
                    )
                return
        if names_draft:
            vocabularies = self._vocabularies(schema, draft)
        root.resources[at] = Resource(at, base, draft, vocabularies)

    def _draft(self, schema: Any, url: str, at: str, default: Draft, seen: set[str]) -> Draft:
        """The draft that a schema names, itself or by way of its own metaschema."""
        named = schema.get("$schema") if type(schema) is dict else None
        if type(named) is not str:
            return default
        known = draft_of(named)
        if known is not None:
            return known
        named = named.partition("#")[0]
        try:
            parse_url(named)
        except NavarchError as error:
            raise ValuesError(f"invalid $schema in {quote(_location(url, at))}: {error}") from error
        if not at and named == url:
            raise ValuesError(f"draft {quote(named)} is not supported")
        if named in seen:
            raise ValuesError(f"cycle in resolving $schema in {quote(named)}")
        return self._draft(self._document(named), named, "", default, seen | {named})

    def _vocabularies(self, schema: dict[str, Any], draft: Draft) -> tuple[str, ...] | None:
        """The vocabularies that a metaschema of its own gives a schema; None for the draft's defaults."""
        named = schema["$schema"]
        if draft_of(named) is not None or draft.version < 2019:
            return None
        url = named.partition("#")[0]
        document = self._document(url)
        listed = document.get("$vocabulary") if type(document) is dict else None
        if type(listed) is not dict:
            return None
        names = []
        prefix = draft.url.removesuffix("schema") + "vocab/"
        for vocabulary, required in listed.items():
            if required is not True:
                continue
            name = vocabulary.removeprefix(prefix)
            if name == vocabulary or name not in draft.vocabularies:
                raise ValuesError(f"unsupported vocabulary {quote(vocabulary)} in {quote(url)}")
            names.append(name)
        return (*names, *(() if "core" in names else ("core",)))

    # keywords

    def compile(self, node: Node) -> None:
        """Give a node its keywords. Raises ValuesError where it holds what can't be used."""
        self._ensure(node)
        schema = node.root.lookup(node.at)
        if node.draft >= 2020 and node.at == node.resource.at:
            for anchor in node.resource.dynamic:
                node.dynamic_anchors[anchor] = self.enqueue(node.root, node.resource.anchors[anchor])
        if type(schema) is bool:
            node.boolean = schema
            node.settle({})
        elif type(schema) is not dict or not schema:
            node.boolean = True if type(schema) is dict else None
            node.settle({})
        else:
            node.settle(Keywords(self, node, schema).compile())

    def refer(self, node: Node, reference: str) -> Node:
        """The node that a reference in a schema leads to."""
        url, fragment = urls.split(reference)
        url = urls.join(node.resource.url, url)
        root = node.root
        if url == root.url:
            return self.enqueue(root, root.place(fragment, root.resources[""]))
        for resource in root.resources.values():
            if resource.url == url:
                return self.enqueue(root, root.place(fragment, resource))
        other = self._root(url)
        return self.enqueue(other, other.place(fragment, other.resources[""]))

    def below(self, node: Node, *path: str) -> Node:
        return self.enqueue(node.root, node.at + "".join(f"/{escape(part)}" for part in path))

    def asserts_format(self, node: Node) -> bool:
        if self._assert_formats or node.draft < 2019:
            return True
        return node.resource.knows("format" if node.draft == 2019 else "format-assertion")


def _collect_anchors(root: Root, schema: dict[str, Any], at: str, resource: Resource) -> None:
    draft = resource.draft
    if draft.version < 2019:
        identity = schema.get(draft.id_key)
        if "$ref" in schema or type(identity) is not str:
            return
        _, fragment = urls.split(identity)
        if fragment and not fragment.startswith("/"):
            _add_anchor(root, resource, fragment, at)
        return
    anchor = schema.get("$anchor")
    if type(anchor) is str:
        _add_anchor(root, resource, anchor, at)
    anchor = schema.get("$dynamicAnchor")
    if draft.version >= 2020 and type(anchor) is str:
        _add_anchor(root, resource, anchor, at)
        resource.dynamic.append(anchor)


def _add_anchor(root: Root, resource: Resource, anchor: str, at: str) -> None:
    before = resource.anchors.setdefault(anchor, at)
    if before != at:
        raise ValuesError(f"duplicate anchor {quote(anchor)} in {quote(root.url)} at {quote(before)} and {quote(at)}")


def _location(url: str, at: str) -> str:
    return f"{url}#{urls.encode_fragment(at)}"


def _unescape(part: str) -> str | None:
    if "~" not in part:
        return part
    pieces = part.split("~")
    if any(piece[:1] not in {"0", "1"} for piece in pieces[1:]):
        return None
    return pieces[0] + "".join(("~" if piece[0] == "0" else "/") + piece[1:] for piece in pieces[1:])


def _quoted(text: str) -> str:
    from navarch.values.schema.messages import quoted

    return quoted(text)


_meta_compilers: list[Compiler] = []


def metaschema_node(resource: Resource) -> Node:
    """What the schemas of a resource are held to."""
    if not _meta_compilers:
        _meta_compilers.append(Compiler(assert_formats=True))
    compiler, draft = _meta_compilers[0], resource.draft
    if resource.vocabularies is None:
        return compiler.node(draft.url)
    parts = [compiler.node(f"{draft.url.removesuffix('schema')}meta/{name}") for name in resource.vocabularies]
    root = Root("urn:mem:metaschema", {"$dynamicAnchor": "meta"})
    root.resources[""] = Resource("", root.url, draft, None)
    node = Node(compiler, root, "")
    node.settle({"allOf": parts, "$dynamicAnchor": "meta"})
    node.dynamic_anchors = {"meta": node} if draft.version >= 2020 else {}
    return node
