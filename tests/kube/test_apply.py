"""Objects created, deleted and replaced: which requests that takes, and what Helm says when they fail."""

from __future__ import annotations

from typing import Any

import pytest

from navarch.errors import KubernetesError, UnreachableError
from navarch.kube.change import encode
from navarch.kube.discovery import Mapping
from navarch.kube.events import Applied, Failed
from navarch.kube.objects import Resource
from navarch.kube.transport import Response
from support.store import Asked, Store, conflict, forbidden, invalid

MAPS = Mapping("", "v1", "ConfigMap", "configmaps", namespaced=True)
DEPLOYMENTS = Mapping("apps", "v1", "Deployment", "deployments", namespaced=True)
ROLES = Mapping("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", namespaced=False)
QUOTA = 'Operation cannot be fulfilled on resourcequotas "q": the object has been modified; please apply your changes'


def a_map(name: str, **data: str) -> Resource:
    body: dict[str, Any] = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}
    return Resource(MAPS, "shop", name, body)


def a_deployment(name: str) -> Resource:
    return Resource(
        DEPLOYMENTS, "shop", name, {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}}
    )


def stored(*resources: Resource) -> Store:
    return Store({resource.path: resource.object for resource in resources})


def raised(work: Any, *args: Any, **options: Any) -> KubernetesError:
    with pytest.raises(KubernetesError) as caught:
        work(*args, **options)
    return caught.value


def test_created_by_server_side_apply() -> None:
    store, one = Store(), a_map("a", x="1")
    created = store.client().create([one], force_conflicts=True, dry_run=True)
    query = {"fieldManager": "helm", "fieldValidation": "Strict", "force": "true", "dryRun": "All"}
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"x": "1"}}
    path = "/api/v1/namespaces/shop/configmaps/a"
    assert store.asked == [Asked("PATCH", path, query, body, "application/apply-patch+yaml", "application/json")]
    assert created == [one]
    assert one.metadata["resourceVersion"]


def test_created_client_side() -> None:
    """Without field validation, as Helm does it, and without a resourceVersion."""
    store, one = Store(), a_map("a")
    one.object["metadata"]["resourceVersion"] = "7"
    given = one.object
    store.client().create([one], server_side=False)
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "resourceVersion": ""}, "data": {}}
    path = "/api/v1/namespaces/shop/configmaps"
    assert store.asked == [Asked("POST", path, {"fieldManager": "helm"}, body, "application/json", "application/json")]
    assert given["metadata"]["resourceVersion"] == "7", "a manifest is not changed"
    assert one.metadata["resourceVersion"] != "7"


def test_what_has_no_namespace() -> None:
    store = Store()
    role = Resource(ROLES, "", "r", {"metadata": {"name": "r"}})
    store.client().create([role])
    assert store.asked[0].path == "/apis/rbac.authorization.k8s.io/v1/clusterroles/r"


def test_kinds_in_turn_and_their_objects_at_once() -> None:
    store = Store(slow=0.005)
    resources = [*[a_map(f"m{i}") for i in range(20)], *[a_deployment(f"d{i}") for i in range(20)]]
    assert store.client().create(resources) == resources
    assert {frozenset({"configmaps"}), frozenset({"deployments"})} == store.together
    assert 2 < store.most_at_once <= 8


@pytest.mark.parametrize("server_side", [True, False])
def test_all_are_tried_and_errors_come_in_the_order_of_objects(server_side: bool) -> None:
    verb = "PATCH" if server_side else "POST"
    store = Store(slow=0.001)
    names = "abcdef"
    if server_side:
        store.faults = {f"{verb} b": [invalid("first")], f"{verb} e": [forbidden("second")]}
    else:
        store.faults = {f"{verb} configmaps": [invalid("first"), None, None, None, forbidden("second")]}
    events: list[Any] = []
    error = raised(
        store.client().create, [*map(a_map, names), a_deployment("d")], server_side=server_side, on_event=events.append
    )
    lead = "server-side apply failed for object shop/{} /v1, Kind=ConfigMap: "
    lines = [lead.format("b") + "first", lead.format("e") + "second"] if server_side else ["first", "second"]
    assert sorted(str(error).split("\n")) == sorted(lines)
    assert len(store.objects) == 5
    result: Any = error.result  # type: ignore[attr-defined]
    assert len(result.created) == 5
    assert sorted(event.reason for event in events if isinstance(event, Failed)) == sorted(lines)
    assert [event.action for event in events if isinstance(event, Applied)] == ["created"] * 5


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (
            conflict("Apply failed with 1 conflict"),
            "conflict occurred while applying object shop/a /v1, Kind=ConfigMap: ",
        ),
        (invalid("wrong"), "server-side apply failed for object shop/a /v1, Kind=ConfigMap: "),
        (UnreachableError("gone"), "server-side apply failed for object shop/a /v1, Kind=ConfigMap: "),
    ],
)
def test_words_around_what_the_server_says(fault: KubernetesError, words: str) -> None:
    store, said = Store(), str(fault)
    store.faults["PATCH a"] = [fault]
    error = raised(store.client().create, [a_map("a")])
    assert str(error) == words + said
    assert type(error) is type(fault), "it can still be told what it was"


def test_a_server_without_server_side_apply() -> None:
    store, fault = Store(), invalid("unsupported")
    fault.code = 415
    store.faults["PATCH a"] = [fault]
    error = raised(store.client().create, [a_map("a")])
    assert str(error) == "server-side apply not available on the server: unsupported"


def test_no_objects() -> None:
    assert str(raised(Store().client().create, [])) == "no objects visited"


def test_names_that_can_not_be() -> None:
    error = raised(Store().client().create, [a_map("")])
    assert str(error) == (
        "server-side apply failed for object shop/ /v1, Kind=ConfigMap: resource name may not be empty"
    )


def test_options_that_contradict_each_other() -> None:
    error = raised(Store().client().create, [a_map("a")], server_side=False, force_conflicts=True)
    assert str(error) == ("invalid client create option(s): forceConflicts enabled when serverSideApply disabled")


def test_a_quota_that_others_count_at_the_same_time() -> None:
    store = Store()
    store.faults["PATCH a"] = [conflict(QUOTA) for _ in range(4)]
    store.client().create([a_map("a")])
    assert store.requests() == ["PATCH a"] * 5
    store.faults["PATCH b"] = [conflict(QUOTA) for _ in range(9)]
    error = raised(store.client().create, [a_map("b")])
    assert str(error) == f"conflict occurred while applying object shop/b /v1, Kind=ConfigMap: {QUOTA}"
    assert store.requests() == ["PATCH b"] * 5


def test_other_conflicts_are_not_tried_again() -> None:
    store = Store()
    store.faults["PATCH a"] = [conflict("with kubectl")]
    raised(store.client().create, [a_map("a")])
    assert store.requests() == ["PATCH a"]


def test_a_post_is_tried_again_after_a_conflict() -> None:
    store = Store()
    store.faults["POST configmaps"] = [conflict(), conflict()]
    store.client().create([a_map("a")], server_side=False)
    assert store.requests() == ["POST configmaps"] * 3


def test_a_post_whose_answer_is_lost() -> None:
    """The object is there: that is all that was wanted."""
    store, one = Store(), a_map("a")
    store.after["POST configmaps"] = UnreachableError("EOF", sent=True)
    store.client().create([one], server_side=False)
    assert store.requests() == ["POST configmaps", "GET a"]
    assert one.metadata["resourceVersion"]


def test_a_post_that_is_lost() -> None:
    store = Store()
    store.faults["POST configmaps"] = [UnreachableError("EOF", sent=True)]
    store.client().create([a_map("a")], server_side=False)
    assert store.requests() == ["POST configmaps", "GET a", "POST configmaps"]


def test_a_post_that_was_never_sent() -> None:
    store = Store()
    store.faults["POST configmaps"] = [UnreachableError("refused")]
    assert str(raised(store.client().create, [a_map("a")], server_side=False)) == "refused"
    assert store.requests() == ["POST configmaps"]


@pytest.mark.parametrize("answer", [b"[]", b'"x"', b'{"metadata":[1]}'])
def test_answers_that_are_no_objects(answer: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store()
    monkeypatch.setattr(store, "request", lambda *_, **__: Response(200, {}, answer))
    for server_side in (True, False):
        error = raised(store.client().create, [a_map("a")], server_side=server_side)
        assert str(error) == "the server's answer is not an object"


def test_what_is_said_with_debug() -> None:
    store = Store()
    store.faults["PATCH b"] = [invalid("no")]
    raised(store.client().create, [a_map("a"), a_map("b")])
    assert store.lines == [
        'level=DEBUG msg="creating resource(s)" resources=2',
        (
            'level=DEBUG msg="using server-side apply for resource creation"'
            " forceConflicts=false dryRun=false fieldValidationDirective=Strict"
        ),
        'level=DEBUG msg="Created resource via patch" namespace=shop name=a gvk="/v1, Kind=ConfigMap"',
        (
            'level=DEBUG msg="Error creating resource via patch" namespace=shop name=b gvk="/v1, Kind=ConfigMap"'
            ' error="server-side apply failed for object shop/b /v1, Kind=ConfigMap: no"'
        ),
    ]
    store = Store()
    store.client().create([a_map("a")], server_side=False)
    assert store.lines[1:] == ['level=DEBUG msg="using client-side apply for resource creation"']


@pytest.mark.parametrize("propagation", ["Background", "Foreground", "Orphan"])
def test_deleted(propagation: str) -> None:
    store, events = stored(a_map("a"), a_deployment("d")), list[Any]()
    resources = [a_map("a"), a_map("gone"), a_deployment("d")]
    deleted, errors = store.client().delete(resources, propagation=propagation, on_event=events.append)
    assert (deleted, errors, store.objects) == (resources, [], {})
    assert [asked.body["propagationPolicy"] for asked in store.asked] == [propagation] * 3
    assert sorted(store.requests()) == ["DELETE a", "DELETE d", "DELETE gone"]
    assert [event.action for event in events] == ["deleted"] * 3
    about = "namespace=shop name=gone kind=ConfigMap"
    assert f'level=DEBUG msg="starting delete resource" {about}' in store.lines
    assert f'level=DEBUG msg="ignoring delete failure" {about} error="configmaps \\"gone\\" not found"' in store.lines


def test_deletions_that_fail() -> None:
    store = stored(a_map("a"), a_map("b"), a_map("c"))
    store.faults = {"DELETE a": [forbidden("first")], "DELETE c": [forbidden("third")], "DELETE b": [conflict()]}
    deleted, errors = store.client().delete([a_map("a"), a_map("b"), a_map("c")])
    assert [resource.name for resource in deleted] == ["b"]
    assert [str(error) for error in errors] == ["first", "third"]


def test_nothing_to_delete() -> None:
    deleted, errors = Store().client().delete([])
    assert deleted == []
    assert [str(error) for error in errors] == ["object not found, skipping delete: no objects visited"]


def test_replaced() -> None:
    store, one = stored(a_map("a", x="1")), a_map("a", x="2")
    store.client().replace(one)
    assert [asked.method for asked in store.asked] == ["GET", "PUT"]
    assert store.asked[1].body["metadata"] == {"name": "a", "resourceVersion": "1"}
    assert store.asked[1].query == {"fieldManager": "helm", "fieldValidation": "Strict"}
    assert store.objects[one.path]["data"] == {"x": "2"}
    error = raised(Store().client().replace, a_map("b"))
    assert str(error) == 'failed to replace object: configmaps "b" not found'


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": 1.0, "b": [2.0], "c": 1.5}, '{"a":1,"b":[2],"c":1.5}'),
        ({"a": 1e16}, '{"a":10000000000000000}'),
        ({"v": "v1.0, 2.0"}, '{"v":"v1.0, 2.0"}'),
        ({"é": "…"}, '{"é":"…"}'),
        ({"a": None, "b": True}, '{"a":null,"b":true}'),
    ],
)
def test_numbers_in_bodies_are_written_as_go_does(value: Any, text: str) -> None:
    assert encode(value).decode() == text
