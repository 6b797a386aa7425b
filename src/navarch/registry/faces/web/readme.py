"""A chart's README as HTML that strangers can write without harm.

Markdown's own HTML is shown as text. Links lead to the web, to mailboxes, within the README, or to files of the chart;
others are text. Pictures are those in the chart: nothing is loaded from other servers, whose pictures become links.
"""

from __future__ import annotations

import posixpath
import re
import time
from bisect import bisect_left
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt

from navarch.errors import NavarchError
from navarch.registry.faces.web.html import Html, classed, outside, tag

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from markdown_it.renderer import RendererHTML
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token
    from markdown_it.utils import EnvType, OptionsDict

__all__ = ["render"]

MOST = 500_000  # characters; a longer README is shown as it is written
_MOST_IN_ONE = 10_000  # characters of a paragraph or cell; in a longer one nothing is looked for, which could take long
_SECONDS = 2.0  # that finding its paragraphs, lists and tables may take
_END, _DEADLINE = "end of a comment", "deadline"
_PREFIX = "readme-"  # of the anchors, which must not be those of the page
_NO_WORD = re.compile(r"[^\w\- ]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_BLOCKS = frozenset(
    f"{name}_open" for name in ("paragraph", "heading", "bullet_list", "ordered_list", "blockquote", "th", "td")
)
_ALIGNED = re.compile("text-align:(left|center|right)")


def render(source: str, find: Callable[[str], str | None], picture: Callable[[str], str | None]) -> Html:
    """The HTML of a README. `find` and `picture` give the address for a path in the chart, if it has such a file."""
    try:
        tokens = _parse(source)
    except _OddError:
        return tag("pre", source, tabindex="0", role="region", aria_label="README")
    _Links(find, picture).mend(tokens)
    _head(tokens)
    _cells(tokens)
    if _RIGHT_TO_LEFT.search(source):
        _direct(tokens)
    return Html(_parser().renderer.render(tokens, _parser().options, {}))


class _OddError(NavarchError):
    """A text that is too long, or is written so that reading it takes too long."""


def _parse(source: str) -> list[Token]:
    if len(source) > MOST:
        raise _OddError("too long")
    return _parser().parse(source, {_END: -1, _DEADLINE: time.monotonic() + _SECONDS})


def _make_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "xhtmlOut": False}).enable(["table", "strikethrough"])
    parser.block.ruler.before("table", "patience", _patience, {"alt": ["paragraph"]})
    parser.block.ruler.before("paragraph", "comment", _block_comment, {"alt": ["paragraph"]})
    parser.inline.ruler.before("autolink", "comment", _inline_comment)
    parser.core.ruler.before("inline", "long", _long)
    parser.add_render_rule("fence", _code)
    parser.add_render_rule("code_block", _code)
    parser.add_render_rule("table_open", _table_open)
    parser.add_render_rule("table_close", _table_close)
    parser.validateLink = lambda url: True  # type: ignore[method-assign]  # noqa: ARG005 - _Links looks at them
    return parser


def _code(self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
    """Code that may be wider than the page: who has no mouse needs the focus in it, to move it."""
    kind = self.fence if tokens[at].type == "fence" else self.code_block
    return kind(tokens, at, options, env).replace("<pre>", '<pre tabindex="0" role="group" aria-label="Code">', 1)


def _table_open(self: RendererHTML, *given: object) -> str:  # noqa: ARG001
    return '<div class="table" tabindex="0" role="group" aria-label="Table"><table>\n'


def _table_close(self: RendererHTML, *given: object) -> str:  # noqa: ARG001
    return "</table></div>\n"


_made: list[MarkdownIt] = []


def _parser() -> MarkdownIt:
    if not _made:
        _made.append(_make_parser())
    return _made[0]


def _patience(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: ARG001 - looks at the clock alone
    if time.monotonic() > state.env[_DEADLINE]:
        raise _OddError("takes too long")
    return False


def _block_comment(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """<!-- … --> that begins a line: nobody wants to read it."""
    begin = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith("<!--", begin) or state.is_code_block(start):
        return False
    at = state.env[_END]
    if at < begin:  # else it is still the next one
        at = state.env[_END] = _found(state.src, begin)
    line = bisect_left(state.eMarks, at)
    if line >= end or state.src[at + 3 : state.eMarks[line]].strip():
        return False
    if not silent:
        state.line = line + 1
    return True


def _found(source: str, begin: int) -> int:
    at = source.find("-->", begin)
    return at if at >= 0 else len(source) + 1


def _inline_comment(state: StateInline, silent: bool) -> bool:  # noqa: ARG001 - nothing is made in either case
    if not state.src.startswith("<!--", state.pos):
        return False
    end = state.src.find("-->", state.pos)
    if end < 0:
        return False
    state.pos = end + 3
    return True


def _long(state: StateCore) -> None:
    """Have very long texts stay what they are."""
    for token in state.tokens:
        if token.type == "inline" and len(token.content) > _MOST_IN_ONE:
            token.type = "text"


class _Links:
    """Links and pictures, whose targets are decided here."""

    def __init__(self, find: Callable[[str], str | None], picture: Callable[[str], str | None]) -> None:
        self._find = find
        self._picture = picture

    def mend(self, tokens: Sequence[Token]) -> None:
        """Give all links in tokens the address that they may have, and take it from others."""
        for token in tokens:
            if token.children:
                self._mend_line(token.children)

    def _mend_line(self, tokens: list[Token]) -> None:
        inside = False
        for token in tokens:
            if token.type == "link_open":
                inside = self._mend_link(token)
            elif token.type == "link_close":
                token.tag = "a" if inside else "span"
                inside = False
            elif token.type == "image":
                self._mend_picture(token, inside)

    def _mend_link(self, token: Token) -> bool:
        target = self._target(str(token.attrs.get("href", "")))
        if target is None:
            token.attrs = {}
            token.tag = "span"
            return False
        token.attrs = {"href": target}
        if not target.startswith(("#", "/")):
            token.attrs["rel"] = "nofollow noopener noreferrer"
        return True

    def _target(self, url: str) -> str | None:
        if url.startswith("#"):
            return f"#{_PREFIX}{unquote(url[1:]).lower()}"
        return outside(url) or self._find(_path(url))

    def _mend_picture(self, token: Token, inside: bool) -> None:
        """A picture of the chart stays; one of another server becomes a link, or its words where it is in a link."""
        url = str(token.attrs.get("src", ""))
        words = token.content or posixpath.basename(_path(url))
        source = self._picture(_path(url))
        if source is not None:
            token.attrs = {"src": source, "alt": "", "loading": "lazy"}
            return
        target = None if inside else outside(url)
        token.type = "html_inline"  # which is ours, as there is no other
        token.content = (
            tag("a", words or "picture", href=target, rel="nofollow noopener noreferrer")
            if target
            else classed("span", "picture", words or "picture")
        )


def _path(url: str) -> str:
    """The path in the chart that a relative address means; "" for any other."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if parts.scheme or parts.netloc or parts.path.startswith("/"):
        return ""
    return posixpath.normpath(unquote(parts.path)) if parts.path else ""


def _head(tokens: Sequence[Token]) -> None:
    """Put headings one level down, below the page's own, and give them anchors."""
    taken: dict[str, int] = {}
    for at, token in enumerate(tokens):
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"
        if token.type == "heading_open":
            name = _anchor("".join(part.content for part in tokens[at + 1].children or ()))
            count = taken[name] = taken.get(name, -1) + 1
            token.attrs = {"id": f"{_PREFIX}{name}-{count}" if count else f"{_PREFIX}{name}"}


def _anchor(title: str) -> str:
    """A heading's anchor, as the big hosts of code make it."""
    return _NO_WORD.sub("", title.lower()).replace(" ", "-")


def _direct(tokens: Sequence[Token]) -> None:
    """Have each paragraph, list and cell run as its own letters do."""
    for token in tokens:
        if token.type in _BLOCKS:
            token.attrs["dir"] = "auto"


def _cells(tokens: Sequence[Token]) -> None:
    """Have classes align the cells of tables: the page's policy takes no style from elsewhere. No head is empty."""
    for at, token in enumerate(tokens):
        if token.type == "th_open" and not tokens[at + 1].content.strip():
            token.tag = tokens[at + 2].tag = "td"
        if token.type in {"th_open", "td_open"}:
            found = _ALIGNED.fullmatch(str(token.attrs.get("style", "")))
            token.attrs = {"class": f"to-{found[1]}"} if found else {}
