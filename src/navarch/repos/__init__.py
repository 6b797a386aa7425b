"""Chart repositories: their list, their indexes, what is fetched from them and kept of it.

    repositories = Repositories.load("repositories.yaml")      # config
    index = Repository(repositories["stable"], cache).update()  # an Index
    index.get("web", "^1.2").urls

Names are resolved when first used.
"""

from __future__ import annotations

from navarch import later

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.kube.net.access import Access
    from navarch.repos.config import Entry, Repositories
    from navarch.repos.content import ContentCache
    from navarch.repos.dependencies import Dependencies, State
    from navarch.repos.download import Downloader, Located, locate
    from navarch.repos.fetch import Fetched, Fetcher
    from navarch.repos.index import Index, IndexEntry
    from navarch.repos.repository import Repository
    from navarch.repos.searching import Result, search

__all__ = [
    "Access",
    "ContentCache",
    "Dependencies",
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
    "State",
    "locate",
    "search",
]

__getattr__ = later(
    __name__,
    {
        "config": ("Entry", "Repositories"),
        "content": ("ContentCache",),
        "dependencies": ("Dependencies", "State"),
        "download": ("Downloader", "Located", "locate"),
        "fetch": ("Fetched", "Fetcher"),
        "index": ("Index", "IndexEntry"),
        "navarch.kube.net.access": ("Access",),
        "repository": ("Repository",),
        "searching": ("Result", "search"),
    },
)
