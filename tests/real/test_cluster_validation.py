"""Objects that break rules are refused by a real API server with the Status that the embedded one answers."""

from __future__ import annotations

import json
import ssl
from typing import TYPE_CHECKING

import pytest

from navarch.cluster.api import Api
from navarch.cluster.server import Server
from navarch.cluster.store import Store
from navarch.cluster.types.builtin import builtin
from support import stories
from support.control_plane import ADMIN_TOKEN, server_of
from support.invalid import cases, changed, seeds

if TYPE_CHECKING:
    from typing import Any

pytestmark = pytest.mark.real

PARTS = 4
STAMPS = ("resourceVersion", "uid", "creationTimestamp", "generation")
STORED = [[["metadata", "resourceVersion"], "1"]]
CLASSES = ("priority", "priorityClassName", "preemptionPolicy", "runtimeClassName", "overhead")
UNLIKE = ("Service", "Job")  # they have addresses and UIDs of their own
KINDS = {(one.api_version, one.kind): one for one in builtin()}


@pytest.fixture
def server():
    one = Server(Api(Store()))
    one.start()
    yield one.url
    one.close()


def created() -> list[dict[str, Any]]:
    """A request for each recorded case that is about making an object; nothing is kept."""
    made = [changed(seeds()[case["seed"]], case["new"]) for case in cases() if "old" not in case]
    return [{"do": f"POST {of(one)}?dryRun=All", "body": placed(one)} for one in made]


def updated() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Objects in a namespace, and a request for each case of changing one of them."""
    used = set()
    steps = []
    for case in cases():
        seed = seeds()[case["seed"]]
        if case.get("subresource") or case.get("old") != STORED or "$NS" not in of(seed) or seed["kind"] in UNLIKE:
            continue
        used.add(case["seed"])
        path = f"{of(seed)}/{named(seed, case['seed'])['metadata']['name']}"
        new = placed(named(changed(changed(seed, case["old"]), case["new"]), case["seed"], seed["metadata"]["name"]))
        new["metadata"] = {key: value for key, value in new["metadata"].items() if key not in STAMPS}
        steps.append({"do": f"PUT {path}?dryRun=All", "body": new})
    return [{"do": f"POST {of(seeds()[at])}", "body": placed(named(seeds()[at], at))} for at in sorted(used)], steps


def named(obj: dict[str, Any], number: int, name: str = "") -> dict[str, Any]:
    """With a name that no other has."""
    meta = obj["metadata"]
    if name and meta.get("name") != name:
        return obj
    return {**obj, "metadata": {**meta, "name": f"{meta['name']}-{number}"}}


def of(obj: dict[str, Any]) -> str:
    """The path of its kind."""
    found = KINDS[obj["apiVersion"], obj["kind"]]
    root = f"/apis/{found.group}/{found.version}" if found.group else f"/api/{found.version}"
    return f"{root}/namespaces/$NS/{found.plural}" if found.namespaced else f"{root}/{found.plural}"


def placed(obj: dict[str, Any]) -> dict[str, Any]:
    """In the namespace of the story, without classes of pods, which would have to be there."""
    meta = obj.get("metadata", {})
    if obj["kind"] == "Pod":
        obj = {**obj, "spec": {key: value for key, value in obj["spec"].items() if key not in CLASSES}}
    return {**obj, "metadata": {**meta, "namespace": "$NS"} if "namespace" in meta else meta}


def unlike(cluster: Any, server: str, steps: list[dict[str, Any]]) -> list[str]:
    """What the real one refuses with other words than the embedded one."""
    context = ssl._create_unverified_context()
    wanted = stories.tell("validation", steps, server_of(cluster.kubeconfig), context, ADMIN_TOKEN)
    found = stories.tell("validation", steps, server, None)
    rows = zip(steps, wanted, found, strict=True)
    return [f"{step['do']}\n{json.dumps(a)}\n{json.dumps(b)}" for step, a, b in rows if a["code"] == 422 and a != b]


@pytest.mark.parametrize("part", range(PARTS))
def test_what_is_refused_is_refused_with_the_same_words(part, cluster, server):
    assert "\n".join(unlike(cluster, server, created()[part::PARTS])) == ""


def test_changes_are_refused_with_the_same_words(cluster, server):
    made, steps = updated()
    assert "\n".join(unlike(cluster, server, made + steps)) == ""
