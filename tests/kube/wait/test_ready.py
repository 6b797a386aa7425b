"""Helm 3's rules, against answers recorded from Helm's ReadyChecker (golden/ready.jsonl).

Each line there has an object, the other objects on the server, and what Helm found and logged.
"""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from navarch.errors import KubernetesError
from navarch.kube.discovery import Mapping
from navarch.kube.objects import Resource
from navarch.kube.selectors import parse_selector
from navarch.kube.wait.checker import ReadyChecker
from navarch.kube.wait.report import Report, duration
from navarch.kube.wait.selecting import label_query
from support.watching import FakeCluster
from support.watching import resource as an

GOLDEN = os.path.join(os.path.dirname(__file__), "golden", "ready.jsonl")


def golden() -> list[dict[str, Any]]:
    with open(GOLDEN, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


class Server:
    """Has a few objects, and finds them by label selectors."""

    def __init__(self, obj: dict[str, Any], others: list[dict[str, Any]]) -> None:
        self.transport = self
        self._object = obj
        self._others = [obj, *others]

    def get(self, _: Resource) -> dict[str, Any]:
        return self._object

    def request(self, _: str, path: str, query: list[tuple[str, str]]) -> Any:
        kind = {"replicasets": "ReplicaSet", "pods": "Pod"}[path.rsplit("/", 1)[1]]
        selector = parse_selector(dict(query).get("labelSelector", ""))
        self._found = [
            one for one in self._others if one["kind"] == kind and selector.matches(one["metadata"].get("labels") or {})
        ]
        return self

    def json(self) -> dict[str, Any]:
        return {"items": self._found}


@pytest.mark.parametrize("case", golden(), ids=lambda case: case["object"]["kind"])
def test_golden(case: dict[str, Any]) -> None:
    obj, lines = case["object"], []
    group, _, version = obj["apiVersion"].rpartition("/")
    mapping = Mapping(group, version, obj["kind"], obj["kind"].lower() + "s", namespaced=True)
    one = Resource(mapping, "ns", obj["metadata"]["name"], obj)
    server: Any = Server(obj, case["others"])
    checker = ReadyChecker(
        server, Report(lines.append, debugging=True), jobs=case["jobs"], paused_as_ready=case["paused_as_ready"]
    )
    got: dict[str, Any] = {}
    try:
        got["ready"] = checker.is_ready(one)
    except KubernetesError as error:
        got.update(ready=False, error=error.message)
    assert {**got, "debug": lines} == case["want"]


def test_why() -> None:
    cluster: Any = FakeCluster(claim := an("Pod", "db", status={"phase": "Pending"}))
    checker = ReadyChecker(cluster, Report())
    assert not checker.is_ready(claim)
    assert checker.why == "Pod is not ready"


@pytest.mark.parametrize(
    ("selector", "query"),
    [
        (None, ""),
        ({}, ""),
        ({"b": "2", "a": "1"}, "a=1,b=2"),
        ({"matchLabels": {"b": "2"}, "matchExpressions": [{"key": "a", "operator": "Exists"}]}, "a,b=2"),
        ({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["y", "x"]}]}, "a notin (x,y)"),
        ({"matchExpressions": [{"key": "a", "operator": "DoesNotExist"}]}, "!a"),
        ({"matchLabels": None, "matchExpressions": None}, ""),
    ],
)
def test_label_query(selector: Any, query: str) -> None:
    assert label_query(selector) == query
    parse_selector(query)


@pytest.mark.parametrize(
    ("seconds", "shown"), [(300.0, "5m0s"), (0.5, "500ms"), (3, "3s"), (0, "0s"), (5400, "1h30m0s")]
)
def test_duration(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown
