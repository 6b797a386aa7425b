"""An index that is only looked over says the same as one that is read whole, whatever its form."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.chart.model import Dependency, Maintainer, Metadata
from navarch.errors import NavarchError
from navarch.repos import index as module
from navarch.repos import scanjson, scanlines
from navarch.repos.entry import IndexEntry
from navarch.repos.index import Index
from navarch.repos.scan import scan

WORDS = st.sampled_from(
    [
        "a",
        "",
        "true",
        "1.5",
        "x: y",
        "it's",
        'say "hi"',
        "null",
        "- a",
        "ends:",
        "é ü",
        "a\nb",
        "two\n\nlines\n",
        " b",
        "# no",
        "a #b",
        "~",
        "0x10",
        "1e3",
        "&a",
        "*a",
        "!t",
        "%d",
        "@x",
        "`",
        "{",
        "[x]",
        "?",
        "? x",
        "|",
        ">",
        "y",
        "-",
        "long words long words long words ",
        "tab\there",
        "2026-01-02",
        "\u2028",
        "\x85",
        "\ufeff",
        "你好",
        "😀",
        ":a",
        "a:",
    ]
)
TEXT = WORDS | st.text(max_size=30).filter(lambda text: text.isprintable())
NAMES = st.sampled_from(["web", "db", "k8s-x", "a.b", "seven7", "Upper"])
VERSIONS = st.sampled_from(["1.0.0", "1.2.3", "v2.0.0", "1.0.0-rc.1", "1.0.0+b", "0.1.0-0", "10.0.0", "1.10.0"])


@st.composite
def entries(draw: Any) -> IndexEntry:
    texts = {name: draw(TEXT) for name in ("app_version", "description", "home", "icon", "kube_version", "tags")}
    maintainers = [Maintainer(draw(TEXT), draw(TEXT), draw(TEXT)) for _ in range(draw(st.integers(0, 2)))]
    dependencies = [
        Dependency(
            name,
            draw(TEXT),
            draw(TEXT),
            tags=draw(st.lists(TEXT, max_size=2)),
            alias=draw(st.sampled_from(["", "x", "y-1"])),
        )
        for name in draw(st.lists(NAMES, max_size=2, unique=True))
    ]
    metadata = Metadata(
        draw(NAMES),
        draw(VERSIONS),
        api_version=draw(st.sampled_from(["v1", "v2"])),
        type=draw(st.sampled_from(["", "application", "library"])),
        deprecated=draw(st.booleans()),
        keywords=draw(st.lists(TEXT, max_size=3)),
        sources=draw(st.lists(TEXT, max_size=2)),
        annotations=draw(
            st.none() | st.dictionaries(st.sampled_from(["a/b", "c", "category", "é", "yes"]), TEXT, max_size=3)
        ),
        maintainers=maintainers,
        dependencies=dependencies,
        **texts,
    )
    urls = draw(st.lists(st.sampled_from(["a-1.tgz", "https://x/a+b.tgz", "charts/é.tgz"]), max_size=2))
    created = draw(
        st.sampled_from(["2026-01-02T03:04:05Z", "2024-02-29T23:59:59.123456789+02:00", "0001-01-01T00:00:00Z"])
    )
    return IndexEntry(
        metadata, urls=urls, created=created, digest=draw(st.sampled_from(["", "ab" * 32, "sha256:" + "0" * 64]))
    )


@st.composite
def indexes(draw: Any) -> Index:
    made = Index(generated="2026-01-02T03:04:05.123Z")
    for entry in draw(st.lists(entries(), max_size=6)):
        made.add(entry)
    return made


def outcome(data: bytes, *, whole: bool) -> Any:
    """What comes of reading a text: all fields of all versions and the warnings, or the error."""
    warnings: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        if whole:
            patch.setattr(module, "scan", lambda _data: None)
            patch.setattr(scanjson, "scan_json", lambda _text: None)
            patch.setattr(scanlines, "scan_lines", lambda _data: None)
        try:
            found = Index.parse(data, source="here", warn=warnings.append)
        except NavarchError as error:
            return str(error)
    quick = {
        name: [(v.version, v.name, v.app_version, v.description, v.keywords, v.urls) for v in found.versions(name)]
        for name in found.names()
    }
    fields = {name: [v.entry.fields() for v in found.versions(name)] for name in found.names()}
    return quick, fields, warnings, found.generated


@given(indexes())
def test_what_is_written_is_read_the_same_both_ways(index: Index) -> None:
    index.sort()
    data = index.to_yaml().encode("utf-8", "surrogatepass")
    assert outcome(data, whole=False) == outcome(data, whole=True)


@given(indexes())
def test_json_is_read_the_same_all_ways(index: Index) -> None:
    index.sort()
    data = index.to_json().encode("utf-8", "surrogatepass")
    compact = json.dumps(json.loads(data), ensure_ascii=False).encode("utf-8", "surrogatepass")
    assert outcome(data, whole=False) == outcome(data, whole=True) == outcome(compact, whole=False)
    assert not isinstance(outcome(data, whole=False), str)


@given(indexes())
def test_helms_layout_is_known(index: Index) -> None:
    index.sort()
    assert not index.names() or scanlines.scan_lines(index.to_json().encode()) is not None


def test_a_usual_version_in_json_is_not_parsed() -> None:
    index = Index.parse(
        rb"""apiVersion: v1
entries:
  web:
  - {name: web, version: 1.10.0, created: 2026-01-02T03:04:05.123456789+02:00, urls: [web-1.10.0.tgz], digest: ab,
     apiVersion: v2, appVersion: "1.5", type: application, kubeVersion: ">=1.2", home: https://x, deprecated: true,
     description: "a \"b\" <c> \u00e4", keywords: [a, b], sources: [https://y], maintainers: [{name: a, email: b}],
     annotations: {a/b: "x\ny", c: d}, dependencies: [{name: d, version: ^1, repository: https://z, tags: [t],
     condition: d.on, alias: e, import-values: [f]}, {name: g, repository: ""}]}
  - {name: web, version: 1.9.0, created: 2026-01-02T03:04:05Z, urls: []}
"""
    )
    data = index.to_json().encode()
    found = scanlines.scan_lines(data)
    assert found is not None
    assert [(place.version, place.document) for place in found.charts["web"]] == [("1.10.0", None), ("1.9.0", None)]
    assert outcome(data, whole=False) == outcome(data, whole=True)


CHANGES = st.sampled_from(
    [
        ('"version": "', '"version": "x'),
        ('"version": "', '"version": 1, "x": "'),
        ('"name": ', '"Name": '),
        ('": "', '": null, "y": "'),
        ('"urls": ', '"urls": 5, "u": '),
        ('"entries"', '"Entries"'),
        ("[", "[null, "),
        ("{", '{"foo": 1, '),
        (",", ",,"),
        ("}", ""),
        ('"created": "', '"created": "x'),
        ('"type": "', '"type": "x'),
        ('"alias": "', '"alias": "x y'),
        ('": "', '": "\\ud800'),
        ("[", "[5, "),
        ("true", "null"),
        ("]", "] "),
        ('"deprecated": true', '"deprecated": "true"'),
        ('": "', '": {}, "z": "'),
    ]
)


@given(indexes(), CHANGES, st.integers(0, 30))
def test_what_is_wrong_in_json_is_found_both_ways(index: Index, change: tuple[str, str], which: int) -> None:
    parts = index.to_json().split(change[0])
    at = which % len(parts)
    text = (
        change[0].join(parts[: at + 1]) + (change[1] if at + 1 < len(parts) else "") + change[0].join(parts[at + 1 :])
    )
    data = text.encode("utf-8", "surrogatepass")
    assert outcome(data, whole=False) == outcome(data, whole=True)


LINES = st.sampled_from(
    [
        "foo: 1",
        "version: 2",
        "name: [x]",
        "# comment",
        "",
        "keywords: [a, b]",
        "urls:",
        "- x",
        "description: |",
        "  text",
        "description: 1.5",
        "version: 1.10",
        "appVersion: true",
        "deprecated: maybe",
        "created: yesterday",
        "type: none",
        "annotations:",
        "  a: 5",
        "  a: b",
        "maintainers:",
        "- name: 5",
        "- null",
        "x",
        "'",
        '"',
        "description: a",
        "{}",
        "\t",
        "description: 'a",
        "  b'",
        "removed: true",
        "dependencies: []",
        "dependencies:",
        "- name: x",
        "  alias: 'a b'",
    ]
)
INDENTS = st.sampled_from([0, 2, 4, 4, 4, 4, 6, 6])


@given(indexes(), st.lists(st.tuples(st.integers(0, 200), INDENTS, LINES, st.booleans()), min_size=1, max_size=3))
def test_what_is_wrong_is_found_both_ways(index: Index, changes: list[tuple[int, int, str, bool]]) -> None:
    lines = index.to_yaml().split("\n")
    for at, indent, text, instead in changes:
        place = at % (len(lines) + 1)
        lines[place : place + instead] = [" " * indent + text]
    data = "\n".join(lines).encode("utf-8", "surrogatepass")
    assert outcome(data, whole=False) == outcome(data, whole=True)


SORTED = b"""apiVersion: v1
entries:
  web:
  - apiVersion: v2
    name: web
    urls:
    - web-1.0.0.tgz
    version: 1.0.0
  - created: "2026-01-02T03:04:05Z"
    name: web
    version: 1.10.0
generated: "2026-01-02T03:04:05Z"
"""
INDENTED = b"""apiVersion: v1
entries:
  web:
    - version: 1.0.0
      name: web
      urls:
        - web-1.0.0.tgz
    - name: web
      keywords:
        - a
      version: 1.10.0
"""


@pytest.mark.parametrize("data", [SORTED, INDENTED])
def test_usual_forms_are_only_looked_over(data: bytes) -> None:
    found = scan(data)
    assert found is not None
    assert all(place.version for places in found.charts.values() for place in places)
    assert [version.version for version in Index.parse(data).versions("web")] == ["1.10.0", "1.0.0"]
    assert outcome(data, whole=False) == outcome(data, whole=True)
