"""The indexes of several repositories fetched at once, and what Helm says of each."""

from __future__ import annotations

from threading import Lock

from navarch.errors import NavarchError
from navarch.kube.parallel import in_parallel
from navarch.repos.repository import Repository, check_address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from navarch.repos.config import Entry
    from navarch.repos.fetch import Fetcher

    Say = Callable[[str], object]

__all__ = ["UNMANAGED", "refresh"]

UNMANAGED = "helm-manager-"
"""What the name of a repository begins with that wasn't added but is named in a Chart.yaml."""

_AT_ONCE = 4
"""How many indexes are fetched at the same time: each may take many megabytes."""


def refresh(
    entries: Sequence[Entry],
    folder: str,
    fetcher: Fetcher,
    *,
    say: Say,
    warn: Say | None = None,
    once: bool = False,
) -> list[str]:
    """Fetch indexes into a folder, and say of each when it is done; answers the addresses of those that failed.

    With `once`, only the last of several repositories at one address is spoken of: where dependencies are concerned,
    Helm fetches no other. Raises RepositoryError, before anything is fetched, for an address that no repository can
    have.
    """
    for entry in entries:
        check_address(entry.url, fetcher.getters)
    spoken_of = {entry.url.removesuffix("/"): entry for entry in entries}
    failed: list[str] = []
    lock = Lock()

    def update(entry: Entry) -> None:
        try:
            Repository(entry, folder, fetcher).update(warn=warn)
            problem = ""
        except NavarchError as error:
            problem = str(error) or "failed"
        with lock:
            if not once or spoken_of[entry.url.removesuffix("/")] is entry:
                say(_words(entry, problem))
            if problem:
                failed.append(entry.url)

    for outcome in in_parallel(entries, update, limit=_AT_ONCE):
        outcome.result()
    return failed


def _words(entry: Entry, problem: str) -> str:
    from navarch.golang.strconv import quote

    unmanaged = entry.name.startswith(UNMANAGED)
    name = quote(entry.url if unmanaged else entry.name)
    if not problem:
        return f"...Successfully got an update from the {name} chart repository\n"
    address = "" if unmanaged else f" ({entry.url})"
    return f"...Unable to get an update from the {name} chart repository{address}:\n\t{problem}\n"
