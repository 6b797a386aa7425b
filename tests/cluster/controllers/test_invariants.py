"""Whatever is done to a cluster, in the end it is as it should be, and then nothing more happens."""

from __future__ import annotations

from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from navarch.cluster.api import Api
from navarch.cluster.controllers import Controllers
from navarch.cluster.controllers.objects import controller_of
from navarch.cluster.problems import Problem

from .conftest import World, deployment, set_faults, template

_NAMES = st.sampled_from(["a", "b"])
_KINDS = st.sampled_from(["deployments", "statefulsets", "daemonsets", "jobs"])
_FAULTS = st.sampled_from([{}, {"log": "x"}, {"fail": "crash"}, {"fail": "unschedulable"}, {"slow": "30s"}])
_STEP = st.one_of(
    st.tuples(st.just("create"), _KINDS, _NAMES, st.integers(0, 4)),
    st.tuples(st.just("scale"), _KINDS, _NAMES, st.integers(0, 4)),
    st.tuples(st.just("change"), _KINDS, _NAMES, _FAULTS),
    st.tuples(st.just("delete"), _KINDS, _NAMES, st.sampled_from(["", "Background", "Foreground", "Orphan"])),
    st.tuples(st.just("kill"), st.just("pods"), st.just(""), st.integers(0, 9)),
    st.tuples(st.just("wait"), st.just(""), st.just(""), st.sampled_from([0, 1, 40])),
)


def _create(world: World, kind: str, name: str, size: int) -> None:
    made = deployment(name, size)
    if kind == "statefulsets":
        made["spec"]["serviceName"] = name
    elif kind == "daemonsets":
        del made["spec"]["replicas"]
    elif kind == "jobs":
        made["spec"] = {"template": template({}, {"slow": "5s"}, restartPolicy="Never"), "completions": size}
    world.create(kind, made)


def _do(world: World, verb: str, kind: str, name: str, value: object) -> None:
    if verb == "create":
        _create(world, kind, name, int(str(value)))
    elif verb == "scale" and kind in ("deployments", "statefulsets"):
        world.change(kind, name, lambda obj: obj["spec"].update(replicas=value))
    elif verb == "change" and kind != "jobs" and isinstance(value, dict):
        world.change(kind, name, lambda obj: set_faults(obj, value))
    elif verb == "delete":
        world.delete(kind, name, str(value))
    elif verb == "kill":
        names = world.names("pods")
        if names:
            world.delete("pods", names[int(str(value)) % len(names)])
    elif verb == "wait":
        world.wait(float(str(value)))


def _check(world: World) -> None:
    pods = Counter((controller_of(pod) or {}).get("uid") for pod in world.list("pods"))
    for one in world.list("replicasets"):
        assert pods[one["metadata"]["uid"]] == one["spec"]["replicas"] == one["status"]["replicas"]
    for kind in ("deployments", "statefulsets", "daemonsets"):
        for one in world.list(kind):
            assert one["status"]["observedGeneration"] == one["metadata"]["generation"]
    for one in world.list("daemonsets"):
        assert pods[one["metadata"]["uid"]] == 1
    alive = {
        one["metadata"]["uid"]
        for kind in ("replicasets", "statefulsets", "daemonsets", "jobs")
        for one in world.list(kind)
    }
    assert set(pods) - {None} <= alive
    assert not [one for one in world.list("pods") if "deletionTimestamp" in one["metadata"]]
    addresses = [one["status"]["podIP"] for one in world.list("pods") if "podIP" in one["status"]]
    assert len(addresses) == len(set(addresses))


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_STEP, min_size=3, max_size=14))
def test_all_comes_to_rest(steps: list[tuple[str, str, str, object]]) -> None:
    world = World()
    world.settle()
    for step in steps:
        try:
            _do(world, *step)
        except Problem as problem:  # there is no such object, or one already
            if problem.code not in (404, 409, 422):
                raise
    world.wait(60)
    _check(world)
    before = world.store.revision
    again = Controllers(Api(world.store, clock=world.clock))
    again.settle()
    assert not again.failures
    assert world.store.revision == before
