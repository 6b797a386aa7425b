"""Skims a document: checks that all of it is YAML, and reads no more than the head's fields.

Rendered manifests repeat their lines a great deal, within a chart and from one render to the next. So what a line can
be is found out once for each text of a line, and a document is checked with little more than a look at each line's
column. Anything unusual gives up, as in the quick reader.
"""

from __future__ import annotations

from navarch.golang.yaml.flow import flow_collection
from navarch.golang.yaml.lines import (
    GiveUpError,
    entry,
    fold_plain,
    plain_text,
    quoted,
    quoted_on_line,
    skip_block,
    split_lines,
)
from navarch.golang.yaml.quick import check_numbers, read_lines
from navarch.golang.yaml.scalars import resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    # the line's column, its kind, the column of the entry behind a dash, the text of a value that goes on in a form of
    # its own (a block, or quotes and brackets that don't close), whether its value is plain text that may go on, and
    # whether it is still to come
    Form = tuple[int, int, int, str, bool, bool]

__all__ = ["skim"]

_LIMIT = 16384
_LONGEST = 400
_FIELDS = frozenset(("apiversion", "kind", "metadata"))
_METADATA = frozenset(("name", "annotations"))

# Kinds of lines: nothing, a comment, text without a key, an entry, an entry behind a dash, a value behind a dash.
_BLANK, _COMMENT, _TEXT, _ENTRY, _DASHED, _ITEM = range(6)
# Kinds of values.
_DONE, _PLAIN, _OPEN = range(3)

_forms: dict[str, Form] = {}
"""Lines, and what they can be."""


def skim(text: str) -> dict[str, Any] | None:
    """The fields apiVersion, kind and metadata in any case, with integers as ints; None for a document without content.

    Raises GiveUpError for everything that isn't a mapping in the usual style.
    """
    lines = split_lines(text)
    checked = _check(lines)
    if checked is None:
        return None
    fields, wrapped = checked
    document: dict[str, Any] = {}
    tabs = "\t" in text
    for start, end in fields:
        found = entry(lines[start])
        if found is not None and not found[1] and found[0].lower() == "metadata" and not wrapped:
            part = _wanted(lines, start, end)
        else:
            part = lines[start:end]
            if end < len(lines):
                part.append("")  # the last line ends in a line break
        document.update(read_lines(part, tabs=tabs, raw=True))
    return document


def _wanted(lines: list[str], start: int, end: int) -> list[str]:
    """Of the lines of the metadata, those that matter: its name and annotations.

    Text in quotes or brackets over several lines could look like entries; there must be none.
    """
    wanted = [lines[start]]
    inner = 0
    taking = True
    for line in lines[start + 1 : end]:
        body = line.lstrip(" ")
        if not body:
            if taking:
                wanted.append(line)
            continue
        column = len(line) - len(body)
        if body[0] == "#" and column <= (inner or column):
            continue
        inner = inner or column
        if column <= inner and body[0] != "-":
            found = entry(body)
            taking = found is None or found[0].lower() in _METADATA
        if taking:
            wanted.append(line)
    if not taking or end < len(lines):
        wanted.append("")
    return wanted


def _check(lines: list[str]) -> tuple[list[tuple[int, int]], bool] | None:
    """Check all lines. None where there is nothing but comments.

    Gives where the head's fields begin and end, and whether anything in quotes or brackets goes over several lines.

    The loop is that of the quick reader without its values.
    """
    fields: list[tuple[int, int]] = []
    start = -1
    stack: list[tuple[int, bool]] = []
    indent, sequence = -1, False
    pending, plain = True, False
    wrapped = False
    at, size = 0, len(lines)
    known = _forms.get
    while at < size:
        line = lines[at]
        at += 1
        form = known(line)
        if form is None:
            form = _form(line)
        column, kind, inner, value, continues, opens = form
        if kind < _TEXT:
            plain = plain and kind == _BLANK
            continue
        if column > indent:
            if not pending:
                if not plain:
                    raise GiveUpError
                fold_plain("", lines, at - 1)
                continue
            if kind == _TEXT:
                plain, pending = continues, False
                if value:
                    wrapped = wrapped or value[0] not in "|>"
                    at = _skip_value(value, lines, at, indent)
                continue
            if column and not stack:
                raise GiveUpError
            stack.append((indent, sequence))
            indent = column
            sequence = kind >= _DASHED
        else:
            if column < indent:
                pending = False
                while column < indent:
                    indent, sequence = stack.pop()
                if column != indent:
                    raise GiveUpError
            if kind < _DASHED:
                if sequence:  # the end of a sequence at its key's column
                    indent, sequence = stack.pop()
                    if column != indent or sequence:
                        raise GiveUpError
                if kind == _TEXT:
                    raise GiveUpError
            elif not sequence:
                if not pending:
                    raise GiveUpError
                stack.append((indent, False))
                sequence = True
        if not column:
            if sequence and len(stack) < 2:
                raise GiveUpError
            if not sequence:
                if start >= 0:
                    fields.append((start, at - 1))
                found = entry(line)
                start = at - 1 if found is not None and found[0].lower() in _FIELDS else -1
        if kind == _DASHED:
            stack.append((indent, True))
            indent, sequence = inner, False
        plain = continues
        pending = opens
        if value:
            wrapped = wrapped or value[0] not in "|>"
            at = _skip_value(value, lines, at, indent)
    if not stack:
        if not pending:
            raise GiveUpError
        return None
    if start >= 0:
        fields.append((start, size))
    return fields, wrapped


def _form(line: str) -> Form:
    body = line.lstrip(" ")
    column = len(line) - len(body)
    kind, inner, value, value_kind = _kind(body, column)
    form = (column, kind, inner, value, value_kind == _PLAIN, value_kind == _OPEN)
    if len(line) <= _LONGEST:
        if len(_forms) >= _LIMIT:
            _forms.clear()
        _forms[line] = form
    return form


def _kind(body: str, column: int) -> tuple[int, int, str, int]:
    """A line's kind, the column of an entry behind its dash, and its value's text and kind."""
    if not body:
        return _BLANK, 0, "", _DONE
    if body[0] == "#":
        return _COMMENT, 0, "", _DONE
    if "\t" in body or (not column and (body[0] in ".%" or body[:3] == "---")):
        raise GiveUpError
    if body[0] != "-" or body[1:2] not in ("", " "):
        found = entry(body)
        if found is None:
            return _TEXT, 0, *_value(body.rstrip(" "))
        return _ENTRY, 0, *_value(found[1].strip(" "))
    rest = body[1:].lstrip(" ")
    if not rest or rest[0] == "#":
        return _ITEM, 0, "", _OPEN
    if rest[0] == "-" and rest[1:2] in ("", " "):
        raise GiveUpError
    found = entry(rest)
    if found is None:
        return _ITEM, 0, *_value(rest.rstrip(" "))
    return _DASHED, column + len(body) - len(rest), *_value(found[1].strip(" "))


def _value(text: str) -> tuple[str, int]:
    """A value's text where it goes on in a form of its own, and its kind."""
    if not text or text[0] == "#":
        return "", _OPEN
    first = text[0]
    if first in "|>":
        return text, _DONE
    if first in "\"'":
        try:
            quoted_on_line(text)
        except IndexError:
            return text, _DONE
        quoted(text, [], 0)
        return "", _DONE
    if first in "[{":
        if text.count("[") + text.count("{") > text.count("]") + text.count("}"):
            return text, _DONE
        check_numbers(flow_collection(text, [], 0)[0], raw=True)
        return "", _DONE
    if first in "#,[]{}&*!|>'\"%@`":
        raise GiveUpError
    text, commented = plain_text(text)
    value = resolve(text)
    if type(value) is float and value - value != 0:
        raise GiveUpError
    return "", _DONE if commented else _PLAIN


def _skip_value(text: str, lines: list[str], at: int, indent: int) -> int:
    """The line after a value that takes several lines."""
    if text[0] in "|>":
        return skip_block(text, lines, at, indent)
    if text[0] in "\"'":
        return quoted(text, lines, at)[1]
    value, at = flow_collection(text, lines, at)
    check_numbers(value, raw=True)
    return at
