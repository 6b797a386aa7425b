"""Patches made by comparing manifests, and what a server makes of them.

strategic.jsonl was recorded from the Go libraries that Helm 4.3.1 is built with (k8s.io/apimachinery v0.37.1 and the
types of k8s.io/api v0.37.1), called as Helm calls them. A line is a case: the manifest before (`original`), the one now
(`target`), the object on the server (`current`); the answer is `error`, or `type` and `patch`, and for strategic patches
what a server makes of the object with them (`after`). What comes first was written by hand, the rest made at random.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import KubernetesError
from navarch.kube.patch.client_side import MERGE_PATCH, STRATEGIC_PATCH, client_side_patch
from navarch.kube.patch.strategic import apply_patch, three_way_merge
from navarch.kube.patch.types import find

LINES = (Path(__file__).parent / "strategic.jsonl").read_text(encoding="utf-8").splitlines()
CASES = [json.loads(line) for line in LINES]
APPLIED = [case for case in CASES if "after" in case or "after_error" in case]
TYPES = {STRATEGIC_PATCH: "strategic", MERGE_PATCH: "merge"}


def names(cases):
    return [case["name"] for case in cases]


def asked(case):
    kind = (case["target"]["apiVersion"], case["target"]["kind"])
    current = case["current"] or {}
    three_way = case.get("three_way", False)
    return client_side_patch(case["original"], case["target"], current, kind=kind, three_way=three_way)


def text(value):
    return json.dumps(value, sort_keys=True)


@pytest.mark.parametrize("case", CASES, ids=names(CASES))
def test_patch(case):
    if "error" in case:
        with pytest.raises(KubernetesError) as caught:
            asked(case)
        assert str(caught.value) == case["error"]
    else:
        content_type, patch = asked(case)
        assert TYPES[content_type] == case["type"]
        assert text(patch) == text(case["patch"])


@pytest.mark.parametrize("case", CASES, ids=names(CASES))
def test_nothing_given_is_changed(case):
    before = text(case)
    try:
        asked(case)
    except KubernetesError:
        assert "error" in case
    assert text(case) == before


@pytest.mark.parametrize("case", APPLIED, ids=names(APPLIED))
def test_what_a_server_makes_of_it(case):
    expression = find(case["target"]["apiVersion"], case["target"]["kind"]) or ""
    before = text(case)
    if "after_error" in case:
        with pytest.raises(KubernetesError) as caught:
            apply_patch(case["current"], case["patch"], expression)
        assert str(caught.value) == case["after_error"]
    else:
        assert text(apply_patch(case["current"], case["patch"], expression)) == text(case["after"])
    assert text(case) == before


# Laws. Objects are as manifests have them: no nulls, lists of a set and of items with merge keys without repetition.

WORDS = st.sampled_from(["a", "b", "c", "d", "e"])
TEXTS = st.dictionaries(WORDS, WORDS, max_size=3)


def fields(**some):
    return st.fixed_dictionaries({}, optional=some)


def keyed(key, **others):
    item = st.fixed_dictionaries({key: WORDS}, optional=others)
    return st.lists(item, max_size=4, unique_by=lambda one: one[key])


ENV = keyed("name", value=WORDS)
CONTAINERS = keyed(
    "name", image=WORDS, args=st.lists(WORDS, max_size=3), env=ENV, volumeMounts=keyed("mountPath", name=WORDS)
)
VOLUMES = keyed("name", emptyDir=fields(medium=WORDS), configMap=fields(name=WORDS, optional=st.booleans()))
POD_SPEC = fields(
    containers=CONTAINERS,
    volumes=VOLUMES,
    nodeSelector=TEXTS,
    imagePullSecrets=keyed("name"),
    terminationGracePeriodSeconds=st.integers(0, 3),
    hostNetwork=st.booleans(),
)
DEPLOYMENTS = st.fixed_dictionaries(
    {
        "apiVersion": st.just("apps/v1"),
        "kind": st.just("Deployment"),
        "metadata": fields(
            labels=TEXTS, annotations=TEXTS, finalizers=st.lists(WORDS, max_size=3, unique=True).map(sorted)
        ),
    },
    optional={
        "spec": fields(
            replicas=st.integers(0, 3),
            strategy=fields(type=WORDS, rollingUpdate=fields(maxSurge=st.integers(0, 2))),
            template=fields(metadata=fields(labels=TEXTS), spec=POD_SPEC),
        )
    },
)


def sorted_lists(value):
    """A value in which the order of lists doesn't count, and what is empty counts as not there."""
    if isinstance(value, dict):
        inner = {key: sorted_lists(item) for key, item in value.items()}
        return {key: item for key, item in inner.items() if item not in ({}, [])}
    if isinstance(value, list):
        return sorted((sorted_lists(item) for item in value), key=text)
    return value


def asks_for(target, found):
    """Whether an object has all that a manifest asks for."""
    if isinstance(target, dict):
        return isinstance(found, dict) and all(
            key in found and asks_for(item, found[key]) for key, item in target.items() if item not in ({}, [])
        )
    if isinstance(target, list) and all(isinstance(item, dict) for item in target):
        return all(any(asks_for(item, one) for one in found) for item in target)
    if isinstance(target, list):
        return set(target) <= set(found)
    return target == found


@given(DEPLOYMENTS, DEPLOYMENTS)
def test_the_old_object_with_the_patch_is_the_new_one(old, new):
    patch = three_way_merge(old, new, old, "Deployment")
    assert sorted_lists(apply_patch(old, patch, "Deployment")) == sorted_lists(new)


@given(DEPLOYMENTS, DEPLOYMENTS, DEPLOYMENTS)
def test_an_object_has_all_that_the_target_asks_for_after_the_patch(original, target, current):
    patch = three_way_merge(original, target, current, "Deployment")
    assert asks_for(target, apply_patch(current, patch, "Deployment"))


@given(DEPLOYMENTS)
def test_no_change_no_patch(one):
    assert three_way_merge(one, one, one, "Deployment") == {}


@given(DEPLOYMENTS, DEPLOYMENTS, DEPLOYMENTS)
def test_the_patch_is_empty_the_second_time(original, target, current):
    # as a server does; where there is no strategy at all, Go's merge leaves the patch's $retainKeys in the object
    current.setdefault("spec", {}).setdefault("strategy", {"type": "RollingUpdate"})
    patch = three_way_merge(original, target, current, "Deployment")
    after = apply_patch(current, patch, "Deployment")
    again = three_way_merge(target, target, after, "Deployment")
    assert sorted_lists(apply_patch(after, again, "Deployment")) == sorted_lists(after)


@given(DEPLOYMENTS, DEPLOYMENTS)
def test_what_others_added_stays(original, target):
    """A label, and a variable of each container; unless all labels, or all variables, are taken out of the manifest."""
    current = json.loads(text(original))
    current["metadata"].setdefault("labels", {})["theirs"] = "1"
    for container in containers(current).values():
        container.setdefault("env", []).append({"name": "theirs"})
    after = apply_patch(current, three_way_merge(original, target, current, "Deployment"), "Deployment")
    if "labels" in target["metadata"] or "labels" not in original["metadata"]:
        assert after["metadata"]["labels"]["theirs"] == "1"
    for name, container in containers(target).items():
        if name in containers(current) and ("env" in container or "env" not in containers(original)[name]):
            assert {"name": "theirs"} in containers(after)[name]["env"]


def containers(one):
    pod = one.get("spec", {}).get("template", {}).get("spec", {})
    return {container["name"]: container for container in pod.get("containers", [])}
