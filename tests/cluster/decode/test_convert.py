"""Typed reading: what can't be seen in stories, and that nothing sent makes it stumble."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.cluster.decode import convert, read
from navarch.cluster.defaults import fill
from navarch.cluster.problems import Problem
from navarch.cluster.types.builtin import builtin

_RESOURCES = {(one.api_version, one.kind): one for one in builtin()}
_DEPLOYMENT = _RESOURCES["apps/v1", "Deployment"]
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_OBJECT: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "a", "labels": {"b": "c"}},
    "spec": {
        "replicas": 2,
        "template": {
            "metadata": {"creationTimestamp": None},
            "spec": {
                "containers": [
                    {"name": "c", "image": "i", "resources": {"limits": {"cpu": 0.5}}, "ports": [{"containerPort": 80}]}
                ],
                "volumes": [{"name": "v", "configMap": {"name": "x", "defaultMode": 0}}],
            },
        },
    },
}


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every container of a JSON value with every key in it."""
    items = list(value.items() if type(value) is dict else enumerate(value) if type(value) is list else ())
    return [(value, key) for key, _ in items] + [place for _, inner in items for place in _places(inner)]


@given(st.data(), _JSON)
def test_whatever_stands_in_a_field_is_read_or_refused(data: st.DataObject, value: Any) -> None:
    obj = copy.deepcopy(_OBJECT)
    owner, key = data.draw(st.sampled_from(_places(obj)))
    owner[key] = value
    before = copy.deepcopy(obj)
    source = data.draw(st.sampled_from(["body", "json", "patch"]))
    code = 200
    try:
        made, _ = convert(obj, _DEPLOYMENT, validation="Warn", source=source)
        fill(_DEPLOYMENT, made)
        assert json.loads(json.dumps(made)) == made
    except Problem as problem:
        code = problem.code
    assert code in (200, 400)
    assert obj == before


@given(st.binary(max_size=40) | _JSON.map(lambda value: json.dumps(value).encode()))
def test_whatever_a_body_holds_is_read_or_refused(body: bytes) -> None:
    for media in ("application/json", "application/yaml"):
        code = 200
        try:
            assert isinstance(read(body, media, "ConfigMap").object, dict)
        except Problem as problem:
            code = problem.code
        assert code in (200, 400)


@pytest.mark.parametrize("resource", _RESOURCES.values(), ids=lambda one: f"{one.group}/{one.version}/{one.kind}")
def test_every_kind_reads_what_it_writes(resource: Any) -> None:
    made, warnings = convert({"metadata": {"name": "a"}}, resource, validation="Warn")
    fill(resource, made)
    again, _ = convert(json.loads(json.dumps(made)), resource, validation="Strict")
    fill(resource, again)
    assert again == made
    assert not warnings


def test_deep_nesting_is_refused() -> None:
    crd = _RESOURCES["apiextensions.k8s.io/v1", "CustomResourceDefinition"]
    schema: dict[str, Any] = {}
    for _ in range(20_000):
        schema = {"not": schema}
    with pytest.raises(Problem) as caught:
        convert({"spec": {"versions": [{"name": "v1", "schema": {"openAPIV3Schema": schema}}]}}, crd)
    assert caught.value.code == 400


def test_repeated_fields_merge_as_go_merges_them() -> None:
    """Structs and maps are read into what is there, pointers to null end up unset, lists begin anew."""
    body = (
        b'{"metadata":{"name":"a","labels":{"a":"1"},"labels":{"b":"2"},"finalizers":["x"],"finalizers":["y"]},'
        b'"spec":{"replicas":3,"replicas":null,"template":{"spec":{"nodeName":"n"}},"template":{"spec":{"dnsPolicy":"d"}}}}'
    )
    made, told = convert(read(body).object, _DEPLOYMENT, validation="Warn")
    assert made["metadata"] == {"name": "a", "labels": {"a": "1", "b": "2"}, "finalizers": ["y"]}
    assert "replicas" not in made["spec"]
    assert made["spec"]["template"]["spec"] == {"nodeName": "n", "dnsPolicy": "d", "containers": None}
    assert told == [
        f'duplicate field "{path}"'
        for path in ("metadata.labels", "metadata.finalizers", "spec.replicas", "spec.template")
    ]


def test_no_more_than_a_hundred_unknown_fields_are_told() -> None:
    made, told = convert({"metadata": {}, **{f"x{number}": 1 for number in range(200)}}, _DEPLOYMENT, validation="Warn")
    assert len(told) == 100
    assert "x1" not in made
