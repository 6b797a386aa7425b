"""References: what is one, and what it names. Expected words are oras-go's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import RegistryError
from navarch.oci.reference import Reference, check_digest, parse_chart_reference, parse_reference, parse_registry

DIGEST = "sha256:" + "0a" * 32


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("r.example/web", Reference("r.example", "web")),
        ("localhost:5000/a/b-c/d__e/f.g", Reference("localhost:5000", "a/b-c/d__e/f.g")),
        ("r/web:1.0.0", Reference("r", "web", "1.0.0")),
        (f"r/web@{DIGEST}", Reference("r", "web", "", DIGEST)),
        (f"r/web:1.0.0@{DIGEST}", Reference("r", "web", "", DIGEST)),
        ("r/web:", Reference("r", "web")),
        ("r/web@", Reference("r", "web")),
        ("[::1]:5000/web", Reference("[::1]:5000", "web")),
        ("r/a---b", Reference("r", "a---b")),
    ],
)
def test_references(text, found):
    assert parse_reference(text) == found


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("web", "missing registry or repository"),
        ("", "missing registry or repository"),
        ("/web", 'invalid registry ""'),
        ("user@r/web", 'invalid registry "user@r"'),
        ("r:x/web", 'invalid registry "r:x"'),
        ("r/", 'invalid repository ""'),
        ("r/Web", 'invalid repository "Web"'),
        ("r/a//b", 'invalid repository "a//b"'),
        ("r/-a", 'invalid repository "-a"'),
        ("r/a_-b", 'invalid repository "a_-b"'),
        ("r/a___b", 'invalid repository "a___b"'),
        ("r/a..b", 'invalid repository "a..b"'),
        ("r/a/../b", 'invalid repository "a/../b"'),
        ("r/web:1+2", 'invalid tag "1+2"'),
        ("r/web:" + "a" * 129, f'invalid tag "{"a" * 129}"'),
        ("r/web:.a", 'invalid tag ".a"'),
        ("r/web@sha256:abc", 'invalid digest "sha256:abc": invalid checksum digest length'),
        ("r/web@x", 'invalid digest "x": invalid checksum digest format'),
        ("r/web@md5:abc", 'invalid digest "md5:abc": unsupported digest algorithm'),
        ("r/web@md5:a b", 'invalid digest "md5:a b": invalid checksum digest format'),
        (f"r/web@{DIGEST.upper()}", f'invalid digest "{DIGEST.upper()}": invalid checksum digest format'),
    ],
)
def test_what_is_no_reference(text, problem):
    with pytest.raises(RegistryError) as caught:
        parse_reference(text)
    assert str(caught.value) == f"invalid reference: {problem}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("oci://r/web:1.0.0+b.1", Reference("r", "web", "1.0.0_b.1")),
        ("r:5000/web", Reference("r:5000", "web")),
        (f"oci://r/web:1.0.0@{DIGEST}", Reference("r", "web", "1.0.0", DIGEST)),
        ("oci://r/web@sha256:not-yet-looked-at", Reference("r", "web", "", "sha256:not-yet-looked-at")),
    ],
)
def test_references_of_charts(text, found):
    assert parse_chart_reference(text) == found


def test_docker_hub_lives_elsewhere():
    assert parse_reference("docker.io/library/web").host == "registry-1.docker.io"


def test_as_text():
    assert str(Reference("r", "web", "1", "")) == "r/web:1"
    assert str(Reference("r", "web", "", DIGEST)) == f"r/web@{DIGEST}"
    assert str(Reference("r", "web")) == "r/web"


@given(st.text(alphabet="ab.-_/:@+A0 ", max_size=12))
def test_whatever_comes_is_a_reference_or_refused(text):
    for parse in (parse_reference, parse_chart_reference, parse_registry, check_digest):
        try:
            found = parse(text)
        except RegistryError:
            continue
        if isinstance(found, Reference) and parse is parse_reference:
            assert parse_reference(str(found)) == found
