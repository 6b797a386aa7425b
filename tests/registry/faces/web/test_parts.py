"""What pages are put together from: escaped HTML, coloured sources, READMEs, differences, pictures."""

from __future__ import annotations

import re
import time
from html import escape, unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from navarch.chart.load import load_chart
from navarch.registry.faces.web.differences import changes, hunks
from navarch.registry.faces.web.frame import asset
from navarch.registry.faces.web.html import Html, address, classed, joined, outside, tag, text
from navarch.registry.faces.web.picture import Node, as_list, picture, tree
from navarch.registry.faces.web.readme import MOST, render
from navarch.registry.faces.web.sources import as_text, code, template_tokens, top_keys, yaml_tokens
from support.spaces import WEB, chart_yaml, packed


class Reader(HTMLParser):
    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def shown(source: str) -> Html:
    files = {"values.yaml", "docs/a.png", "docs/more.md"}
    return render(
        source,
        lambda path: f"/file/{path}" if path in files else None,
        lambda path: f"/raw/{path}" if path.endswith(".png") and path in files else None,
    )


# HTML


@given(
    st.text(alphabet=st.characters(exclude_characters="\0\r")),
    st.text(alphabet=st.characters(exclude_characters="\0\r")),
)
def test_text_and_attributes_come_back_as_they_were(content: str, value: str) -> None:
    def plain(given: str) -> str:
        return given.encode("utf-8", "replace").decode()

    element = tag("p", content, title=value)
    assert unescape(element) == f'<p title="{plain(value)}">{plain(content)}</p>'
    assert element.count("<") == 2
    assert Reader(element).tags == [("p", {"title": plain(value)})]


def test_html_is_not_escaped_twice() -> None:
    assert joined([tag("b", "<"), "<", None, classed("i", "x")]) == '<b>&lt;</b>&lt;<i class="x"></i>'
    assert (
        tag("input", checked=True, hidden=False, value=None, data_copy="a", for_=1)
        == '<input checked data-copy="a" for="1">'
    )
    assert text(text("<")) == "&lt;"


def test_addresses_escape_each_name() -> None:
    assert address("-", "a b", "../c?d#e", x="1&2", from_="v", empty="") == "/-/a%20b/..%2Fc%3Fd%23e?x=1%262&from=v"
    assert address("") == "/"


@pytest.mark.parametrize("url", ["https://a.example/x?y#z", "http://a", "mailto:a@b.example", " https://a.example "])
def test_links_that_may_lead_outside(url: str) -> None:
    assert outside(url) == url.strip()


@pytest.mark.parametrize(
    "url",
    ["", "javascript:alert(1)", "JAVASCRIPT:alert(1)", "java\nscript:alert(1)", "\x01javascript:x", "data:text/html,x",
     "vbscript:x", "file:///etc/passwd", "//other.example", "/path", "https:", "https:///x", "https:other", "https://a b",
     'https://a"b', "https://a\\b", "https://[", "ftp://a", "blob:https://a", "https://a\u202eb"],
)  # fmt: skip
def test_links_that_may_not(url: str) -> None:
    assert outside(url) is None


# Sources


@given(
    st.lists(
        st.sampled_from(
            ["a", ": ", "#", " ", "\n", "'", '"', "- ", "|", ">", "{{", "}}", "/*", "*/", "é", "\\", "[", "<"]
        )
    ).map("".join)
)
def test_colours_leave_the_text_as_it_is(content: str) -> None:
    for tokens in (yaml_tokens, template_tokens):
        assert "".join(piece for _, piece in tokens(content)) == content
    for name in ("values.yaml", "templates/a.yaml", "a.txt"):
        lines = Reader(code(name, content)).text
        assert lines.removesuffix("\n") == content.removesuffix("\n")


def test_yaml_is_coloured() -> None:
    source = "# c\na: 1 # d\n'b c': 'x # y'\nt: |-\n  # text\n  k: v\nl:\n  - n: \"p # q\"\n  - plain#no\nu: http://x\n"
    found = [(kind, piece) for kind, piece in yaml_tokens(source) if kind]
    assert found == [
        ("c", "# c"), ("k", "a"), ("c", "# d"), ("k", "'b c'"), ("k", "t"), ("s", "  # text"), ("s", "  k: v"),
        ("k", "l"), ("k", "n"), ("k", "u"),
    ]  # fmt: skip
    assert top_keys(source) == [("a", 2), ("b c", 3), ("t", 4), ("l", 7), ("u", 10)]


def test_templates_are_coloured() -> None:
    source = "a: {{ .x }}{{- /* }} */ -}}\n{{/* c\nd */}}{{ open"
    assert [(kind, piece) for kind, piece in template_tokens(source) if kind] == [
        ("t", "{{ .x }}"), ("c", "{{- /* }} */ -}}"), ("c", "{{/* c\nd */}}"),
    ]  # fmt: skip


def test_lines_are_numbered_and_signs_that_deceive_are_shown() -> None:
    page = Reader(code("values.yaml", "a: 1\n\nb: \u202e2\u200b\n"))
    assert [attributes["id"] for name, attributes in page.tags if "id" in attributes] == ["L1", "L2", "L3"]
    assert "U+202E" in page.text
    assert "U+200B" in page.text
    assert "\u202e" not in page.text


def test_what_is_no_text() -> None:
    assert as_text(b"\x89PNG\0") is None
    assert as_text(b"\xff\xfe") is None
    assert as_text("\ufeffé\r\n".encode()) == "é\n"


# README


CODE = '<pre tabindex="0" role="group" aria-label="Code">'
TABLE = '<div class="table" tabindex="0" role="group" aria-label="Table">'


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("# A\n## B", '<h3 id="readme-a">A</h3>\n<h4 id="readme-b">B</h4>\n'),
        ("# A\n# A", '<h3 id="readme-a">A</h3>\n<h3 id="readme-a-1">A</h3>\n'),
        ("###### `A b`!", '<h6 id="readme-a-b"><code>A b</code>!</h6>\n'),
        ("[x](#A-b)", '<p><a href="#readme-a-b">x</a></p>\n'),
        ("[x](./docs/more.md#y)", '<p><a href="/file/docs/more.md">x</a></p>\n'),
        ("[x](../values.yaml)", "<p><span>x</span></p>\n"),
        ("[x](/values.yaml)", "<p><span>x</span></p>\n"),
        ("[x](//other.example)", "<p><span>x</span></p>\n"),
        ("[x](javascript:alert(1))", "<p><span>x</span></p>\n"),
        ("[x](&#106;avascript:alert(1))", "<p><span>x</span></p>\n"),
        ("![a](docs/a.png)", '<p><img src="/raw/docs/a.png" alt="a" loading="lazy"></p>\n'),
        ("![a](docs/b.png)", '<p><span class="picture">a</span></p>\n'),
        ("![](docs/b.png)", '<p><span class="picture">b.png</span></p>\n'),
        ("<b>x</b>", "<p>&lt;b&gt;x&lt;/b&gt;</p>\n"),
        ("<script>\nx\n</script>", "<p>&lt;script&gt;\nx\n&lt;/script&gt;</p>\n"),
        ("<!-- a\n\nb -->\nc", "<p>c</p>\n"),
        ("a <!-- b --> c", "<p>a  c</p>\n"),
        ("    <!-- code -->", f"{CODE}<code>&lt;!-- code --&gt;\n</code></pre>\n"),
        ("```\n<!-- code -->\n```", f"{CODE}<code>&lt;!-- code --&gt;\n</code></pre>\n"),
        ("<!-- open", "<p>&lt;!-- open</p>\n"),
        ("|a|\n|-:|\n|1|", f'{TABLE}<table>\n<thead>\n<tr>\n<th class="to-right">a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td class="to-right">1</td>\n</tr>\n</tbody>\n</table></div>\n'),
        ("||\n|-|\n|1|", f"{TABLE}<table>\n<thead>\n<tr>\n<td></td>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n</tr>\n</tbody>\n</table></div>\n"),
        ("שלום\n\n- a", '<p dir="auto">שלום</p>\n<ul dir="auto">\n<li>a</li>\n</ul>\n'),
    ],
)  # fmt: skip
def test_readme(source: str, expected: str) -> None:
    assert shown(source) == expected


def test_pictures_of_other_servers_become_links() -> None:
    link = '<a href="https://o.example/x.png" rel="nofollow noopener noreferrer">a</a>'
    assert shown("![a](https://o.example/x.png)") == f"<p>{link}</p>\n"
    badge = '<a href="https://ci.example" rel="nofollow noopener noreferrer"><span class="picture">a</span></a>'
    assert shown("[![a](https://o.example/x.png)](https://ci.example)") == f"<p>{badge}</p>\n"


@settings(max_examples=300)
@given(
    st.lists(
        st.sampled_from(
            ["<", ">", "script", "<img src=x onerror=y>", "[", "]", "(", ")", "javascript:x", "![", "`", "\n", "\n\n", "#",
             " ", "|", "-", "&#106;", '"', "'", "<!--", "-->", "https://a.example", "*", "~~", "\\", "> ", "    ", "data:,", "//o"]
        )
    ).map("".join)
)  # fmt: skip
def test_no_readme_can_do_harm(source: str) -> None:
    for name, attributes in Reader(shown(source)).tags:
        assert name in (
            "a blockquote br code del div em h3 h4 h5 h6 hr img li ol p pre s span strong table tbody td th thead tr ul".split()
        )
        known = {"href", "rel", "id", "class", "src", "alt", "loading", "start", "tabindex", "role", "aria-label"}
        assert set(attributes) <= known
        assert (attributes.get("href") or "#").startswith(("#", "https://", "/file/"))
        assert (attributes.get("src") or "/raw/").startswith("/raw/")


@pytest.mark.parametrize(
    "part", ["<!--\n", "a <!-- ", "[", "![", "*a ", "_a*", "> ", "a\n", "`", "[a](", "|a", "# x\n", "&"]
)
def test_an_odd_readme_takes_no_more_time_than_a_long_one(part: str) -> None:
    begun = time.process_time()
    assert shown(part * (60_000 // len(part)))
    assert time.process_time() - begun < 6


def test_a_very_long_readme_is_shown_as_it_is() -> None:
    source = "# <b>\n" * (MOST // 6 + 1)
    assert shown(source) == f'<pre tabindex="0" role="region" aria-label="README">{escape(source)}</pre>'


# Differences


LINES = st.lists(st.sampled_from("abcdef"), max_size=40)


@given(LINES, LINES)
def test_differences_lead_from_one_text_to_the_other(old: list[str], new: list[str]) -> None:
    found = list(changes(old, new))
    assert [line.text for line in found if line.sign != "+"] == old
    assert [line.text for line in found if line.sign != "-"] == new
    assert [line.old for line in found if line.old] == list(range(1, len(old) + 1))
    assert [line.new for line in found if line.new] == list(range(1, len(new) + 1))


@given(LINES)
def test_equal_texts_do_not_differ(lines: list[str]) -> None:
    assert hunks("\n".join(lines), "\n".join(lines)) == []


@given(LINES, LINES)
def test_hunks_have_each_changed_line_once_and_three_around(old: list[str], new: list[str]) -> None:
    before, after = "\n".join(["x", *old, "y"]), "\n".join(["x", *new, "y"])
    found = hunks(before, after)
    listed = [line for hunk in found for line in hunk]
    every = list(changes(before.split("\n"), after.split("\n")))
    assert len(listed) == len(set(listed))
    near = {at + by for at, line in enumerate(every) if line.sign != " " for by in range(-3, 4)}
    assert listed == [line for at, line in enumerate(every) if at in near]


def test_one_line_among_many_is_one_change() -> None:
    old = [f"line {number % 50}" for number in range(5_000)]
    new = [*old[:2_500], "new", *old[2_500:]]
    assert [(line.sign, line.text) for line in changes(old, new) if line.sign != " "] == [("+", "new")]


@pytest.mark.parametrize("make", [lambda n: n % 2, lambda n: n % 3 * n % 5, lambda n: n * 7919 % 10_007, lambda n: -n])
def test_large_texts_are_compared_in_time(make) -> None:
    begun = time.process_time()
    old = [str(number) for number in range(10_000)]
    new = [str(make(number)) for number in range(10_000)]
    assert len(list(changes(old, new))) >= 10_000
    assert time.process_time() - begun < 5


# Pictures


def test_the_picture_has_all_charts_and_those_that_are_asked_for() -> None:
    root = tree(load_chart(WEB))
    assert [child.name for child in root.children] == ["cache", "db"] or [child.name for child in root.children] == [
        "db",
        "cache",
    ]
    asked = {
        "Chart.yaml": chart_yaml("a", "1.0.0")
        + "dependencies: [{name: b, version: ^2, repository: 'https://r', condition: b.on, tags: [x]}]\n"
    }
    found = tree(load_chart(packed("a", "1.0.0", asked)))
    assert found.children == (Node("b", "^2", "if b.on; tags x; from https://r", inside=False),)
    assert "not in the archive" in as_list(found)
    boxes = [name for name, _ in Reader(picture(root)).tags if name == "rect"]
    assert len(boxes) == 4


def test_a_chart_of_very_many_is_drawn_in_part() -> None:
    files = {f"charts/c{number}/Chart.yaml": chart_yaml(f"c{number}", "1.0.0") for number in range(400)}
    found = tree(load_chart(packed("a", "1.0.0", files)))
    assert 250 < len(found.children) <= 300


def test_a_chart_of_great_depth_is_drawn_in_part() -> None:
    files = {f"{'charts/c/' * depth}Chart.yaml": chart_yaml("c", "1.0.0") for depth in range(1, 101)}
    found = tree(load_chart(packed("a", "1.0.0", files)))
    assert as_list(found).count("<b>") == 41


def test_boxes_do_not_overlap() -> None:
    leaf = Node("x", "1")
    root = Node("r", "1", children=(Node("a", "1", children=(leaf, leaf)), leaf, Node("b", "1", children=(leaf,))))
    boxes = [(int(a["x"] or 0), int(a["y"] or 0)) for name, a in Reader(picture(root)).tags if name == "rect"]
    assert len(boxes) == len(set(boxes)) == 7


# Colours


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast ratio."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_all_text_has_enough_contrast(dark: bool) -> None:
    found = asset("page.css")
    assert found
    light_part, dark_part = found.content.decode().split("@media (prefers-color-scheme: dark)")
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", light_part))
    if dark:
        colours |= dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", dark_part))
    pairs = [
        (name, back)
        for name in ("text", "dim", "link", "key", "comment", "string", "action")
        for back in ("back", "raised")
    ]
    pairs += [
        ("on-strong", "strong"),
        ("warn", "warn-back"),
        ("warn", "back"),
        ("plus-text", "plus"),
        ("minus-text", "minus"),
        ("text", "plus"),
        ("text", "minus"),
        ("comment", "warn-back"),
    ]
    assert {
        pair: round(ratio, 2) for pair in pairs if (ratio := _contrast(colours[pair[0]], colours[pair[1]])) < 4.5
    } == {}
