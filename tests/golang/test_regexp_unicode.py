"""Names of Unicode classes."""

from __future__ import annotations

import pytest

from navarch.golang.regexp_unicode import in_re2


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("L", r"\p{L}"),
        ("l", r"\p{L}"),
        ("L_u", r"\p{Lu}"),
        ("Letter", r"\p{L}"),
        ("uppercase-letter", r"\p{Lu}"),
        ("Greek", r"\p{Greek}"),
        ("GREEK", r"\p{Greek}"),
        ("Any", r"[\x{0}-\x{10FFFF}]"),
        ("ascii", r"[\x00-\x7f]"),
        ("LC", r"[\p{Lu}\p{Ll}\p{Lt}]"),
        ("Old_Italic", None),
        ("Nope", None),
        ("", None),
        ("Lx", None),
    ],
)
def test_a_name_in_go_s_manner_has_a_form_for_re2(name, form):
    assert in_re2(name, negated=False, inside=False) == form


def test_negated_classes():
    assert in_re2("Lu", negated=True, inside=True) == r"\P{Lu}"
    assert in_re2("ascii", negated=True, inside=False) == r"[^\x00-\x7f]"
    assert in_re2("ascii", negated=True, inside=True) is None
    assert in_re2("Cn", negated=True, inside=True) == in_re2("Assigned", negated=False, inside=True)
