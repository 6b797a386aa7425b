"""A custom resource that uses all that schemas can say, for what is published of it."""

from __future__ import annotations

import copy
from typing import Any

from navarch.cluster.types.catalog import Resource, Subresource
from navarch.cluster.types.schema import ANY

__all__ = ["definition", "gadgets"]

VERBS = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")
WRITTEN = ("get", "patch", "update")

_SPEC: dict[str, Any] = {
    "type": "object",
    "description": "What it is.",
    "required": ["color", "maybe"],
    "x-kubernetes-validations": [{"rule": "self.color != 'x'", "message": "bad"}],
    "properties": {
        "color": {
            "type": "string",
            "enum": ["red", "blue"],
            "default": "red",
            "description": "Its colour.",
            "maxLength": 10,
            "minLength": 1,
            "pattern": "^[a-z]+$",
        },
        "replicas": {
            "type": "integer",
            "format": "int32",
            "minimum": 0,
            "maximum": 10,
            "exclusiveMaximum": True,
            "multipleOf": 1,
        },
        "maybe": {"type": "string", "nullable": True},
        "port": {"x-kubernetes-int-or-string": True, "description": "Number or name"},
        "port2": {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]},
        "port3": {
            "x-kubernetes-int-or-string": True,
            "anyOf": [{"type": "integer"}, {"type": "string"}],
            "allOf": [{"maximum": 9}],
        },
        "any": {"x-kubernetes-preserve-unknown-fields": True},
        "obj": {
            "type": "object",
            "x-kubernetes-preserve-unknown-fields": True,
            "properties": {"a": {"type": "string"}},
        },
        "emb": {
            "type": "object",
            "x-kubernetes-embedded-resource": True,
            "properties": {"spec": {"type": "object"}},
        },
        "emb2": {
            "type": "object",
            "x-kubernetes-embedded-resource": True,
            "x-kubernetes-preserve-unknown-fields": True,
        },
        "labels": {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "maxProperties": 5,
            "minProperties": 0,
        },
        "maybes": {"type": "object", "additionalProperties": {"type": "string", "nullable": True}},
        "free": {"type": "object", "additionalProperties": True},
        "items": {
            "type": "array",
            "maxItems": 5,
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["name"],
            "items": {
                "type": "object",
                "required": ["name"],
                "properties": {"name": {"type": "string"}, "value": {"type": "number", "format": "double"}},
                "x-kubernetes-map-type": "atomic",
            },
        },
        "set": {"type": "array", "x-kubernetes-list-type": "set", "uniqueItems": False, "items": {"type": "string"}},
        "nullist": {"type": "array", "nullable": True, "items": {"type": "string"}},
        "choice": {
            "type": "object",
            "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
            "oneOf": [{"required": ["a"]}, {"required": ["b"], "properties": {"b": {"minLength": 2}}}],
            "not": {"required": ["c"]},
            "allOf": [{"properties": {"a": {"maxLength": 5}}}],
        },
        "ext": {
            "type": "string",
            "externalDocs": {"url": "https://example.com"},
            "example": "foo",
            "title": "Ext",
            "format": "date-time",
        },
    },
}


def definition(group: str = "types.example.com") -> dict[str, Any]:
    """A CustomResourceDefinition with two versions: v1 says all it can, v1beta1 takes everything."""
    schema = {
        "type": "object",
        "description": "A gadget.",
        "required": ["spec"],
        "properties": {
            "metadata": {"type": "object", "properties": {"name": {"type": "string", "maxLength": 20}}},
            "spec": copy.deepcopy(_SPEC),
            "status": {"type": "object", "properties": {"replicas": {"type": "integer"}}},
        },
    }
    paths = {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}
    free = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"gadgets.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {
                "plural": "gadgets",
                "singular": "gadget",
                "kind": "Gadget",
                "listKind": "GadgetList",
                "shortNames": ["gd"],
                "categories": ["all", "toys"],
            },
            "versions": [
                {"name": "v1beta1", "served": True, "storage": False, "schema": {"openAPIV3Schema": free}},
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "subresources": {"status": {}, "scale": paths},
                    "selectableFields": [{"jsonPath": ".spec.color"}],
                    "schema": {"openAPIV3Schema": schema},
                },
            ],
        },
    }


def gadgets(group: str = "types.example.com") -> list[Resource]:
    """The resources that `definition` makes."""
    parts = {
        "status": Subresource("status", "", "", "Gadget", WRITTEN),
        "scale": Subresource("scale", "autoscaling", "v1", "Scale", WRITTEN),
    }
    return [
        Resource(
            group=group,
            version=version["name"],
            plural="gadgets",
            singular="gadget",
            kind="Gadget",
            namespaced=True,
            verbs=VERBS,
            schema=ANY,
            storage="v1",
            short_names=("gd",),
            categories=("all", "toys"),
            subresources=tuple(parts[name] for name in version.get("subresources", ())),
            custom=version,
            list_kind="GadgetList",
        )
        for version in definition(group)["spec"]["versions"]
    ]
