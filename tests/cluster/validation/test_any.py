"""Whatever an object has or lacks, as long as its fields have their types: the rules judge it, and leave it as it is."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from navarch.cluster.types.builtin import builtin
from navarch.cluster.validation import creating, updating
from navarch.cluster.validation.errors import FieldError
from support.invalid import seeds

if TYPE_CHECKING:
    from random import Random
    from typing import Any

TEXTS = ["", "a", "A b", "x" * 300, "1", "-1", "1Gi", "é", "10.0.0.1", "a.b/c", "/x", "..", "*", "2026-01-01T00:00:00Z"]
BYTES = ["", "YQ==", "e30="]
NUMBERS = [-1, 0, 1, 80, 65536, 2147483647, 2**63 - 1]
KINDS = {(one.api_version, one.kind): one for one in builtin()}
FIXED = {"apiVersion", "kind"}


def harmed(random: Random, value: Any, texts: list[str] = TEXTS) -> Any:
    """With some fields gone and others changed, within their types."""
    if isinstance(value, dict):
        made = {}
        for key, one in value.items():
            chance = random.random()
            inner = BYTES if key in {"binaryData", "caBundle", "request"} else texts
            made[key] = harmed(random, one, inner) if chance > 0.1 or key in FIXED else None
            if made[key] is None or (chance > 0.95 and key not in FIXED):
                del made[key]
        return made
    if isinstance(value, list):
        made = [harmed(random, one, texts) for one in value if random.random() > 0.1]
        return made + made[:1] if random.random() > 0.9 else made
    if random.random() > 0.1 or value is None:
        return value
    if isinstance(value, bool):
        return not value
    return random.choice(NUMBERS) if isinstance(value, int) else random.choice(texts)


def restored(seed: dict[str, Any], made: dict[str, Any]) -> dict[str, Any]:
    """What says what it is stays."""
    return {**made, **{key: seed[key] for key in FIXED}, "metadata": {"name": "a", **made.get("metadata", {})}}


@pytest.mark.parametrize("at", range(len(seeds())))
@settings(max_examples=15)
@given(st.randoms(use_true_random=False))
def test_the_rules_judge_it(at, random):
    seed = seeds()[at]
    resource = KINDS[seed["apiVersion"], seed["kind"]]
    texts = BYTES if seed["kind"] == "Secret" else TEXTS
    new, old = (restored(seed, harmed(random, seed, texts)) for _ in range(2))
    before = copy.deepcopy((new, old))
    for errors in (creating(resource, new), updating(resource, new, old)):
        assert all(type(one) is FieldError and one.field and one.message for one in errors)
    assert (new, old) == before
