"""What lists show of a record, without making a Release of it.

A record that Helm or we wrote begins with name, info and the chart's metadata, and ends with revision and namespace;
templates, values, manifest and hooks lie between. Only both ends are parsed. Any other record is read whole.
"""

from __future__ import annotations

from json import JSONDecoder

from navarch.releases.codec import decode_json, unpack
from navarch.releases.drivers.base import Summary, summary
from navarch.releases.model import app_version, chart_label
from navarch.releases.times import canonical

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

__all__ = ["peek"]

_scan: Callable[[str, int], tuple[Any, int]] = JSONDecoder().scan_once  # type: ignore[attr-defined]
_VERSION = ',"version":'
_LAST = frozenset(("version", "namespace", "apply_method"))


class _OtherwiseError(Exception):
    """The record is not written as Helm writes it."""


def peek(data: bytes | str, labels: Mapping[str, str]) -> Summary:
    """What lists show of a stored text. Raises RecordError where it can't be read."""
    content = unpack(data)
    try:
        return _ends(content.decode(), labels)
    except (_OtherwiseError, ValueError, StopIteration, RecursionError):
        return summary(decode_json(content))._replace(labels=labels)


def _ends(text: str, labels: Mapping[str, str]) -> Summary:
    name, at = _member(text, 0, '{"name":')
    info, at = _member(text, at, ',"info":')
    metadata, at = _member(text, at, ',"chart":{"metadata":')
    last = _last(text)
    if "\\ud" in text[:at]:  # surrogates, which Go reads its own way
        raise _OtherwiseError
    chart = {"metadata": metadata}
    return Summary(
        _typed(name, str),
        _typed(last.get("namespace", ""), str),
        _typed(last["version"], int),
        canonical(_typed(info.get("last_deployed", ""), str)),
        _typed(info.get("status", ""), str),
        chart_label(chart),
        app_version(chart),
        _typed(info.get("description", ""), str),
        _typed(info.get("rollback_revision", 0), int),
        labels,
    )


def _member(text: str, at: int, before: str) -> tuple[Any, int]:
    """The value behind a piece of text that must stand at a place, and where it ends."""
    if not text.startswith(before, at):
        raise _OtherwiseError
    return _scan(text, at + len(before))


def _last(text: str) -> dict[str, Any]:
    """The members of the record from its revision on.

    Inside a text a quote is escaped, so that what is found is a name; if it is the name of something further inside,
    more brackets are closed behind it than were opened.
    """
    rest = "{" + text[text.rfind(_VERSION) + 1 :]
    found, end = _scan(rest, 0)
    if end != len(rest) or type(found) is not dict or "version" not in found or not _LAST.issuperset(found):
        raise _OtherwiseError
    return found


def _typed(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise _OtherwiseError
    return value
