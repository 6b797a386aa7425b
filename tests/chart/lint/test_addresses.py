"""E-mail addresses and URLs, judged as govalidator does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.chart.lint.addresses import is_email, is_request_url, is_url


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("a@b.c", True),
        ("A+b@C.DE", True),
        ("ä@ö.de", True),
        ("a@c.de.", True),
        ('"a"@c.de', True),
        ("a@b", False),
        ("a..b@c.de", False),
        ("a@-b.de", False),
        ("a@c.d1", False),
        ("a b@c.de", False),
        ("@c.de", False),
    ],
)
def test_email(text, right):
    assert is_email(text) == right


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("https://a.b", True),
        ("a.b:80", True),
        ("http://1.2.3.4", True),
        ("http://foo_bar", True),
        ("ws://a", True),
        ("a", False),
        (".a.b", False),
        ("gopher://x.y", False),
        ("http://a b", False),
        ("/a.b", False),
        ("x" * 2100 + ".y", False),
    ],
)
def test_url(text, right):
    assert is_url(text) == right


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("https://a/b?c", True),
        ("mailto:x", True),
        ("data:image/png;base64,aaa", True),
        ("", False),
        ("/a", False),
        ("a.png", False),
        ("http://a b", False),
        ("http://a#b", False),
        ("http://x/%zz", False),
        ("http://[::1", False),
    ],
)
def test_request_url(text, right):
    assert is_request_url(text) == right


@given(st.text(max_size=40))
def test_any_text_is_judged(text):
    assert {is_email(text), is_url(text), is_request_url(text)} <= {True, False}
