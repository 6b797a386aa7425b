"""Which form an Accept header gets, by the rules of apiserver's NegotiateMediaTypeOptions."""

from __future__ import annotations

import pytest

from navarch.cluster.forms import Form, encode, negotiate
from navarch.cluster.problems import Problem

JSON, YAML = "application/json", "application/yaml"
KUBECTL = f"{JSON};as=Table;v=v1;g=meta.k8s.io,{JSON};as=Table;v=v1beta1;g=meta.k8s.io,{JSON}"


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", Form(JSON)),
        (" ", Form(JSON)),
        ("*/*", Form(JSON)),
        ("application/*", Form(JSON)),
        (YAML, Form(YAML)),
        ("*/*, application/yaml", Form(YAML)),
        ("application/json;q=0.1, application/yaml", Form(YAML)),
        ("application/vnd.kubernetes.protobuf, application/json", Form(JSON)),
        (KUBECTL, Form(JSON, "Table", "v1")),
        (f"{JSON};as=Table;v=v2;g=meta.k8s.io,{JSON};as=Table;v=v1beta1;g=meta.k8s.io", Form(JSON, "Table", "v1beta1")),
        (f"{JSON};as=PartialObjectMetadataList;v=v1;g=other,{JSON}", Form(JSON)),
        (f"{JSON};as=PartialObjectMetadata;v=v1;g=meta.k8s.io", Form(JSON, "PartialObjectMetadata", "v1")),
    ],
)
def test_the_best_liked_form_that_can_be_made(accept: str, form: Form) -> None:
    assert negotiate(accept) == form


@pytest.mark.parametrize("accept", ["text/plain", "nonsense", f"{JSON};as=Table;v=v1;g=other"])
def test_other_forms_are_refused(accept: str) -> None:
    with pytest.raises(Problem) as caught:
        negotiate(accept)
    assert caught.value.code == 406


def test_shapes_are_compact_json() -> None:
    assert encode({"a": [1]}, Form(YAML, "Table"), pretty=True) == b'{"a":[1]}\n'
    assert encode({"a": [1]}, Form(YAML)) == b"a:\n- 1\n"
