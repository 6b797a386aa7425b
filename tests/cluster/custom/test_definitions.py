"""CustomResourceDefinitions: their rules, their names, and what they add to a server. Expected: real answers."""

from __future__ import annotations

import copy
import random
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.cluster.api import Api
from navarch.cluster.custom import deprecation, resources
from navarch.cluster.custom.definition import check_change, check_new
from navarch.cluster.custom.naming import approval
from navarch.cluster.problems import Problem
from navarch.cluster.store import Store
from support import schemas

LABEL = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
AT = "spec.validation.openAPIV3Schema"
TRUE = [{"type": "Established", "status": "True"}]


def definition(
    schema: dict[str, Any] | None = None, *, version: dict[str, Any] | None = None, **spec: Any
) -> dict[str, Any]:
    """One as it is when it is checked: read, filled in and prepared."""
    one = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema or {"type": "object"}},
        **(version or {}),
    }
    names = {"plural": "bars", "singular": "bar", "kind": "Bar", "listKind": "BarList"}
    whole = {
        "group": "x.example",
        "scope": "Namespaced",
        "names": names,
        "versions": [one],
        "conversion": {"strategy": "None"},
        **spec,
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{whole['names']['plural']}.{whole['group']}"},
        "spec": whole,
        "status": {"storedVersions": ["v1"]},
    }


def messages(found: list[Any]) -> list[str]:
    return [f"{one.field}: {one.message}" for one in found]


def properties(**nodes: Any) -> dict[str, Any]:
    return {"type": "object", "properties": nodes}


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        (definition(), []),
        (definition(group="foo"), ['spec.group: Invalid value: "foo": should be a domain with at least one dot']),
        (definition(scope="X"), ['spec.scope: Unsupported value: "X": supported values: "Cluster", "Namespaced"']),
        (definition(versions=[]), ["spec.versions: Invalid value: []: must have exactly one version marked as storage version", 'status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions']),
        (definition(version={"storage": False}), ['spec.versions: Invalid value: [{"Name":"v1","Served":true,"Storage":false,"Deprecated":false,"DeprecationWarning":null,"Schema":null,"Subresources":null,"AdditionalPrinterColumns":null,"SelectableFields":null}]: must have exactly one version marked as storage version']),
        (definition(version={"deprecationWarning": "x"}), ['spec.versions[0].deprecationWarning: Invalid value: "x": can only be set for deprecated versions']),
        (definition(version={"schema": {}}), ["spec.versions[0].schema.openAPIV3Schema: Required value"]),
        (definition(preserveUnknownFields=True), ["spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"]),
        (
            definition(names={"plural": "bars", "singular": "bar", "kind": "B_r", "listKind": "BarList"}),
            [f'spec.names.kind: Invalid value: "B_r": may have mixed case, but should otherwise match: {LABEL}'],
        ),
        (
            definition(version={"additionalPrinterColumns": [{"name": "", "type": "x", "jsonPath": "a", "format": "z"}]}),
            [
                "spec.additionalPrinterColumns[0].name: Required value",
                'spec.additionalPrinterColumns[0].type: Invalid value: "x": must be one of boolean,date,integer,number,string',
                'spec.additionalPrinterColumns[0].format: Invalid value: "z": must be one of byte,date,date-time,double,float,int32,int64,password',
                'spec.additionalPrinterColumns[0].JSONPath: Invalid value: "a": must be a simple json path starting with .',
            ],
        ),
        (
            definition(version={"subresources": {"scale": {"specReplicasPath": "a", "statusReplicasPath": ".spec.x", "labelSelectorPath": ".x"}}}),
            [
                'spec.subresources.scale.specReplicasPath: Invalid value: "a": must be a simple json path starting with .',
                'spec.subresources.scale.statusReplicasPath: Invalid value: ".spec.x": should be a json path under .status',
                'spec.subresources.scale.labelSelectorPath: Invalid value: ".x": should be a json path under either .spec or .status',
            ],
        ),
        (
            definition(version={"selectableFields": [{"jsonPath": ".spec.a"}, {"jsonPath": ""}, {"jsonPath": "x"}]}),
            [
                'spec.selectableFields[0].jsonPath: Invalid value: ".spec.a": is an invalid path: does not refer to a valid field',
                "spec.selectableFields[1].jsonPath: Required value",
                'spec.selectableFields[2].jsonPath: Invalid value: "x": is an invalid path: expected [ or . but got: x',
            ],
        ),
        (
            definition(conversion={"strategy": "Webhook", "webhook": {"conversionReviewVersions": ["v3"], "clientConfig": {"url": "http://x"}}}),
            [
                "spec.conversion.webhookClientConfig.url: Invalid value: \"http\": 'https' is the only allowed URL scheme; desired format: https://host[/path]",
                'spec.conversion.conversionReviewVersions: Invalid value: ["v3"]: must include at least one of v1, v1beta1',
            ],
        ),
        (
            definition(properties(a={"type": "array", "x-kubernetes-list-type": "map", "items": {"type": "string"}})),
            [
                f"{AT}.properties[a].x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map",
                f"{AT}.properties[a].items.type: Invalid value: \"string\": must be object if parent array's x-kubernetes-list-type is map",
            ],
        ),
        (
            definition(properties(a={"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "object"}})),
            [f"{AT}.properties[a].items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set"],
        ),
        (
            definition(properties(a={"type": "string", "default": 5}, b={"type": "object", "default": {"x": 1}})),
            [
                f'{AT}.properties[a].default: Invalid value: "integer":  in body must be of type string: "integer"',
                f'{AT}.properties[b].default: Invalid value: {{"x":1}}: must not have unknown fields',
            ],
        ),
        (
            definition({"type": "object", "x-kubernetes-preserve-unknown-fields": False}),
            [f"{AT}.x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined"],
        ),
        (definition(properties(a={})), [f"{AT}.properties[a].type: Required value: must not be empty for specified object fields"]),
        (
            definition({**properties(a={"type": "string"}), "anyOf": [{"properties": {"b": {"type": "string"}}}]}),
            [
                f"{AT}.anyOf[0].properties[b].type: Forbidden: must be empty to be structural",
                f"{AT}.properties[b]: Required value: because it is defined in {AT}.anyOf[0].properties[b]",
            ],
        ),
        (
            definition(group="x.k8s.io"),
            ['metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111'],
        ),
    ],
)  # fmt: skip
def test_rules(given_: dict[str, Any], expected: list[str]) -> None:
    assert messages(check_new(given_)) == expected


def test_what_can_be_said_at_the_root_with_a_status() -> None:
    [found] = check_new(definition({"type": "object", "maxProperties": 3}, version={"subresources": {"status": {}}}))
    assert found.field == AT
    assert found.message.startswith('Invalid value: {"ID":"","Schema":"","Ref":null,"Description":"","Type":"object",')
    assert found.message.endswith(
        ": only [Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations] fields are allowed at the root of the schema if the status subresource is enabled"
    )  # fmt: skip


def test_what_cannot_change() -> None:
    old = definition()
    old["metadata"]["resourceVersion"] = "1"
    old["status"]["conditions"] = TRUE
    new = copy.deepcopy(old)
    new["spec"].update(scope="Cluster", group="y.example")
    new["spec"]["names"].update(kind="Baz", plural="bazs")
    assert messages(check_change(new, old, "")) == [
        'spec.scope: Invalid value: "Cluster": field is immutable',
        'spec.names.kind: Invalid value: "Baz": field is immutable',
        'spec.group: Invalid value: "y.example": field is immutable',
        'spec.names.plural: Invalid value: "bazs": field is immutable',
    ]


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("", "Missing"),
        ("unapproved, experimental", "Bypassed"),
        ("https://a.example/b", "Approved"),
        ("yes", "Invalid"),
    ],
)
def test_approvals(text: str, state: str) -> None:
    assert approval({"api-approved.kubernetes.io": text})[0] == state


@given(st.integers(0, 10**6))
def test_no_definition_is_too_odd_to_check(seed: int) -> None:
    chance = random.Random(seed)
    given_ = schemas.mutated(chance, schemas.definition(chance, "foo", group="x.example"))
    api = Api(Store())
    resource = api.catalog.find("apiextensions.k8s.io", "v1", "customresourcedefinitions")
    assert resource is not None
    with suppress(Problem):
        made = api.create(resource, given_)
        names = made["spec"]["names"]
        assert api.catalog.find(made["spec"]["group"], made["spec"]["versions"][0]["name"], names["plural"]) is not None


def stored(api: Api, given_: dict[str, Any]) -> dict[str, Any]:
    resource = api.catalog.find("apiextensions.k8s.io", "v1", "customresourcedefinitions")
    assert resource is not None
    name = api.create(resource, given_)["metadata"]["name"]
    return api.get(resource, "", name)


def conditions(given_: dict[str, Any]) -> dict[str, tuple[str, str, str]]:
    return {one["type"]: (one["status"], one["reason"], one["message"]) for one in given_["status"]["conditions"]}


def named(name: str, **names: Any) -> dict[str, Any]:
    made = schemas.definition(random.Random(), name, group="x.example", spec={"type": "object"})
    made["spec"]["names"].update(names)
    return made


def test_names_that_are_free() -> None:
    found = stored(Api(Store()), named("foo", shortNames=["f"], categories=["all"]))
    assert found["status"]["acceptedNames"] == {
        "plural": "foos",
        "singular": "foo",
        "shortNames": ["f"],
        "kind": "Foo",
        "listKind": "FooList",
        "categories": ["all"],
    }
    assert conditions(found) == {
        "NamesAccepted": ("True", "NoConflicts", "no conflicts found"),
        "Established": ("True", "InitialNamesAccepted", "the initial names have been accepted"),
    }


def test_names_that_are_taken_until_they_are_free() -> None:
    api = Api(Store())
    stored(api, named("foo", shortNames=["f"]))
    second = stored(api, named("bar", kind="Foo", shortNames=["f", "b"]))
    assert conditions(second) == {
        "NamesAccepted": ("False", "ListKindConflict", '"FooList" is already in use'),
        "Established": ("False", "NotAccepted", "not all names are accepted"),
    }
    assert second["status"]["acceptedNames"] == {"plural": "bars", "kind": ""}
    assert api.catalog.find("x.example", "v1", "bars") is None
    definitions = api.catalog.find("apiextensions.k8s.io", "v1", "customresourcedefinitions")
    assert definitions is not None
    api.delete(definitions, "", "foos.x.example")
    assert conditions(api.get(definitions, "", "bars.x.example"))["Established"][0] == "True"
    assert api.catalog.find("x.example", "v1", "bars") is not None


def test_definitions_come_back_with_their_store_and_take_their_objects_along() -> None:
    store = Store()
    api = Api(store)
    stored(api, named("foo"))
    again = Api(store)
    foos = again.catalog.find("x.example", "v1", "foos")
    assert foos is not None
    again.create(foos, {"apiVersion": "x.example/v1", "kind": "Foo", "metadata": {"name": "a"}}, namespace="default")
    definitions = again.catalog.find("apiextensions.k8s.io", "v1", "customresourcedefinitions")
    assert definitions is not None
    again.delete(definitions, "", "foos.x.example")
    assert again.catalog.find("x.example", "v1", "foos") is None
    assert store.list("x.example", "foos") == []


def test_what_a_definition_serves() -> None:
    given_ = named("foo", shortNames=["f"])
    one = given_["spec"]["versions"][0]
    one["subresources"]["scale"] = {"specReplicasPath": ".spec.n", "statusReplicasPath": ".status.n"}
    given_["spec"]["versions"] += [
        {**one, "name": "v1beta1", "storage": False, "deprecated": True},
        {**one, "name": "v0", "storage": False, "served": False},
    ]
    assert resources(given_) == []
    found = resources({**given_, "status": {"conditions": TRUE}})
    assert [(one.version, one.storage, one.kind, one.plural, one.namespaced) for one in found] == [
        ("v1", "v1", "Foo", "foos", True),
        ("v1beta1", "v1", "Foo", "foos", True),
    ]
    assert [(part.name, part.group, part.kind, part.verbs) for part in found[0].subresources] == [
        ("status", "x.example", "Foo", ("get", "patch", "update")),
        ("scale", "autoscaling", "Scale", ("get", "patch", "update")),
    ]
    assert deprecation(found[0], found) == ""
    assert deprecation(found[1], found) == "x.example/v1beta1 Foo is deprecated; use x.example/v1 Foo"


def test_types_for_merging() -> None:
    nodes = {
        "list": {
            "type": "array",
            "items": {"type": "object", "properties": {"k": {"type": "string"}}},
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["k"],
        },
        "plain": {"type": "array", "items": {"type": "string"}},
        "map": {"type": "object", "additionalProperties": {"type": "integer"}},
        "whole": {"type": "object", "x-kubernetes-map-type": "atomic", "properties": {"a": {"type": "string"}}},
        "choice": {"x-kubernetes-int-or-string": True},
        "object": {
            "type": "object",
            "x-kubernetes-embedded-resource": True,
            "x-kubernetes-preserve-unknown-fields": True,
        },
    }
    given_ = schemas.definition(random.Random(), "foo", group="x.example", spec=properties(**nodes))
    [one] = resources({**given_, "status": {"conditions": TRUE}})
    assert set(one.schema.fields) == {"apiVersion", "kind", "metadata", "spec", "status"}
    fields = {name: field.schema for name, field in one.schema.fields["spec"].schema.fields.items()}
    assert (fields["list"].relation, fields["list"].keys) == ("map", ("k",))
    assert (fields["plain"].relation, fields["plain"].element.kind) == ("atomic", "string")
    assert (fields["map"].kind, fields["map"].element.kind) == ("map", "integer")
    assert (fields["whole"].kind, fields["whole"].relation) == ("struct", "atomic")
    assert fields["choice"].kind == "int-or-string"
    assert fields["object"].embedded
    assert "metadata" in fields["object"].fields
