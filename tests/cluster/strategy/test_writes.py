"""What every write keeps to: the old object stays as it was, status and generation go their own ways."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from navarch.cluster.strategy.generic import has_status
from navarch.cluster.types.builtin import builtin

if TYPE_CHECKING:
    from navarch.cluster.types.catalog import Resource

    from .conftest import Place

STORED = [one for one in builtin() if {"create", "update"} <= set(one.verbs)]
LEFT_OUT = ("APIService", "CustomResourceDefinition", "Event")  # with defaults or stores of their own


@pytest.mark.parametrize("resource", STORED, ids=lambda one: f"{one.version}/{one.kind}")
def test_writing_the_same_again_changes_nothing(place: Place, resource: Resource) -> None:
    if resource.kind in LEFT_OUT:
        pytest.skip("written in another way")
    sent = {"metadata": {"name": "a"}, **({"spec": {"type": "ClusterIP"}} if resource.kind == "Service" else {})}
    made = copy.deepcopy(place.create(resource.api_version, resource.kind, sent))
    before = copy.deepcopy(made)
    again = place.change(made, copy.deepcopy(made))
    assert made == before
    again["metadata"]["resourceVersion"] = made["metadata"]["resourceVersion"]
    assert again == made


@pytest.mark.parametrize(
    "resource", [one for one in STORED if has_status(one)], ids=lambda one: f"{one.version}/{one.kind}"
)
def test_the_status_is_written_on_its_own(place: Place, resource: Resource) -> None:
    if resource.kind in LEFT_OUT:
        pytest.skip("written in another way")
    made = copy.deepcopy(place.create(resource.api_version, resource.kind, {"metadata": {"name": "a"}}))
    wanted: dict[str, Any] = {**copy.deepcopy(made), "spec": {}, "status": {}}
    changed = place.change(made, wanted, "status")
    assert changed.get("spec") == made.get("spec")
    assert changed["metadata"].get("generation") == made["metadata"].get("generation")


def test_generations_count_changes_of_what_is_wanted(place: Place) -> None:
    sent: dict[str, Any] = {"metadata": {"name": "d", "generation": 9}, "spec": {"replicas": 1}}
    made = copy.deepcopy(place.create("apps/v1", "Deployment", sent))
    sent["metadata"]["labels"] = {"a": "b"}
    labelled = copy.deepcopy(place.change(made, sent))
    sent["metadata"]["annotations"] = {"a": "b"}
    noted = copy.deepcopy(place.change(labelled, sent))
    sent["spec"]["replicas"] = 2
    scaled = place.change(noted, sent)
    assert [one["metadata"]["generation"] for one in (made, labelled, noted, scaled)] == [1, 1, 2, 3]
