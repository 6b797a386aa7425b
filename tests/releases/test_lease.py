"""Leases: one holder at a time, the dead don't block, the forbidden don't matter, what is lost is known."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from navarch.errors import LeaseHeldError, ReleaseError, UnreachableError
from navarch.releases import holder
from navarch.releases import lease as module
from navarch.releases.lease import Holder, Lease
from support.records import Request, Server, refused

PATH = "/apis/coordination.k8s.io/v1/namespaces/n/leases/sh.helm.release.v1.web"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_POLL", 0.01)


@pytest.fixture
def server() -> Server:
    return Server()


def take(server: Server, **options: Any) -> Lease:
    given = {"action": "upgrade", "revision": 2, "duration": 1.0, "period": 0.05} | options
    return Lease(server, "n", "web", **given)  # type: ignore[arg-type]


def stored(server: Server) -> dict[str, Any]:
    return server.objects[PATH]


def ago(seconds: float) -> str:
    return (datetime.now(UTC) - timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def leave(server: Server, *, age: float = 0.0, holder: Holder | None = None, identity: str = "kim@far") -> None:
    """A Lease as somebody has left it who gave the last sign of life so many seconds ago."""
    annotations = {} if holder is None else {"navarch/holder": json.dumps(holder._asdict())}
    server.keep(
        PATH,
        {
            "metadata": {"name": "sh.helm.release.v1.web", "annotations": annotations, "uid": "theirs"},
            "spec": {
                "holderIdentity": identity,
                "leaseDurationSeconds": 1,
                "renewTime": ago(age),
                "acquireTime": ago(age),
                "leaseTransitions": 4,
            },
        },
    )


def elsewhere(**fields: Any) -> Holder:
    return Holder("kim", "far", 7, "other boot", "1", "2026-01-01T00:00:00Z", "install", 1, "t")._replace(**fields)


def test_a_lease_is_there_while_the_work_lasts(server: Server):
    with take(server) as lease:
        assert (lease.held, lease.lost, lease.abandoned) == (True, False, None)
        spec = stored(server)["spec"]
        assert f"(pid {os.getpid()}): upgrade to revision 2 since 20" in spec["holderIdentity"]
        assert spec["leaseDurationSeconds"] == 1
        lease.check()
    assert server.objects == {}
    assert not lease.held
    until(lambda: not any(thread.name == "lease web" for thread in threading.enumerate()))


def test_a_lease_ends_with_an_interrupt_too(server: Server):
    with pytest.raises(KeyboardInterrupt), take(server):
        raise KeyboardInterrupt
    assert server.objects == {}


def test_a_lease_is_renewed(server: Server):
    with take(server):
        first = stored(server)["spec"]["renewTime"]
        until(lambda: stored(server)["spec"]["renewTime"] > first)


def until(condition: Any, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_second_holder_is_told_who_has_it(server: Server, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("navarch.releases.lease.sleep", lambda _: pytest.fail("it waited"))
    with take(server) as first:
        with pytest.raises(LeaseHeldError) as caught, take(server, action="rollback", period=60.0):
            raise AssertionError
        assert first.held
        assert not first.lost
    message = str(caught.value)
    assert message.startswith("another operation (install/upgrade/rollback) is in progress: release web is held by ")
    assert f"(pid {os.getpid()}): upgrade to revision 2 since 20" in message
    assert caught.value.holder in message
    with take(server) as lease:
        assert lease.abandoned is None


def test_a_holder_elsewhere_is_known_to_live_by_its_renewals(server: Server):
    leave(server, age=100, holder=elsewhere())  # by its own clock, which is late
    renewed = iter([False, False, True])

    def renew(asked: Request) -> None:
        if asked.method == "GET" and next(renewed, False):
            leave(server, age=100, holder=elsewhere())

    server.before = renew
    with pytest.raises(LeaseHeldError, match=r"kim@far \(pid 7\): install to revision 1 since 2026"), take(server):
        raise AssertionError


def test_the_lease_of_a_dead_holder_elsewhere_is_taken_over_once_it_has_run_out(server: Server):
    leave(server, age=0, holder=elsewhere())
    started = time.monotonic()
    with take(server) as lease:
        assert lease.abandoned == elsewhere()
        assert stored(server)["spec"]["leaseTransitions"] == 5
        assert time.monotonic() - started > 0.9
    assert server.objects == {}


def test_a_lease_that_has_run_out_by_the_clock_is_watched_for_one_renewal(server: Server):
    leave(server, age=3600, holder=elsewhere())
    started = time.monotonic()
    with take(server, period=0.3) as lease:
        assert lease.abandoned is not None
        assert time.monotonic() - started >= 0.3


def test_the_lease_of_a_process_that_died_here_is_taken_over_at_once(server: Server):
    dead = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True
    )
    here = elsewhere(machine=holder.machine(), pid=int(dead.stdout))
    leave(server, holder=here)
    told: list[str] = []
    with take(server, period=60.0, duration=180.0, debug=told.append) as lease:
        assert lease.abandoned == here
    assert told == [f'level=DEBUG msg="took over an abandoned lease" release=web holder="{here}"']


def test_another_process_with_the_number_of_the_dead_one_is_not_taken_for_it(server: Server):
    leave(server, holder=elsewhere(machine=holder.machine(), pid=os.getppid(), started="1"))
    with take(server, period=60.0, duration=180.0) as lease:
        assert lease.abandoned is not None


def test_a_process_here_that_lives_keeps_its_lease(server: Server):
    alive = elsewhere(machine=holder.machine(), pid=os.getppid(), started=holder.started(os.getppid()))
    leave(server, holder=alive)
    with pytest.raises(LeaseHeldError), take(server, period=60.0, duration=180.0):
        raise AssertionError


def test_what_this_process_has_left_behind_is_free(server: Server):
    mine = elsewhere(machine=holder.machine(), pid=os.getpid(), started=holder.started(os.getpid()))
    leave(server, holder=mine)
    with take(server, period=60.0, duration=180.0) as lease:
        assert lease.abandoned == mine


def test_a_lease_that_nobody_holds_is_taken(server: Server):
    leave(server, identity="")
    with take(server, period=60.0, duration=180.0) as lease:
        assert (lease.held, lease.abandoned) == (True, None)


@pytest.mark.parametrize("annotation", ["?", "[]", "{}", '{"user": 5}'])
def test_leases_of_other_makers_are_understood_as_far_as_they_go(server: Server, annotation: str):
    leave(server, age=100)
    stored(server)["metadata"]["annotations"] = {"navarch/holder": annotation}
    with take(server) as lease:
        assert lease.abandoned is not None
        assert lease.abandoned.user == "kim@far"


@pytest.mark.parametrize(
    "error",
    [
        refused(403, "Forbidden", "leases is forbidden"),
        refused(404, "NotFound", "the server could not find the requested resource"),
        refused(500, "InternalError", "etcdserver: mvcc: database space exceeded"),
        UnreachableError("no route"),
    ],
)
def test_without_leases_everything_goes_on(server: Server, error: Exception):
    def refuse(_: Request) -> None:
        raise error

    server.before = refuse
    told: list[str] = []
    with take(server, debug=told.append) as lease:
        assert (lease.held, lease.lost) == (False, False)
        lease.check()
    assert told == [f'level=DEBUG msg="going on without a lease" release=web error="{error}"']
    assert len(server.requests) == 1


def test_without_a_cluster_there_is_no_lease():
    with Lease(object(), "n", "web") as lease:  # type: ignore[arg-type]
        assert not lease.held


def test_a_lease_that_somebody_took_is_lost(server: Server):
    with take(server) as lease:
        leave(server, holder=elsewhere())
        until(lambda: lease.lost)
        with pytest.raises(ReleaseError, match=r'^the lease of release "web" was lost to kim@far \(pid 7\)'):
            lease.check()
    assert stored(server)["metadata"]["uid"] == "theirs"


def test_a_lease_that_somebody_deleted_is_lost(server: Server):
    with take(server) as lease:
        del server.objects[PATH]
        until(lambda: lease.lost)


def test_a_lease_that_somebody_labelled_is_kept(server: Server):
    with take(server) as lease:
        current = stored(server)
        server.keep(PATH, {**current, "metadata": {**current["metadata"], "labels": {"a": "b"}}})
        changed = stored(server)["metadata"]["resourceVersion"]
        until(lambda: stored(server)["metadata"]["resourceVersion"] != changed)
        assert not lease.lost
        assert stored(server)["metadata"]["labels"] == {"a": "b"}


def test_a_lease_that_cannot_be_renewed_is_lost_until_the_server_is_back(server: Server):
    told: list[str] = []
    with take(server, duration=0.3, period=0.05, debug=told.append) as lease:

        def away(_: Request) -> None:
            raise UnreachableError("connection refused")

        server.before = away
        until(lambda: lease.lost)
        with pytest.raises(ReleaseError, match=r'^the lease of release "web" was lost; nothing more is done$'):
            lease.check()
        server.before = lambda _: None
        lease.check()
        assert not lease.lost
    assert 'level=DEBUG msg="failed to renew the lease" release=web error="connection refused"' in told
    assert server.objects == {}


def test_of_many_at_once_one_wins(server: Server):
    results: list[str] = []
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        try:
            with take(server, period=0.5):
                results.append("held")
                until(lambda: len(results) == 8)
        except LeaseHeldError:
            results.append("refused")

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["held"] + ["refused"] * 7


def test_two_that_take_over_at_once_do_not_both_have_it(server: Server):
    leave(server, age=100, holder=elsewhere())
    raced = iter([True])

    def race(asked: Request) -> None:
        if asked.method == "PUT" and next(raced, False):
            leave(server, holder=elsewhere(pid=8))
            raise refused(409, "Conflict")

    server.before = race
    with pytest.raises(LeaseHeldError, match="pid 8"), take(server):
        raise AssertionError


def losing(server: Server, method: str, times: int = 1) -> None:
    """Let the answers to the first requests of a kind get lost, as the transport tells it."""
    left = iter(range(times))
    keep = server.keep

    def swallow(path: str, value: dict[str, Any]) -> dict[str, Any]:
        kept = keep(path, value)
        if server.requests and server.requests[-1].method == method and next(left, None) is not None:
            # a request with a version is repeated by the transport, and then refused
            raise UnreachableError("EOF", sent=True) if method == "POST" else refused(409, "Conflict")
        return kept

    server.keep = swallow  # type: ignore[method-assign]


def test_a_lease_whose_making_was_not_heard_of_is_ours(server: Server):
    losing(server, "POST")
    with take(server) as lease:
        assert (lease.held, lease.abandoned) == (True, None)
    assert server.objects == {}


def test_a_lease_that_got_lost_on_its_way_is_sent_once_more(server: Server):
    lost = iter([True])

    def lose(asked: Request) -> None:
        if asked.method == "POST" and next(lost, False):
            raise UnreachableError("EOF", sent=True)

    server.before = lose
    with take(server) as lease:
        assert lease.held


def test_a_takeover_that_was_not_heard_of_is_ours(server: Server):
    leave(server, age=100, holder=elsewhere())
    losing(server, "PUT")
    with take(server) as lease:
        assert lease.held
        assert lease.abandoned == elsewhere()
    assert server.objects == {}


def test_a_renewal_that_was_not_heard_of_counts(server: Server):
    with take(server, duration=60.0, period=0.05) as lease:
        losing(server, "PUT", times=1000)
        before = lease._renewed
        until(lambda: lease._renewed > before + 0.2)
        assert not lease.lost
        lease.check()


def test_a_lease_that_cannot_be_deleted_is_told_of(server: Server):
    told: list[str] = []
    with take(server, debug=told.append):

        def refuse(asked: Request) -> None:
            if asked.method == "DELETE":
                raise refused(403, "Forbidden")

        server.before = refuse
    assert told == ['level=DEBUG msg="failed to delete the lease" release=web error=no']


def test_an_error_that_is_none_of_the_servers_leaves(server: Server):
    def fail(_: Request) -> None:
        raise MemoryError

    server.before = fail
    with pytest.raises(MemoryError), take(server):
        raise AssertionError
