"""What is said of objects that break rules is what the API server's own code said (recorded: tools/cluster-validation)."""

from __future__ import annotations

import copy
from functools import cache
from typing import TYPE_CHECKING

import pytest

from navarch.cluster.types.builtin import builtin
from navarch.cluster.validation import creating, updating
from support.invalid import cases, changed, seeds

if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.types.catalog import Resource


@cache
def resources() -> dict[tuple[str, str], Resource]:
    return {(one.api_version, one.kind): one for one in builtin()}


def resource_of(obj: dict[str, Any]) -> Resource:
    return resources()[obj["apiVersion"], obj["kind"]]


def told(errors: list[Any]) -> list[list[str]]:
    return [[one.field, one.reason, one.message] for one in [error.cause() for error in errors]]


@pytest.mark.parametrize("at", range(len(seeds())))
def test_nothing_is_said_of_what_breaks_no_rule(at):
    seed = seeds()[at]
    assert creating(resource_of(seed), seed) == []
    stored = {**seed, "metadata": {**seed["metadata"], "resourceVersion": "1"}}
    assert updating(resource_of(seed), stored, copy.deepcopy(stored)) == []


@pytest.mark.parametrize("number", range(len(cases())))
def test_what_is_said_is_what_the_api_server_says(number):
    case = cases()[number]
    seed = seeds()[case["seed"]]
    resource = resource_of(seed)
    if "old" in case:
        old = changed(seed, case["old"])
        new = changed(old, case["new"])
        before = copy.deepcopy((new, old))
        errors = updating(resource, new, old, case.get("subresource", ""))
        assert (new, old) == before
    else:
        new = changed(seed, case["new"])
        before = copy.deepcopy(new)
        errors = creating(resource, new)
        assert new == before
    assert told(errors) == case["causes"]
