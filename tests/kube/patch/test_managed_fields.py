"""Fields taken over from client-side to server-side apply.

managed_fields.jsonl was recorded from client-go v0.37.1 (util/csaupgrade, with the manager `helm`): an object's entries
and the JSON patch, null where there is none. The Go library also answers with a patch where only the order of keys in
an entry is not its own; to a server that is no change, and here it is None.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from navarch.kube.patch.managed_fields import upgrade_patch

LINES = (Path(__file__).parent / "managed_fields.jsonl").read_text(encoding="ascii").splitlines()
CASES = [json.loads(line) for line in LINES]


def upgraded(entries):
    return upgrade_patch({"metadata": {"resourceVersion": "7", "managedFields": entries}}, "helm")


def owned(node, *, root=True):
    """A set of fields, however it is written: whether the node itself is owned, and what is below it."""
    below = {name: owned(inner, root=False) for name, inner in node.items() if name != "."}
    return (not root and ("." in node or not below), below)


def meaning(entries):
    return [{**entry, "fieldsV1": owned(entry["fieldsV1"])} for entry in entries]


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_as_client_go(case):
    theirs, before = case["patch"], json.dumps(case["entries"])
    ours = upgraded(case["entries"])
    if theirs is not None and meaning(theirs[0]["value"]) == meaning(case["entries"]):
        theirs = None
    assert json.dumps(case["entries"]) == before
    if theirs is None:
        assert ours is None
    else:
        assert ours is not None
        assert meaning(ours[0]["value"]) == meaning(theirs[0]["value"])
        assert ours[0]["op"] == "replace"
        assert ours[0]["path"] == "/metadata/managedFields"
        assert ours[1] == theirs[1] == {"op": "replace", "path": "/metadata/resourceVersion", "value": "7"}


def test_an_object_without_managed_fields():
    assert upgrade_patch({"metadata": {"name": "x"}}, "helm") is None
    assert upgrade_patch({}, "helm") is None


def test_what_others_own_is_left_alone():
    others = [
        {"manager": "kubectl", "operation": "Update", "apiVersion": "v1", "fieldsV1": {"f:data": {}}},
        {"manager": "helm", "operation": "Update", "apiVersion": "v1", "subresource": "status", "fieldsV1": {}},
    ]
    assert upgraded(others) is None
    mine = {"manager": "helm", "operation": "Update", "apiVersion": "v1", "fieldsV1": {"f:data": {"f:a": {}}}}
    patch = upgraded([others[0], mine, others[1]])
    assert patch is not None
    assert patch[0]["value"] == [others[0], {**mine, "operation": "Apply"}, others[1]]


def test_the_second_time_there_is_nothing_to_do():
    for case in CASES:
        patch = upgraded(case["entries"])
        if patch is not None:
            assert upgraded(patch[0]["value"]) is None
