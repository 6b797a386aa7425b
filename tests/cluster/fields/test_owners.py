"""Who owns what after writes. Whole requests are compared with a real server's answers by the stories."""

from __future__ import annotations

import copy

import pytest

from navarch.cluster.fields import apply, finish, keep_times, updated
from navarch.cluster.fields.owners import Key, Owner, cap, decode, encode
from navarch.cluster.fields.reset import reset_of
from navarch.cluster.fields.scale import to_parent, to_scale
from navarch.cluster.fields.types import type_of
from navarch.cluster.fields.versions import reconcile
from navarch.cluster.problems import Problem
from navarch.cluster.types.builtin import builtin, definition
from navarch.cluster.types.catalog import Catalog

CATALOG = Catalog(builtin())
NOW, LATER = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"


def about(api_version, kind):
    group, _, version = api_version.rpartition("/")
    resource = CATALOG.kind(group, version, kind)
    return {"api_version": api_version, "schema": resource.schema, "resource": resource, "catalog": CATALOG}


MAPS = about("v1", "ConfigMap")


def a_map(*, metadata=None, **data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m", **(metadata or {})}, "data": data}


def applied(live, patch, manager="one", *, force=False, now=NOW, **target):
    before = copy.deepcopy(live)
    found = apply(live, patch, manager=manager, force=force, now=now, **(target or MAPS))
    assert live == before
    finish(found, found.object)
    found.object["metadata"]["uid"] = "u"
    return found.object


def changed(live, new, manager="one", *, given=None, subresource="", **target):
    made = copy.deepcopy(new)
    updated(live, made, manager=manager, now=NOW, subresource=subresource, given=given, **(target or MAPS))
    made["metadata"]["uid"] = "u"
    return made


def entries(obj):
    return {
        (entry["manager"], entry["operation"]): entry["fieldsV1"] for entry in obj["metadata"].get("managedFields", ())
    }


def test_what_is_applied_is_owned_but_for_what_everyone_has():
    made = applied(None, a_map(metadata={"labels": {"a": "b"}, "namespace": "n"}, k="v"))
    assert made["metadata"]["managedFields"] == [
        {
            "manager": "one",
            "operation": "Apply",
            "apiVersion": "v1",
            "time": NOW,
            "fieldsType": "FieldsV1",
            "fieldsV1": {"f:data": {"f:k": {}}, "f:metadata": {"f:labels": {"f:a": {}}}},
        }
    ]


def test_what_is_no_longer_applied_goes_unless_another_owns_it():
    live = applied(None, a_map(mine="1", shared="1"))
    live = applied(live, a_map(shared="1"), "two")
    live = applied(live, a_map(), "one")
    assert live["data"] == {"shared": "1"}
    assert entries(live) == {("two", "Apply"): {"f:data": {"f:shared": {}}}, ("one", "Apply"): {"f:data": {}}}


def test_what_another_owns_is_taken_by_force_alone():
    live = applied(None, a_map(k="1", other="2"))
    live = changed(live, {**live, "data": {"k": "2", "other": "3"}}, "edit")
    with pytest.raises(Problem) as caught:
        applied(live, a_map(k="3", other="4"), "two")
    assert caught.value.status() == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": 'Apply failed with 2 conflicts: conflicts with "edit" using v1:\n- .data.k\n- .data.other',
        "reason": "Conflict",
        "details": {
            "causes": [
                {"reason": "FieldManagerConflict", "message": 'conflict with "edit" using v1', "field": ".data.k"},
                {"reason": "FieldManagerConflict", "message": 'conflict with "edit" using v1', "field": ".data.other"},
            ]
        },
        "code": 409,
    }
    live = applied(live, a_map(k="3", other="4"), "two", force=True)
    assert entries(live) == {("two", "Apply"): {"f:data": {"f:k": {}, "f:other": {}}}}


def test_applying_the_same_again_changes_nothing_not_even_a_time():
    live = applied(None, a_map(k="v"))
    assert applied(live, a_map(k="v"), now=LATER) == live
    entry = applied(live, a_map(k="v"), "two", now=LATER)["metadata"]["managedFields"]
    assert [("time" in one, one["manager"]) for one in entry] == [(False, "two"), (True, "one")]


def test_times_are_kept_where_nothing_else_changed():
    live = applied(None, a_map(k="v"))
    new = copy.deepcopy(live)
    new["metadata"]["managedFields"][0]["time"] = LATER
    again = copy.deepcopy(new)
    keep_times(again, live)
    assert again == live
    other = {**new, "data": {"k": "w"}}
    keep_times(other, live)
    assert other["metadata"]["managedFields"][0]["time"] == LATER


def test_owners_of_unknown_origin_have_it_all():
    live = a_map(k="v", metadata={"uid": "u"})
    live = applied(live, a_map(k="v"), "one")
    assert entries(live) == {
        ("one", "Apply"): {"f:data": {"f:k": {}}},
        ("before-first-apply", "Update"): {"f:data": {".": {}, "f:k": {}}},
    }


@pytest.mark.parametrize("reset", [[], [{}]])
def test_owners_are_forgotten_on_demand(reset):
    live = applied(None, a_map(k="v"))
    new = copy.deepcopy(live)
    new["metadata"]["managedFields"] = reset
    assert "managedFields" not in changed(live, new)["metadata"]


def test_owners_that_make_no_sense_are_not_taken():
    live = applied(None, a_map(k="v"))
    new = copy.deepcopy(live)
    new["metadata"]["managedFields"] = [{"manager": "x", "operation": "Update"}]
    assert changed(live, new)["metadata"]["managedFields"] == live["metadata"]["managedFields"]
    new["metadata"]["managedFields"] = [
        {
            "manager": "x",
            "operation": "Apply",
            "apiVersion": "v1",
            "fieldsType": "FieldsV1",
            "fieldsV1": {"f:data": {}},
        },
        {
            "manager": "y",
            "operation": "Apply",
            "apiVersion": "no/v1",
            "fieldsType": "FieldsV1",
            "fieldsV1": {"f:a": {}},
        },
    ]
    assert entries(changed(live, new)) == {("x", "Apply"): {"f:data": {}}}


def test_whoever_sends_what_is_empty_in_a_list_owns_the_list_anew():
    target = about("rbac.authorization.k8s.io/v1", "Role")
    rule = {"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "r"}, "rules": [rule]}
    live = changed(None, role, "one", **target)
    assert entries(changed(live, live, "two", given=role, **target)) == {("one", "Update"): {"f:rules": {}}}
    given = {**role, "rules": [{**rule, "resourceNames": []}]}
    assert entries(changed(live, live, "two", given=given, **target)) == {("two", "Update"): {"f:rules": {}}}


def test_parts_of_what_is_one_field_by_now_become_the_whole():
    kind = type_of(definition("io.k8s.api.apps.v1.Deployment"))
    fields = {"f:spec": {"f:selector": {"f:matchLabels": {"f:a": {}}}, "f:replicas": {}}}
    assert reconcile(kind, fields) == {"f:spec": {"f:selector": {}, "f:replicas": {}}}


def test_the_status_is_not_owned_through_the_main_address():
    target = about("apps/v1", "Deployment")
    new = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d", "labels": {"a": "b"}}}
    new |= {"spec": {"paused": True, "selector": None, "template": {}, "strategy": {}}, "status": {"replicas": 1}}
    made = changed(None, new, **target)
    assert entries(made) == {
        ("one", "Update"): {"f:metadata": {"f:labels": {".": {}, "f:a": {}}}, "f:spec": {"f:paused": {}}}
    }
    after = {**made, "spec": {**made["spec"], "paused": False}, "status": {"replicas": 2}}
    after["metadata"] = {**made["metadata"], "labels": {"a": "c"}}
    found = changed(made, after, "two", subresource="status", **target)
    assert entries(found)["two", "Update"] == {"f:status": {"f:replicas": {}}}


@pytest.mark.parametrize(
    ("kind", "subresource", "left"),
    [
        (("v1", "Pod"), "resize", {"f:spec": {"f:containers": {'k:{"name":"a"}': {"f:resources": {"f:x": {}}}}}}),
        (("v1", "Pod"), "ephemeralcontainers", {"f:spec": {"f:ephemeralContainers": {'v:"x"': {}}}}),
        (("v1", "Pod"), "status", {"f:metadata": {"f:labels": {}}, "f:status": {"f:phase": {}}}),
        (("networking.k8s.io/v1", "ServiceCIDR"), "status", {"f:status": {"f:phase": {}}}),
        (("v1", "ConfigMap"), "", None),
    ],
)
def test_some_addresses_reach_only_some_fields(kind, subresource, left):
    fields = {
        "f:metadata": {"f:labels": {}, "f:ownerReferences": {}},
        "f:spec": {
            "f:containers": {'k:{"name":"a"}': {"f:image": {}, "f:resources": {"f:x": {}}}},
            "f:ephemeralContainers": {'v:"x"': {}},
        },
        "f:status": {"f:phase": {}},
    }
    found = reset_of(about(*kind)["resource"], subresource).left(fields)
    assert found == (fields if left is None else left)


def test_the_oldest_of_many_updaters_become_one():
    owners = {
        Key(f"m{n:02}", "Update", "v1", ""): Owner(
            {"f:data": {f"f:k{n:02}": {}}}, "v1", f"2026-01-{n + 1:02}T00:00:00Z"
        )
        for n in range(12)
    }
    found = encode(cap(owners))
    assert len(found) == 10
    assert found[0]["manager"] == "ancient-changes"
    assert found[0]["time"] == "2026-01-03T00:00:00Z"
    assert found[0]["fieldsV1"] == {"f:data": {"f:k00": {}, "f:k01": {}, "f:k02": {}}}
    assert decode(encode(decode(found))) == decode(found)


def test_entries_come_by_operation_time_and_name():
    names = [("b", "Update", NOW), ("a", "Update", LATER), ("c", "Apply", LATER), ("z", "Apply", "")]
    owners = {
        Key(name, operation, "v1" if operation == "Update" else "", ""): Owner({"f:data": {}}, "v1", time)
        for name, operation, time in names
    }
    assert [entry["manager"] for entry in encode(owners)] == ["z", "c", "b", "a"]
    assert list(encode(owners)[0]) == ["manager", "operation", "apiVersion", "fieldsType", "fieldsV1"]
    assert list(encode(owners, alphabetical=True)[1]) == [
        "apiVersion", "fieldsType", "fieldsV1", "manager", "operation", "time",
    ]  # fmt: skip


def test_a_scale_has_the_owners_of_the_number_and_gives_them_back():
    paths: dict[str, tuple[str, ...] | None] = {"apps/v1": ("f:spec", "f:replicas")}
    parent = encode(
        {
            Key("helm", "Apply", "", ""): Owner({"f:spec": {"f:paused": {}, "f:replicas": {}}}, "apps/v1", NOW),
            Key("other", "Apply", "", ""): Owner({"f:spec": {"f:paused": {}}}, "apps/v1", NOW),
        }
    )
    scale = to_scale(parent, paths)
    assert [(one["manager"], one["apiVersion"], one["fieldsV1"]) for one in scale] == [
        ("helm", "autoscaling/v1", {"f:spec": {"f:replicas": {}}})
    ]
    assert to_parent(parent, scale, "apps/v1", paths) == parent
    mine = {**scale[0], "manager": "hpa", "subresource": "scale", "time": LATER}
    found = to_parent(parent, [mine], "apps/v1", paths)
    assert [(one["manager"], one["fieldsV1"], one.get("time")) for one in found] == [
        ("hpa", {"f:spec": {"f:replicas": {}}}, None),
        ("helm", {"f:spec": {"f:paused": {}}}, NOW),
        ("other", {"f:spec": {"f:paused": {}}}, NOW),
    ]


@pytest.mark.parametrize(
    ("patch", "message"),
    [
        ([], "invalid object type: /, Kind="),
        ({}, "invalid object type: /, Kind="),
        ({"apiVersion": "a/b/c", "kind": "ConfigMap"}, "invalid object type: /, Kind="),
        ({"apiVersion": 1, "kind": ["x"]}, "invalid object type: /, Kind="),
        ({"apiVersion": "apps/v1", "kind": "ConfigMap"}, "invalid object type: apps/v1, Kind=ConfigMap"),
        (a_map(metadata={"managedFields": []}), "metadata.managedFields must be nil"),
    ],
)
def test_what_is_no_such_object_cannot_be_applied(patch, message):
    with pytest.raises(Problem) as caught:
        applied(None, patch)
    assert (caught.value.code, caught.value.message) == (400, message)


@pytest.mark.parametrize("metadata", [1, "x", ["x"], {"annotations": 3}, {"labels": {"a": 1}}, {"finalizers": [None]}])
def test_bad_metadata_is_refused(metadata):
    live = applied(None, a_map(k="v", metadata={"annotations": {"a": "b"}}))
    with pytest.raises(Problem) as caught:
        applied(live, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}, "kubectl")
    assert caught.value.code == 500


@pytest.mark.parametrize("metadata", [None, {"name": None}, {"labels": None}, {"annotations": None}])
def test_null_is_nothing(metadata):
    live = applied(None, a_map(k="v", metadata={"annotations": {"a": "b"}}))
    made = applied(live, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}, "kubectl")
    assert made["metadata"]["annotations"] == {"a": "b"}


def test_values_may_be_nested_deeply():
    value = {}
    for _ in range(9000):
        value = {"a": value}
    target = about("apps/v1", "ControllerRevision")
    patch = {
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": {"name": "r"},
        "data": value,
        "revision": 1,
    }
    made = apply(None, patch, manager="one", force=False, now=NOW, **target)
    finish(made, made.object)
    again = apply(made.object, patch, manager="one", force=False, now=LATER, **target)
    assert [entry["time"] for entry in again.managed] == [NOW]
