"""Files as signatures need them, with the messages of Go's file system."""

from __future__ import annotations

import os

from navarch.chart.load import reason
from navarch.errors import ProvenanceError

__all__ = ["digest_file", "read_file", "stat_file", "write_file"]

_PIECE = 1 << 20


def stat_file(path: str) -> os.stat_result:
    """Raises ProvenanceError where there is nothing."""
    try:
        return os.stat(path)
    except (OSError, ValueError) as error:
        raise ProvenanceError(f"stat {path}: {reason(error)}") from error


def read_file(path: str, *, most: int = 0) -> bytes:
    """A file's content. Raises ProvenanceError, for more than `most` bytes too, unless that is 0."""
    try:
        with open(path, "rb") as file:
            data = file.read(most + 1) if most else file.read()
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    if most and len(data) > most:
        raise ProvenanceError(f"{path} is larger than {most} bytes")
    return data


def digest_file(path: str) -> str:
    """The SHA-256 of a file's content, as "sha256:…". Raises ProvenanceError."""
    from hashlib import sha256

    state = sha256()
    try:
        with open(path, "rb") as file:
            while piece := file.read(_PIECE):
                state.update(piece)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    return f"sha256:{state.hexdigest()}"


def _unreadable(path: str, error: OSError | ValueError) -> ProvenanceError:
    verb = "read" if isinstance(error, IsADirectoryError) else "open"
    return ProvenanceError(f"{verb} {path}: {reason(error)}")


def write_file(path: str, data: bytes) -> None:
    """Write a file, or leave what was there before. Raises ProvenanceError."""
    from navarch import files

    try:
        files.write_file(path, data)
    except OSError as error:
        raise ProvenanceError(f"open {path}: {reason(error)}") from error
