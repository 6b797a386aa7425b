"""The page that shows what changed from one version of a chart to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from navarch.registry.faces.web.differences import hunks
from navarch.registry.faces.web.frame import Page, crumb
from navarch.registry.faces.web.html import Html, address, classed, joined, tag
from navarch.registry.faces.web.sources import as_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from navarch.registry.faces.web.differences import Hunk, Line
    from navarch.registry.faces.web.version import Version

__all__ = ["compare_page"]

_MOST_CHARACTERS = 400_000  # of a file, to be compared
_MOST_LINES = 6_000  # of a page
_MOST_FILES = 500
_OFFERED = 100  # versions that one needn't type
_WORDS = {"+": "added", "-": "removed", "±": "changed"}


def compare_page(old: Version, new: Version) -> Page:
    """The files that are not the same in two versions, with what changed in them."""
    names = [*new.contents.files, *(name for name in old.contents.files if name not in new.contents.files)]
    changed = [name for name in names if old.contents.files.get(name) != new.contents.files.get(name)]
    changed = changed[:_MOST_FILES]
    chart = new.record.chart
    first, last = old.record.version, new.record.version
    path = address("-", new.space, chart, "compare", from_=first, to=last)
    parts = [
        tag("h1", tag("bdi", chart), ": ", classed("span", "version", first), " to ", classed("span", "version", last)),
        _choice(old, new),
        _summary(old, new, changed),
        *_files(old, new, changed),
    ]
    return Page(
        f"{chart}: {first} to {last}", joined(parts), (*crumb(new.space, chart), ("compare", path)), space=new.space
    )


def _choice(old: Version, new: Version) -> Html:
    """Two versions, any of the chart's, to be compared."""
    known = [tag("option", value=record.version) for record in new.chart.records[: -_OFFERED - 1 : -1]]
    fields = (
        tag("label", word, tag("input", name=name, value=value, list="known", required=True, spellcheck="false"))
        for word, name, value in (("From", "from", old.record.version), ("To", "to", new.record.version))
    )
    return tag(
        "form",
        *fields,
        tag("button", "Compare", type="submit"),
        tag("datalist", *known, id="known"),
        action=address("-", new.space, new.record.chart, "compare"),
        method="get",
        class_="choose",
    )


def _summary(old: Version, new: Version, changed: list[str]) -> Html:
    if not changed:
        return tag("p", "All files are the same.")
    swap = address("-", new.space, new.record.chart, "compare", from_=new.record.version, to=old.record.version)
    items = (
        tag(
            "li",
            tag("a", tag("bdi", name), href=f"#file-{number}"),
            classed("span", "dim", f" {_WORDS[_kind(old, new, name)]}"),
        )
        for number, name in enumerate(changed)
    )
    more = "at least " if len(changed) == _MOST_FILES else ""
    count = f"{more}{len(changed):,} file{'' if len(changed) == 1 else 's'} changed"
    return joined((
        tag("p", count, " · ", tag("a", "the other way round", href=swap)),
        tag("details", tag("summary", "List of files"), classed("ul", "plain", *items)),
    ))  # fmt: skip


def _kind(old: Version, new: Version, name: str) -> str:
    return "+" if name not in old.contents.files else "-" if name not in new.contents.files else "±"


def _files(old: Version, new: Version, changed: list[str]) -> Iterator[Html]:
    room = _MOST_LINES
    for number, name in enumerate(changed):
        found = _hunks(old, new, name) if room > 0 else "There is more than this page shows; not compared here."
        if isinstance(found, list):
            room -= sum(map(len, found))
        yield _file(number, name, _kind(old, new, name), found)


def _hunks(old: Version, new: Version, name: str) -> list[Hunk] | str:
    """What changed in a file, or why that isn't shown."""
    before, after = (as_text(one.contents.files.get(name, b"")) for one in (old, new))
    if before is None or after is None:
        return "The file isn't text."
    if max(len(before), len(after)) > _MOST_CHARACTERS:
        return "The file is too large to be compared here."
    return hunks(before, after) or "Only the ends of lines changed."


def _file(number: int, name: str, kind: str, found: list[Hunk] | str) -> Html:
    word = classed("span", "dim", f" {_WORDS[kind]}")
    if isinstance(found, str):
        return tag("section", tag("h2", tag("bdi", name), word, id=f"file-{number}"), tag("p", found), class_="change")
    plus = sum(line.sign == "+" for hunk in found for line in hunk)
    minus = sum(line.sign == "-" for hunk in found for line in hunk)
    count = classed(
        "span", "count", f" +{plus} −{minus}", aria_label=f"{plus} lines added, {minus} removed", role="img"
    )
    body = joined(tag("tbody", *map(_line, hunk)) for hunk in found)
    table = classed("table", "diff", classed("caption", "hidden", f"Changes in {name}"), _columns(), body)
    frame = classed("div", "diff-frame", table, tabindex="0", role="region", aria_label=f"Changes in {name}")
    return tag("section", tag("h2", tag("bdi", name), word, count, id=f"file-{number}"), frame, class_="change")


def _columns() -> Html:
    names = ("Old line", "New line", "Change", "Text")
    return tag("thead", tag("tr", *(tag("th", name, scope="col") for name in names)), class_="hidden")


def _line(line: Line) -> Html:
    kind = {"+": "plus", "-": "minus"}.get(line.sign)
    element = {"+": "ins", "-": "del"}.get(line.sign, "span")
    return tag(
        "tr",
        classed("td", "number", str(line.old or "")),
        classed("td", "number", str(line.new or "")),
        classed("td", "sign", line.sign),
        tag("td", tag("code", tag(element, line.text))),
        class_=kind,
    )
