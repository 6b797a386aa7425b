"""From one manifest to the next: which requests that takes, what is left alone, and what Helm says when it fails."""

from __future__ import annotations

import json
from typing import Any

import pytest

from navarch.errors import KubernetesError, UnreachableError
from navarch.kube.discovery import Mapping
from navarch.kube.events import Applied, Failed
from navarch.kube.objects import Resource
from support.store import APPLIED, Store, conflict, forbidden, invalid

MAPS = Mapping("", "v1", "ConfigMap", "configmaps", namespaced=True)
DEPLOYMENTS = Mapping("apps", "v1", "Deployment", "deployments", namespaced=True)
OLD_DEPLOYMENTS = Mapping("apps", "v1beta2", "Deployment", "deployments", namespaced=True)
WIDGETS = Mapping("example.com", "v1", "Widget", "widgets", namespaced=True)
JSON_PATCH = "application/json-patch+json"
METADATA = "as=PartialObjectMetadata;"
NO_BASELINE = (
    'level=WARN msg="resource exists on cluster but not in original release, using cluster state as baseline"'
    " namespace=shop name={} kind=ConfigMap"
)


def a_map(name: str, **data: str) -> Resource:
    body: dict[str, Any] = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}
    return Resource(MAPS, "shop", name, body)


def maps(names: str, **data: str) -> list[Resource]:
    return [a_map(name, **data) for name in names]


def a_deployment(name: str, mapping: Mapping = DEPLOYMENTS, **spec: Any) -> Resource:
    body = {"apiVersion": mapping.api_version, "kind": "Deployment", "metadata": {"name": name}, "spec": spec}
    return Resource(mapping, "shop", name, body)


def a_widget(**spec: Any) -> Resource:
    body = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": spec}
    return Resource(WIDGETS, "shop", "w", body)


def stored(*resources: Resource, **options: Any) -> Store:
    return Store({resource.path: resource.object for resource in resources}, **options)


def update(store: Store, original: list[Resource], target: list[Resource], **options: Any) -> tuple[str, str, str]:
    """The names of what was created, updated and deleted."""
    return shown(store.client().update(original, target, **options))


def shown(result: Any) -> tuple[str, str, str]:
    created, updated, deleted = ("".join([resource.name for resource in resources]) for resources in result)
    return created, updated, deleted


def failed(store: Store, original: list[Resource], target: list[Resource], **options: Any) -> tuple[str, Any]:
    with pytest.raises(KubernetesError) as caught:
        store.client(debugging=False).update(original, target, **options)
    error: Any = caught.value
    return str(error), shown(error.result)


def test_one_request_for_each_object_and_one_look_at_each_kind() -> None:
    before = [*maps("abcd"), a_deployment("x"), a_deployment("y")]
    store = stored(*before)
    assert update(store, before, [*maps("abcd", x="1"), a_deployment("x"), a_deployment("y")]) == ("", "abcdxy", "")
    assert sorted(store.requests()) == ["GET a", "GET x", *[f"PATCH {name}" for name in "abcdxy"]]


def test_server_side_apply_as_it_goes_over_the_wire() -> None:
    store, target = stored(a_map("a")), a_map("a", x="1")
    body = target.object
    update(store, [a_map("a")], [target], force_conflicts=True, dry_run=True)
    asked = store.writes()[0]
    assert (asked.method, asked.content_type, asked.body) == ("PATCH", "application/apply-patch+yaml", body)
    assert asked.query == {"fieldManager": "helm", "fieldValidation": "Strict", "force": "true", "dryRun": "All"}
    assert METADATA in store.asked[0].accept
    assert target.metadata["resourceVersion"]


def test_what_is_not_there_is_created_whether_it_was_known_or_not() -> None:
    store = stored(*maps("ac"))
    assert update(store, maps("abc"), maps("abcd")) == ("bd", "ac", "")
    assert sorted(store.objects) == [a_map(name).path for name in "abcd"]


def test_what_there_is_though_it_was_not_known_is_told() -> None:
    store = stored(*maps("ab"))
    assert update(store, maps("a"), maps("ab", x="1")) == ("", "ab", "")
    assert [line for line in store.lines if "WARN" in line] == [NO_BASELINE.format("b")]


def test_known_objects_of_a_kind_at_once() -> None:
    before = [*maps("abcdefghijkl"), *[a_deployment(name) for name in "mnopqrstuvwx"]]
    store = stored(*before, slow=0.005)
    update(store, before, [*maps("abcdefghijkl", x="1"), *[a_deployment(name) for name in "mnopqrstuvwx"]])
    assert 2 < store.most_at_once <= 8
    assert store.together - {frozenset({"configmaps", "deployments"})} == {
        *(frozenset({"configmaps"}), frozenset({"deployments"}))
    }, "only the look at each kind is for both at once"


def test_updates_that_fail_are_collected_and_nothing_is_deleted() -> None:
    store, events = stored(*maps("abcz")), list[Any]()
    store.faults = {"PATCH a": [conflict("one")], "PATCH c": [invalid("two")]}
    text, result = failed(store, maps("abcz"), maps("abc", x="1"), on_event=events.append)
    assert text == (
        "conflict occurred while applying object shop/a /v1, Kind=ConfigMap: one && "
        "server-side apply failed for object shop/c /v1, Kind=ConfigMap: two"
    )
    assert result == ("", "abc", "")
    assert len(store.objects) == 4
    assert {(type(event), event.resource.name) for event in events} == {(Failed, "a"), (Applied, "b"), (Failed, "c")}


def test_a_creation_that_fails_ends_it_where_it_stands() -> None:
    """Helm goes from object to object: what comes behind, in the same kind too, is left alone."""
    store = stored(*maps("acz"))
    store.faults["PATCH b"] = [invalid("no")]
    text, result = failed(store, maps("acz"), [*maps("abc", x="1"), a_deployment("d")])
    lead = "failed to create resource: server-side apply failed for object shop/b /v1, Kind=ConfigMap: "
    assert text == lead + "no"
    assert result == ("b", "a", "")
    assert store.objects[a_map("a").path]["data"] == {"x": "1"}
    assert store.objects[a_map("c").path]["data"] == {}
    assert len(store.objects) == 3


def test_creations_in_their_place_between_updates() -> None:
    store = stored(*maps("ac"))
    update(store, maps("ac"), maps("abcd", x="1"))
    order = [asked.name for asked in store.writes()]
    assert order == ["a", "b", "c", "d"]


def test_an_object_twice() -> None:
    """The second comes when the first is there."""
    store = stored()
    assert update(store, [], [a_map("a", x="1"), a_map("a", x="2")]) == ("a", "a", "")
    assert store.objects[a_map("a").path]["data"] == {"x": "2"}
    store = stored()
    assert update(store, [], [a_map("a", x="1"), a_map("a", x="2")], server_side=False) == ("a", "a", "")
    assert store.objects[a_map("a").path]["data"] == {"x": "2"}


@pytest.mark.parametrize("options", [{}, {"server_side": False}, {"upgrade_managed_fields": True}])
def test_kinds_that_may_not_be_read(options: dict[str, Any]) -> None:
    """Helm asks for each object first: what comes before is done, the rest isn't."""
    store = stored(*maps("a"), a_deployment("d"))
    store.faults["GET d"] = [forbidden("deployments is forbidden")]
    text, result = failed(store, [*maps("a"), a_deployment("d")], [*maps("a", x="1"), a_deployment("d")], **options)
    assert text == "could not get information about the resource: deployments is forbidden"
    assert result == ("", "a", "")
    assert {asked.name for asked in store.writes()} == {"a"}


def test_an_object_that_can_be_read_no_more_when_its_apply_failed() -> None:
    store = stored(*maps("a"))
    store.faults = {"PATCH a": [invalid("no")], "GET a": [None, forbidden("not yours")]}
    text, _ = failed(store, maps("a"), maps("a", x="1"))
    assert text == "could not get information about the resource: not yours"


def test_a_quota_that_others_count_at_the_same_time() -> None:
    """Only creations are tried again."""
    words = 'Operation cannot be fulfilled on resourcequotas "q": the object has been modified'
    store = stored(*maps("a"))
    store.faults = {"PATCH a": [conflict(words)], "PATCH b": [conflict(words), conflict(words)]}
    text, result = failed(store, maps("a"), maps("ab", x="1"))
    assert text == f"conflict occurred while applying object shop/a /v1, Kind=ConfigMap: {words}"
    assert result == ("b", "a", "")


def test_what_the_target_lacks_is_deleted() -> None:
    store, events = stored(*maps("abc"), a_deployment("d")), list[Any]()
    before = [*maps("abcx"), a_deployment("d")]
    assert update(store, before, maps("b"), on_event=events.append) == ("", "b", "acd")
    assert list(store.objects) == [a_map("b").path]
    assert [asked.body["propagationPolicy"] for asked in store.writes() if asked.method == "DELETE"] == [
        "Background"
    ] * 3
    assert sorted(event.resource.name for event in events if event.action == "deleted") == ["a", "c", "d"]
    about = "namespace=shop name=x kind=ConfigMap"
    assert f'level=DEBUG msg="unable to get object" {about} error="configmaps \\"x\\" not found"' in store.lines


def test_what_the_server_says_is_to_be_kept() -> None:
    """The annotation counts that the object has, not that of the manifest."""
    keep, forget = a_map("a"), a_map("b")
    keep.object["metadata"]["annotations"] = forget.object["metadata"]["annotations"] = {
        "helm.sh/resource-policy": "keep"
    }
    store, events = stored(keep, a_map("b"), a_map("c")), list[Any]()
    assert update(store, [a_map("a"), forget, a_map("c")], [], on_event=events.append) == ("", "", "bc")
    assert list(store.objects) == [keep.path]
    assert [(event.resource.name, event.action) for event in events if event.action == "kept"] == [("a", "kept")]
    assert (
        'level=DEBUG msg="skipping delete due to annotation" namespace=shop name=a kind=ConfigMap'
        " annotation=helm.sh/resource-policy value=keep"
    ) in store.lines


def test_the_same_object_in_another_version_is_not_deleted() -> None:
    store = stored(a_deployment("d"))
    assert update(store, [a_deployment("d", OLD_DEPLOYMENTS)], [a_deployment("d")]) == ("", "d", "")


def test_deletions_that_fail() -> None:
    store = stored(*maps("abcde"))
    store.faults = {"DELETE a": [forbidden("one")], "DELETE c": [forbidden("two")], "GET d": [forbidden("unread")]}
    text, result = failed(store, maps("abcd"), [])
    assert text == (
        "failed to delete resource namespace=shop, name=a, kind=ConfigMap: one && "
        "failed to delete resource namespace=shop, name=c, kind=ConfigMap: two"
    )
    assert result == ("", "", "b")


def test_what_is_said_with_debug() -> None:
    store = stored(*maps("ac"))
    update(store, maps("ac"), maps("ab"))
    assert store.lines == [
        (
            'level=DEBUG msg="using server-side apply for resource creation"'
            " forceConflicts=false dryRun=false fieldValidationDirective=Strict"
        ),
        (
            'level=DEBUG msg="using server-side apply for resource update"'
            " forceConflicts=false dryRun=false fieldValidationDirective=Strict upgradeClientSideFieldManager=false"
        ),
        'level=DEBUG msg="checking resources for changes" resources=2',
        'level=DEBUG msg="Patched resource" namespace=shop name=a gvk="/v1, Kind=ConfigMap"',
        'level=DEBUG msg="Created resource via patch" namespace=shop name=b gvk="/v1, Kind=ConfigMap"',
        'level=DEBUG msg="created a new resource" namespace=shop name=b kind=ConfigMap',
        'level=DEBUG msg="deleting resource" namespace=shop name=c kind=ConfigMap',
    ]


# client-side


def test_a_client_side_patch() -> None:
    store, target = stored(a_map("a", x="1", theirs="1")), a_map("a", y="2")
    assert update(store, [a_map("a", x="1")], [target], server_side=False) == ("", "a", "")
    assert store.requests() == ["GET a", "PATCH a"]
    assert store.objects[target.path]["data"] == {"y": "2", "theirs": "1"}


def test_a_client_side_patch_as_it_goes_over_the_wire() -> None:
    store = stored(a_map("a", x="1"))
    update(store, [a_map("a", x="1")], [a_map("a", y="2")], server_side=False)
    asked = store.writes()[0]
    assert asked.content_type == "application/strategic-merge-patch+json"
    assert asked.query == {"fieldManager": "helm"}
    assert asked.body == {"data": {"x": None, "y": "2"}}
    assert store.asked[0].accept == "application/json"


def test_nothing_is_sent_where_nothing_changes() -> None:
    before = maps("abcdefgh", x="1")
    store, events = stored(*before), list[Any]()
    target = maps("abcdefgh", x="1")
    assert update(store, before, target, server_side=False, on_event=events.append)[1] == "abcdefgh"
    assert store.writes() == []
    assert store.requests() == ["GET configmaps"]
    assert {event.action for event in events} == {"unchanged"}
    assert target[3].metadata["resourceVersion"] == "4", "the resource is as it is on the server"
    assert 'level=DEBUG msg="no changes detected" kind=ConfigMap name=a' in store.lines


def test_the_baseline_is_the_cluster_where_the_original_is_not_known() -> None:
    """So that what only the cluster has goes: Helm's way of taking over an object."""
    store = stored(a_map("a", x="1", theirs="1"))
    update(store, [], [a_map("a", x="2")], server_side=False)
    assert store.objects[a_map("a").path]["data"] == {"x": "2"}
    assert NO_BASELINE.format("a") in store.lines


@pytest.mark.parametrize(
    ("three_way", "patch"), [(False, {"spec": {"a": 2}}), (True, {"spec": {"a": 2, "b": {"c": 1}, "gone": None}})]
)
def test_custom_resources(three_way: bool, patch: Any) -> None:
    live = a_widget(a=1, b={"c": 9}, gone=1)
    store = stored(live)
    original = a_widget(a=1, b={"c": 1}, **({"gone": 1} if three_way else {}))
    update(store, [original], [a_widget(a=2, b={"c": 1})], server_side=False, three_way=three_way)
    assert [(asked.content_type, asked.body) for asked in store.writes()] == [("application/merge-patch+json", patch)]


def test_client_side_creation() -> None:
    store = stored(*maps("a"))
    store.faults["POST configmaps"] = [None, invalid("no")]
    text, result = failed(store, maps("a"), maps("abcd", x="1"), server_side=False)
    assert text == "failed to create resource: no"
    assert result == ("bc", "a", "")
    assert store.writes()[1].query == {"fieldManager": "helm"}


def test_patches_that_fail() -> None:
    store = stored(*maps("ab"), a_deployment("d", oops={"a": 1}))
    store.faults["PATCH a"] = [invalid("field is immutable")]
    before = [*maps("ab"), a_deployment("d", oops={"a": 1})]
    text, result = failed(store, before, [*maps("ab", x="1"), a_deployment("d", oops={"a": 2})], server_side=False)
    assert text == (
        'cannot patch "a" with kind ConfigMap: field is immutable && '
        'failed to create patch: unable to find api field in struct DeploymentSpec for the json field "oops"'
    )
    assert result == ("", "abd", "")


# replace


def test_objects_are_replaced() -> None:
    store, target = stored(a_map("a", x="1")), a_map("a", y="1")
    assert update(store, [a_map("a")], [target, a_map("b")], server_side=False, force_replace=True) == ("b", "a", "")
    put = store.writes()[0]
    assert (put.method, put.query) == ("PUT", {"fieldManager": "helm", "fieldValidation": "Strict"})
    assert put.body["metadata"] == {"name": "a", "resourceVersion": "1"}
    assert store.objects[target.path]["data"] == {"y": "1"}
    assert 'level=DEBUG msg="replace succeeded" name=a initialKind=ConfigMap kind=ConfigMap' in store.lines


def test_a_replacement_that_fails() -> None:
    store = stored(*maps("ab"))
    store.faults["PUT a"] = [conflict("the object has been modified")]
    text, _ = failed(store, maps("ab"), maps("ab", x="1"), server_side=False, force_replace=True)
    assert text == "failed to replace object: the object has been modified"
    assert store.objects[a_map("b").path]["data"] == {"x": "1"}


# from client-side to server-side


def owned_by_updates(name: str, **data: str) -> Resource:
    one = a_map(name, **data)
    fields = {"f:data": {".": {}, "f:x": {}}}
    one.object["metadata"]["managedFields"] = [
        {"manager": "helm", "operation": "Update", "apiVersion": "v1", "fieldsType": "FieldsV1", "fieldsV1": fields}
    ]
    return one


def test_fields_are_taken_over_before_the_apply() -> None:
    store = stored(owned_by_updates("a", x="1"), a_map("b"))
    update(store, maps("ab"), maps("ab", x="2"), upgrade_managed_fields=True)
    patches = [asked for asked in store.writes() if asked.name == "a"]
    assert [asked.content_type for asked in patches] == [JSON_PATCH, "application/apply-patch+yaml"]
    assert patches[0].query == {"fieldManager": "helm", "fieldValidation": "Strict"}
    assert patches[0].body[0]["value"][0]["operation"] == "Apply"
    assert patches[0].body[1] == {"op": "replace", "path": "/metadata/resourceVersion", "value": "1"}
    assert sorted(store.requests()) == ["GET a", "GET b", "PATCH a", "PATCH a", "PATCH b"]
    words = "Upgraded object client-side field management with server-side apply field management"
    assert f'level=DEBUG msg="{words}" namespace=shop name=a gvk="/v1, Kind=ConfigMap"' in store.lines


def test_an_object_that_changes_meanwhile_is_read_again() -> None:
    store = stored(owned_by_updates("a", x="1"))
    store.faults["PATCH a"] = [conflict(), conflict()]
    update(store, maps("a"), maps("a", x="2"), upgrade_managed_fields=True)
    assert store.requests() == ["GET a", "PATCH a", "GET a", "PATCH a", "GET a", "PATCH a", "PATCH a"]


def test_a_lost_answer_is_no_reason_to_do_it_twice() -> None:
    store = stored(owned_by_updates("a", x="1"))
    store.after["PATCH a"] = UnreachableError("EOF", sent=True)
    update(store, maps("a"), maps("a", x="2"), upgrade_managed_fields=True)
    assert store.requests() == ["GET a", "PATCH a", "GET a", "PATCH a"]


@pytest.mark.parametrize(
    ("faults", "words"),
    [
        ({"PATCH a": [conflict("c") for _ in range(5)]}, "c"),
        (
            {"PATCH a": [forbidden("no")]},
            "failed to patch object to upgrade CSA field manager shop/a /v1, Kind=ConfigMap: no",
        ),
        (
            {"PATCH a": [conflict()], "GET a": [None, forbidden("no")]},
            "failed to get object shop/a /v1, Kind=ConfigMap: no",
        ),
        ({"PATCH a": [None, invalid("no")]}, "server-side apply failed for object shop/a /v1, Kind=ConfigMap: no"),
    ],
)
def test_taking_over_that_fails(faults: Any, words: str) -> None:
    store = stored(owned_by_updates("a", x="1"))
    store.faults = faults
    text, result = failed(store, maps("a"), maps("a", x="2"), upgrade_managed_fields=True)
    assert (text, result) == (words, ("", "a", ""))


# whether something changed


@pytest.mark.parametrize(
    ("applied", "action"),
    [
        ("2026-11-21T15:03:28Z", "configured"),
        ("2026-11-21T15:03:27Z", "configured"),
        ("2026-11-21T15:03:26Z", "unchanged"),
        ("2025-01-01T00:00:00Z", "unchanged"),
    ],
)
def test_the_time_of_the_last_change_tells_whether_it_was_this_one(applied: str, action: str) -> None:
    """The answers have the date 2026-11-21T15:03:28Z."""
    one, events = a_map("a"), list[Any]()
    one.object["metadata"]["managedFields"] = [
        {**APPLIED, "time": applied},
        {"manager": "other", "operation": "Apply", "time": "2026-11-21T15:03:28Z"},
    ]
    update(stored(one), maps("a"), maps("a"), on_event=events.append)
    assert [event.action for event in events] == [action]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            {"server_side": False, "force_conflicts": True},
            "invalid client update option(s): forceConflicts enabled when serverSideApply disabled",
        ),
        (
            {"three_way": True},
            "invalid operation: cannot use three-way merge for unstructured and server-side apply together",
        ),
        (
            {"force_conflicts": True, "force_replace": True},
            "invalid operation: cannot use force conflicts and force replace together",
        ),
        ({"force_replace": True}, "invalid operation: cannot use server-side apply and force replace together"),
    ],
)
def test_options_that_contradict_each_other(options: dict[str, Any], words: str) -> None:
    store = stored(*maps("a"))
    with pytest.raises(KubernetesError) as caught:
        update(store, maps("a"), maps("a"), **options)
    assert str(caught.value) == words
    assert store.asked == []


def test_manifests_are_not_changed() -> None:
    before, target = maps("abc", x="1"), maps("abd", x="2")
    texts = [json.dumps(one.object) for one in (*before, *target)]
    bodies = [one.object for one in (*before, *target)]
    for options in ({}, {"server_side": False}, {"server_side": False, "force_replace": True}):
        store = stored(*[owned_by_updates(name, x="0") for name in "abc"])
        update(store, [one.copy() for one in before], [one.copy() for one in target], **options)
    assert [json.dumps(body) for body in bodies] == texts
