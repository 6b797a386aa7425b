"""The catalog of resources, and types that are worked out when they are needed."""

from __future__ import annotations

import threading
import time

import pytest

from navarch.cluster.types import builtin as module
from navarch.cluster.types.builtin import builtin
from navarch.cluster.types.catalog import Catalog
from navarch.cluster.types.schema import ANY, Field, Schema
from navarch.cluster.types.table import Lines
from support.gadgets import gadgets


@pytest.fixture
def catalog() -> Catalog:
    made = Catalog(builtin())
    made.put_custom("gadgets.types.example.com", gadgets())
    return made


def test_resources_are_found_by_path_and_by_kind(catalog: Catalog) -> None:
    deployments = catalog.find("apps", "v1", "deployments")
    assert deployments is not None
    assert catalog.kind("apps", "v1", "Deployment") is deployments
    assert catalog.find("apps", "v2", "deployments") is None
    assert catalog.kind("apps", "v1", "Pod") is None


def test_the_stored_version_is_one_of_those_that_are_served(catalog: Catalog) -> None:
    for group, plural, version in [
        ("autoscaling", "horizontalpodautoscalers", "v2"),
        ("types.example.com", "gadgets", "v1"),
        ("", "pods", "v1"),
    ]:
        stored = catalog.stored(group, plural)
        assert stored is not None
        assert stored.version == version
    assert catalog.stored("", "nothing") is None


def test_custom_resources_come_and_go(catalog: Catalog) -> None:
    own = len(list(Catalog(builtin())))
    assert len(list(catalog)) == own + 2
    before = catalog.generation
    catalog.put_custom("gadgets.types.example.com", gadgets()[:1])
    assert catalog.find("types.example.com", "v1", "gadgets") is None
    assert len(list(catalog)) == own + 1
    catalog.remove_custom("gadgets.types.example.com")
    assert len(list(catalog)) == own
    assert catalog.generation == before + 2


def test_what_was_made_of_the_catalog_is_forgotten_with_a_change(catalog: Catalog) -> None:
    old = catalog.made
    old["something"] = 1
    catalog.remove_custom("nothing")
    assert catalog.made == {}
    old["late"] = 1
    assert catalog.made == {}


def test_listing_resources_reads_no_types(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_definitions", {})
    monkeypatch.setattr(Lines, "read", lambda self, name: pytest.fail(f"{name} was read"))
    assert builtin()[0].schema.name == "io.k8s.api.core.v1.Binding"


def test_threads_that_ask_at_once_get_the_same() -> None:
    field = Field("a", ANY)
    start = threading.Barrier(8)

    def slow() -> dict[str, Field]:
        time.sleep(0.02)
        return {"a": field}

    schema = Schema("struct", fields=slow)
    found: list[object] = []

    def ask() -> None:
        start.wait()
        found.append(schema.fields["a"])

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [field] * 8
