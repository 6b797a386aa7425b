"""The registry's locks in a real PostgreSQL: between servers, and through its failures."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from navarch.registry import locks_postgres
from navarch.registry.locks import FileLocker
from navarch.registry.locks_postgres import PostgresLocker
from navarch.registry.problems import Problem
from navarch.registry.store.filesystem import LOCKS
from navarch.registry.store.objects import StorageError
from support import postgres
from support.asgi import call, registry
from support.spaces import packed
from support.trouble import Servers, ask, port_of, upload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from navarch.registry.locks import Locker
    from support.postgres import Postgres
    from support.trouble import Got

    Opened = Callable[[float], PostgresLocker]

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres.running() as one:
        yield one


@pytest.fixture
def dsn(server: Postgres) -> str:
    return server.database()


@pytest.fixture
def opened(dsn: str) -> Iterator[Opened]:
    """Opens lockers, which are closed at the end."""
    lockers: list[PostgresLocker] = []

    def open_one(seconds: float) -> PostgresLocker:
        lockers.append(PostgresLocker(dsn, seconds))
        return lockers[-1]

    yield open_one
    for locker in lockers:
        locker.close()


def test_a_name_is_held_once_by_all_servers(opened: Opened) -> None:
    one, other = opened(5), opened(0.1)
    with one.hold("lib/web/1.0.0"):
        with other.hold("lib/web/1.0.1"):
            pass
        with pytest.raises(Problem) as caught, other.hold("lib/web/1.0.0"):
            pass
        assert (caught.value.status, str(caught.value)) == (
            423,
            "version is locked and can't be handled: lib/web/1.0.0",
        )
    with other.hold("lib/web/1.0.0"):
        pass
    with pytest.raises(RuntimeError), one.hold("x"):
        raise RuntimeError
    with other.hold("x"):
        pass


def test_servers_take_turns(opened: Opened) -> None:
    lockers = [opened(120) for _ in range(2)]
    inside: list[int] = []
    worst: list[int] = []

    def work(locker: PostgresLocker) -> None:
        for _ in range(10):
            with locker.hold("x"):
                inside.append(1)
                worst.append(len(inside))
                time.sleep(0.001)
                inside.pop()

    threads = [threading.Thread(target=work, args=(lockers[number % 2],)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert worst == [1] * 60


def test_an_end_of_its_connections_is_survived(server: Postgres, opened: Opened) -> None:
    locker = opened(5)
    with locker.hold("x"):
        server.restart()
    with locker.hold("x"):
        pass
    server.restart()  # what is kept for the next lock is dead too
    with locker.hold("x"), opened(5).hold("y"):
        pass


def test_no_server_is_no_storage() -> None:
    with pytest.raises(StorageError, match="locks: "), PostgresLocker("host=/nonexistent dbname=x", 1).hold("x"):
        pass


def test_a_registry_with_it(dsn: str, opened: Opened, tmp_path) -> None:
    text = f"""
manager:
  parameters:
    rootdirectory: {tmp_path}
    resourcelocker: postgres
    lockerparameters: {{dsn: "{dsn}"}}
    locktimeout: 100
"""
    app = registry(text)
    archive = packed("web", "1.0.0")
    assert call(app, "POST", "/api/lib/charts", archive).status == 201
    assert call(app, "POST", "/api/lib/charts?force", archive).status == 201
    with opened(5).hold("lib/web/1.0.0"):
        assert call(app, "POST", "/api/lib/charts?force", archive).status == 423
        assert call(app, "DELETE", "/api/lib/charts/web/1.0.0").status == 423
    assert call(app, "DELETE", "/api/lib/charts/web/1.0.0").status == 200
    app.site.close()


def test_a_server_that_is_silent_is_no_storage(
    server: Postgres, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_ANSWER", "_CONNECT"):
        monkeypatch.setattr(locks_postgres, name, 1)  # a second
    locker = opened(0.1)
    with locker.hold("x"):  # its connection is kept for the next
        server.freeze()
        begun = time.monotonic()
    try:
        with pytest.raises(StorageError, match="locks: "), locker.hold("x"):
            pass
        assert time.monotonic() - begun < 60  # seconds: it was told to answer in one
    finally:
        server.freeze(thaw=True)
    with locker.hold("x"):
        pass


@pytest.fixture(params=["memory", "file", "postgres"])
def two(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Two]:
    """Two servers of one folder, with a chart."""
    found = Two(request.param, tmp_path)
    parameters = ""
    if request.param == "postgres":
        found.postgres = request.getfixturevalue("server")
        found.dsn = request.getfixturevalue("dsn")
        parameters = f'lockerparameters: {{dsn: "{found.dsn}"}}, '
    text = (
        f"manager: {{parameters: {{rootdirectory: {tmp_path}/charts, resourcelocker: {request.param}, "
        f"{parameters}locktimeout: 300}}}}\n"
    )
    with Servers(text, tmp_path) as servers:
        found.ports = [port_of(servers.start(name)) for name in ("a", "b")]
        assert upload(found.ports[0], packed("web", "1.0.0", {"values.yaml": "a: 0\n"})) == 201
        assert upload(found.ports[1], packed("web", "2.0.0", {"values.yaml": "a: 0\n"})) == 201
        yield found


class Two:
    """Servers on `ports` beside each other, and `locker`, which takes the same locks."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind = kind
        self.folder = folder
        self.ports: list[int] = []
        self.dsn = ""
        self.postgres: Postgres | None = None

    def locker(self) -> Locker:
        if self.kind == "postgres":
            return PostgresLocker(self.dsn, 5)
        return FileLocker(f"{self.folder}/charts/{LOCKS}", 5)

    def change(self, server: int, version: str = "1.0.0", value: int = 1) -> Got:
        path = f"/api/v1/spaces/lib/charts/web/versions/{version}/manifests/values"
        return ask(self.ports[server], "PUT", path, f'{{"a": {value}}}'.encode())


def test_long_work_on_a_version_has_others_wait_then_423(two: Two) -> None:
    if two.kind == "memory":
        pytest.skip("it is for one process")
    locker = two.locker()
    with locker.hold("lib/web/1.0.0"):
        for server in (0, 1):
            begun = time.monotonic()
            answer = two.change(server)
            assert (answer.status, answer.json()) == (
                423,
                {"message": "version is locked and can't be handled: lib/web/1.0.0", "reason": "ResourceLocking"},
            )
            assert time.monotonic() - begun >= 0.3
            assert two.change(server, "2.0.0").status == 200
            assert ask(two.ports[server], "DELETE", "/api/v1/spaces/lib/charts/web/versions/1.0.0").status == 423
            assert upload(two.ports[server], packed("web", f"3.{server}.0")) == 201
    assert [two.change(server).status for server in (0, 1)] == [200, 200]
    locker.close()


def test_changes_at_the_same_moment_lose_nothing(two: Two) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: two.change(number % 2, value=number).status, range(24)))
    assert set(answers) <= {200, 409, 423}
    assert 200 in answers
    found = [
        ask(port, "GET", "/api/v1/spaces/lib/charts/web/versions/1.0.0/manifests/values").json() for port in two.ports
    ]
    assert found[0] == found[1]
    assert answers[found[0]["a"]] == 200  # type: ignore[index]


def test_postgres_that_goes_and_comes_back(two: Two) -> None:
    if two.postgres is None:
        pytest.skip("PostgreSQL's")
    with two.locker().hold("lib/web/2.0.0"), ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(two.change, server, "2.0.0") for server in (0, 1)]
        time.sleep(0.1)
        two.postgres.halt()
        assert {one.result().status for one in waiting} <= {503, 423}
    for server in (0, 1):
        assert two.change(server).status == 503
        assert upload(two.ports[server], packed("web", f"3.{server}.0")) == 201  # which takes no lock
        assert ask(two.ports[server], "GET", "/lib/index.yaml").status == 200
    two.postgres.resume()
    assert [two.change(server).status for server in (0, 1)] == [200, 200]
