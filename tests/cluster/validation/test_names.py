"""Rules of names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.cluster.validation import names

LABEL = "abcdefghijklmnopqrstuvwxyz0123456789-"
RULES = [
    names.dns_label,
    names.dns_label_1035,
    names.dns_subdomain,
    names.long_name,
    names.dns_subdomain_underscore,
    names.wildcard_subdomain,
    names.label_key,
    names.label_value,
    names.path_segment,
    names.config_key,
    names.relaxed_variable,
    names.port_name,
    names.percent,
    names.header_name,
    names.c_identifier,
    names.decimal_integer,
]
FINE = [
    (names.dns_label, ["a", "a-b", "0", "a" * 63]),
    (names.dns_label_1035, ["a", "a-0"]),
    (names.dns_subdomain, ["a", "a.b", "0.a-b", ".".join(["a" * 63] * 3)]),
    (names.dns_subdomain_underscore, ["_a.b_c", "a"]),
    (names.wildcard_subdomain, ["*.a", "*.a.b"]),
    (names.label_key, ["a", "a.b/c", "A_b.c", "a/B"]),
    (names.label_value, ["", "a", "A_b.c", "a" * 63]),
    (names.path_segment, ["a", "...", "a b"]),
    (names.config_key, ["a", ".a", "A_b-c.d", "a..b"]),
    (names.relaxed_variable, ["a", "a b", "1-"]),
    (names.port_name, ["a", "a-0", "0a"]),
    (names.percent, ["0%", "100%", "101%"]),
    (names.header_name, ["a", "X-Y"]),
    (names.c_identifier, ["a", "_A0"]),
    (names.decimal_integer, ["0", "-1", "10"]),
]
BROKEN = [
    (names.dns_label, ["", "A", "-a", "a-", "a.b", "a\n", "é", "a" * 64]),
    (names.dns_label_1035, ["", "0a", "a.b"]),
    (names.dns_subdomain, ["", ".", "a..b", "A", "a_b", "a\n", "a" * 254]),
    (names.wildcard_subdomain, ["a", "*", "*.", "*.*.a"]),
    (names.label_key, ["", "/", "a/", "/a", "a/b/c", "A/b", "a" * 64, "a\n"]),
    (names.label_value, ["-", "a b", "a" * 64, "a\n"]),
    (names.path_segment, [".", "..", "a/b", "a%"]),
    (names.config_key, ["", ".", "..", "..a", "a/b", "a" * 254]),
    (names.relaxed_variable, ["", "a=b", "é", "a\n"]),
    (names.port_name, ["", "0", "a--b", "-a", "A", "a" * 16]),
    (names.percent, ["", "%", "-1%", "1", "1%\n"]),
    (names.c_identifier, ["", "0a", "a-b"]),
    (names.decimal_integer, ["", "-", "01", "+1", "-0", "٣"]),
]


@pytest.mark.parametrize(("rule", "text"), [(rule, text) for rule, texts in FINE for text in texts])
def test_fine(rule, text):
    assert not rule(text)


@pytest.mark.parametrize(("rule", "text"), [(rule, text) for rule, texts in BROKEN for text in texts])
def test_broken(rule, text):
    assert rule(text)


def test_words():
    assert names.dns_label("a.b") == ["must not contain dots"]
    assert names.dns_label("A" * 64)[0] == "must be no more than 63 characters"
    assert names.path_segment("..") == ["may not be '..'"]
    assert names.label_key("/")[0] == "prefix part must be non-empty"


@pytest.mark.parametrize("rule", RULES)
@given(text=st.text(max_size=300))
def test_any_text_can_be_judged(rule, text):
    assert all(type(one) is str and one for one in rule(text))


@given(st.text(LABEL, max_size=70))
def test_what_is_a_label_is_a_subdomain_and_the_name_of_a_label(text):
    if not names.dns_label(text):
        assert not names.dns_subdomain(text)
        assert not names.label_key(text)
        assert not names.label_value(text)
        assert not names.config_key(text)
    if not names.dns_label_1035(text):
        assert not names.dns_label(text)


@given(st.text(LABEL, min_size=1, max_size=50), st.text(LABEL, max_size=5).map(lambda text: text + "x"))
def test_what_names_may_begin_with_makes_names(prefix, suffix):
    if not names.dns_label(names.masked(prefix)) and prefix[-2:] != "--":
        assert not names.dns_label(prefix + suffix.lstrip("-"))
