"""The quick YAML reader: the plain style in which charts, values and manifests are written, read line by line.

It knows block mappings and sequences, keys on one line, plain and quoted scalars, literal and folded blocks, simple
flow collections, and comments. At anything else (anchors, tags, tabs, directives, whatever might be an error) it gives
up, and the complete reader answers; so a value from here is always the one that reader would give.
"""

from __future__ import annotations

from navarch.golang.yaml.flow import flow_collection, json_document
from navarch.golang.yaml.lines import GiveUpError, block_scalar, entry, fold_plain, plain_text, quoted, split_lines
from navarch.golang.yaml.scalars import resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["check_numbers", "read", "read_lines"]

_LIMIT = 8192
_MAX_DEPTH = 5000
_SHORT = 30
_NEVER_FIRST = frozenset("#,[]{}&*!|>'\"%@`")
_NOTHING = object()

_plain: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
"""Plain scalars of one line and their values: with floats only, and with integers as ints."""


def read(text: str, *, raw: bool = False) -> Any:
    """The first document's value. Raises GiveUpError where the complete reader must be asked.

    Numbers are floats; with `raw`, integers stay ints.
    """
    lines = split_lines(text)
    tabs = "\t" in text
    if text[:1] in ("{", "[") and len(text) > _SHORT and not (raw or tabs):
        try:
            return json_document(text)
        except GiveUpError:
            pass
    return read_lines(lines, tabs=tabs, raw=raw)


def read_lines(lines: list[str], *, tabs: bool, raw: bool) -> Any:
    """Walk over the lines with a stack of the open collections and their columns.

    One loop with all its state at hand: values files have thousands of lines, and calls are what costs.
    """
    known = _plain[raw]
    root: list[Any] = [None]
    stack: list[tuple[Any, int]] = []
    target: Any = root  # the collection that the line at hand belongs to
    indent = -1  # its column
    key: Any = -1  # where in it the last value stands
    pending = True  # whether that value may still come, on lines of its own
    plain = ""  # the last value's text, if it is a plain scalar that may go on
    marked = False
    at = 0
    size = len(lines)
    while at < size:
        line = lines[at]
        at += 1
        body = line.lstrip(" ")
        if not body:
            continue
        first = body[0]
        if first == "#":
            plain = ""
            continue
        if tabs and "\t" in body:
            raise GiveUpError
        column = len(line) - len(body)
        if not column and (first in ".%" or body[:3] == "---") and _is_marker(body):
            if marked or target is not root or not pending:
                break
            marked = True
            continue
        dash = first == "-" and (len(body) == 1 or body[1] == " ")
        if column > indent:
            if not pending:
                if not plain:
                    raise GiveUpError
                plain = fold_plain(plain, lines, at - 1)
                target[key] = _value(plain, raw=raw)
                continue
        else:
            if column < indent:
                pending = False
                while column < indent:
                    target, indent = stack.pop()
                if column != indent:
                    raise GiveUpError
            if type(target) is list:
                pending = False
                if not dash:  # the end of a sequence at its key's column
                    target, indent = stack.pop()
                    if column != indent or type(target) is list:
                        raise GiveUpError
            elif not dash:
                pending = False
            elif not pending:
                raise GiveUpError
        if pending:
            found = None if dash else entry(body)
            if found is None and not dash:
                value, plain, at = _scalar(body.rstrip(" "), lines, at, indent, raw=raw)
                target[key] = value
                pending = False
                continue
            inner: Any = [] if dash else {}
            target[key] = inner
            if len(stack) > _MAX_DEPTH:
                raise GiveUpError
            stack.append((target, indent))
            target = inner
            indent = column
        elif not dash:
            found = entry(body)
        plain = ""
        while dash:
            rest = body[1:].lstrip(" ")
            key = -1
            if not rest or rest[0] == "#":
                target.append(None)
                pending = True
                break
            column += len(body) - len(rest)
            body = rest
            dash = rest[0] == "-" and (len(rest) == 1 or rest[1] == " ")
            found = None if dash else entry(body)
            if found is None and not dash:
                value, plain, at = _scalar(body.rstrip(" "), lines, at, indent, raw=raw)
                target.append(value)
                pending = False
                break
            inner = [] if dash else {}
            target.append(inner)
            if len(stack) > _MAX_DEPTH:
                raise GiveUpError
            stack.append((target, indent))
            target = inner
            indent = column
        else:
            if found is None:
                raise GiveUpError
            key, rest = found
            rest = rest.strip(" ")
            value = known.get(rest, _NOTHING)
            if value is not _NOTHING:
                target[key] = value
                plain = rest
                pending = False
            elif not rest or rest[0] == "#":
                target[key] = None
                pending = True
            else:
                target[key], plain, at = _scalar(rest, lines, at, indent, raw=raw)
                pending = False
    return root[0]


def _is_marker(body: str) -> bool:
    """Whether a line at column 0 separates documents; it must do nothing else."""
    if body[0] == "-" and body[3:4] in ("", " "):
        rest = body[3:].lstrip(" ")
        if rest and rest[0] != "#":
            raise GiveUpError
        return True
    if body[0] == "%" or (body[:3] == "..." and body[3:4] in ("", " ")):
        raise GiveUpError
    return False


def _scalar(text: str, lines: list[str], at: int, indent: int, *, raw: bool) -> tuple[Any, str, int]:
    """A value that begins on this line: the value, its text where it may go on, and the next line."""
    first = text[0]
    if first in _NEVER_FIRST:
        value: Any
        if first in "\"'":
            value, at = quoted(text, lines, at)
        elif text in ("[]", "{}"):
            value = [] if first == "[" else {}
        elif first in "[{":
            value, at = flow_collection(text, lines, at)
            value = check_numbers(value, raw=raw)
        elif first in "|>":
            value, at = block_scalar(text, lines, at, indent)
        else:
            raise GiveUpError
        return value, "", at
    text, commented = plain_text(text)
    value = _value(text, raw=raw)
    if commented:
        return value, "", at
    known = _plain[raw]
    if len(known) >= _LIMIT:
        known.clear()
    known[text] = value
    return value, text, at


def _value(text: str, *, raw: bool) -> Any:
    value = resolve(text)
    if type(value) is int:
        return value if raw else float(value)
    if type(value) is float and value - value != 0:
        raise GiveUpError
    return value


def check_numbers(value: Any, *, raw: bool) -> Any:
    """A flow collection with its integers as floats, unless they are to stay. Gives up at infinities and NaN."""
    if type(value) is list:
        return [check_numbers(item, raw=raw) for item in value]
    if type(value) is dict:
        return {key: check_numbers(item, raw=raw) for key, item in value.items()}
    if type(value) is int:
        return value if raw else float(value)
    if type(value) is float and value - value != 0:
        raise GiveUpError
    return value
