"""The trees of `roundtrip` as text, in kyaml's way: goyaml v3's emitter, two columns deep, sequences not indented."""

from __future__ import annotations

from navarch.golang.yaml.compose import ALIAS, MAPPING, SCALAR
from navarch.golang.yaml.style import BLOCK, PLAIN, SINGLE, analyse, double_quoted, literal, single_quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from navarch.golang.yaml.roundtrip import Node

__all__ = ["dump_all"]

_STEP = "  "


def dump_all(nodes: Iterable[Node]) -> str:
    """The documents as one text, with lines of --- between them."""
    return "---\n".join(map(_document, nodes))


def _document(root: Node) -> str:
    writer = _Writer()
    if _is_block(root):
        writer.block(root, "", "")
    else:
        writer.comment(root.head, "")
        writer.out.append(f"{_inline(root, '')}\n")
    if root.foot:
        writer.out.append(f"\n{root.foot}\n")
    return "".join(writer.out)


class _Writer:
    """Writes block collections. `below` is the indentation of a comment that stands below what was written last."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.below: str | None = None

    def block(self, node: Node, pad: str, lead: str) -> None:
        """A collection whose entries stand at `pad`; `lead` is what the first one has in the place of that."""
        if node.kind == MAPPING:
            for key, value in node.pairs():
                self._pair(key, value, pad, lead)
                lead = ""
        else:
            for item in node.children:
                self._item(item, pad, lead)
                lead = ""

    def _start(self, head: str, pad: str, lead: str) -> None:
        """What stands before an entry: the comment above it, and its indentation."""
        if head and lead:
            first, _, rest = head.partition("\n")
            self.out.append(f"{lead}{first}\n")
            self.comment(rest, pad)
            lead = ""
        elif head:
            self._indent(pad)
            self.comment(head, pad)
        if lead:
            self.out.append(lead)
        else:
            self._indent(pad)
            self.out.append(pad)

    def _indent(self, pad: str) -> None:
        """An empty line parts a comment below something from what follows at the same indentation."""
        if self.below == pad:
            self.out.append("\n")
        self.below = None

    def comment(self, text: str, pad: str) -> None:
        if text:
            self.out += [f"{pad}{line}\n" if line else "\n" for line in text.split("\n")]

    def _foot(self, text: str, pad: str) -> None:
        if text:
            self._indent(pad)
            self.comment(text, pad)
            self.below = pad

    def _pair(self, key: Node, value: Node, pad: str, lead: str) -> None:
        self._start(key.head, pad, lead)
        self.out.append(f"{_inline(key, pad)}:")
        if _is_block(value):
            self.out.append(f"{_properties(value)}{_behind(key)}\n")
            self.block(value, pad + _STEP if value.kind == MAPPING else pad, "")
        else:
            self._leaf(value, pad, _behind(value) or _behind(key))
        self._foot(key.foot, pad)

    def _item(self, item: Node, pad: str, lead: str) -> None:
        self._start(item.head, pad, lead)
        self.out.append("-")
        properties = _properties(item)
        if not _is_block(item):
            self._leaf(item, pad, _behind(item))
        elif properties:
            self.out.append(f"{properties}\n")
            self.block(item, pad + _STEP, "")
        else:
            self.block(item, pad + _STEP, " ")
        self._foot(item.foot, pad)

    def _leaf(self, node: Node, pad: str, behind: str) -> None:
        """What stands on the line of its key or dash; a block scalar ends with a line break of its own."""
        text = _inline(node, pad + _STEP)
        if text.endswith("\n"):
            first, _, rest = text.partition("\n")
            self.out.append(f" {first}{behind}\n{rest}")
        else:
            self.out.append(f" {text}{behind}\n" if text else f"{behind}\n")


def _behind(node: Node) -> str:
    return f" {node.line}" if node.line else ""


def _is_block(node: Node) -> bool:
    return node.kind not in (SCALAR, ALIAS) and not node.style and bool(node.children)


def _properties(node: Node) -> str:
    anchor = f" &{node.anchor}" if node.anchor else ""
    return f"{anchor} {node.tag}" if node.tag else anchor


def _inline(node: Node, pad: str) -> str:
    """A node on the line of what comes before it. A block scalar ends with a line break."""
    if node.kind == ALIAS:
        return f"*{node.text}"
    text = _scalar(node, pad) if node.kind == SCALAR else _flow(node)
    return f"{_properties(node)} {text}".strip(" ") if node.anchor or node.tag else text


def _flow(node: Node) -> str:
    if node.kind != MAPPING:
        return f"[{', '.join([_inside(child) for child in node.children])}]"
    pairs = [f"{_inside(key)}: {_inside(value)}" for key, value in node.pairs()]
    return f"{{{', '.join(pairs)}}}"


def _inside(node: Node) -> str:
    """A node inside of a flow collection, where scalars take one line."""
    if node.kind == SCALAR and node.style in ("|", ">"):
        return _quoted(node.text)
    if node.kind == SCALAR and not node.style:
        if "\n" in node.text:
            return double_quoted(node.text)
        if not (node.text or node.anchor or node.tag):
            return "''"
    return _inline(node, "")


def _scalar(node: Node, pad: str) -> str:
    text, style = node.text, node.style
    if style == '"' or (style == "'" and not analyse(text) & SINGLE):
        return double_quoted(text) if text else '""'
    if style == "'":
        return _with_breaks(single_quoted(text, pad), pad) if "\n" in text else single_quoted(text, pad)
    if not text:
        return '""' if style else text
    if style in ("|", ">") or "\n" in text:
        if not analyse(text) & BLOCK:
            return double_quoted(text)
        return _folded(text, pad) if style == ">" else literal(text, pad)
    return text


def _with_breaks(text: str, pad: str) -> str:
    """A quoted text of several lines: of breaks in a row the first is written twice, and lines are indented."""
    out: list[str] = []
    at_break = False
    for char in text[:-1]:
        if char == "\n":
            out.append("\n" if at_break else "\n\n")
        else:
            out.append(pad + char if at_break else char)
        at_break = char == "\n"
    return "".join(out) + text[-1]


def _quoted(text: str) -> str:
    found = analyse(text)
    return text if found & PLAIN else double_quoted(text)


def _folded(text: str, pad: str) -> str:
    """A folded block. A break behind text is written twice, whatever follows, unless the whole begins with a blank."""
    hints = literal(text, "").partition("\n")[0][1:]
    out = [f">{hints}\n"]
    at_break = after_space = True
    for char in text:
        if char == "\n":
            if not at_break and not after_space and text.lstrip("\n")[0] not in " \t":
                out.append("\n")
            out.append("\n")
            at_break = True
        else:
            if at_break:
                out.append(pad)
                after_space = char in " \t"
            out.append(char)
            at_break = False
    return "".join(out) if out[-1].endswith("\n") else "".join(out) + "\n"
