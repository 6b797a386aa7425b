"""CustomResourceDefinitions and custom objects at random: schemas of all sorts, values that fit them and that don't."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from random import Random

    Node = dict[str, Any]

__all__ = ["definition", "mutated", "object_schema", "value"]

FORMATS = [
    "date",
    "date-time",
    "byte",
    "uri",
    "ipv4",
    "ipv6",
    "cidr",
    "mac",
    "uuid",
    "hostname",
    "email",
    "duration",
    "password",
    "k8s-short-name",
    "hexcolor",
    "nope",
]
TEXTS = [
    "",
    "a",
    "aaa",
    "1",
    "x",
    "50%",
    "2024-01-02",
    "2024-01-02T03:04:05Z",
    "AA==",
    "http://a.b/c",
    "1.2.3.4",
    "::1",
    "10.0.0.0/8",
    "00:11:22:33:44:55",
    "12345678-1234-1234-1234-123456789012",
    "a.b.c",
    "me@x.org",
    "5s",
    "3 days",
    "#fff",
    "éé",
    "long long text",
]
NUMBERS = [0, 1, 2, 3, 5, 7, -1, 1.5, 2.0, 2.5, 1e6, 1000001, 2**31, 2**40, 1e20, -2.5]
WHOLE = [
    {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "a", "labels": {"x": "y"}, "foo": 1},
        "spec": {"a": [1, None]},
    },
    {"kind": "Pod"},
    {"apiVersion": "a/b/c", "kind": "P!", "metadata": {"name": "A/B", "labels": {"-x": "y"}}},
    {"apiVersion": "", "kind": ""},
    {"apiVersion": "v1", "kind": "X", "metadata": {"creationTimestamp": None, "annotations": {}}},
]


def _maybe(random: Random, chance: float, **fields: list[Any]) -> Node:
    return {name: random.choice(values) for name, values in fields.items() if random.random() < chance}


def _leaf(random: Random) -> Node:
    type_ = random.choice(["string", "string", "string", "integer", "number", "boolean"])
    node: Node = {"type": type_, **_maybe(random, 0.2, nullable=[True])}
    if type_ == "string":
        node.update(
            _maybe(
                random,
                0.25,
                format=FORMATS,
                minLength=[1, 2, 3],
                maxLength=[3, 5],
                pattern=["^a+$", "[0-9]", "^(x|y)$"],
                enum=[["a", "b"], ["aaa", "1"]],
            )
        )
    elif type_ != "boolean":
        node.update(
            _maybe(
                random,
                0.25,
                format=["int32", "int64", "float", "double"],
                minimum=[0, 1, 2.5, -3],
                maximum=[5, 1000000, 2.5, 7.5],
                multipleOf=[2, 0.5, 3],
                enum=[[1, 2], [5, 7]],
            )
        )
        if "minimum" in node:
            node.update(_maybe(random, 0.3, exclusiveMinimum=[True]))
        if "maximum" in node:
            node.update(_maybe(random, 0.3, exclusiveMaximum=[True]))
    return node


def _rules(random: Random, names: list[str], depth: int = 0) -> Node:
    """A schema for the inside of a combination."""
    node: Node = {}
    if random.random() < 0.7:
        node["properties"] = {
            random.choice(names): random.choice(
                [
                    {"minLength": 2},
                    {"pattern": "^a"},
                    {"enum": ["a", 1]},
                    {"minimum": 3},
                    {"maximum": 2},
                    {"format": "date"},
                ]
            )
        }
    if random.random() < 0.6:
        node["required"] = random.sample(names, random.randrange(1, min(3, len(names)) + 1))
    node.update(_maybe(random, 0.2, minProperties=[0, 1, 3]))
    if depth < 1 and random.random() < 0.3:
        node[random.choice(["anyOf", "oneOf", "allOf"])] = [_rules(random, names, 1) for _ in range(2)]
    if depth < 1 and random.random() < 0.2:
        node["not"] = _rules(random, names, 1)
    return node


def _node(random: Random, depth: int) -> Node:
    at = random.random()
    if depth > 2 or at < 0.45:
        return _leaf(random)
    if at < 0.55:
        choice = _maybe(random, 0.3, anyOf=[[{"type": "integer"}, {"type": "string"}]], pattern=["^[0-9]+%$"])
        return {"x-kubernetes-int-or-string": True, **choice}
    if at < 0.6:
        return {"x-kubernetes-preserve-unknown-fields": True}
    if at < 0.7:
        return _list(random, depth)
    if at < 0.76:
        items = {
            "type": "object",
            "properties": {"k": {"type": "string"}, "v": _leaf(random), "p": {"type": "integer", "default": 80}},
            "required": ["k"],
        }
        return {
            "type": "array",
            "items": items,
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": random.choice([["k"], ["k", "p"]]),
        }
    if at < 0.85:
        return {"type": "object", "additionalProperties": random.choice([True, _node(random, depth + 1)])}
    if at < 0.9:
        return {"type": "object", "x-kubernetes-embedded-resource": True, "x-kubernetes-preserve-unknown-fields": True}
    return object_schema(random, depth)


def _list(random: Random, depth: int) -> Node:
    node = {"type": "array", "items": _node(random, depth + 1), **_maybe(random, 0.3, minItems=[1, 2], maxItems=[1, 2])}
    if node["items"].get("type") in ("string", "integer") and "nullable" not in node["items"]:
        node.update(_maybe(random, 0.6, **{"x-kubernetes-list-type": ["set"]}))
    return node


def object_schema(random: Random, depth: int = 0) -> Node:
    """A structural schema of an object."""
    names = list("abcdef")[: random.randrange(1, 6)]
    node: Node = {"type": "object", "properties": {name: _node(random, depth + 1) for name in names}}
    for one in node["properties"].values():
        if len(one) == 1 and one.get("type") in ("string", "integer", "boolean") and random.random() < 0.15:
            one["default"] = {"string": "dd", "integer": 4, "boolean": True}[one["type"]]
    node.update(
        _maybe(
            random,
            0.15,
            required=[[names[0]]],
            minProperties=[0, 1, 3],
            maxProperties=[1, 3],
            **{"x-kubernetes-preserve-unknown-fields": [True]},
        )
    )
    if random.random() < 0.35:
        node[random.choice(["anyOf", "oneOf", "allOf"])] = [
            _rules(random, names) for _ in range(random.randrange(1, 4))
        ]
    if random.random() < 0.1:
        node["not"] = _rules(random, names)
    if depth:
        node.update(_maybe(random, 0.2, nullable=[True]))
    return node


def definition(random: Random, name: str, *, group: str, spec: Node | None = None) -> Node:
    """A definition of kinds that are called NAME ("fuzz1"), with `spec` as the schema of their specs."""
    schema = {
        "type": "object",
        "properties": {
            "spec": spec or object_schema(random),
            "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        },
    }
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
        "subresources": {"status": {}},
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{name}s.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": f"{name}s", "kind": name.capitalize()},
            "versions": [version],
        },
    }


def _anything(random: Random, depth: int = 0) -> Any:
    at = random.random()
    if depth > 2 or at < 0.3:
        return random.choice(TEXTS)
    if at < 0.72:
        return random.choice([*NUMBERS, True, False, None])
    if at < 0.85:
        return [_anything(random, depth + 1) for _ in range(random.randrange(3))]
    return {key: _anything(random, depth + 1) for key in random.sample(list("abcdxy"), random.randrange(3))}


def value(random: Random, node: Node) -> Any:
    """A value that mostly fits a schema."""
    if random.random() < 0.1:
        return random.choice([None, _anything(random)])
    if node.get("x-kubernetes-int-or-string"):
        return random.choice([1, 5, "50%", "x", 2.5])
    if node.get("x-kubernetes-embedded-resource"):
        return copy.deepcopy(random.choice(WHOLE))
    simple: list[Any] | None = {"string": TEXTS, "integer": NUMBERS, "number": NUMBERS, "boolean": [True, False]}.get(
        node.get("type", "")
    )
    if simple is not None:
        return random.choice(simple)
    if node.get("type") == "array":
        return [value(random, node["items"]) for _ in range(random.randrange(4))]
    return _map(random, node) if node.get("type") == "object" else _anything(random)


def _map(random: Random, node: Node) -> Node:
    if "properties" in node:
        made = {name: value(random, one) for name, one in node["properties"].items() if random.random() < 0.75}
        made.update(_maybe(random, 0.1, zz=[1, {"a": 1}], yy=[{"a": {"b": 1}, "c": [{"d": 2}]}]))
        return made
    if isinstance(node.get("additionalProperties"), dict):
        keys = random.sample(["k1", "k2", "a"], random.randrange(3))
        return {key: value(random, node["additionalProperties"]) for key in keys}
    return {"q": _anything(random)} if random.random() < 0.7 else {}


_NODES: list[tuple[str, Any]] = [
    *(("type", one) for one in ("string", "object", "array", "x")),
    ("nullable", True),
    *(("x-kubernetes-preserve-unknown-fields", one) for one in (True, False)),
    ("x-kubernetes-embedded-resource", True),
    ("x-kubernetes-int-or-string", True),
    *(("x-kubernetes-list-type", one) for one in ("map", "set", "zz")),
    *(("x-kubernetes-list-map-keys", one) for one in (["k"], ["k", "k", "q"])),
    *(("x-kubernetes-map-type", one) for one in ("atomic", "q")),
    *(("default", one) for one in ("x", 5, {}, {"a": 1}, [], False, None)),
    *(("additionalProperties", one) for one in (True, False, {"type": "string"})),
    ("items", {"type": "string"}),
    (
        "properties",
        {"metadata": {"type": "object", "properties": {"name": {"type": "string"}}}, "kind": {"type": "integer"}},
    ),
    ("anyOf", [{"type": "integer"}, {"type": "string"}]),
    ("allOf", [{"anyOf": [{"type": "integer"}, {"type": "string"}]}]),
    ("anyOf", [{"properties": {"zz": {"minimum": 1}}}]),
    ("oneOf", [{"items": {"minLength": 1}}]),
    ("not", {"description": "x", "title": "y", "default": 0}),
    ("pattern", "("),
    ("uniqueItems", True),
    ("id", "x"),
    ("definitions", {"a": {"type": "string"}}),
    ("patternProperties", {"a": {"type": "string"}}),
    ("dependencies", {"a": ["b"]}),
    ("x-kubernetes-validations", [{"rule": " ", "message": "a\nb"}, {"rule": "true", "message": " ", "reason": "X"}]),
    ("required", ["a", "zz"]),
    ("enum", ["a", 1, None]),
    ("description", "d <b>"),
    ("example", {"a": [1]}),
    ("externalDocs", {"url": "u"}),
    ("format", "foo"),
    ("items", [{"type": "string"}]),
    ("maxProperties", 3),
]
_SPECS: list[tuple[str, Any]] = [
    *(("group", one) for one in ("foo", "Foo.com", "x.k8s.io", "")),
    *(("scope", one) for one in ("X", "")),
    ("preserveUnknownFields", True),
    ("versions", []),
    *(
        ("conversion", one)
        for one in (
            {"strategy": "Webhook"},
            {"strategy": "x"},
            {},
            {"strategy": "None", "webhook": {"conversionReviewVersions": ["v1"]}},
            {
                "strategy": "Webhook",
                "webhook": {
                    "conversionReviewVersions": ["v1", "v1", "V!"],
                    "clientConfig": {"url": "https://u:p@h/p?q#f"},
                },
            },
            {
                "strategy": "Webhook",
                "webhook": {
                    "conversionReviewVersions": ["v1"],
                    "clientConfig": {"service": {"name": "", "namespace": "x", "path": "a//b!", "port": 0}},
                },
            },
            {"strategy": "Webhook", "webhook": {"conversionReviewVersions": [], "clientConfig": {}}},
        )
    ),
]
_VERSIONS: list[tuple[str, Any]] = [
    ("storage", False),
    *(("name", one) for one in ("V1", "1v", "")),
    ("schema", {}),
    (
        "additionalPrinterColumns",
        [
            {"name": "a", "type": "string", "jsonPath": ".spec.a"},
            {"name": "", "type": "q", "jsonPath": "x", "format": "y"},
        ],
    ),
    *(
        ("subresources", {"scale": {"specReplicasPath": one, "statusReplicasPath": other, "labelSelectorPath": ".z"}})
        for one, other in ((".spec.a", ".status.a"), ("", "x"), ("x", ".spec.b"))
    ),
    *(
        ("selectableFields", [{"jsonPath": one}, {"jsonPath": other}])
        for one, other in ((".spec.a", ".spec.a"), (".metadata.name", "x"), (".spec['a']", ""))
    ),
    *(("deprecationWarning", one) for one in ("", "x", "a\nb", "y" * 300)),
    ("deprecated", True),
]
_NAMES: list[tuple[str, Any]] = [
    *((name, one) for name in ("kind", "singular", "listKind", "plural") for one in ("A_b", "Foo", "")),
    ("shortNames", ["a", "B", "1x"]),
    ("categories", ["all", "X y"]),
]


def mutated(random: Random, given: Node) -> Node:
    """A definition with a few things changed, mostly for the worse."""
    made = copy.deepcopy(given)
    for _ in range(random.choice([0, 1, 1, 2, 3])):
        versions = made["spec"]["versions"]
        targets: list[tuple[list[Node], list[tuple[str, Any]]]] = [
            ([made["spec"]], _SPECS),
            ([made["spec"]["names"]], _NAMES),
        ]
        if versions:
            targets.append((versions, _VERSIONS))
            nodes = _nodes((versions[0].get("schema") or {}).get("openAPIV3Schema"))
            targets += [(nodes, _NODES)] * 6 if nodes else []
        places, changes = random.choice(targets)
        name, new = random.choice(changes)
        random.choice(places)[name] = copy.deepcopy(new)
        if versions and random.random() < 0.1:
            versions.append({**copy.deepcopy(versions[0]), "name": "v2", "storage": False})
    return made


def _nodes(node: Any) -> list[Node]:
    if isinstance(node, list):
        return [found for one in node for found in _nodes(one)]
    if not isinstance(node, dict):
        return []
    inner = [node.get(name) for name in ("items", "not", "additionalProperties", "anyOf", "oneOf", "allOf")]
    return [node, *(found for one in (*inner, *(node.get("properties") or {}).values()) for found in _nodes(one))]
