"""Which system keeps the source code at an address: Masterminds/vcs's rules."""

import pytest

from navarch.errors import NavarchError, PluginError
from navarch.plugins.install.vcs import UnknownError, detect, may_lead
from navarch.repos.fetch import Fetcher
from support.httpd import Httpd, answer


@pytest.fixture
def fetcher():
    with Fetcher(timeout=120) as one:
        yield one


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("https://github.com/databus23/helm-diff", "git"),
        ("https://github.com/databus23/helm-diff/tree", "git"),
        ("git@github.com:databus23/helm-diff", "git"),
        ("https://bitbucket.org/a/b", "git"),
        ("https://launchpad.net/a", "bzr"),
        ("https://git.launchpad.net/a", "git"),
        ("https://go.googlesource.com/net", "git"),
        ("https://hg.code.sf.net/p/a/b", "hg"),
        ("https://svn.code.sf.net/p/a/b", "svn"),
        ("https://example.com/a.git", "git"),
        ("https://example.com/a.hg", "hg"),
        ("https://example.com/a.svn", "svn"),
        ("ssh://git@example.com/a", "git"),
        ("hg@example.com:a", "hg"),
        ("git+ssh://example.com/a", "git"),
        ("git://example.com/a", "git"),
        ("svn+ssh://example.com/a", "svn"),
        ("bzr+ssh://example.com/a", "bzr"),
    ],
)
def test_by_address(fetcher, source, kind):
    assert detect(source, fetcher) == (kind, source)


@pytest.mark.parametrize(
    "source", ["https://github.com/databus23", "nothing", "ftp://example.com/a", "", "ext::sh -c x"]
)
def test_unknown(fetcher, source):
    with pytest.raises(NavarchError):
        detect(source, fetcher)


def test_by_folder(fetcher, tmp_path):
    (tmp_path / "a" / ".hg").mkdir(parents=True)
    assert detect(f"file://{tmp_path}/a", fetcher)[0] == "hg"
    with pytest.raises(UnknownError, match=r"^Cannot detect VCS$"):
        detect(f"file://{tmp_path}", fetcher)


PAGE = '<html><head><meta name="go-import" content="{}"></head><body></body></html>'


def served(content, target="/a"):
    """What `detect` makes of a page, whose tag has this content; HERE stands for the page's host."""
    with (
        Httpd(
            lambda request: answer(body=PAGE.format(content.replace("HERE", request.headers["host"])).encode())
        ) as web,
        Fetcher(timeout=120) as fetcher,
    ):
        return detect(f"{web.url}{target}", fetcher), web.requests[-1].target


def test_by_page():
    (kind, place), asked = served("HERE/a git https://example.com/repo")
    assert (kind, place, asked) == ("git", "https://example.com/repo", "/a?go-get=1")


@pytest.mark.parametrize(
    "content", ["other.example/a git https://x", "HERE/a cvs https://x", "HERE/a git", "HERE/b git https://x"]
)
def test_pages_that_say_nothing(content):
    with pytest.raises(UnknownError):
        served(content)


@pytest.mark.parametrize("place", ["file:///etc", "ext::sh", "/etc", "-o"])
def test_pages_may_not_lead_here(place):
    with pytest.raises(PluginError, match="no web page may lead there"):
        served(f"HERE/a git {place}")


@pytest.mark.parametrize(
    ("page", "place", "may"),
    [
        ("https", "https://x", True),
        ("https", "ssh://git@x/y", True),
        ("https", "http://x", False),
        ("https", "git://x", False),
        ("http", "http://x", True),
        ("http", "https://x", True),
        ("http", "file:///x", False),
        ("https", "ext::sh -c x", False),
    ],
)
def test_no_page_leads_out_of_tls(page, place, may):
    assert may_lead(page, place) == may


def test_only_the_head_counts():
    page = b'<head></head><meta name="go-import" content="127.0.0.1 git https://x">'
    with Httpd(lambda _: answer(body=page)) as web, Fetcher(timeout=120) as fetcher, pytest.raises(UnknownError):
        detect(f"{web.url}/a", fetcher)
