"""A registry, and clients that have only the credentials they are given."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from navarch.oci import Registry, transport
from support.registry import FakeRegistry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Pauses are noted, not kept."""
    pauses: list[float] = []
    monkeypatch.setattr(transport, "time", SimpleNamespace(sleep=pauses.append, monotonic=time.monotonic))
    return pauses


@pytest.fixture
def server() -> Iterator[FakeRegistry]:
    with FakeRegistry() as one:
        yield one


@pytest.fixture
def make_client(tmp_path: Path) -> Iterator[Callable[..., Registry]]:
    """Makes clients that have only the credentials they are given; their lines are in `client.said`."""
    made: list[Registry] = []

    def make(**options: object) -> Registry:
        said: list[str] = []
        options = {"plain_http": True, "config": str(tmp_path / "config.json"), "docker_config": "", **options}
        client = Registry(say=said.append, **options)  # type: ignore[arg-type]
        client.said = said  # type: ignore[attr-defined]
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(make_client: Callable[..., Registry]) -> Registry:
    return make_client()
