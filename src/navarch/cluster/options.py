"""How a change is to be made: what a request's query says, as data."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Deletion", "Options"]


class Options(NamedTuple):
    """Of creating, updating and patching.

    `manager` owns the fields that are set; `validation` is Strict, Warn or Ignore (what to do about unknown fields);
    `force` takes fields from other managers while applying; `warnings` collects what the client is told.
    """

    manager: str = "navarch"
    validation: str = "Ignore"
    dry_run: bool = False
    force: bool = False
    user: str = "system:admin"
    warnings: list[str] | None = None

    def warn(self, texts: list[str]) -> None:
        """Tell the client, once each."""
        if self.warnings is not None:
            self.warnings.extend(text for text in texts if text not in self.warnings)


class Deletion(NamedTuple):
    """Of deleting. `propagation` is Background, Foreground, Orphan or "" (the kind's default)."""

    propagation: str = ""
    grace: int | None = None
    uid: str | None = None
    revision: str | None = None
    dry_run: bool = False
    orphan: bool | None = None  # the older way to say propagation
