"""Pull policies: those that Kubernetes' defaults gave pods with these images."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.cluster.defaults.images import pull_policy

ZEROS = "0" * 64


@pytest.mark.parametrize(
    "image",
    [
        "nginx",
        "nginx:latest",
        "a.b/c",
        "localhost/x",
        "library/x:latest",
        f"a/b:latest@sha256:{ZEROS}",
        "index.docker.io/x",
        "docker.io/x/y",
        "[::1]/x",
        "a__b",
        "a-b--c",
        "a.b/" + "y" * 251,
    ],
)
def test_the_latest_is_always_pulled(image: str) -> None:
    assert pull_policy(image) == "Always"


@pytest.mark.parametrize(
    "image",
    [
        "nginx:1",
        "a.b:5000/c:2",
        "[::1]:5000/x:1",
        f"a/b@sha256:{ZEROS}",
        f"a/b:1@sha256:{ZEROS}",
    ],
)
def test_others_are_pulled_if_they_are_not_there(image: str) -> None:
    assert pull_policy(image) == "IfNotPresent"


@pytest.mark.parametrize(
    "image",
    [
        "",
        "UPPER",
        "x/UPPER",
        "a@sha256:00",
        "a@md5:" + "0" * 32,
        "a@sha256:" + "A" * 64,
        ZEROS,
        "a:",
        "a:b:c",
        "a..b",
        "a___b",
        "a_.b",
        "-a",
        "a/",
        "/a",
        "a b",
        "\u00e4",
        "x" * 300,
        "a:.x",
    ],
)
def test_what_is_no_image_name_is_no_latest(image: str) -> None:
    assert pull_policy(image) == "IfNotPresent"


@given(st.text(st.sampled_from("aZ0.:/@-_[] ")))
def test_no_name_is_too_strange(image: str) -> None:
    assert pull_policy(image) in ("Always", "IfNotPresent")
