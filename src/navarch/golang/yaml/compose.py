"""The complete YAML parser: tokens to the tree of the first document, with the messages of goyaml v2's libyaml.

The grammar is libyaml's; it is driven by a stack of states, so that depth costs no recursion.
"""

from __future__ import annotations

from navarch.errors import YamlError
from navarch.golang.yaml.scan import Scanner, SyntaxFault, problem_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from navarch.golang.yaml.reader import Source

__all__ = ["ALIAS", "MAPPING", "SCALAR", "SEQUENCE", "Node", "compose"]

SCALAR, MAPPING, SEQUENCE, ALIAS = 0, 1, 2, 3

_DEFAULT_TAGS = {"!": "!", "!!": "tag:yaml.org,2002:"}
_EMPTY_DOCUMENT = frozenset(("%YAML", "%TAG", "doc-start", "doc-end", "end"))
_NO_ENTRY = frozenset(("-", "block-end"))
_NO_INDENTLESS_ENTRY = frozenset(("-", "?", ":", "block-end"))
_NO_BLOCK_NODE = frozenset(("?", ":", "block-end"))
_NO_FLOW_SEQUENCE_NODE = frozenset((",", "]"))
_NO_FLOW_MAPPING_NODE = frozenset((",", "}"))


class Node:
    """One node. A scalar has `text`, `tag` and `plain` (whether its text decides the type); others have `children`.

    A mapping's children are key, value, key, value; an alias has its anchor's name as text and the anchored node as
    its only child.
    """

    __slots__ = ("children", "kind", "line", "plain", "tag", "text")

    def __init__(self, kind: int, line: int, text: str = "", tag: str = "", *, plain: bool = False) -> None:
        self.kind = kind
        self.line = line
        self.text = text
        self.tag = tag
        self.plain = plain
        self.children: list[Node] = []


def compose(source: Source, *, ahead: int = 0) -> Node | None:
    """The root of the first document; None where the text holds none.

    `ahead` is how many tokens more than needed have been scanned when a fault is found (v3: 2); a fault in them counts.
    """
    scanner = Scanner(source)
    try:
        root = _Composer(scanner).document()
    except YamlError as error:
        if not (isinstance(error, SyntaxFault) and error.scanning):
            scanner.look_ahead(ahead)
        if source.problem and scanner.position + 4 > scanner.size:
            raise source.fault() from None
        raise
    scanner.look_ahead(ahead)
    if source.problem and scanner.position + 4 > scanner.size:
        raise source.fault()
    return root


class _Composer:
    """Builds the tree: `states` says what may come next at each open level, `open` holds the collections."""

    def __init__(self, scanner: Scanner) -> None:
        self.scanner = scanner
        self.peek = scanner.peek
        self.skip = scanner.skip
        self.tags: dict[str, str] = {}
        self.anchors: dict[str, Node] = {}
        self.states: list[Callable[[], None]] = []
        self.open: list[Node] = []
        self.marks: list[int] = []
        self.root: Node | None = None

    def document(self) -> Node | None:
        kind, _, _ = self.peek()
        if kind == "end":
            return None
        if kind in ("%YAML", "%TAG", "doc-start"):
            self._directives()
            kind, line, _ = self.peek()
            if kind != "doc-start":
                raise _error("did not find expected <document start>", line)
            self.skip()
            kind, line, _ = self.peek()
            if kind in _EMPTY_DOCUMENT:
                self._empty(line)
                self.peek()
                return self.root
        self.tags = {**_DEFAULT_TAGS, **self.tags}
        self._node(block=True)
        states = self.states
        while states:
            states.pop()()
        self.peek()
        return self.root

    def _directives(self) -> None:
        version = False
        while True:
            kind, line, value = self.peek()
            if kind == "%YAML":
                if version:
                    raise _error("found duplicate %YAML directive", line)
                if value != (1, 1):
                    raise _error("found incompatible YAML document", line)
                version = True
            elif kind == "%TAG":
                handle, prefix = value
                if handle in self.tags:
                    raise _error("found duplicate %TAG directive", line)
                self.tags[handle] = prefix
            else:
                return
            self.skip()

    # Nodes.

    def _attach(self, node: Node, anchor: str | None) -> None:
        if anchor is not None:
            self.anchors[anchor] = node
        if self.open:
            self.open[-1].children.append(node)
        else:
            self.root = node

    def _empty(self, line: int) -> None:
        self._attach(Node(SCALAR, line, plain=True), None)

    def _begin(self, kind: int, line: int, anchor: str | None, state: Callable[[], None]) -> None:
        node = Node(kind, line)
        self._attach(node, anchor)
        self.open.append(node)
        self.states.append(state)

    def _begin_marked(self, kind: int, line: int, anchor: str | None, state: Callable[[], None]) -> None:
        """Begin a collection whose first token is there only to begin it."""
        self._begin(kind, line, anchor, state)
        self.marks.append(self.peek()[1])
        self.skip()

    def _end(self) -> None:
        self.open.pop()

    def _end_marked(self) -> None:
        self.skip()
        self.marks.pop()
        self.open.pop()

    def _node(self, *, block: bool, indentless: bool = False) -> None:
        kind, start_line, value = self.peek()
        if kind == "alias":
            return self._alias(value, start_line)
        anchor: str | None = None
        tag = ""
        if kind in ("anchor", "tag"):
            anchor, tag = self._properties()
        kind, line, value = self.peek()
        if kind == "scalar":
            text, style = value
            self._attach(Node(SCALAR, start_line, text, tag, plain=(not tag and not style) or tag == "!"), anchor)
            return self.skip()
        if kind == "-" and indentless:
            return self._begin(SEQUENCE, start_line, anchor, self._indentless_entry)
        if kind == "[":
            return self._begin_marked(SEQUENCE, start_line, anchor, self._first_flow_entry)
        if kind == "{":
            return self._begin_marked(MAPPING, start_line, anchor, self._first_flow_key)
        if block and kind == "block-seq":
            return self._begin_marked(SEQUENCE, start_line, anchor, self._block_entry)
        if block and kind == "block-map":
            return self._begin_marked(MAPPING, start_line, anchor, self._block_key)
        if anchor or tag:
            return self._attach(Node(SCALAR, start_line, "", tag, plain=not tag), anchor)
        raise _error("did not find expected node content", line, start_line)

    def _alias(self, name: str, line: int) -> None:
        node = Node(ALIAS, line, name)
        if name not in self.anchors:
            raise YamlError(f"yaml: unknown anchor '{name}' referenced", line=line + 1)
        node.children.append(self.anchors[name])
        self._attach(node, None)
        self.skip()

    def _properties(self) -> tuple[str | None, str]:
        """An anchor, a tag, or both in either order."""
        anchor: str | None = None
        tag_value: tuple[str, str] | None = None
        tag_line = 0
        start_line = self.peek()[1]
        for _ in range(2):
            kind, line, value = self.peek()
            if kind == "anchor" and anchor is None:
                anchor = value
            elif kind == "tag" and tag_value is None:
                tag_value = value
                tag_line = line
            else:
                break
            self.skip()
        self.peek()
        if tag_value is None:
            return anchor, ""
        handle, suffix = tag_value
        tag = suffix if not handle else self.tags[handle] + suffix if handle in self.tags else ""
        if handle and not tag:
            raise _error("found undefined tag handle", tag_line, start_line)
        return anchor, tag

    # Block collections. Each method is a state: it handles what comes next at its level and puts back what follows.

    def _block_entry(self) -> None:
        kind, line, _ = self.peek()
        if kind == "-":
            self.skip()
            self.states.append(self._block_entry)
            if self.peek()[0] in _NO_ENTRY:
                return self._empty(line)
            return self._node(block=True)
        if kind == "block-end":
            return self._end_marked()
        raise _error("did not find expected '-' indicator", line, self.marks[-1])

    def _indentless_entry(self) -> None:
        kind, line, _ = self.peek()
        if kind != "-":
            return self._end()
        self.skip()
        self.states.append(self._indentless_entry)
        if self.peek()[0] in _NO_INDENTLESS_ENTRY:
            return self._empty(line)
        return self._node(block=True)

    def _block_key(self) -> None:
        kind, line, _ = self.peek()
        if kind == "?":
            self.skip()
            self.states.append(self._block_value)
            if self.peek()[0] in _NO_BLOCK_NODE:
                return self._empty(line)
            return self._node(block=True, indentless=True)
        if kind == "block-end":
            return self._end_marked()
        raise _error("did not find expected key", line, self.marks[-1])

    def _block_value(self) -> None:
        kind, line, _ = self.peek()
        self.states.append(self._block_key)
        if kind != ":":
            return self._empty(line)
        self.skip()
        if self.peek()[0] in _NO_BLOCK_NODE:
            return self._empty(line)
        return self._node(block=True, indentless=True)

    # Flow collections.

    def _first_flow_entry(self) -> None:
        self._flow_entry(first=True)

    def _next_flow_entry(self) -> None:
        self._flow_entry(first=False)

    def _flow_entry(self, *, first: bool) -> None:
        kind, line, _ = self.peek()
        if kind != "]" and not first:
            if kind != ",":
                raise _error("did not find expected ',' or ']'", line, self.marks[-1])
            self.skip()
            kind, line, _ = self.peek()
        if kind == "]":
            return self._end_marked()
        self.states.append(self._next_flow_entry)
        if kind == "?":
            self._begin(MAPPING, line, None, self._pair_key)
            return self.skip()
        return self._node(block=False)

    def _pair_key(self) -> None:
        """The key of a pair that stands alone in a flow sequence."""
        kind, line, _ = self.peek()
        self.states.append(self._pair_value)
        if kind not in (":", ",", "]"):
            return self._node(block=False)
        self.skip()
        return self._empty(line)

    def _pair_value(self) -> None:
        kind, line, _ = self.peek()
        self.states.append(self._end)
        if kind == ":":
            self.skip()
            kind, line, _ = self.peek()
            if kind not in _NO_FLOW_SEQUENCE_NODE:
                return self._node(block=False)
        return self._empty(line)

    def _first_flow_key(self) -> None:
        self._flow_key(first=True)

    def _next_flow_key(self) -> None:
        self._flow_key(first=False)

    def _flow_key(self, *, first: bool) -> None:
        kind, line, _ = self.peek()
        if kind != "}" and not first:
            if kind != ",":
                raise _error("did not find expected ',' or '}'", line, self.marks[-1])
            self.skip()
            kind, line, _ = self.peek()
        if kind == "}":
            return self._end_marked()
        if kind == "?":
            self.skip()
            self.states.append(self._flow_value)
            kind, line, _ = self.peek()
            if kind in (":", ",", "}"):
                return self._empty(line)
        else:
            self.states.append(self._no_flow_value)
        return self._node(block=False)

    def _no_flow_value(self) -> None:
        self.states.append(self._next_flow_key)
        self._empty(self.peek()[1])

    def _flow_value(self) -> None:
        kind, line, _ = self.peek()
        self.states.append(self._next_flow_key)
        if kind == ":":
            self.skip()
            kind, line, _ = self.peek()
            if kind not in _NO_FLOW_MAPPING_NODE:
                return self._node(block=False)
        return self._empty(line)


def _error(problem: str, line: int, context_line: int = 0) -> YamlError:
    return problem_at(problem, line, context_line, scanning=False)
