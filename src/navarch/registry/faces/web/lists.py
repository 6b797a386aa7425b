"""Pages that list: spaces, the charts of one, what was found, the versions of a chart."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from navarch.registry.faces.web.finding import Summary, fields_of
from navarch.registry.faces.web.frame import Page, crumb
from navarch.registry.faces.web.html import Html, address, classed, joined, tag

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from navarch.registry.faces.web.html import Part
    from navarch.registry.store.catalog import Chart
    from navarch.registry.store.records import Record

__all__ = [
    "Found",
    "Paged",
    "badges",
    "day",
    "found_page",
    "home_page",
    "paged",
    "size_of",
    "space_page",
    "versions_page",
]

PER_PAGE = 50


class Paged(NamedTuple):
    """Where a part of a list begins and ends in it, and how much there is."""

    number: int
    start: int
    end: int
    total: int


def paged(number: str, total: int) -> Paged:
    """The part of a list that is page `number`, counted from 1; the nearest there is for what is no such number."""
    last = max((total + PER_PAGE - 1) // PER_PAGE, 1)
    page = int(number) if number.isascii() and number.isdecimal() and len(number) < 9 else 1
    page = min(max(page, 1), last)
    return Paged(page, (page - 1) * PER_PAGE, min(page * PER_PAGE, total), total)


def _numbered(title: str, where: Paged) -> str:
    return title if where.number == 1 else f"{title}, page {where.number}"


def home_page(spaces: Sequence[tuple[str, int | None]], where: Paged, url: str) -> Page:
    """All spaces, with how many charts they have, where that is known."""
    if not where.total:
        return Page("Charts", joined((tag("h1", "Spaces"), _beginning(url))), live=True)
    rows = (
        tag(
            "li",
            tag("a", tag("bdi", name), href=address("-", name)),
            classed("span", "dim", _count(count, "chart") if count is not None else ""),
        )
        for name, count in spaces
    )
    parts = [
        tag("h1", "Spaces"),
        classed("p", "dim", "Search for a chart, or look into a space."),
        classed("ul", "cards", *rows),
        _pager(where, lambda page: address("", page=page)),
    ]
    return Page(_numbered("Charts", where), joined(parts), live=True)


def _beginning(url: str) -> Html:
    block = tag(
        "pre",
        tag("code", f"nav space create library --server {url}\nnav chart put library ./web-1.0.0.tgz --server {url}"),
    )
    return joined(
        (
            tag("p", "There is nothing here yet, or nothing that you may see. A space begins with its first chart:"),
            block,
        )
    )


def space_page(space: str, charts: Sequence[Summary], where: Paged) -> Page:
    """The charts of a space."""
    parts = [
        tag("h1", tag("bdi", space)),
        classed("p", "dim", _count(where.total, "chart")),
        _table([(space, chart) for chart in charts], spaces=False) if charts else tag("p", "This space is empty."),
        _pager(where, lambda page: address("-", space, page=page)),
    ]
    return Page(_numbered(space, where), joined(parts), crumb(space), space=space, live=True)


class Found(NamedTuple):
    """What a search for `query` found in `space` (everywhere if ""): names of spaces, and a page of charts."""

    query: str
    space: str
    spaces: Sequence[str]
    charts: Sequence[tuple[str, Summary]]
    where: Paged


def found_page(found: Found) -> Page:
    """What was found."""
    query, space = found.query, found.space
    if not query.split():
        content = joined((tag("h1", "Search"), tag("p", "Words of a chart's name, description or keywords.")))
        return Page("Search", content, space=space, within=True, live=True)
    parts = [
        tag("h1", "Search"),
        classed(
            "p",
            "found",
            _count(found.where.total, "chart"),
            " for ",
            tag("b", tag("bdi", query)),
            f" in {space}" if space else "",
        ),
        _named(found.spaces) if found.spaces else None,
        _table(found.charts, spaces=True) if found.charts else tag("p", "Try fewer words, or the beginning of one."),
        _pager(found.where, lambda page: address("-", "-search", q=query, space=space, page=page)),
    ]
    title = _numbered(f"{query[:60]}: search{f' in {space}' if space else ''}", found.where)
    return Page(title, joined(parts), query=query, space=space, within=True, live=True)


def _named(spaces: Sequence[str]) -> Html:
    links = joined((tag("a", tag("bdi", name), href=address("-", name)) for name in spaces), ", ")
    return tag("p", "Spaces: ", links)


def _table(charts: Sequence[tuple[str, Summary]], *, spaces: bool) -> Html:
    names = ("Chart", *(("Space",) if spaces else ()), "Version", "App version", "Published")
    head = tag("tr", *(tag("th", name, scope="col") for name in names))
    body = tag("tbody", *(_row(space, chart, spaces=spaces) for space, chart in charts))
    return classed("table", "charts", tag("thead", head), body)


def _row(space: str, chart: Summary, *, spaces: bool) -> Html:
    name = tag("a", tag("bdi", chart.chart), href=address("-", space, chart.chart))
    marks = badges(deprecated=chart.deprecated, library=chart.library)
    about = classed("span", "about", tag("bdi", chart.description)) if chart.description else None
    return tag(
        "tr",
        tag("th", name, marks, about, scope="row"),
        tag("td", tag("a", tag("bdi", space), href=address("-", space)), data_name="Space") if spaces else None,
        tag("td", classed("span", "version", chart.version), data_name="Version"),
        tag("td", tag("bdi", chart.app_version), data_name="App version"),
        tag("td", day(chart.created), data_name="Published"),
    )


def badges(*, deprecated: bool, library: bool, signed: bool = False) -> Html:
    """What stands beside a chart's name."""
    given = ((deprecated, "badge warn", "deprecated"), (library, "badge", "library"), (signed, "badge", "signed"))
    return joined(joined((" ", classed("span", kind, word))) for told, kind, word in given if told)


def day(time: str) -> Html:
    """A time in RFC 3339 as its day."""
    return tag("time", time[:10], datetime=time)


def size_of(count: int) -> str:
    """How many bytes, in words."""
    if count < 1024:
        return f"{count} B"
    for unit, scale in (("KiB", 1 << 10), ("MiB", 1 << 20)):
        if count < scale << 10 or unit == "MiB":
            return f"{count / scale:.1f} {unit}"
    return ""


def _count(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def _pager(where: Paged, path: Callable[[int], str]) -> Html | None:
    if where.total <= PER_PAGE:
        return None
    last = (where.total + PER_PAGE - 1) // PER_PAGE
    before: Part = tag("a", "Previous", href=path(where.number - 1), rel="prev") if where.number > 1 else None
    after: Part = tag("a", "Next", href=path(where.number + 1), rel="next") if where.number < last else None
    place = tag("span", f"{where.start + 1:,} to {where.end:,} of {where.total:,}")
    return tag("nav", before, place, after, aria_label="Pages", class_="pager")


def versions_page(space: str, chart: Chart, where: Paged) -> Page:
    """All versions of a chart, two of which can be chosen to be compared."""
    records = chart.records[::-1][where.start : where.end]
    names = ("From", "To", "Version", "App version", "Published", "Size")
    head = tag("tr", *(tag("th", name, scope="col") for name in names))
    rows = (_version_row(space, record, at) for at, record in enumerate(records))
    table = classed("table", "versions", tag("thead", head), tag("tbody", *rows))
    form = tag(
        "form",
        table,
        classed("p", "actions", tag("button", "Compare", type="submit")) if len(records) > 1 else None,
        action=address("-", space, chart.name, "compare"),
        method="get",
    )
    parts = [
        tag("h1", "Versions of ", tag("bdi", chart.name)),
        classed("p", "dim", _count(where.total, "version")),
        form,
        _pager(where, lambda page: address("-", space, chart.name, "versions", page=page)),
    ]
    crumbs = (*crumb(space, chart.name), ("versions", address("-", space, chart.name, "versions")))
    return Page(_numbered(f"Versions of {chart.name} · {space}", where), joined(parts), crumbs, space=space)


def _version_row(space: str, record: Record, at: int) -> Html:
    def choice(name: str, word: str, chosen: bool) -> Html:
        label = f"{word} {record.version}"
        return tag("input", type="radio", name=name, value=record.version, aria_label=label, checked=chosen)

    link = tag("a", record.version, href=address("-", space, record.chart, record.version))
    marks = badges(deprecated=fields_of(record).get("deprecated") is True, library=False, signed=bool(record.prov))
    return tag(
        "tr",
        tag("td", choice("from", "From", at == 1), class_="choice"),
        tag("td", choice("to", "To", at == 0), class_="choice"),
        tag("th", link, " ", marks, scope="row"),
        tag("td", tag("bdi", str(fields_of(record).get("appVersion", "")))),
        tag("td", day(record.created)),
        tag("td", size_of(record.size)),
    )
