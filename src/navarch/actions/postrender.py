"""Post-rendering: manifests pass through a program before they are sorted, as one stream of YAML documents.

A document says by an annotation from which template it comes, so that what comes back can be put under its name again.
The strategies decide what passes: "combined" everything in one stream, "separate" hooks and other objects one after
the other, "nohooks" the other objects only.

Source: pkg/action/action.go.
"""

from __future__ import annotations

from navarch.errors import NavarchError
from navarch.manifests.documents import split_documents
from navarch.manifests.sort import sort_manifests

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from navarch.golang.yaml.roundtrip import Node
    from navarch.manifests.sort import Manifest

    Run = Callable[[str], str]
    Files = dict[str, str]

__all__ = ["by_strategy"]

ANNOTATION = "postrenderer.helm.sh/postrender-filename"


def by_strategy(run: Run | None, strategy: str) -> Callable[[Files], Files] | None:
    """What changes rendered files, by their path, by way of `run`, from text to text; None where nothing does.

    The function raises NavarchError where the text that comes back is no YAML, or what `run` raises.
    """
    if run is None:
        return None
    if strategy in ("combined", ""):
        return lambda files: _combined(run, files)
    if strategy in ("separate", "nohooks"):
        return lambda files: _apart(run, files, hooks_too=strategy == "separate")
    raise NavarchError(f"unknown post-render strategy: '{strategy}'")


def _combined(run: Run, files: Files) -> Files:
    return _passed(run, files, "manifests", "files", "", "")


def _apart(run: Run, files: Files, *, hooks_too: bool) -> Files:
    hooks, manifests = sort_manifests(files)
    changed = _by_path(hooks)
    if hooks_too and changed:
        changed = _passed(run, changed, "hooks", "hooks", " for hooks", "hooks-")
    objects = _by_path(manifests)
    if objects:
        for path, text in _passed(run, objects, "manifests", "manifests", " for manifests", "manifests-").items():
            changed[path] = f"{changed[path]}\n---\n{text}" if path in changed else text
    return changed


def _by_path(documents: Iterable[Manifest]) -> Files:
    texts: Files = {}
    for document in documents:
        path = document.path
        texts[path] = f"{texts[path]}\n---\n{document.content}" if path in texts else document.content
    return texts


def _passed(run: Run, files: Mapping[str, str], merging: str, running: str, parsing: str, prefix: str) -> Files:
    """The files after the stream of them went through `run`; the words are for its errors."""
    from navarch.golang.yaml.restyle import dump_all

    try:
        stream = dump_all(_annotated(files))
    except NavarchError as error:
        error.within(f"error merging {merging}")
        raise
    try:
        answer = run(stream)
    except NavarchError as error:
        error.within(f"error while running post render on {running}")
        raise
    texts: dict[str, list[Node]] = {}
    try:
        for path, document in _deannotated(answer, prefix):
            texts.setdefault(path, []).append(document)
    except NavarchError as error:
        error.within(f"error while parsing post rendered output{parsing}")
        raise
    return {path: dump_all(documents) for path, documents in texts.items()}


def _annotated(files: Mapping[str, str]) -> Iterator[Node]:
    """All documents, each with the path of its file among its annotations. Raises NavarchError."""
    from navarch.golang.yaml.roundtrip import parse_all

    for path in sorted(files):
        if path[path.rfind("/") + 1 :].startswith("_"):
            continue
        for document in split_documents(files[path]):
            try:
                nodes = parse_all(document, _make_room)
            except NavarchError as error:
                error.within(f"parsing {path}")
                raise
            for node in nodes:
                _annotate(node, path)
                yield node


def _make_room(node: Node) -> None:
    """See to it that a document, its metadata and their annotations are mappings where they are there.

    Helm's library notes each document's number in its annotations, and stumbles where these have no place. Raises
    NavarchError.
    """
    from navarch.golang.yaml.compose import SCALAR

    _expect_mapping(node)
    metadata = node.get("metadata")
    if metadata is None:
        return
    if _is_null(metadata):
        node.drop("metadata")
        return
    _expect_mapping(metadata)
    annotations = metadata.get("annotations")
    if annotations is not None and annotations.kind == SCALAR:
        metadata.drop("annotations")
    elif annotations is not None:
        _expect_mapping(annotations)


def _lacks_metadata(node: Node) -> bool:
    """Whether nothing says what a node is; only those in a List may come without a number of their own."""
    metadata = node.get("metadata")
    keys = ("name", "namespace", "labels", "annotations")
    return not (node.get("apiVersion") or node.get("kind") or (metadata and any(metadata.get(key) for key in keys)))


def _expect_mapping(node: Node) -> None:
    from navarch.golang.yaml.compose import MAPPING, SEQUENCE
    from navarch.golang.yaml.restyle import dump_all

    if node.kind != MAPPING:
        kind = "SequenceNode" if node.kind == SEQUENCE else "ScalarNode"
        contents = f"node contents:\n{dump_all([node])}"
        raise NavarchError(f"wrong node kind: expected MappingNode but got {kind}: {contents}")


def _is_null(node: Node) -> bool:
    from navarch.golang.yaml.compose import SCALAR

    return node.kind == SCALAR and not node.style and node.text in ("", "~", "null", "Null", "NULL")


def _annotate(node: Node, path: str) -> None:
    from navarch.golang.yaml.compose import MAPPING, SCALAR
    from navarch.golang.yaml.roundtrip import Node

    try:
        _make_room(node)
    except NavarchError as error:
        raise error.within(f"annotating {path}") from None
    for key in ("metadata", "annotations"):
        inner = node.get(key)
        if inner is None or inner.kind != MAPPING:
            inner = Node(MAPPING)
            node.set(key, inner)
        node = inner
    node.set(ANNOTATION, Node(SCALAR, path, "'"))


def _deannotated(text: str, prefix: str) -> Iterator[tuple[str, Node]]:
    """The documents of an answer with the paths they belong to. Raises NavarchError."""
    from navarch.golang.yaml.roundtrip import parse_all

    numbered: set[int] = set()

    def number_it(node: Node) -> None:
        _make_room(node)
        numbered.add(id(node))

    try:
        nodes = parse_all(text, number_it)
    except NavarchError as error:
        error.within("error parsing YAML")
        raise
    for number, node in enumerate(nodes):
        if id(node) not in numbered and _lacks_metadata(node):
            raise NavarchError("getting metadata: missing Resource metadata")
        path = ""
        metadata = node.get("metadata")
        annotations = metadata and metadata.get("annotations")
        if metadata and annotations:
            value = annotations.get(ANNOTATION)
            path = value.text if value else ""
            annotations.drop(ANNOTATION)
            if not annotations.children:
                metadata.drop("annotations")
        if metadata and not metadata.children:
            node.drop("metadata")
        yield path or f"generated-by-postrender-{prefix}{number}.yaml", node
