"""Cutting rendered text into documents, held against Helm's rule: split at `(?m)^---[ \\t]*`, drop blank pieces."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from navarch.manifests.documents import SPACE, split_documents


def by_helm_s_rule(text):
    pieces = re.split(r"(?m)^---[ \t]*", text.lstrip(SPACE))
    return [piece.lstrip(SPACE) for piece in pieces if piece.strip(SPACE)]


@pytest.mark.parametrize(
    ("text", "documents"),
    [
        ("", []),
        (" \n\n", []),
        ("a: 1", ["a: 1"]),
        ("a: 1\n", ["a: 1\n"]),
        ("---\na: 1\n", ["a: 1\n"]),
        ("---\n---\na: 1\n---\n", ["a: 1\n"]),
        ("a: 1\n---\nb: 2\n", ["a: 1\n", "b: 2\n"]),
        ("a: 1\n--- # note\nb: 2", ["a: 1\n", "# note\nb: 2"]),
        ("a: 1\n---b: 2", ["a: 1\n", "b: 2"]),
        ("a: 1\n--- \t b: 2", ["a: 1\n", "b: 2"]),
        ("a: 1\n ---\nb: 2", ["a: 1\n ---\nb: 2"]),
        ("a: |\n  x\n----\nb", ["a: |\n  x\n", "-\nb"]),
        ("a: 1\r\n---\r\nb: 2", ["a: 1\r\n", "b: 2"]),
        ("\ufeff---\na: 1", ["\ufeff---\na: 1"]),
        ("\u00a0\u2003a: 1", ["a: 1"]),
        ("# only a note\n", ["# only a note\n"]),
        ("  a: 1\n  b: 2", ["a: 1\n  b: 2"]),
    ],
)
def test_split(text, documents):
    assert split_documents(text) == documents
    assert by_helm_s_rule(text) == documents


@given(st.text(alphabet="-a: \n\t\r\x0b\x1c\x85\u00a0#", max_size=40))
@example("a\n---")
@example("---a\n---\n\n---")
def test_split_is_helm_s(text):
    assert split_documents(text) == by_helm_s_rule(text)
