"""URLs; the expected values are those of Go's net/url."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import FunctionError
from navarch.golang.url import URL, parse_url

PARSED = [
    ("", "||||||||"),
    ("*", "||||*||||"),
    ("http://example.com", "http||example.com|example.com|||||"),
    (
        "https://user:pa%20ss@example.com:8080/a%2Fb/c%20d?q=1&r=%20#frag%20x",
        "https|user:pa%20ss|example.com:8080|example.com|/a/b/c d|q=1&r=%20||frag x|",
    ),
    ("HTTP://EXAMPLE.com/", "http||EXAMPLE.com|EXAMPLE.com|/||||"),
    ("//host/path", "||host|host|/path||||"),
    ("///path", "||||///path||||"),
    ("/a/b", "||||/a/b||||"),
    ("a/b", "||||a/b||||"),
    ("mailto:x@y.z", "mailto||||||x@y.z||"),
    ("file:///etc/passwd", "file||||/etc/passwd||||"),
    ("http://[::1]:80/", "http||[::1]:80|::1|/||||"),
    ("http://[fe80::1%25eth0]/", "http||[fe80::1%eth0]|fe80::1%eth0|/||||"),
    ("http://a:b:c/", 'error: unable to parse url: parse "http://a:b:c/": invalid port ":b:c" after host'),
    ("ftp://a:b:1/", "ftp||a:b:1|a:b|/||||"),
    ("http://host:port/", 'error: unable to parse url: parse "http://host:port/": invalid port ":port" after host'),
    ("http://host:/", "http||host:|host|/||||"),
    ("http://[::1", "error: unable to parse url: parse \"http://[::1\": missing ']' in host"),
    ("http://a[b]/", 'error: unable to parse url: parse "http://a[b]/": invalid IP-literal'),
    ("http://[1.2.3.4]/", 'error: unable to parse url: parse "http://[1.2.3.4]/": invalid IP-literal'),
    (
        "http://[x]/",
        'error: unable to parse url: parse "http://[x]/": invalid host: ParseAddr("x"): unable to parse IP',
    ),
    ("http://ho st/", 'error: unable to parse url: parse "http://ho st/": invalid character " " in host name'),
    ("http://h%20st/", 'error: unable to parse url: parse "http://h%20st/": invalid URL escape "%20"'),
    ("http://h%41st/", 'error: unable to parse url: parse "http://h%41st/": invalid URL escape "%41"'),
    ("http://u:p@q@h/", "http|u:p%40q|h|h|/||||"),
    ("http://u^@h/", 'error: unable to parse url: parse "http://u^@h/": net/url: invalid userinfo'),
    ("http://%zz@h/", 'error: unable to parse url: parse "http://%zz@h/": invalid URL escape "%zz"'),
    ("http://h/%zz", 'error: unable to parse url: parse "http://h/%zz": invalid URL escape "%zz"'),
    ("http://h/%4", 'error: unable to parse url: parse "http://h/%4": invalid URL escape "%4"'),
    (":", 'error: unable to parse url: parse ":": missing protocol scheme'),
    ("1x:y", 'error: unable to parse url: parse "1x:y": first path segment in URL cannot contain colon'),
    ("a:b/c", "a||||||b/c||"),
    ("./a:b", "||||./a:b||||"),
    ("a/b:c", "||||a/b:c||||"),
    ("http:", "http||||||||"),
    ("http:?", "http||||||||"),
    ("?q", "|||||q|||"),
    ("?", "||||||||"),
    ("#f", "|||||||f|"),
    ("http://h?q?r", "http||h|h||q?r|||"),
    ("http://h/a#%zz", 'error: unable to parse url: parse "http://h/a#%zz": invalid URL escape "%zz"'),
    ("http://h/\x7f", 'error: unable to parse url: parse "http://h/\\x7f": net/url: invalid control character in URL'),
    ("é://x", 'error: unable to parse url: parse "é://x": first path segment in URL cannot contain colon'),
    ("http://é/ü", "http||é|é|/ü||||"),
    ("http://h/a b", "http||h|h|/a b||||"),
    ("x-1.+:y", "x-1.+||||||y||"),
    ("http://u:@h", "http|u:|h|h|||||"),
    ("http://@h", "http||h|h|||||"),
    ("http:/a", "http||||/a||||"),
    ("http:a", "http||||||a||"),
]

WRITTEN = [
    ({}, ""),
    ({"path": "a:b"}, "./a:b"),
    ({"path": "a b/ü"}, "a%20b/%C3%BC"),
    ({"scheme": "http", "host": "h", "path": "a"}, "http://h/a"),
    ({"scheme": "http", "path": "a"}, "http://a"),
    ({"scheme": "mailto", "opaque": "x@y"}, "mailto:x@y"),
    ({"host": "h", "user": ("a:b", "p@q")}, "//a%3Ab:p%40q@h"),
    ({"host": "h", "user": ("a", "")}, "//a:@h"),
    ({"host": "ho st"}, "//ho%20st"),
    ({"path": "*"}, "*"),
    ({"query": "a b", "fragment": "x y"}, "?a b#x%20y"),
]


@pytest.mark.parametrize(("text", "parts"), PARSED)
def test_a_url_is_taken_apart(text, parts):
    try:
        u = parse_url(text)
        shown = [u.scheme, u.userinfo(), u.host, u.hostname(), u.path, u.query, u.opaque, u.fragment]
        found = "".join(part + "|" for part in shown)
    except FunctionError as error:
        found = f"error: unable to parse url: {error}"
    assert found == parts


@pytest.mark.parametrize(("parts", "text"), WRITTEN)
def test_a_url_is_put_together(parts, text):
    assert str(URL(**parts)) == text


@pytest.mark.parametrize(
    "text",
    ["http://h/a%2Fb?x#y%20z", "http://h/?", "file:///a", "http:/a", "//h/a", "http://u:p@h:80/%C3%A9", "/a(b)"],
)
def test_what_was_parsed_is_written_as_it_was(text):
    assert str(parse_url(text)) == text


def test_what_must_be_escaped_is_written_so():
    assert str(parse_url("http://h/é ?x y#ü")) == "http://h/%C3%A9%20?x y#%C3%BC"


@given(st.text(alphabet="ab:/?#[]@%20é&=.", max_size=20))
def test_a_url_that_is_read_reads_back_as_the_same(text):
    with suppress(FunctionError):
        written = str(parse_url(text))
        assert str(parse_url(written)) == written
