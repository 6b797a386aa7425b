"""Real API servers for tests: one that a whole run shares, and one of a test's own that it may break."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from support import control_plane
from support.cluster import Cluster
from support.control_plane import ControlPlane, server_of
from support.proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SHARED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "shared")
_STARTING_SECONDS = 1000.0


@pytest.fixture(scope="session")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The kubeconfig of a server that all workers of a run share: $NAVARCH_TEST_KUBECONFIG, or one started here."""
    given = os.environ.get("NAVARCH_TEST_KUBECONFIG")
    if given:
        yield given
        return
    need_parts()
    base = tmp_path_factory.getbasetemp()
    folder = str((base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "control-plane")
    user = os.path.join(folder, "users", str(os.getpid()))
    with control_plane.locked(folder):
        os.makedirs(os.path.dirname(user), exist_ok=True)
        with open(user, "w", encoding="utf-8"):
            pass
        started = _started(folder)
    yield started
    os.unlink(user)


@pytest.fixture
def cluster(kubeconfig: str, tmp_path: os.PathLike[str]) -> Iterator[Cluster]:
    """The shared server, with a home of the test's own."""
    one = Cluster(kubeconfig, str(tmp_path))
    yield one
    one.close()


@pytest.fixture
def make_plane(tmp_path: os.PathLike[str]) -> Iterator[Callable[..., ControlPlane]]:
    """Makes control planes of the test's own (see ControlPlane for options), started; stops them at the end."""
    need_parts()
    planes: list[ControlPlane] = []

    def make(*, quota: int = 0) -> ControlPlane:
        planes.append(ControlPlane(os.path.join(tmp_path, f"plane{len(planes)}"), quota=quota))
        planes[-1].start()
        return planes[-1]

    yield make
    for plane in planes:
        plane.stop()


@pytest.fixture
def plane(make_plane: Callable[..., ControlPlane]) -> ControlPlane:
    """A control plane of the test's own, which it may stop and start."""
    return make_plane()


@pytest.fixture
def own_cluster(plane: ControlPlane, tmp_path: os.PathLike[str]) -> Cluster:
    """A server of the test's own."""
    return Cluster(plane.kubeconfig, str(tmp_path))


def need_parts() -> None:
    """Skip without the real parts; fail where they can be installed and must be there, which is in CI."""
    lacking = control_plane.lacking()
    if not lacking:
        return
    told = f"no real API server: {', '.join(lacking)} not found (make test-real installs them)"
    if os.environ.get("CI") == "true" and os.path.isdir(SHARED):
        pytest.fail(told)
    pytest.skip(told)


def _started(folder: str) -> str:
    """The kubeconfig of the run's server; the first worker to come starts it, it ends with the last."""
    kubeconfig = os.path.join(folder, "kubeconfig")
    if not os.path.exists(kubeconfig):
        with open(folder + ".log", "wb") as log:
            program = [sys.executable, "-m", control_plane.__name__, folder]
            env = {**os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(control_plane.__file__))}
            keeper = subprocess.Popen(program, stdout=log, stderr=log, env=env, start_new_session=True)
        _wait_for(kubeconfig, keeper, log.name)
    return kubeconfig


def _wait_for(path: str, keeper: subprocess.Popen[bytes], log: str) -> None:
    deadline = time.monotonic() + _STARTING_SECONDS
    while not os.path.exists(path):
        if keeper.poll() is not None or time.monotonic() > deadline:
            keeper.kill()
            with open(log, encoding="utf-8", errors="replace") as file:
                pytest.fail(f"no API server: {file.read()[-2000:]}")
        time.sleep(0.1)
    keeper.returncode = 0  # not ours to wait for: it outlives whoever started it


@pytest.fixture
def proxy(kubeconfig: str, tmp_path: os.PathLike[str]) -> Iterator[Proxy]:
    """A proxy in front of the shared server."""
    with Proxy(server_of(kubeconfig), os.path.join(tmp_path, "proxy")) as one:
        yield one
