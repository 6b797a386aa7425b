"""The pages of one version of a chart: what it is, its values, its files, the charts in it."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from navarch.registry.faces.web.contents import readme_name
from navarch.registry.faces.web.finding import fields_of
from navarch.registry.faces.web.frame import Page, crumb
from navarch.registry.faces.web.html import Html, address, classed, joined, outside, tag
from navarch.registry.faces.web.installing import commands
from navarch.registry.faces.web.lists import badges, day, size_of
from navarch.registry.faces.web.picture import as_list, picture
from navarch.registry.faces.web.readme import render
from navarch.registry.faces.web.sources import as_text, code, top_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from navarch.registry.faces.web.contents import Contents
    from navarch.registry.faces.web.html import Part
    from navarch.registry.faces.web.installing import Server
    from navarch.registry.store.catalog import Chart
    from navarch.registry.store.records import Record

__all__ = ["PICTURES", "Version", "dependencies_page", "files_page", "overview", "values_page"]

PICTURES = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}
PICTURES["svg"] = "image/svg+xml"
"""The kinds of pictures that a README may show, by the end of the file's name."""

_TABS = (("", "Overview"), ("values", "Values"), ("files", "Files"), ("dependencies", "Dependencies"))
_MORE = {"files": classed("span", "wide", " and templates")}
_NEWEST = 8  # versions that are listed beside
_MOST_KEYS = 200
_LONG = 60_000  # characters of a README of which browsers lay out what is seen alone
_LONGEST_NAME = 80  # characters of a file's name in a title
_MOST_FILES = 2_000  # that are listed
_MOST_CHARTS = 300


class Version(NamedTuple):
    """A version and what is in it. `space` is the name of its space."""

    space: str
    chart: Chart
    record: Record
    contents: Contents

    def path(self, *names: str, **query: str | int) -> str:
        """The address of one of its pages."""
        return address("-", self.space, self.record.chart, self.record.version, *names, **query)

    def file(self, path: str) -> str | None:
        """The address of a file's page, if there is such a file."""
        return self.path("files", file=path) if path in self.contents.files else None

    def picture(self, path: str) -> str | None:
        """The address of a picture, if there is such a file."""
        kind = PICTURES.get(path.rpartition(".")[2].lower())
        return self.path("raw", file=path) if kind and path in self.contents.files else None


def _page(version: Version, tab: str, *parts: Part, beside: Html | None = None, below: Html | None = None) -> Page:
    """A page with these parts; `beside` is right of them and of what is `below`, between both in a narrow window."""
    record = version.record
    fields = fields_of(record)
    crumbs = crumb(version.space, record.chart, record.version)
    content = (
        _title(version, fields),
        _notices(version, fields),
        _tabs(version, tab),
        classed("div", "columns" if beside else "column", classed("div", "content", *parts), beside, below),
    )
    name = f"{record.chart} {record.version}"
    title = f"{dict(_TABS)[tab]} · {name}" if tab else f"{name} · {version.space}"
    return Page(title, joined(content), crumbs, space=version.space)


def _of_file(page: Page, path: str) -> Page:
    """A page that is about one of the chart's files: its title begins with that."""
    return page._replace(title=f"{path[-_LONGEST_NAME:]} · {page.title}") if path else page


def _title(version: Version, fields: Mapping[str, Any]) -> Html:
    record = version.record
    marks = badges(
        deprecated=fields.get("deprecated") is True, library=fields.get("type") == "library", signed=bool(record.prov)
    )
    name = tag("h1", tag("bdi", record.chart), " ", classed("span", "version", record.version), marks)
    about = str(fields.get("description", ""))
    return joined((name, classed("p", "lead", tag("bdi", about)) if about else None))


def _notices(version: Version, fields: Mapping[str, Any]) -> Html:
    parts: list[Html] = []
    newest = version.chart.latest
    if newest.version != version.record.version:
        link = tag("a", f"version {newest.version}", href=address("-", version.space, newest.chart, newest.version))
        compare = tag("a", "what changed", href=_comparison(version.space, version.record, newest))
        parts.append(classed("p", "note", "The newest is ", link, " (", compare, ")."))
    if fields.get("deprecated") is True:
        parts.append(classed("p", "note warn", "This chart is deprecated."))
    return joined(parts)


def _comparison(space: str, old: Record, new: Record) -> str:
    return address("-", space, old.chart, "compare", from_=old.version, to=new.version)


def _tabs(version: Version, tab: str) -> Html:
    items = (tag("li", _tab(version, key, name, is_current=key == tab)) for key, name in _TABS)
    return tag("nav", tag("ul", *items), class_="tabs", aria_label="About this version")


def _tab(version: Version, key: str, name: str, *, is_current: bool) -> Html:
    path = version.path(key) if key else version.path()
    return tag("a", name, _MORE.get(key), href=path, aria_current="page" if is_current else None)


# Overview


def overview(version: Version, server: Server) -> Page:
    """What a chart is and how it is installed, its README."""
    library = fields_of(version.record).get("type") == "library"
    install = tag(
        "section",
        tag("h2", "Use it" if library else "Install", id="install"),
        commands(server, version.space, version.record, library=library),
        aria_labelledby="install",
    )
    heading = classed("h2", "hidden", "README", id="readme")
    readme = tag("section", heading, _readme(version), aria_labelledby="readme", class_="below")
    return _page(version, "", install, below=readme, beside=_beside(version))


def _readme(version: Version) -> Html:
    name = readme_name(version.contents)
    source = version.contents.text(name) if name else None
    if not source:
        return classed("p", "dim", "The chart has no README.")
    memo = version.contents.memo
    place = version.path()
    if place not in memo:
        memo[place] = render(source, version.file, version.picture)
    return classed("div", "readme long" if len(source) > _LONG else "readme", memo[place])


def _beside(version: Version) -> Html:
    record, fields = version.record, fields_of(version.record)
    facts: list[tuple[str, Part]] = [
        ("App version", _plain(fields.get("appVersion"))),
        ("Kubernetes", _plain(fields.get("kubeVersion"))),
        ("Published", day(record.created)),
        ("Home", _link(fields.get("home"))),
        ("Sources", _several(_link(one) for one in fields.get("sources") or ())),
        ("Maintainers", _several(_maintainer(one) for one in fields.get("maintainers") or ())),
        ("Keywords", _keywords(fields.get("keywords") or ())),
        ("Archive", _archive(version)),
        ("Digest", tag("code", record.digest, class_="digest")),
    ]
    rows = joined(joined((tag("dt", name), tag("dd", value))) for name, value in facts if value)
    about = tag(
        "section", classed("h2", "hidden", "About", id="about"), classed("dl", "facts", rows), aria_labelledby="about"
    )
    return tag("aside", about, _versions(version), aria_label="About this version")


def _plain(value: object) -> Html | None:
    return tag("bdi", str(value)) if value else None


def _link(url: object) -> Html | None:
    """A link, if it leads to where it can; else the text."""
    if not url:
        return None
    target = outside(str(url))
    shown = tag("bdi", str(url).removeprefix("https://").removesuffix("/"))
    return tag("a", shown, href=target, rel="nofollow noopener noreferrer") if target else shown


def _several(parts: Iterable[Html | None]) -> Html | None:
    found = [tag("li", part) for part in parts if part]
    return tag("ul", *found) if found else None


def _maintainer(one: object) -> Html | None:
    if not isinstance(one, dict):
        return None
    name = str(one.get("name") or one.get("email") or one.get("url") or "")
    target = outside(str(one.get("url") or "")) or outside(f"mailto:{one['email']}" if one.get("email") else "")
    return tag("a", tag("bdi", name), href=target, rel="nofollow noopener noreferrer") if target else tag("bdi", name)


def _keywords(words: Sequence[object]) -> Html | None:
    links = [tag("a", tag("bdi", str(word)), href=address("-", "-search", q=str(word))) for word in words]
    return classed("ul", "chips", *(tag("li", link) for link in links)) if links else None


def _archive(version: Version) -> Html:
    record = version.record
    prov = joined((" · ", tag("a", "Provenance", href=version.path("archive", of="prov")))) if record.prov else None
    return joined((tag("a", "Download", href=version.path("archive")), f" ({size_of(record.size)})", prov))


def _versions(version: Version) -> Html:
    records = version.chart.records
    rows = (_version_row(version, record) for record in records[: -_NEWEST - 1 : -1])
    every = address("-", version.space, version.record.chart, "versions")
    name = f"All {len(records):,} versions, compare" if len(records) > 1 else "All versions"
    return tag(
        "section",
        tag("h2", "Versions", id="versions"),
        classed("ul", "plain", *rows),
        tag("p", tag("a", name, href=every)),
        aria_labelledby="versions",
    )


def _version_row(version: Version, record: Record) -> Html:
    here = record.version == version.record.version
    path = address("-", version.space, record.chart, record.version)
    link = tag("a", record.version, href=path, aria_current="true" if here else None)
    return tag("li", link, " ", classed("span", "dim", day(record.created)))


# Values


def values_page(version: Version, where: str) -> Page:
    """The values of a chart as they are written, those of one in it if `where` is its path in the archive."""
    charts = [path.removesuffix("values.yaml") for path in version.contents.files if _is_values(path)][:_MOST_CHARTS]
    where = where if where in charts else ""
    source = version.contents.text(f"{where}values.yaml")
    choice = _choice(version, charts, where) if any(charts) else None
    if not source:
        return _page(version, "values", choice, tag("p", "The chart sets no values."))
    keys = top_keys(source)
    heading = tag("h2", "values.yaml", *((" of ", tag("bdi", where.rstrip("/"))) if where else ()))
    shown = code("values.yaml", source, version.path("archive"))
    if not keys:
        return _of_file(_page(version, "values", choice, heading, shown), where)
    parts = (choice, heading, _onward("keys", "Keys"), shown)
    return _of_file(_page(version, "values", *parts, beside=_outline(keys)), where)


def _onward(place: str, name: str) -> Html:
    """A link to what is beside in a wide window, and below in a narrow one."""
    return classed("p", "narrow", tag("a", f"{name} ↓", href=f"#{place}"))


def _is_values(path: str) -> bool:
    """Whether that are the values of the chart or of one in charts/."""
    *folders, name = path.split("/")
    return name == "values.yaml" and len(folders) % 2 == 0 and set(folders[::2]) <= {"charts"}


def _choice(version: Version, charts: Sequence[str], where: str) -> Html:
    options = (
        tag("option", path.rstrip("/") or version.record.chart, value=path, selected=path == where) for path in charts
    )
    return tag(
        "form",
        tag("label", "Values of ", tag("select", *options, name="of")),
        tag("button", "Show", type="submit"),
        action=version.path("values"),
        method="get",
        class_="choose",
    )


def _outline(keys: Sequence[tuple[str, int]]) -> Html:
    items = (tag("li", tag("a", tag("bdi", key), href=f"#L{line}")) for key, line in keys[:_MOST_KEYS])
    return tag(
        "aside", tag("h2", "Keys", id="keys"), classed("ul", "plain keys", *items), aria_label="Keys of the values"
    )


# Files


def files_page(version: Version, path: str) -> Page:
    """The files of a chart, and one of them. Without `path` it is the first manifest."""
    files = version.contents.files
    asked = path
    if path not in files:
        path = next((name for name in files if _is_manifest(name)), next(iter(files), ""))
    heading = tag("h2", tag("bdi", path), id="file")
    parts = (heading, _onward("files", "Files"), _shown(version, path))
    return _of_file(_page(version, "files", *parts, beside=_file_list(version, path)), asked)


def _is_manifest(path: str) -> bool:
    """Whether that is a template of manifests, not of what others include, or of notes."""
    name = path.rpartition("/")[2]
    return path.startswith("templates/") and name.endswith((".yaml", ".yml")) and not name.startswith(("_", "."))


def _shown(version: Version, path: str) -> Html:
    data = version.contents.files.get(path, b"")
    content = as_text(data)
    if content is not None:
        return code(path, content, version.path("archive")) if content else classed("p", "dim", "The file is empty.")
    source = version.picture(path)
    if source:
        return tag("p", tag("img", src=source, alt=f"The picture {path}"))
    return classed("p", "dim", f"{size_of(len(data))} that aren't text.")


def _file_list(version: Version, path: str) -> Html:
    groups: dict[str, list[str]] = {}
    for name in islice(version.contents.files, _MOST_FILES):
        groups.setdefault(_group(name), []).append(name)
    parts = (
        joined((tag("h3", tag("bdi", group)) if group else None, _links(version, group, names, path)))
        for group, names in groups.items()
    )
    return tag("aside", tag("nav", tag("h2", "Files", id="files"), *parts, aria_labelledby="files"))


def _group(path: str) -> str:
    """The folder under which a file is listed: that of its chart, and templates/ or crds/ in it."""
    return path.rpartition("/")[0]


def _links(version: Version, group: str, names: Sequence[str], path: str) -> Html:
    items = (
        tag(
            "li",
            tag(
                "a",
                tag("bdi", name[len(group) :].lstrip("/")),
                href=f"{version.path('files', file=name)}#file",
                aria_current="true" if name == path else None,
            ),
        )
        for name in names
    )
    return classed("ul", "plain files", *items)


# Dependencies


def dependencies_page(version: Version) -> Page:
    """The charts that a chart is made of."""
    root = version.contents.tree
    if not root.children:
        return _page(version, "dependencies", tag("p", "The chart needs no others."))
    drawn = tag(
        "div",
        picture(root),
        class_="picture-frame",
        tabindex="0",
        role="region",
        aria_label="Picture of the dependencies",
    )
    return _page(
        version,
        "dependencies",
        tag("h2", "Charts in this chart"),
        drawn,
        tag(
            "div",
            tag("ul", tag("li", as_list(root))),
            class_="tree-list",
            tabindex="0",
            role="region",
            aria_label="List of the dependencies",
        ),
    )
