"""Whose objects are whose."""

import pytest

from navarch.actions.ownership import claim, existing, fault, sort_by_owner
from navarch.errors import ApiError, NavarchError
from support.playground import Playground, config_map

OURS = {
    "labels": {"app.kubernetes.io/managed-by": "Helm"},
    "annotations": {"meta.helm.sh/release-name": "web", "meta.helm.sh/release-namespace": "shop"},
}


@pytest.fixture
def cluster():
    return Playground()


def built(cluster, *texts):
    return cluster.build("---\n".join(texts))


def test_marks_are_put_over_what_is_there(cluster):
    (resource,) = built(cluster, config_map("a"))
    before = resource.object
    before["metadata"] |= {"labels": {"x": "y", "app.kubernetes.io/managed-by": "me"}, "annotations": {"n": None}}
    claim([resource], "web", "shop")
    assert resource.object["metadata"] == {
        "name": "a",
        "labels": {"x": "y", "app.kubernetes.io/managed-by": "Helm"},
        "annotations": {"n": "", **OURS["annotations"]},
    }
    assert before["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "me", "what was built may be shared"


@pytest.mark.parametrize("labels", [{"x": 1}, ["x"], "x", None])
def test_labels_that_are_none_give_way(cluster, labels):
    (resource,) = built(cluster, config_map("a"))
    resource.object["metadata"]["labels"] = labels
    claim([resource], "web", "shop")
    assert resource.object["metadata"]["labels"] == OURS["labels"]


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        (OURS, ""),
        (
            {**OURS, "labels": {}},
            'label validation error: missing key "app.kubernetes.io/managed-by": must be set to "Helm"',
        ),
        (
            {**OURS, "labels": {"app.kubernetes.io/managed-by": "me"}},
            'label validation error: key "app.kubernetes.io/managed-by" must equal "Helm": current value is "me"',
        ),
        (
            {"labels": OURS["labels"], "annotations": {"meta.helm.sh/release-name": "other"}},
            (
                'annotation validation error: key "meta.helm.sh/release-name" must equal "web": current value is "other"; '
                'annotation validation error: missing key "meta.helm.sh/release-namespace": must be set to "shop"'
            ),
        ),
    ],
)
def test_why_an_object_is_not_ours(metadata, words):
    assert fault({"metadata": metadata}, "web", "shop") == (words and f"invalid ownership metadata; {words}")


def test_what_is_there_already(cluster):
    resources = built(cluster, config_map("a"), config_map("b"), config_map("c"))
    cluster.add("ConfigMap", "b", **OURS)
    found = existing(cluster, resources, "web", "shop", adopt=False)
    assert [resource.name for resource in found] == ["b"]
    assert found[0] is not resources[1]


def test_another_s_can_be_adopted(cluster):
    resources = built(cluster, config_map("a"))
    cluster.add("ConfigMap", "a")
    assert len(existing(cluster, resources, "web", "shop", adopt=True)) == 1
    with pytest.raises(NavarchError, match=r'^ConfigMap "a" in namespace "shop" exists and cannot be imported into'):
        existing(cluster, resources, "web", "shop", adopt=False)


def test_the_first_fault_counts(cluster):
    resources = built(cluster, config_map("a"), config_map("b"))
    cluster.add("ConfigMap", "b")
    cluster.faults["get a"] = ApiError("may not look", code=403)
    words = '^could not get information about the resource ConfigMap "a" in namespace "shop": may not look$'
    with pytest.raises(ApiError, match=words):
        existing(cluster, resources, "web", "shop", adopt=False)


def test_objects_without_a_name_yet(cluster):
    resources = built(cluster, config_map("a"), config_map("b"))
    resources[0].name = ""
    resources[0].object["metadata"] = {"generateName": "a-"}
    cluster.add("ConfigMap", "", **OURS)
    cluster.add("ConfigMap", "b", **OURS)
    assert [resource.name for resource in existing(cluster, resources, "web", "shop", adopt=False)] == ["b"]
    resources[1].object["metadata"]["generateName"] = "b-"
    with pytest.raises(NavarchError, match=r"^metadata.name and metadata.generateName cannot both be set$"):
        existing(cluster, resources, "web", "shop", adopt=True)


def test_sorted_by_owner(cluster):
    resources = built(cluster, *map(config_map, "abcd"))
    cluster.add("ConfigMap", "a", **OURS)
    cluster.add("ConfigMap", "b")
    cluster.faults["get c"] = error = ApiError("may not look", code=403)
    owned = sort_by_owner(cluster, resources, "web", "shop")
    assert [resource.name for resource in owned.ours] == ["a"]
    assert [resource.name for resource in owned.others] == ["b"]
    assert [(resource.name, why) for resource, why in owned.unknown] == [("c", error)]
