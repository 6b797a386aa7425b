"""Small changes to objects that keep the types of fields: gone, empty, too long, out of range, repeated, added."""

import copy
import random
from typing import Any

Schema = dict[str, Any]

TEXTS = [
    *(
        "",
        "a",
        "web",
        "A_b",
        "-a",
        "a-",
        "a.b",
        "a..b",
        "a/b",
        "a/b/c",
        "x" * 64,
        "x" * 254,
        "..",
        "../x",
        "/abs",
        " a ",
    ),
    *('é<"&', "1", "a" * 16, "a--b", "*.a.b", "10.0.0.1", "kubernetes.io/x", "a.b/c"),
]
KEYS = [
    *("a", "app", "a/b", "A B", "", "-x", "example.com/x", "x" * 64, "é", "..", "kubernetes.io/config.mirror", "cpu"),
    *("memory", "storage", "hugepages-2Mi", "example.com/gpu", "pods", "x"),
]
AMOUNTS = ["1", "0", "-1", "100m", "1Gi", "1500m", "1.5", "3Mi", "2Gi", "1e3", "1k", "4Mi", "1E", "7"]
NUMBERS = [-1, 0, 1, 2, 5, 80, 101, 600, 8080, 65535, 65536, 2147483647, 100001]
EITHER = [0, 1, -1, 80, 70000, "x", "25%", "101%", "0%", "http", "a_b"]
BYTES = ["", "YQ==", "e30=", "bnVsbA==", "W10="]


class Mutator:
    """`definitions` are those of the published OpenAPI; `words` are values that fields of a name know."""

    def __init__(self, definitions: dict[str, Schema], words: dict[str, list[str]], seed: int) -> None:
        self.definitions = definitions
        self.words = words
        self.random = random.Random(seed)  # noqa: S311

    def resolve(self, schema: Schema) -> tuple[str, Schema]:
        """The name after the last dot of the definition, and what it says."""
        reference = schema.get("$ref") or schema.get("allOf", [{}])[0].get("$ref", "")
        name = reference.rsplit("/", 1)[-1]
        return (name.rsplit(".", 1)[-1], self.definitions[name]) if name else ("", schema)

    def value(self, schema: Schema, field: str, depth: int = 0) -> Any:
        """Some value of that type."""
        pick = self.random.choice
        name, found = self.resolve(schema)
        kind, form = found.get("type"), found.get("format")
        if name in {"Quantity", "IntOrString"}:
            return pick(AMOUNTS if name == "Quantity" else EITHER)
        if form == "date-time":
            return "2026-01-01T00:00:00.000000Z" if name == "MicroTime" else "2026-01-01T00:00:00Z"
        if kind == "string":
            usual = self.words.get(field)
            return pick(BYTES if form == "byte" else usual if usual and self.random.random() < 0.75 else TEXTS)
        if kind in {"integer", "number"}:
            return pick(NUMBERS)
        if kind == "boolean":
            return self.random.random() < 0.5
        if kind == "array":
            return [self.value(found["items"], field, depth + 1) for _ in range(pick([0, 1, 1, 1, 2]))]
        if "properties" in found:
            return self.struct(found, depth)
        if "additionalProperties" in found:
            return (
                {pick(KEYS): self.value(found["additionalProperties"], "value", depth + 1)} if pick([0, 1, 1]) else {}
            )
        return {}

    def struct(self, schema: Schema, depth: int) -> dict[str, Any]:
        """Some of its fields, most of the required ones."""
        if depth > 7:
            return {}
        fields = schema["properties"]
        some = self.random.sample(list(fields), self.random.randint(0, max(1, min(3, len(fields) // 3))))
        picked = {*some, *(one for one in schema.get("required", []) if self.random.random() < 0.9)}
        return {key: self.value(one, key, depth + 1) for key, one in fields.items() if key in picked}

    def change(self, value: Any, schema: Schema, field: str = "", *, fixed: tuple[str, ...] = ()) -> Any:
        """The value with one change somewhere in it; `fixed` fields stay."""
        _, found = self.resolve(schema)
        if isinstance(value, dict) and "properties" in found:
            return self.change_struct(value, found["properties"], fixed)
        if isinstance(value, list) and found.get("type") == "array":
            return self.change_list(value, found["items"], field)
        if isinstance(value, dict) and "additionalProperties" in found:
            return self.change_map(value, found["additionalProperties"])
        return self.value(schema, field)

    def change_struct(self, value: dict[str, Any], fields: dict[str, Schema], fixed: tuple[str, ...]) -> dict[str, Any]:
        """A field changed, dropped or added."""
        keys = [key for key in value if key in fields and key not in fixed]
        chance = self.random.random()
        if "metadata" in keys and fixed and self.random.random() < 0.8:
            keys.remove("metadata")
        if keys and chance < 0.82:
            key = self.random.choice(keys)
            if chance < 0.72:
                return {**value, key: self.change(value[key], fields[key], key)}
            return {name: one for name, one in value.items() if name != key}
        free = [key for key in fields if key not in value and key not in fixed]
        if not free:
            return value
        key = self.random.choice(free)
        return {**value, key: self.value(fields[key], key)}

    def change_list(self, value: list[Any], schema: Schema, field: str) -> list[Any]:
        """An item changed, repeated, dropped or added."""
        chance = self.random.random()
        at = self.random.randrange(len(value)) if value else 0
        if value and chance < 0.6:
            return [*value[:at], self.change(value[at], schema, field), *value[at + 1 :]]
        if value and chance < 0.72:
            return [*value, copy.deepcopy(value[at])]
        if value and chance < 0.8:
            return [*value[:at], *value[at + 1 :]]
        return [*value, self.value(schema, field)]

    def change_map(self, value: dict[str, Any], schema: Schema) -> dict[str, Any]:
        """A value changed, dropped or added."""
        chance = self.random.random()
        key = self.random.choice(list(value)) if value and chance < 0.65 else self.random.choice(KEYS)
        if value and 0.5 <= chance < 0.65:
            return {name: one for name, one in value.items() if name != key}
        return {**value, key: self.value(schema, "value")}

    def without_empty(self, value: Any, schema: Schema) -> Any:
        """Empty lists and maps dropped, as storing does; None for a value that goes itself."""
        _, found = self.resolve(schema)
        if isinstance(value, dict):
            fields = found.get("properties")
            if fields is not None:
                kept = {key: self.without_empty(one, fields.get(key, {})) for key, one in value.items()}
                return {key: one for key, one in kept.items() if one is not None}
            rest = found.get("additionalProperties")
            kept = {key: self.without_empty(one, rest or {}) for key, one in value.items()}
            return kept if kept or rest is None else None
        if isinstance(value, list):
            return [self.without_empty(one, found.get("items", {})) for one in value] or None
        return value
