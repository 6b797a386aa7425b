"""What a chart is made of, as a picture (SVG) and as a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from navarch.registry.faces.web.html import classed, joined, tag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from navarch.chart.model import Chart, Dependency
    from navarch.registry.faces.web.html import Html

__all__ = ["Node", "as_list", "picture", "tree"]

_MOST = 300  # charts that are drawn
_DEEPEST = 40  # charts in each other
_WIDTH, _HEIGHT = 230, 46
_ACROSS, _DOWN = 60, 16
_LETTERS = 24  # that have room in a box


class Node(NamedTuple):
    """A chart among those that it is made of. `inside` tells whether it is in the archive, or only asked for."""

    name: str
    version: str
    note: str = ""
    inside: bool = True
    children: tuple[Node, ...] = ()


def tree(chart: Chart) -> Node:
    """A chart and the charts in it and asked for by it, at most some hundreds."""
    room = [_MOST]
    return _node(chart, None, room, 0)


def _node(chart: Chart, asked: Dependency | None, room: list[int], depth: int) -> Node:
    room[0] -= 1
    wanted = list(chart.metadata.dependencies)
    children: list[Node] = []
    for child in chart.dependencies:
        if room[0] <= 0 or depth == _DEEPEST:
            break
        found = next((one for one in wanted if child.metadata.name in {one.name, one.alias}), None)
        if found is not None:
            wanted.remove(found)
        children.append(_node(child, found, room, depth + 1))
    for one in wanted[: max(room[0], 0)]:
        room[0] -= 1
        children.append(Node(one.name, one.version, _note(one, one.version), inside=False))
    version = chart.metadata.version
    note = _note(asked, version) if asked else ""
    return Node(chart.metadata.name, version, note, children=tuple(children))


def _note(asked: Dependency, version: str) -> str:
    """What Chart.yaml says of a dependency besides its name, and the version if it is another one."""
    parts = (
        f"as {asked.alias}" if asked.alias else "",
        f"if {asked.condition}" if asked.condition else "",
        f"tags {', '.join(map(str, asked.tags))}" if asked.tags else "",
        f"asked for: {asked.version}" if asked.version not in {"", version} else "",
        f"from {asked.repository}" if asked.repository else "",
    )
    return "; ".join(filter(None, parts))


def as_list(node: Node) -> Html:
    """The same as nested lists, with all that is known."""
    parts = [tag("b", tag("bdi", node.name)), " ", classed("span", "version", tag("bdi", node.version))]
    if node.note:
        parts += [" ", classed("span", "dim", tag("bdi", node.note))]
    if not node.inside:
        parts += [" ", classed("span", "badge", "not in the archive")]
    below = tag("ul", *(tag("li", as_list(child)) for child in node.children)) if node.children else None
    return joined((*parts, below))


class _Box(NamedTuple):
    node: Node
    x: int
    y: int
    parent: tuple[int, int] | None


def picture(root: Node) -> Html:
    """The picture: each chart a box, to the right of the one that it is in."""
    boxes = list(_placed(root, 0, [0], None))
    width = max(box.x for box in boxes) + _WIDTH + 2
    height = max(box.y for box in boxes) + _HEIGHT + 2
    return tag(
        "svg",
        *(_line(box) for box in boxes if box.parent is not None),
        *(_drawn(box) for box in boxes),
        viewBox=f"-1 -1 {width} {height}",
        width=width,
        height=height,
        role="img",
        aria_label=f"What {root.name} {root.version} is made of: {len(boxes)} charts, which the list below has, too",
        class_="tree",
    )


def _placed(node: Node, depth: int, rows: list[int], parent: tuple[int, int] | None) -> Iterator[_Box]:
    """Boxes, from the top left down: a chart is beside the first one in it."""
    place = depth * (_WIDTH + _ACROSS), rows[0] * (_HEIGHT + _DOWN)
    yield _Box(node, *place, parent)
    for child in node.children:
        yield from _placed(child, depth + 1, rows, place)
    if not node.children:
        rows[0] += 1


def _line(box: _Box) -> Html:
    x, y = box.parent or (0, 0)
    start, end = x + _WIDTH, box.x
    top, bottom, middle = y + _HEIGHT // 2, box.y + _HEIGHT // 2, (start + end) // 2
    return tag("path", d=f"M{start} {top}H{middle}V{bottom}H{end}", class_=None if box.node.inside else "asked")


def _drawn(box: _Box) -> Html:
    kind = "box" if box.node.inside else "box asked"
    return classed(
        "g",
        kind,
        tag("rect", x=box.x, y=box.y, width=_WIDTH, height=_HEIGHT, rx=6),
        tag("text", _short(box.node.name), x=box.x + 12, y=box.y + 20),
        tag("text", _short(box.node.version), x=box.x + 12, y=box.y + 37, class_="small"),
    )


def _short(name: str) -> str:
    return name if len(name) <= _LETTERS else f"{name[: _LETTERS - 1]}…"
