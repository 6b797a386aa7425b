"""The registry's locks in a real PostgreSQL: between servers, and through its failures."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from navarch.registry.locks_postgres import PostgresLocker
from navarch.registry.problems import Problem
from navarch.registry.store.objects import StorageError
from support import postgres
from support.asgi import call, registry
from support.spaces import packed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from support.postgres import Postgres

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
    lockers = [opened(20) for _ in range(2)]
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
