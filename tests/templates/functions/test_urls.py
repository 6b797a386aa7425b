"""URLs in templates; the expected values are Helm's, in Go syntax."""

from __future__ import annotations

import pytest

from navarch.golang.types import Int
from navarch.templates.functions.urls import FUNCTIONS

CASES = [
    (
        "urlParse",
        ("http://u:p@h:80/a?b#c",),
        (
            'map[string]interface {}{"fragment":"c", "host":"h:80", "hostname":"h", '
            '"opaque":"", "path":"/a", "query":"b", "scheme":"http", "userinfo":"u:p"}'
        ),
    ),
    (
        "urlParse",
        ("a b",),
        (
            'map[string]interface {}{"fragment":"", "host":"", "hostname":"", "opaque":"", '
            '"path":"a b", "query":"", "scheme":"", "userinfo":""}'
        ),
    ),
    (
        "urlParse",
        ("mailto:x",),
        (
            'map[string]interface {}{"fragment":"", "host":"", "hostname":"", "opaque":"x", '
            '"path":"", "query":"", "scheme":"mailto", "userinfo":""}'
        ),
    ),
    ("urlParse", ("http://h/%zz",), 'error: unable to parse url: parse "http://h/%zz": invalid URL escape "%zz"'),
    (
        "urlParse",
        ("",),
        (
            'map[string]interface {}{"fragment":"", "host":"", "hostname":"", "opaque":"", '
            '"path":"", "query":"", "scheme":"", "userinfo":""}'
        ),
    ),
    ("urlJoin", ({},), '""'),
    (
        "urlJoin",
        ({"scheme": "http", "host": "h", "path": "/a b", "query": "q=1", "fragment": "f", "userinfo": "u:p"},),
        '"http://u:p@h/a%20b?q=1#f"',
    ),
    ("urlJoin", ({"opaque": "x", "scheme": "mailto"},), '"mailto:x"'),
    ("urlJoin", ({"host": Int(1)},), "error: unable to parse host key, must be of type string, but int found"),
    ("urlJoin", ({"host": None},), "error: runtime error: invalid memory address or nil pointer dereference"),
    (
        "urlJoin",
        ({"userinfo": "a^b"},),
        'error: unable to parse userinfo in dict: parse "proto://a^b@host": net/url: invalid userinfo',
    ),
    ("urlJoin", ({"path": "x", "hostname": Int(1)},), '"x"'),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_functions(call, name, arguments, expected):
    assert call(name, *arguments) == expected


def test_nothing_joined_is_nothing():
    assert FUNCTIONS["urlJoin"](None) == ""
