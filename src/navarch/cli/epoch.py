"""SOURCE_DATE_EPOCH: one time for all files of an archive, so that it is the same everywhere."""

from __future__ import annotations

import os

from navarch.errors import UsageError

__all__ = ["source_date_epoch"]


def source_date_epoch() -> int | None:
    """The time of every file, in seconds since 1970; None where the variable is not set. Raises UsageError."""
    text = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not text:
        return None
    from navarch.golang.strconv import NumError, parse_int

    try:
        seconds = parse_int(text)
    except NumError as error:
        raise UsageError(f"invalid SOURCE_DATE_EPOCH: {error}") from error
    if seconds < 0:
        raise UsageError("invalid SOURCE_DATE_EPOCH: must not be negative")
    return seconds
