"""Names of hosts: their ASCII form, and which of them a resolver is asked for. What is expected is what Go does."""

import pytest

from navarch.golang.hosts import is_domain_name, to_ascii
from navarch.golang.url import ascii_host, parse_url


@pytest.mark.parametrize(
    ("name", "ascii_name"),
    [
        ("web.example", "web.example"),
        ("b\u00fccher.invalid", "xn--bcher-kva.invalid"),
        ("B\u00dcCHER.invalid", "xn--bcher-kva.invalid"),
        ("fa\u00df.invalid", "xn--fa-hia.invalid"),
        ("\u1e9e.invalid", "ss.invalid"),
        ("\u2603.invalid", "xn--n3h.invalid"),
        ("a\u3002b.invalid", "a.b.invalid"),
        ("\uff41.invalid", "a.invalid"),
        ("\u00fc..invalid", "xn--tda..invalid"),
        ("\u00fc", "xn--tda"),
        ("-\u00fc.invalid", None),
        ("\u00fc_a.invalid", None),
        ("\ufdfa.invalid", None),
        ("xn--zz--\u00fc.invalid", None),
        ("\u0663.invalid", None),
        ("a\u200d\u00fc.invalid", None),
        ("\u05d0a.invalid", None),
    ],
)
def test_the_ascii_form(name, ascii_name):
    assert to_ascii(name) == (name if ascii_name is None else ascii_name)


def test_the_port_stays():
    assert ascii_host(parse_url("http://u:p@b\u00fccher.example:81/x")) == "xn--bcher-kva.example:81"


@pytest.mark.parametrize(
    "name", ["a", "web.example", "web.example.", "0x7f.1", "1.2.3.4a", "a_b", "xn--tda", "a-1", "."]
)
def test_names(name):
    assert is_domain_name(name)


@pytest.mark.parametrize(
    "name",
    ["", "127.1", "2130706433", "127.0.0.01", "b\u00fccher", "-a", "a-", "a..b", ".a", "a b", "a" * 64, "a." * 128],
)
def test_what_is_no_name(name):
    assert not is_domain_name(name)
