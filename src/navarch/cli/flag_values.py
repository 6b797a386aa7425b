"""How each kind of flag reads its text: numbers, durations, lists, maps, and Helm's own kinds.

A reader takes the text and the value so far (None at the first time) and answers the new value, or raises BadValue
with the words that pflag, strconv, encoding/csv, klog or Helm has for the fault.
"""

from __future__ import annotations

from navarch.cli.output import warn
from navarch.golang.strconv import NumError, parse_float, parse_int, quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["BadValue", "read", "read_csv"]

_FLOAT32_MAX = 3.4028235677973366e38  # the largest that rounds to a float32, by half a step more than the type's own


class BadValue(Exception):
    """Why a text is no value for a flag."""


def read(kind: str, text: str, before: Any) -> Any:
    """The value of a flag of a kind after `text` was given to it."""
    return _READERS[kind](text, before)


def _bool(text: str, _before: Any) -> bool:
    if text in ("1", "t", "T", "true", "TRUE", "True"):
        return True
    if text in ("0", "f", "F", "false", "FALSE", "False"):
        return False
    raise BadValue(f"strconv.ParseBool: parsing {quote(text)}: invalid syntax")


def _go_bool(text: str, before: Any) -> bool:
    """A switch of Go's own flag package, whose faults have fewer words."""
    try:
        return _bool(text, before)
    except BadValue:
        raise BadValue("parse error") from None


def _number(text: str, base: int, bits: int) -> int:
    try:
        return parse_int(text, base, bits)
    except NumError as fault:
        raise BadValue(str(fault)) from None


def _int(text: str, _before: Any) -> int:
    return _number(text, 0, 64)


def _int32(text: str, _before: Any) -> int:
    return _number(text, 10, 32)


def _uint(text: str, _before: Any) -> int:
    if text[:1] in ("+", "-"):
        raise BadValue(f"strconv.ParseUint: parsing {quote(text)}: invalid syntax")
    try:
        return parse_int(text, 0, 64, function="ParseUint")
    except NumError as fault:
        raise BadValue(str(fault)) from None


def _go_uint(text: str, before: Any) -> int:
    """An unsigned number of Go's own flag package."""
    try:
        return _uint(text, before)
    except BadValue as fault:
        raise BadValue("value out of range" if str(fault).endswith("range") else "parse error") from None


def _float32(text: str, _before: Any) -> float:
    try:
        value = parse_float(text)
    except NumError as fault:
        raise BadValue(str(fault)) from None
    if abs(value) >= _FLOAT32_MAX and value - value == 0:
        raise BadValue(f"strconv.ParseFloat: parsing {quote(text)}: value out of range")
    return value


def _duration(text: str, _before: Any) -> Any:
    from navarch.errors import FunctionError
    from navarch.golang.duration import parse_duration

    try:
        return parse_duration(text)
    except FunctionError as fault:
        raise BadValue(str(fault)) from None


def _array(text: str, before: Any) -> list[str]:
    return [*(before or ()), text]


def _slice(text: str, before: Any) -> list[str]:
    return [*(before or ()), *(read_csv(text) if text else ())]


def _map(text: str, before: Any) -> dict[str, str]:
    """stringToString: "a=b" is one pair, whatever commas it holds; with more "=" the text is a CSV line of pairs."""
    count = text.count("=")
    if count == 0:
        raise BadValue(f"{text} must be formatted as key=value")
    pairs = [text.strip('"')] if count == 1 else read_csv(text)
    found = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise BadValue(f"{pair} must be formatted as key=value")
        found[key] = value
    return {**(before or {}), **found}


def read_csv(text: str) -> list[str]:
    """The first record of a CSV text as encoding/csv reads it; empty lines before it don't count."""
    if '"' not in text and "\n" not in text and "\r" not in text:
        return text.split(",")
    lines = _lines(text)
    number = next((i for i, line in enumerate(lines) if line != "\n"), -1)
    if number < 0:
        raise BadValue("EOF")
    return _CsvRecord(lines, number).fields


def _lines(text: str) -> list[str]:
    """Lines with their newlines; CRLF becomes LF, and a lone CR at the very end goes."""
    parts = text.replace("\r\n", "\n").split("\n")
    last = parts.pop().removesuffix("\r")
    return [part + "\n" for part in parts] + ([last] if last else [])


class _CsvRecord:
    """One record, which quoted fields may carry on over several lines."""

    def __init__(self, lines: list[str], number: int) -> None:
        self.lines = lines
        self.first = number
        self.number = number
        self.column = 0
        self.fields: list[str] = []
        while self._field():
            pass

    def _fault(self, column: int, what: str) -> BadValue:
        start, line = self.first + 1, self.number + 1
        record = f"record on line {start}; " if start != line else ""
        return BadValue(f"{record}parse error on line {line}, column {column + 1}: {what}")

    def _field(self) -> bool:
        """Read a field; whether another one follows it."""
        line = self.lines[self.number]
        if line[self.column : self.column + 1] == '"':
            return self._quoted()
        end = line.find(",", self.column)
        field = line[self.column : end] if end >= 0 else line[self.column :].removesuffix("\n")
        bare = field.find('"')
        if bare >= 0:
            raise self._fault(_bytes(line[: self.column + bare]), 'bare " in non-quoted-field')
        self.fields.append(field)
        self.column = end + 1
        return end >= 0

    def _quoted(self) -> bool:
        text = ""
        line = self.lines[self.number]
        at = self.column + 1
        while True:
            quoted = line.find('"', at)
            if quoted < 0:
                text += line[at:]
                if self.number + 1 == len(self.lines):
                    raise self._fault(_bytes(line), 'extraneous or missing " in quoted-field')
                self.number += 1
                line, at = self.lines[self.number], 0
                continue
            text += line[at:quoted]
            at = quoted + 1
            following = line[at : at + 1]
            if following == '"':
                text += '"'
                at += 1
                continue
            if following not in ("", ",", "\n"):
                raise self._fault(_bytes(line[:quoted]), 'extraneous or missing " in quoted-field')
            self.fields.append(text)
            self.column = at + 1
            return following == ","


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogateescape"))


def _format(text: str, _before: Any) -> str:
    if text not in ("table", "json", "yaml"):
        raise BadValue("invalid format type")
    return text


def _wait(text: str, _before: Any) -> str:
    if text in ("watcher", "legacy", "hookOnly"):
        return text
    meaning = {"true": "watcher", "false": "hookOnly"}.get(text)
    if meaning is None:
        raise BadValue(f"invalid wait input {quote(text)}. Valid inputs are watcher, hookOnly, and legacy")
    warn(f"--wait={text} is deprecated (boolean value) and can be replaced with --wait={meaning}")
    return meaning


def _post_renderer(text: str, before: Any) -> str:
    if not text:
        return before or ""
    if before:
        raise BadValue("cannot specify --post-renderer flag more than once")
    from navarch.cli.extending import find
    from navarch.errors import NavarchError

    try:
        find(text)
    except NavarchError as error:
        raise BadValue(str(error)) from error
    return text


def _strategy(text: str, _before: Any) -> str:
    if text not in ("combined", "separate", "nohooks"):
        raise BadValue(f"unknown post-render strategy: '{text}'")
    return text


def _severity(text: str, before: Any) -> int:
    names = ("INFO", "WARNING", "ERROR", "FATAL")
    return names.index(text.upper()) if text.upper() in names else _int32(text, before)


def _trace(text: str, _before: Any) -> str:
    file, colon, line = text.partition(":")
    if text and not (colon and "." in file and line.lstrip("+-").isdigit()):
        raise BadValue("syntax error: expect file.go:234")
    if text and int(line) <= 0:
        raise BadValue("negative or zero value for level")
    return text


def _modules(text: str, _before: Any) -> str:
    for pattern in filter(None, text.split(",")):
        name, _, level = pattern.partition("=")
        if not name or not level.lstrip("+-").isdigit():
            raise BadValue("syntax error: expect comma-separated list of filename=N")
        if int(level) < 0:
            raise BadValue("negative value for vmodule level")
    return text


_READERS: dict[str, Callable[[str, Any], Any]] = {
    "bool": _bool,
    "goBool": _go_bool,
    "int": _int,
    "uint": _uint,
    "uint64": _go_uint,
    "float32": _float32,
    "duration": _duration,
    "stringArray": _array,
    "stringSlice": _slice,
    "stringToString": _map,
    "format": _format,
    "WaitStrategy": _wait,
    "postRendererString": _post_renderer,
    "postRendererArgsSlice": _array,
    "postRenderStrategy": _strategy,
    "Level": _int32,
    "severity": _severity,
    "traceLocation": _trace,
    "moduleSpec": _modules,
}
