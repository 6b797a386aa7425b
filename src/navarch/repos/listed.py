"""A version as an index lists it: its fields are read when they are asked for."""

from __future__ import annotations

from navarch.errors import ChartError, RepositoryError
from navarch.repos.entry import Decoder, IndexEntry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.repos.scan import AnyText, Place

__all__ = ["Listed", "problem_of"]

_TWICE = "validation: more than one dependency with name or alias"


class Listed:
    """A version in an index. What it shares with its chart's others is read once; `entry` reads all of it."""

    __slots__ = ("_entry", "_place", "_text", "version")

    def __init__(self, version: str, *, entry: IndexEntry | None = None, text: AnyText | None = None) -> None:
        self.version = version
        self._entry = entry
        self._text = text
        self._place: Place | None = None

    @classmethod
    def at(cls, place: Place, text: AnyText) -> Listed:
        """What stands at a place in a text."""
        made = cls(place.version, text=text)
        made._place = place
        return made

    @property
    def entry(self) -> IndexEntry:
        """All that the index has of this version. Raises RepositoryError for what only a full reading shows."""
        if self._entry is None:
            self._entry = self._read()
        return self._entry

    def _read(self) -> IndexEntry:
        text, place = self._text, self._place
        if text is None or place is None:
            raise RepositoryError("no version of a chart")
        decoder = Decoder(strict=text.strict)
        found = decoder.entry(text.document(place.start, place.end))
        decoder.finish()
        if found is None:
            raise RepositoryError("no version of a chart")
        problem_of(found)
        return found

    @property
    def name(self) -> str:
        """The chart's name."""
        return self._quick(b"name") if self._entry is None else self._entry.metadata.name

    @property
    def app_version(self) -> str:
        """The version of what the chart installs."""
        return self._sane(b"appVersion") if self._entry is None else self._entry.metadata.app_version

    @property
    def description(self) -> str:
        """The chart's description."""
        return self._sane(b"description") if self._entry is None else self._entry.metadata.description

    @property
    def deprecated(self) -> bool:
        """Whether the chart should no longer be used."""
        return self._quick(b"deprecated") == "true" if self._entry is None else self._entry.metadata.deprecated

    @property
    def keywords(self) -> list[str]:
        """The chart's keywords."""
        if self._entry is not None:
            return self._entry.metadata.keywords
        from navarch.chart.checks import sanitize

        return list(map(sanitize, self._list(b"keywords")))

    @property
    def urls(self) -> list[str]:
        """Where the archive is; addresses may be relative to the repository's."""
        return self._list(b"urls") if self._entry is None else self._entry.urls or []

    def _quick(self, field: bytes) -> str:
        text, place = self._text, self._place
        return text.string(place.start, place.end, field) if text is not None and place is not None else ""

    def _sane(self, field: bytes) -> str:
        from navarch.chart.checks import sanitize

        return sanitize(self._quick(field))

    def _list(self, field: bytes) -> list[str]:
        text, place = self._text, self._place
        return text.strings(place.start, place.end, field) if text is not None and place is not None else []


def problem_of(entry: IndexEntry) -> str:
    """Why a version can't be used; "" if it can. Its texts are put right, a missing apiVersion is v1."""
    from navarch.chart.checks import check_metadata

    entry.metadata.api_version = entry.metadata.api_version or "v1"
    try:
        check_metadata(entry.metadata)
    except ChartError as error:
        return "" if str(error).startswith(_TWICE) else str(error)  # some servers lose aliases
    return ""
