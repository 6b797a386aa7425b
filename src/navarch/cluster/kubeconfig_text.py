"""Changing the text of a kubeconfig: entries come and go, the rest stays as it was written, comments included.

Lines are replaced where the file is written in the usual block style. Then the result is read, and if it doesn't say
exactly what it should, the whole is written anew: JSON as JSON, all else as kubectl would write it.
"""

from __future__ import annotations

from navarch.errors import YamlError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Document = dict[str, Any]

__all__ = ["LISTS", "put", "remove", "set_current"]

LISTS = {"clusters": "cluster", "contexts": "context", "users": "user"}
_EMPTY = ("", "[]", "{}", "null", "~")
_CURRENT = "current-context"


class _OddError(Exception):
    """The text isn't in the style whose lines can be replaced."""


def put(text: str, section: str, name: str, fields: Document) -> str:
    """Add an entry to one of LISTS, or replace the one of its name. Raises YamlError if the text isn't YAML."""
    entry = {"name": name, LISTS[section]: fields}

    def change(document: Document) -> None:
        entries = [entry if one.get("name") == name else one for one in document.get(section) or []]
        document[section] = entries if entry in entries else [*entries, entry]

    return _changed(text, change, lambda lines: _put_lines(lines, section, name, entry))


def remove(text: str, section: str, name: str) -> str:
    """Remove the entry of that name from one of LISTS, if it is there. Raises YamlError if the text isn't YAML."""

    def change(document: Document) -> None:
        entries = document.get(section) or []
        kept = [one for one in entries if one.get("name") != name]
        if len(kept) != len(entries):
            document[section] = kept or None

    return _changed(text, change, lambda lines: _remove_lines(lines, section, name))


def set_current(text: str, name: str) -> str:
    """Make a context the current one ("" for none). Raises YamlError if the text isn't YAML."""

    def change(document: Document) -> None:
        document[_CURRENT] = name

    return _changed(text, change, lambda lines: _current_lines(lines, name))


def _changed(text: str, change: Callable[[Document], None], edit: Callable[[list[str]], list[str]]) -> str:
    """The text after a change: `edit` does it to the lines, `change` to what they mean."""
    from navarch.golang.yaml import load

    before = load(text, exact=True) or {}
    wanted = dict(before)
    change(wanted)
    if wanted == before:
        return text
    try:
        lines = text.splitlines(keepends=True)
        if lines and not lines[-1].endswith("\n"):
            lines[-1] += "\n"
        edited = "".join(edit(lines))
        if load(edited, exact=True) == wanted:
            return edited
    except (_OddError, YamlError):
        pass
    return _written(wanted, text)


def _written(document: Document, text: str) -> str:
    if text.lstrip().startswith("{"):
        import json

        return json.dumps(document, indent=4, ensure_ascii=False) + "\n"
    from navarch.golang.yaml import dump

    return dump(document)


def _put_lines(lines: list[str], section: str, name: str, entry: Document) -> list[str]:
    start, end = _section(lines, section)
    if start < 0:
        return [*lines, f"{section}:\n", *_item(entry, "")]
    head = _emptied(lines[start], section)
    items = _items(lines, start + 1, end)
    indent = _indent(lines[items[0][0]]) if items else ""
    at = next((item for item in items if _name(lines, item) == name), (end, end))
    return [*lines[:start], head, *lines[start + 1 : at[0]], *_item(entry, indent), *lines[at[1] :]]


def _remove_lines(lines: list[str], section: str, name: str) -> list[str]:
    start, end = _section(lines, section)
    if start < 0:
        raise _OddError
    items = _items(lines, start + 1, end)
    found = next((item for item in items if _name(lines, item) == name), None)
    if found is None:
        raise _OddError
    return [*lines[: found[0]], *lines[found[1] :]]


def _current_lines(lines: list[str], name: str) -> list[str]:
    start, end = _section(lines, _CURRENT)
    if start < 0:
        return [*lines, _scalar(_CURRENT, name)]
    if end != start + 1:
        raise _OddError
    line = lines[start]
    comment = line[line.index(" #") :] if " #" in line else "\n"
    return [*lines[:start], _scalar(_CURRENT, name).rstrip("\n") + comment, *lines[end:]]


def _scalar(key: str, value: str) -> str:
    from navarch.golang.yaml import dump

    return dump({key: value})


def _section(lines: list[str], key: str) -> tuple[int, int]:
    """Where a key of the document begins and ends, comments and empty lines below it left out; (-1, -1) if nowhere."""
    start = next((at for at, line in enumerate(lines) if line.startswith(f"{key}:")), -1)
    if start < 0:
        return -1, -1
    end = start + 1
    while end < len(lines) and lines[end][0] in " -#\t\r\n":
        end += 1
    return start, _trimmed(lines, start + 1, end)


def _trimmed(lines: list[str], start: int, end: int) -> int:
    while end > start and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    return end


def _emptied(line: str, key: str) -> str:
    """The line that a list begins with, when entries follow below."""
    value, hash_sign, comment = line[len(key) + 1 :].partition(" #")
    if value.strip() not in _EMPTY:
        raise _OddError
    return f"{key}:{hash_sign}{comment}" if hash_sign else f"{key}:\n"


def _items(lines: list[str], start: int, end: int) -> list[tuple[int, int]]:
    """Where the entries of a block list begin and end; a comment before one, or behind one, is in none."""
    first = next((at for at in range(start, end) if lines[at].lstrip().startswith("-")), end)
    if first == end:
        return []
    lead = _indent(lines[first]) + "-"
    starts = [at for at in range(first, end) if lines[at].startswith((lead + " ", lead + "\n", lead + "\r"))]
    return [(at, _trimmed(lines, at + 1, after)) for at, after in zip(starts, [*starts[1:], end], strict=True)]


def _name(lines: list[str], item: tuple[int, int]) -> object:
    from navarch.golang.yaml import load

    entries = load("".join(lines[item[0] : item[1]]), exact=True)
    if not isinstance(entries, list) or len(entries) != 1 or not isinstance(entries[0], dict):
        raise _OddError
    return entries[0].get("name")


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _item(entry: Document, indent: str) -> list[str]:
    """An entry of a list as lines; the part comes before the name, as kubectl writes it."""
    from navarch.golang.yaml import dump

    return [indent + line for line in dump([entry]).splitlines(keepends=True)]
