"""How many requests to a bucket answers take: each is a round trip to somewhere else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from support.asgi import call, registry
from support.spaces import packed

if TYPE_CHECKING:
    from collections.abc import Callable

    from navarch.registry.app import App


class Counting:
    """obstore's functions, which are counted."""

    def __init__(self, api: Any) -> None:
        self._api = api
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def counted(store: object, *args: Any, **options: Any) -> Any:
            self.asked.append(name)
            return getattr(self._api, name)(store, *args, **options)

        return counted


@pytest.fixture
def app() -> App:
    app = registry("manager: {parameters: {storagedriver: inmemory}}")
    for number in range(3):
        app.site.store.upload("lib", packed("web", f"1.{number}.0"))
    assert call(app, "GET", "/lib/index.yaml").status == 200
    return app


def count(app: App, method: str, path: str, body: bytes = b"") -> int:
    """The requests that an answer takes."""
    bucket: Any = app.site.store.objects
    counting = Counting(bucket._api)
    bucket._api = counting
    try:
        assert call(app, method, path, body).status in {200, 201, 202}
    finally:
        bucket._api = counting._api
    return len(counting.asked)


def test_an_upload_writes_four_times_and_looks_three(app: App) -> None:
    assert count(app, "POST", "/api/lib/charts", packed("web", "2.0.0")) <= 7


@pytest.mark.parametrize("path", ["/lib/index.yaml", "/api/v1/spaces/lib/metadata", "/v2/lib/web/tags/list?n=2"])
def test_what_is_known_takes_one_look(app: App, path: str) -> None:
    assert count(app, "GET", path) <= 2


def test_an_archive_is_fetched_once(app: App) -> None:
    for path in ("/lib/charts/web-1.0.0.tgz", "/api/v1/spaces/lib/charts/web/versions/1.1.0"):
        assert [count(app, "GET", path) for _ in range(2)] == [2, 1]


def test_an_oci_client_causes_no_more(app: App) -> None:
    manifest = call(app, "GET", "/v2/lib/web/manifests/1.0.0")
    found = json.loads(manifest.body)
    assert count(app, "GET", "/v2/lib/web/manifests/1.0.0") <= 3
    assert count(app, "GET", f"/v2/lib/web/blobs/{found['config']['digest']}") == 1
    assert [count(app, "GET", f"/v2/lib/web/blobs/{found['layers'][0]['digest']}") for _ in range(2)] == [2, 1]
