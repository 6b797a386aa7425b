"""YAML that is to be written again as it was: documents as trees that keep order, styles, anchors and comments.

For texts that pass through post-renderers. `comments` decides what a comment belongs to, `restyle` writes the trees.
Comments inside flow collections are lost.
"""

from __future__ import annotations

from navarch.errors import YamlError
from navarch.golang.yaml.comments import CommentScanner
from navarch.golang.yaml.compose import ALIAS, MAPPING, SCALAR, SEQUENCE
from navarch.golang.yaml.reader import open_source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from navarch.golang.yaml.comments import Comment

__all__ = ["Node", "parse_all"]

_FLOW_ENDS = {"[": "]", "{": "}"}


class Node:
    """A node as it was written.

    `style` is a scalar's quote, "|" or ">", or the bracket of a flow collection; "" for plain scalars and block
    collections. A mapping's children are key, value, key, value. Comments are texts of lines, "" for none: `head` above
    the node, `line` behind it, `foot` below it; those of a mapping's entry are its key's.
    """

    __slots__ = ("anchor", "children", "foot", "head", "kind", "line", "style", "tag", "text")

    def __init__(self, kind: int, text: str = "", style: str = "", *, anchor: str = "", tag: str = "") -> None:
        self.kind = kind
        self.text = text
        self.style = style
        self.anchor = anchor
        self.tag = tag
        self.children: list[Node] = []
        self.head = ""
        self.line = ""
        self.foot = ""

    def get(self, key: str) -> Node | None:
        """The value of a mapping's key."""
        return next((value for name, value in self.pairs() if name.text == key), None)

    def set(self, key: str, value: Node) -> None:
        """Give a key of a mapping a value; a new one comes last."""
        for at, (name, _) in enumerate(self.pairs()):
            if name.text == key:
                self.children[2 * at + 1] = value
                return
        self.children += [Node(SCALAR, key), value]

    def drop(self, key: str) -> None:
        """Remove a key of a mapping, if it is there."""
        kept = [pair for pair in self.pairs() if pair[0].text != key]
        self.children = [node for pair in kept for node in pair]

    def pairs(self) -> Iterator[tuple[Node, Node]]:
        if self.kind == MAPPING:
            yield from zip(self.children[::2], self.children[1::2], strict=True)


def parse_all(text: str, prepare: Callable[[Node], object] | None = None) -> list[Node]:
    """The documents of a text, those without content left out; a single List gives its items.

    `prepare` gets each document as it stands in the text. Raises YamlError, and what `prepare` raises.
    """
    documents = _split(text.replace("\r\n", "\n"))
    found = [node for node in map(_parse, documents) if node is not None]
    if prepare:
        for node in found:
            prepare(node)
    if len(documents) == 1 and found:
        return _unwrapped(found[0])
    return found


def _split(text: str) -> list[str]:
    """A text cut at lines that begin with ---; raises YamlError where more than a comment follows there."""
    documents = [""]
    for number, line in enumerate(text.splitlines(keepends=True)):
        if number and line.startswith("---") and line.endswith("\n"):
            rest = line[3:].strip()
            if rest and rest[0] != "#":
                raise YamlError(f"invalid document separator: {line.strip()}")
            documents.append("")
        else:
            documents[-1] += line
    return documents


def _unwrapped(node: Node) -> list[Node]:
    kind, items = node.get("kind"), node.get("items")
    is_list = kind is not None and kind.text in ("List", "ResourceList")
    return items.children if is_list and items is not None else [node]


def _parse(text: str) -> Node | None:
    try:
        return _Reader(text).document()
    except YamlError as error:
        raise _as_goyaml(text, error).within("MalformedYAMLError") from None


def _as_goyaml(text: str, error: YamlError) -> YamlError:
    """What goyaml v3 says of a text that can't be read."""
    from navarch.golang.yaml.structs import parse

    try:
        parse(text.encode("utf-8", "surrogateescape"))
    except YamlError as said:
        return said
    return error


class _Reader:
    """Builds the tree of one document. `open` has the block collections: their columns and latest entries.

    `anchors` are those that an alias may name.
    """

    def __init__(self, text: str) -> None:
        self.scanner = CommentScanner(open_source(text))
        self.open: list[tuple[int, list[Node]]] = []
        self.anchors: set[str] = set()
        self.last = Node(SCALAR)
        self.head = ""
        self.foot = ""
        self.begun = False

    def document(self) -> Node | None:
        kind = self.peek()[0]
        if kind == "doc-start":
            self.skip()
            kind = self.peek()[0]
        if kind in ("end", "doc-end"):
            return None
        root = self.node()
        kind, line, _ = self.peek()
        root.foot = self.foot
        if kind not in ("end", "doc-end"):
            raise YamlError(f"yaml: line {line + 1}: did not find expected <document start>", line=line + 1)
        return None if root.kind == SCALAR and root.text in ("", "null", "~") and not root.style else root

    def peek(self) -> tuple[str, int, Any]:
        token = self.scanner.peek()
        comments = self.scanner.comments
        while comments and comments[0].number <= self.scanner.taken:
            self._place(comments.pop(0))
        return token

    def skip(self) -> None:
        self.scanner.skip()

    def _place(self, comment: Comment) -> None:
        if comment.place == "line":
            self.last.line = comment.text
        elif comment.place == "head":
            self.head = f"{self.head}\n{comment.text}" if self.head else comment.text
        elif comment.place == "last":
            self.foot = comment.text
        else:
            outer = comment.place == "outer foot"
            entries = [latest for column, latest in self.open if not outer or column <= comment.column]
            node = entries[-1][-1] if entries else self.last
            node.foot = f"{node.foot}\n{comment.text}" if node.foot else comment.text

    def _head(self) -> str:
        """The comment above what comes next; an empty line below it stays at the beginning of the document only."""
        head, self.head = self.head, ""
        if self.begun:
            head = head.removesuffix("\n")
        self.begun = True
        return head

    def node(self, *, indentless: int = -1) -> Node:
        """The node that comes next; `indentless` is the column of a mapping whose value may be a sequence below it."""
        anchor = tag = ""
        kind, line, value = self.peek()
        while kind in ("anchor", "tag"):
            if kind == "anchor":
                anchor = value
                self.anchors.add(value)
            else:
                tag = "".join(value)
            self.skip()
            kind, line, value = self.peek()
        if kind == "scalar":
            return self._simple(self._scalar(value, line, anchor, tag))
        if kind == "alias":
            if value not in self.anchors:
                raise YamlError(f"yaml: unknown anchor '{value}' referenced")
            return self._simple(Node(ALIAS, value))
        if kind in _FLOW_ENDS:
            return self._flow(kind, anchor, tag)
        if kind == "block-map":
            self.skip()
            return self._mapping(value, anchor, tag)
        if kind == "block-seq" or (kind == "-" and indentless >= 0):
            column = indentless
            if kind == "block-seq":
                column = value
                self.skip()
            return self._sequence(column, anchor, tag, marked=kind == "block-seq")
        return Node(SCALAR, anchor=anchor, tag=tag)

    def _scalar(self, value: tuple[str, str], line: int, anchor: str, tag: str) -> Node:
        """A scalar. The scanner has one name for both styles of blocks, and no word of a comment behind their heads."""
        text, style = value
        node = Node(SCALAR, text, style, anchor=anchor, tag=tag)
        if style == "|":
            head, found, comment = self.scanner.text.split("\n", line + 1)[line].partition(" #")
            node.style = ">" if head.rstrip(" \t+-0123456789").endswith(">") else "|"
            node.line = found and f"#{comment}"
        return node

    def _simple(self, node: Node) -> Node:
        self.skip()
        self.last = node
        self.peek()  # a comment behind it
        return node

    def _mapping(self, column: int, anchor: str, tag: str) -> Node:
        node = Node(MAPPING, anchor=anchor, tag=tag)
        latest: list[Node] = [node]
        self.open.append((column, latest))
        while self.peek()[0] == "?":
            self.skip()
            self.peek()
            head = self._head()
            key = self.node()
            key.head = head
            latest[:] = [key]
            self._expect(":")
            self.last = key
            node.children += [key, self._value(column)]
        self._expect("block-end")
        self.open.pop()
        return node

    def _value(self, column: int) -> Node:
        if self.peek()[0] in ("?", "block-end"):
            return Node(SCALAR)
        return self.node(indentless=column)

    def _sequence(self, column: int, anchor: str, tag: str, *, marked: bool) -> Node:
        node = Node(SEQUENCE, anchor=anchor, tag=tag)
        latest: list[Node] = [node]
        self.open.append((column, latest))
        while self.peek()[0] == "-":
            head = self._head()
            self.skip()
            slot = Node(SCALAR)  # takes comments below the item until the item is there
            latest[:] = [slot]
            kind = self.peek()[0]
            item = slot if kind in ("-", "block-end", "?") else self.node()
            item.head, item.foot = head, slot.foot
            latest[:] = [item]
            node.children.append(item)
        if marked:
            self._expect("block-end")
        self.open.pop()
        return node

    def _expect(self, wanted: str) -> None:
        kind, line, _ = self.peek()
        if kind != wanted:
            raise YamlError(f"yaml: line {line + 1}: did not find expected key", line=line + 1)
        self.skip()

    def _flow(self, bracket: str, anchor: str, tag: str) -> Node:
        """A flow collection; `a: b` in a sequence is a mapping of its own."""
        node = Node(MAPPING if bracket == "{" else SEQUENCE, style=bracket, anchor=anchor, tag=tag)
        self.skip()
        while self.peek()[0] != _FLOW_ENDS[bracket]:
            pair = self._flow_entry(single=bracket == "{")
            if bracket == "{":
                node.children += pair
            else:
                node.children.append(_paired(pair))
            kind, line, _ = self.peek()
            if kind == ",":
                self.skip()
            elif kind != _FLOW_ENDS[bracket]:
                raise YamlError(f"yaml: line {line + 1}: did not find expected ',' or '{_FLOW_ENDS[bracket]}'")
        self.head = ""
        return self._simple(node)

    def _flow_entry(self, *, single: bool) -> list[Node]:
        """A key and its value; outside of mappings, a node alone where no ":" comes."""
        marked = self.peek()[0] == "?"
        if marked:
            self.skip()
        key = self.node()
        if self.peek()[0] == ":":
            self.skip()
            empty = self.peek()[0] in (",", "}", "]")
            return [key, Node(SCALAR) if empty else self.node()]
        return [key, Node(SCALAR)] if single or marked else [key]


def _paired(pair: list[Node]) -> Node:
    if len(pair) == 1:
        return pair[0]
    node = Node(MAPPING, style="{")
    node.children = pair
    return node
