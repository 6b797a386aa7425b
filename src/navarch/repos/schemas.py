"""What charts' schemas refer to at web addresses, fetched with care.

A schema is part of a chart, and a chart may come from anywhere: nothing but HTTP is spoken, to whatever address it is
redirected; no credentials are sent, little time and room are given.
"""

from __future__ import annotations

from navarch.errors import DownloadError
from navarch.repos.fetch import Fetcher

__all__ = ["LIMIT", "TIMEOUT", "fetch_schema"]

LIMIT = 16 << 20
"""How many bytes a schema may have."""

TIMEOUT = 15.0
"""How many seconds it may take to come; Helm's."""


def fetch_schema(url: str) -> bytes:
    """The document at an http or https address. Raises DownloadError, IntegrityError, in Helm's words."""
    with Fetcher(timeout=TIMEOUT) as fetcher:
        try:
            return fetcher.get(url, limit=LIMIT).data
        except DownloadError as error:
            if error.status:
                from navarch.oci.problems import status_text

                said = f"HTTP request to {url} returned status {error.status} ({status_text(error.status)})"
                raise DownloadError(said, url=error.url, status=error.status) from error
            if str(error).startswith("Get "):  # there was no answer; an answer cut off has an error of its own
                raise error.within(f"HTTP request failed for {url}") from error.__cause__
            raise
