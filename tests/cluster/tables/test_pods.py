"""Rows of Pods. Expected: those of the tests of Kubernetes' own printers."""

from __future__ import annotations

from typing import Any

import pytest

from navarch.cluster.tables.pods import PRINTERS
from navarch.cluster.tables.shown import ages

NOW = "2026-11-21T18:00:00Z"
AGO = {"lastState": {"terminated": {"finishedAt": "2026-11-21T17:59:50Z"}}}
RUNNING: dict[str, Any] = {"state": {"running": {}}}
WAITING: dict[str, Any] = {"state": {"waiting": {}}}
DONE: dict[str, Any] = {"state": {"terminated": {"reason": "Completed", "exitCode": 0}}}
READY = {"conditions": [{"type": "Ready", "status": "True"}]}


def row(
    status: dict[str, Any], *, containers: int = 2, initial: int = 0, sidecars: tuple[str, ...] = (), **metadata: Any
) -> list[Any]:
    first = [{"name": f"i{number}"} for number in range(initial)]
    first += [{"name": name, "restartPolicy": "Always"} for name in sidecars]
    spec = {"containers": [{"name": str(number)} for number in range(containers)], "initContainers": first}
    pod = {"metadata": {"name": "test", **metadata}, "spec": spec, "status": {"phase": "podPhase", **status}}
    return PRINTERS["/pods"](pod, ages(NOW))[1:4]


def containers(*statuses: dict[str, Any]) -> dict[str, Any]:
    return {"containerStatuses": list(statuses)}


def initial(*statuses: dict[str, Any]) -> dict[str, Any]:
    return {"initContainerStatuses": list(statuses)}


@pytest.mark.parametrize(
    ("status", "cells"),
    [
        (containers({"ready": True, "restartCount": 3, **RUNNING}, {"restartCount": 3}), ["1/2", "podPhase", "6"]),
        (
            containers(
                {"ready": True, "restartCount": 3, **RUNNING},
                {"state": {"waiting": {"reason": "Why"}}, "restartCount": 3},
            ),
            ["1/2", "Why", "6"],
        ),
        (
            containers(
                {"state": {"waiting": {"reason": "Why"}}},
                {"state": {"terminated": {"reason": "Because", "exitCode": 1}}},
            ),
            ["0/2", "Why", "0"],
        ),
        (containers({"ready": True, **RUNNING}, {"ready": True}), ["1/2", "podPhase", "0"]),
        ({"reason": "podReason", **containers({"ready": True, **RUNNING})}, ["1/2", "podReason", "0"]),
        (
            {"phase": "Running", **containers({"ready": True, **DONE}, {"ready": True, **RUNNING})},
            ["1/2", "NotReady", "0"],
        ),
        (
            {"phase": "Running", **READY, **containers({"ready": True, **DONE}, {"ready": True, **RUNNING})},
            ["1/2", "Running", "0"],
        ),
        (containers({"state": {"terminated": {"exitCode": 1}}}, DONE), ["0/2", "ExitCode:1", "0"]),
        (containers(DONE, {"state": {"terminated": {"signal": 9, "exitCode": 137}}}), ["0/2", "Signal:9", "0"]),
        ({"conditions": [{"type": "PodScheduled", "reason": "SchedulingGated"}]}, ["0/2", "SchedulingGated", "0"]),
    ],
)
def test_containers(status: dict[str, Any], cells: list[Any]) -> None:
    assert row(status) == cells


@pytest.mark.parametrize(
    ("count", "status", "cells"),
    [
        (
            1,
            {**initial({"name": "i0", "restartCount": 3, **RUNNING, **AGO}), **containers(WAITING)},
            ["0/1", "Init:0/1", "3 (10s ago)"],
        ),
        (
            2,
            {**initial({"name": "i0", "restartCount": 3, **RUNNING, **AGO}, {"name": "i1", **WAITING})},
            ["0/1", "Init:0/2", "3 (10s ago)"],
        ),
        (2, initial({"name": "i0", **DONE}, {"name": "i1", **RUNNING}), ["0/1", "Init:1/2", "0"]),
        (1, initial({"name": "i0", "state": {"terminated": {"exitCode": 1}}}), ["0/1", "Init:ExitCode:1", "0"]),
        (
            1,
            initial({"name": "i0", "state": {"terminated": {"exitCode": 1, "reason": "Error"}}}),
            ["0/1", "Init:Error", "0"],
        ),
        (
            1,
            initial({"name": "i0", "state": {"waiting": {"reason": "ImagePullBackOff"}}}),
            ["0/1", "Init:ImagePullBackOff", "0"],
        ),
        (1, initial({"name": "i0", "state": {"waiting": {"reason": "PodInitializing"}}}), ["0/1", "Init:0/1", "0"]),
        (
            1,
            {
                **initial({"name": "i0", "restartCount": 2, **DONE, **AGO}),
                **containers({"ready": True, "restartCount": 1, **RUNNING}),
            },
            ["1/1", "podPhase", "1"],
        ),
    ],
)
def test_init_containers(count: int, status: dict[str, Any], cells: list[Any]) -> None:
    assert row(status, containers=1, initial=count) == cells


def test_sidecars() -> None:
    started = {"name": "s", "started": True, "ready": True, "restartCount": 2, **RUNNING, **AGO}
    status = {**initial(started), **containers({"ready": True, "restartCount": 1, **RUNNING})}
    assert row(status, containers=1, sidecars=("s",)) == ["2/2", "podPhase", "3 (10s ago)"]
    assert row(initial({"name": "s", **RUNNING}), containers=1, sidecars=("s",)) == ["0/2", "Init:0/1", "0"]


def test_the_end() -> None:
    gone: dict[str, Any] = {"deletionTimestamp": NOW}
    assert row({}, **gone)[1] == "Terminating"
    assert row({"reason": "NodeLost"}, **gone)[1] == "Unknown"
    assert row({"phase": "Failed"}, **gone)[1] == "Failed"
