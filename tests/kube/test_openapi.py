"""Validation before anything is sent: which kinds need it, what is asked for it, and kubectl's messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import KubernetesError
from navarch.kube.documents import Document, read_documents
from navarch.kube.openapi import Validation, model_errors
from support.api import FakeApi, kubernetes, status

if TYPE_CHECKING:
    from collections.abc import Iterator

CRD = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
GVK = "x-kubernetes-group-version-kind"
WIDGET = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: a}\nspec: {size: big}\n"


def definitions() -> dict[str, Any]:
    return {
        "Thing": {
            "type": "object",
            "required": ["spec", "name"],
            "properties": {
                "spec": {"$ref": "#/definitions/ThingSpec"},
                "name": {"type": "string"},
                "size": {"type": "integer"},
                "share": {"type": "number"},
                "on": {"type": "boolean"},
                "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                "any": {},
                "open": {"type": "object"},
                "alias": {"$ref": "#/definitions/Alias"},
            },
        },
        "ThingSpec": {
            "type": "object",
            "properties": {"parts": {"type": "array", "items": {"$ref": "#/definitions/Part"}}},
        },
        "Part": {"properties": {"count": {"type": "integer"}}},
        "Alias": {"$ref": "#/definitions/Text"},
        "Text": {"type": "string"},
    }


@pytest.mark.parametrize(
    ("value", "errors"),
    [
        ({"spec": {}, "name": "x"}, []),
        ({"name": None}, ['missing required field "spec" in Thing', 'missing required field "name" in Thing']),
        ({"size": "5", "spec": {}, "name": 5}, ['.size|invalid type for Thing.size: got "string", expected "integer"']),
        ({"size": 1.5, "share": 1, "spec": {}, "name": 1.5}, []),
        ({"on": 1, "spec": {}, "name": ""}, ['.on|invalid type for Thing.on: got "integer", expected "boolean"']),
        ({"spec": [], "name": ""}, ['.spec|invalid type for ThingSpec: got "array", expected "map"']),
        ({"spec": "x", "name": ""}, ['.spec|invalid type for ThingSpec: got "string", expected "map"']),
        ({"spec": {"parts": {}}, "name": ""}, ['.spec.parts|invalid type for ThingSpec.parts: got "map", expected "array"']),
        (
            {"spec": {"parts": [None, {"count": True}, 5]}, "name": ""},
            [
                '.spec.parts|unknown object type "nil" in Thing.spec.parts[0]',
                '.spec.parts[1].count|invalid type for Part.count: got "boolean", expected "integer"',
                '.spec.parts[2]|invalid type for Part: got "integer", expected "map"',
            ],
        ),
        ({"spec": {}, "name": {}}, ['.name|invalid type for Thing.name: got "map", expected "string"']),
        ({"spec": {}, "name": ["x"]}, ['.name|invalid type for Thing.name: got "array", expected "string"']),
        ({"labels": {"b": 5, "a": {}}, "spec": {}, "name": ""}, ['.labels.a|invalid type for Thing.labels: got "map", expected "string"']),
        ({"labels": {"a": None}, "spec": {}, "name": ""}, ['!unknown object type "nil" in Thing.labels.a']),
        ({"any": [1, {"x": None}], "open": {"x": [None]}, "spec": {}, "name": ""}, []),
        ({"alias": [], "spec": {}, "name": ""}, ['.alias|invalid type for Text: got "array", expected "string"']),
        (
            {"zoo": 1, "foo": 2, "spec": {"bar": 1}, "name": "", "size": None},
            ['unknown field "foo" in Thing', '.spec|unknown field "bar" in ThingSpec', 'unknown field "zoo" in Thing'],
        ),
    ],
)  # fmt: skip
def test_errors_by_a_definition(value: Any, errors: list[str]) -> None:
    """The rules and texts of kube-openapi's util/proto/validation."""
    expected = []
    for error in errors:
        place, _, text = error.rpartition("|")
        expected.append(text[1:] if text[0] == "!" else f"ValidationError(Thing{place}): {text}")
    assert model_errors(definitions(), "Thing", value, "Thing") == expected


def test_no_value() -> None:
    assert model_errors(definitions(), "Thing", None, "Thing") == ['unknown object type "nil" in Thing']


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["spec", "name", "size", "parts", "labels", "count", "other"]), inner, max_size=4
        )
    ),
    max_leaves=20,
)


@given(JSON)
def test_any_value_can_be_checked(value: Any) -> None:
    for error in model_errors(definitions(), "Thing", value, "Thing"):
        assert "Thing" in error


def checked(api: FakeApi, manifest: str) -> list[str]:
    """What validation says of each document, without the requests of discovery."""
    client = api.client()
    client.is_reachable()
    client.discovery.catalog()
    api.lines()
    validation = Validation(client.transport, client.discovery)
    return [validation.check(document) for document in read_documents(manifest)]


@pytest.fixture
def api() -> Iterator[FakeApi]:
    """A server that also serves widgets, from a custom resource definition or from another server."""
    answers = kubernetes()
    widgets = {
        "resource": "widgets",
        "scope": "Namespaced",
        "verbs": ["get", "patch"],
        "responseKind": {"kind": "Widget"},
    }
    answers["/apis"]["items"].append(
        {"metadata": {"name": "example.com"}, "versions": [{"version": "v1", "resources": [widgets]}]}
    )
    schema: dict[str, Any] = {"type": "object", "properties": {name: {} for name in ("apiVersion", "kind", "metadata")}}
    schema["properties"]["spec"] = {"type": "object", "properties": {"size": {"type": "integer"}}}
    schema[GVK] = [{"group": "example.com", "version": "v1", "kind": "Widget"}]
    answers["/openapi/v2"]["definitions"]["com.example.v1.Widget"] = schema
    with FakeApi(answers) as api:
        yield api


def test_a_custom_resource_is_the_servers_to_check(api: FakeApi) -> None:
    api.answers[f"{CRD}/widgets.example.com"] = {"metadata": {"name": "widgets.example.com"}}
    assert checked(api, WIDGET + "---\n" + WIDGET) == ["", ""]
    assert api.lines() == [f"GET {CRD}/widgets.example.com"]


REFUSED = 'ValidationError(Widget.spec.size): invalid type for com.example.v1.Widget.spec.size: got "string", expected "integer"'


def test_an_extension_server_that_does_not_check_fields(api: FakeApi) -> None:
    patch: dict[str, Any] = {
        GVK: {"group": "example.com", "version": "v1", "kind": "Widget"},
        "parameters": [{"name": "dryRun", "in": "query"}],
    }
    api.answers["/openapi/v3"]["paths"]["apis/example.com/v1"] = {"serverRelativeURL": "/openapi/v3/x?hash=5"}
    api.answers["/openapi/v3/x"] = {"paths": {"/apis/example.com/v1/widgets/{name}": {"patch": patch}}}
    assert checked(api, WIDGET) == [REFUSED]
    patch["parameters"].append({"name": "fieldValidation", "in": "query"})
    assert checked(api, WIDGET) == [""]


def test_a_definition_whose_document_is_not_there_yet(api: FakeApi) -> None:
    """cli-runtime's QueryParamVerifierV3: what is in the list of definitions counts like namespaces."""
    assert checked(api, WIDGET) == [REFUSED]
    api.answers[CRD] = {"items": [{"spec": {"group": "example.com", "names": {"kind": "Widget"}}}]}
    assert checked(api, WIDGET) == [""]


def test_a_server_without_the_new_form_of_documents(api: FakeApi) -> None:
    del api.answers["/openapi/v3"]
    assert checked(api, WIDGET) == [REFUSED]
    assert "GET /openapi/v2" in api.lines()


def test_old_servers_check_no_fields() -> None:
    answers = kubernetes()
    answers["/version"] = {"major": "1", "minor": "24+", "gitVersion": "v1.24.3-eks"}
    for path in answers["/openapi/v3"]["paths"]:
        answers[f"/openapi/v3/{path}"] = {
            "paths": {"/x": {"patch": {GVK: {"group": "", "version": "v1", "kind": "ConfigMap"}}}}
        }
    with FakeApi(answers) as api:
        found = checked(api, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nfoo: bar\n")
    assert found == ['ValidationError(ConfigMap): unknown field "foo" in io.k8s.api.core.v1.ConfigMap']


def test_a_server_that_does_not_tell_is_an_error(api: FakeApi) -> None:
    api.answers["/openapi/v2"] = status(403, "Forbidden", "not for you")
    client = api.client()
    with pytest.raises(Exception, match="not for you"):
        client.build("apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: ConfigMap}]\n", validate=True)


@pytest.mark.parametrize("document", [{"definitions": [5]}, {"definitions": {"a": 5}, "paths": {"/x": []}}])
def test_documents_that_can_not_be_read(api: FakeApi, document: Any) -> None:
    api.answers |= {"/openapi/v2": document, "/openapi/v3": []}
    client = api.client()
    with pytest.raises(KubernetesError, match="the server's OpenAPI documents can't be read"):
        client.build("apiVersion: v1\nkind: PodList\nitems: [{spec: {}}]\n", validate=True)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"apiVersion":"v1","kind":"List","metadata":{"labels":{"a":"1","b":"2","a":"3"}},"items":[]}', "duplicate key: a"),
        ('{"apiVersion":"v1","kind":"List","metadata":{"labels":{"a":"1"},"annotations":{"a":"2"}},"items":[]}', ""),
    ],
)  # fmt: skip
def test_keys_that_are_there_twice(api: FakeApi, text: str, problem: str) -> None:
    """kubectl's NoDoubleKeySchema, where the client checks at all."""
    assert checked(api, text) == [problem]


def test_numbers_out_of_range_are_told_first(api: FakeApi) -> None:
    client = api.client()
    validation = Validation(client.transport, client.discovery)
    assert validation.check(Document({}, "{}", "json: cannot unmarshal number")) == "json: cannot unmarshal number"
