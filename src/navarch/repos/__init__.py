"""Chart repositories: their list, their indexes, what is fetched from them and kept of it.

    repositories = Repositories.load("repositories.yaml")      # config
    index = Repository(repositories["stable"], cache).update()  # an Index
    index.get("web", "^1.2").urls

Names are resolved when first used.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.repos.access import Access
    from navarch.repos.config import Entry, Repositories
    from navarch.repos.content import ContentCache
    from navarch.repos.download import Downloader, Located, locate
    from navarch.repos.fetch import Fetched, Fetcher
    from navarch.repos.index import Index, IndexEntry
    from navarch.repos.repository import Repository
    from navarch.repos.searching import Result, search

__all__ = [
    "Access",
    "ContentCache",
    "Downloader",
    "Entry",
    "Fetched",
    "Fetcher",
    "Index",
    "IndexEntry",
    "Located",
    "Repositories",
    "Repository",
    "Result",
    "locate",
    "search",
]

_MODULES = {
    "Access": "access",
    "ContentCache": "content",
    "Downloader": "download",
    "Entry": "config",
    "Fetched": "fetch",
    "Fetcher": "fetch",
    "Index": "index",
    "IndexEntry": "index",
    "Located": "download",
    "Repositories": "config",
    "Repository": "repository",
    "Result": "searching",
    "locate": "download",
    "search": "searching",
}


def __getattr__(name: str) -> Any:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(name)
    from importlib import import_module

    found = globals()[name] = getattr(import_module(f"navarch.repos.{module}"), name)
    return found
