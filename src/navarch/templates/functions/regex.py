"""Regular expressions in templates: sprig's functions, in the two forms that differ in how they fail."""

from __future__ import annotations

from navarch.errors import FunctionError, NavarchError
from navarch.golang.regexp import Regexp, compile_regexp, quote_meta
from navarch.golang.types import NilStrings, Strings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["FUNCTIONS"]


def _compile_or_panic(expression: str) -> Regexp:
    """The compiled expression; an error is worded as that of Go's MustCompile, which panics."""
    try:
        return compile_regexp(expression)
    except NavarchError as error:
        from navarch.golang.strconv import can_backquote, quote

        shown = f"`{expression}`" if can_backquote(expression) else quote(expression)
        raise FunctionError(f"regexp: Compile({shown}): {error}") from None


def regex_match(expression: str, text: str) -> bool:
    """Whether there's a match; a malformed expression has none."""
    try:
        return compile_regexp(expression).match(text)
    except NavarchError:
        return False


def must_regex_match(expression: str, text: str) -> bool:
    return compile_regexp(expression).match(text)


def regex_find_all(expression: str, text: str, most: int) -> Strings:
    return _strings(_compile_or_panic(expression).find_all(text, most))


def must_regex_find_all(expression: str, text: str, most: int) -> Strings:
    return _strings(compile_regexp(expression).find_all(text, most))


def _strings(found: list[str]) -> Strings:
    return Strings(found) if found else NilStrings()


def regex_find(expression: str, text: str) -> str:
    return _compile_or_panic(expression).find(text)


def must_regex_find(expression: str, text: str) -> str:
    return compile_regexp(expression).find(text)


def regex_replace_all(expression: str, text: str, template: str) -> str:
    return _compile_or_panic(expression).replace_all(text, template)


def must_regex_replace_all(expression: str, text: str, template: str) -> str:
    return compile_regexp(expression).replace_all(text, template)


def regex_replace_all_literal(expression: str, text: str, replacement: str) -> str:
    return _compile_or_panic(expression).replace_all_literal(text, replacement)


def must_regex_replace_all_literal(expression: str, text: str, replacement: str) -> str:
    return compile_regexp(expression).replace_all_literal(text, replacement)


def regex_split(expression: str, text: str, most: int) -> Strings:
    return _pieces(_compile_or_panic(expression).split(text, most), most)


def must_regex_split(expression: str, text: str, most: int) -> Strings:
    return _pieces(compile_regexp(expression).split(text, most), most)


def _pieces(found: list[str], most: int) -> Strings:
    return NilStrings() if most == 0 else Strings(found)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "mustRegexFind": must_regex_find,
    "mustRegexFindAll": must_regex_find_all,
    "mustRegexMatch": must_regex_match,
    "mustRegexReplaceAll": must_regex_replace_all,
    "mustRegexReplaceAllLiteral": must_regex_replace_all_literal,
    "mustRegexSplit": must_regex_split,
    "regexFind": regex_find,
    "regexFindAll": regex_find_all,
    "regexMatch": regex_match,
    "regexQuoteMeta": quote_meta,
    "regexReplaceAll": regex_replace_all,
    "regexReplaceAllLiteral": regex_replace_all_literal,
    "regexSplit": regex_split,
}
