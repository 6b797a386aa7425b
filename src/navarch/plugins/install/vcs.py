"""Which version control system keeps the source code at an address, as Masterminds/vcs finds out.

By the scheme, by hosts that are known, by the address's ending; or a web page says it, in the tag that Go's tools read.
"""

from __future__ import annotations

import os
import re

from navarch.errors import DownloadError, NavarchError, PluginError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.golang.url import URL
    from navarch.repos.fetch import Fetcher

__all__ = ["UnknownError", "detect", "detect_folder", "may_lead", "refuse_others", "scp_parts"]

_SCP = re.compile(r"([a-zA-Z0-9_]+)@([a-zA-Z0-9._-]+):(.*)")
_WORD = r"[A-Za-z0-9_.\-]+"
_SCHEMES = {"git+ssh": "git", "git": "git", "bzr+ssh": "bzr", "svn+ssh": "svn"}
_HOSTS = {
    "github.com": ("git", rf"(github\.com[/|:]{_WORD}/{_WORD})(/{_WORD})*"),
    "bitbucket.org": ("git", rf"bitbucket\.org/{_WORD}/{_WORD}(/{_WORD})*"),
    "launchpad.net": ("bzr", rf"launchpad\.net/({_WORD}(/{_WORD})?|~{_WORD}/(\+junk|{_WORD})/{_WORD})(/{_WORD})*"),
    "git.launchpad.net": ("git", rf"git\.launchpad\.net/({_WORD}|~{_WORD}/(\+git|{_WORD})/{_WORD})"),
    "hub.jazz.net": ("git", rf"hub\.jazz\.net/git/[a-z0-9]+/{_WORD}"),
    "go.googlesource.com": ("git", rf"go\.googlesource\.com/{_WORD}/?"),
    "git.openstack.org": ("git", rf"git\.openstack\.org/{_WORD}/{_WORD}"),
    "hg.code.sf.net": ("hg", rf"(hg.code.sf.net/p/{_WORD}/{_WORD})*"),
    "git.code.sf.net": ("git", rf"(git.code.sf.net/p/{_WORD}/{_WORD})*"),
    "svn.code.sf.net": ("svn", rf"(svn.code.sf.net/p/{_WORD}/{_WORD})*"),
}
_ENDING = re.compile(r"\.(git|hg|svn|bzr)\Z")
_KINDS = ("git", "svn", "hg", "bzr")
_SAFE = ("https://", "ssh://", "git+ssh://")
_UNSAFE = ("http://", "git://")
"""Where a page may lead: there, and if nothing guards the page itself, here, too."""

_PAGE_LIMIT = 1 << 20


class UnknownError(PluginError):
    """Nothing tells which system it is."""

    def __init__(self) -> None:
        super().__init__("Cannot detect VCS")


def detect(source: str, fetcher: Fetcher) -> tuple[str, str]:
    """The system at an address, and where it really is, which a web page may tell.

    Raises UnknownError; NavarchError for what is no address.
    """
    try:
        return _by_address(source), source
    except UnknownError:
        return _by_page(source, fetcher)


def _by_address(source: str) -> str:
    url = _parsed(source)
    if url.scheme == "file":
        return detect_folder(url.path)
    if not url.host:
        raise UnknownError
    if url.scheme in _SCHEMES:
        return _SCHEMES[url.scheme]
    if url.host in _HOSTS:
        kind, pattern = _HOSTS[url.host]
        if not re.fullmatch(pattern, url.host + url.path):
            raise UnknownError
        return kind
    if ending := _ENDING.search(url.host + url.path):
        return ending[1]
    user = url.user[0] if url.user else ""
    if user in ("git", "hg"):
        return user
    raise UnknownError


def scp_parts(source: str) -> tuple[str, str, str] | None:
    """(user, host, path) of an address in the form of scp, USER@HOST:PATH, which git takes for one of ssh."""
    match = _SCP.fullmatch(source)
    return (match[1], match[2], match[3]) if match else None


def _parsed(source: str) -> URL:
    from navarch.golang.url import URL, parse_url

    if parts := scp_parts(source):
        return URL(scheme="ssh", user=(parts[0], None), host=parts[1], path=f"/{parts[2]}")
    return parse_url(source)


def detect_folder(folder: str) -> str:
    """The system that a folder is a working copy of. Raises UnknownError."""
    for kind in _KINDS:
        if os.path.exists(os.path.join(folder, f".{kind}")):
            return kind
    raise UnknownError


def _by_page(source: str, fetcher: Fetcher) -> tuple[str, str]:
    """What the page at an address says of its repository. Raises UnknownError where it doesn't."""
    url = _parsed(source)
    if url.scheme not in ("http", "https"):
        raise UnknownError
    url.query = f"{url.query}+go-get=1" if url.query else "go-get=1"
    try:
        page = fetcher.get(str(url), limit=_PAGE_LIMIT).data
    except (DownloadError, NavarchError) as error:
        raise UnknownError from error
    for prefix, kind, place in _imports(page.decode("utf-8", "replace")):
        if not f"{url.host}{url.path}".startswith(prefix):
            continue
        if kind not in _KINDS:
            raise UnknownError
        if not may_lead(url.scheme, place):
            raise PluginError(f"{source} leads to {place}, and no web page may lead there")
        return kind, place
    raise UnknownError


def may_lead(scheme: str, place: str) -> bool:
    """Whether a page that came by a scheme may lead to an address: not to this machine, nor out of TLS."""
    return place.startswith(_SAFE if scheme == "https" else (*_SAFE, *_UNSAFE))


def _imports(page: str) -> list[list[str]]:
    """The words of the tags <meta name="go-import" content="PREFIX KIND ADDRESS"> in a page's head."""
    from html.parser import HTMLParser

    found: list[list[str]] = []

    class Reader(HTMLParser):
        over = False

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            fields: dict[str, Any] = dict(attrs)
            self.over = self.over or tag == "body"
            if not self.over and tag == "meta" and fields.get("name") == "go-import":
                found.append((fields.get("content") or "").split())

        def handle_endtag(self, tag: str) -> None:
            self.over = self.over or tag == "head"

    Reader().feed(page)
    return [words for words in found if len(words) == 3]


def refuse_others(kind: str) -> None:
    """Raise PluginError for a system other than git, or where git isn't installed."""
    from shutil import which

    if not which(kind):
        raise PluginError(f"{kind} is not installed")
    if kind != "git":
        raise PluginError(f"plugins in repositories of {kind} are not supported, only those of git")
