"""Addresses put together, as Go's net/url does; the pairs are those of its own tests and of RFC 3986."""

from __future__ import annotations

import pytest

from navarch.errors import DownloadError
from navarch.golang.url import parse_url
from navarch.repos.urls import equal, join, resolve, resolve_reference, with_base

RESOLVED = [
    ("http://foo.com?a=b", "https://bar.com/", "https://bar.com/"),
    ("http://foo.com/", "https://bar.com/?a=b", "https://bar.com/?a=b"),
    ("http://foo.com/", "https://bar.com/?", "https://bar.com/?"),
    ("http://foo.com/bar", "mailto:foo@example.com", "mailto:foo@example.com"),
    ("http://foo.com/bar", "/baz", "http://foo.com/baz"),
    ("http://foo.com/bar?a=b#f", "/baz", "http://foo.com/baz"),
    ("http://foo.com/bar?a=b", "/baz?c=d", "http://foo.com/baz?c=d"),
    ("http://foo.com/bar", "http://foo.com//baz", "http://foo.com//baz"),
    ("http://foo.com/bar", "http://foo.com///baz/quux", "http://foo.com///baz/quux"),
    ("https://h.com/x", "//foo/y", "https://foo/y"),
    ("http://foo.com", ".", "http://foo.com/"),
    ("http://foo.com/bar", "./baz", "http://foo.com/baz"),
    ("http://foo.com/bar/baz", "../quux", "http://foo.com/quux"),
    ("http://foo.com/bar/baz", "../../../../../quux", "http://foo.com/quux"),
    ("http://foo.com/bar", "..", "http://foo.com/"),
    ("http://foo.com/bar/baz", "./..", "http://foo.com/"),
    ("http://foo.com/dot/./dotdot/../foo/bar", "../baz", "http://foo.com/dot/baz"),
    ("http://foo.com/a/b", ".././d", "http://foo.com/d"),
    ("http://foo.com/a%2Fb/c", "d", "http://foo.com/a%2Fb/d"),
    ("http://foo.com/foo%2dbar/", "x%2Fy", "http://foo.com/foo%2dbar/x%2Fy"),
    ("http://a/b/c/d;p?q", "g;x=1/../y", "http://a/b/c/y"),
    ("http://a/b/c/d;p?q", "?y", "http://a/b/c/d;p?y"),
    ("http://a/b/c/d;p?q", "", "http://a/b/c/d;p?q"),
    ("http://a/b/c/d;p?q", "#s", "http://a/b/c/d;p?q#s"),
    ("http://a/b/c/d;p?q", "..g", "http://a/b/c/..g"),
    ("http://u:p@a/b", "c", "http://u:p@a/c"),
]


@pytest.mark.parametrize(("base", "reference", "found"), RESOLVED)
def test_resolve(base: str, reference: str, found: str) -> None:
    assert str(resolve(parse_url(base), parse_url(reference))) == found


# helm.sh/helm/v4/pkg/repo/v1: TestResolveReferenceURL
@pytest.mark.parametrize(
    ("base", "reference", "found"),
    [
        ("http://localhost:8123/charts/", "nginx-0.2.0.tgz", "http://localhost:8123/charts/nginx-0.2.0.tgz"),
        (
            "http://localhost:8123/charts-with-no-trailing-slash",
            "n-0.2.0.tgz",
            "http://localhost:8123/charts-with-no-trailing-slash/n-0.2.0.tgz",
        ),
        (
            "http://localhost:8123",
            "https://charts.helm.sh/stable/nginx-0.2.0.tgz",
            "https://charts.helm.sh/stable/nginx-0.2.0.tgz",
        ),
        (
            "http://localhost:8123/charts%2fwith%2fescaped%2fslash",
            "nginx-0.2.0.tgz",
            "http://localhost:8123/charts%2fwith%2fescaped%2fslash/nginx-0.2.0.tgz",
        ),
        (
            "http://localhost:8123/charts?with=queryparameter",
            "nginx-0.2.0.tgz",
            "http://localhost:8123/charts/nginx-0.2.0.tgz?with=queryparameter",
        ),
        ("http://localhost:8123/charts", "/other/x.tgz", "http://localhost:8123/other/x.tgz"),
    ],
)
def test_resolve_reference(base: str, reference: str, found: str) -> None:
    assert resolve_reference(base, reference) == found


def test_what_is_no_reference() -> None:
    with pytest.raises(DownloadError, match="failed to parse http://%zz as URL: parse"):
        resolve_reference("http://a", "http://%zz")


# helm.sh/helm/v4/internal/urlutil: TestURLJoin, TestEqual
def test_join() -> None:
    assert join("http://example.com/foo/", "bar") == "http://example.com/foo/bar"
    assert join("http://example.com/foo", "bar", "../x") == "http://example.com/foo/x"
    assert join("", "sub") == "sub"
    assert with_base("http://%zz", "a") == "http:/%zz/a"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://example.com", "http://example.com", True),
        ("http://example.com", "http://example.com/", True),
        ("http://example.com:443/", "http://example.com:443/bar", False),
        ("https://example.com/foo", "http://example.com/foo", False),
        ("http://example.com/a/../b", "http://example.com/b/", True),
        ("foo", "foo/", True),
        ("/foo", "/foo/bar/..", True),
        ("http://x?a", "http://x?b", False),
    ],
)
def test_equal(one: str, other: str, same: bool) -> None:
    assert equal(one, other) is same
