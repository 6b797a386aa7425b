"""Lockers: one at a time for a name, others go on, a wait ends with 423."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from navarch.registry.config import parse_config
from navarch.registry.drivers import open_locker
from navarch.registry.keys import SettingsError
from navarch.registry.locks import FileLocker, MemoryLocker
from navarch.registry.problems import Problem
from navarch.registry.store.objects import StorageError

if TYPE_CHECKING:
    from navarch.registry.locks import Locker


@pytest.fixture(params=["memory", "file"])
def locker(request: pytest.FixtureRequest, tmp_path) -> Locker:
    return MemoryLocker(0.1) if request.param == "memory" else FileLocker(str(tmp_path / "locks"), 0.1)


def test_a_name_is_held_once(locker: Locker) -> None:
    with locker.hold("lib/web/1.0.0"):
        with locker.hold("lib/web/1.0.1"):
            pass
        with pytest.raises(Problem) as caught, locker.hold("lib/web/1.0.0"):
            pass
        assert (caught.value.status, caught.value.reason) == (423, "ResourceLocking")
        assert str(caught.value) == "version is locked and can't be handled: lib/web/1.0.0"
    with locker.hold("lib/web/1.0.0"):
        pass


def test_a_lock_is_free_after_an_error(locker: Locker) -> None:
    with pytest.raises(RuntimeError), locker.hold("x"):
        raise RuntimeError
    with locker.hold("x"):
        pass


def test_threads_take_turns(tmp_path) -> None:
    for locker in (MemoryLocker(120), FileLocker(str(tmp_path), 120)):
        inside, worst = [], []

        def work(locker: Locker = locker, inside: list[int] = inside, worst: list[int] = worst) -> None:
            for _ in range(10):
                with locker.hold("x"):
                    inside.append(1)
                    worst.append(len(inside))
                    time.sleep(0.0002)
                    inside.pop()

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert worst == [1] * 40


ADDS = """
import sys
from navarch.registry.locks import FileLocker
folder, file = sys.argv[1:]
for _ in range(20):
    with FileLocker(folder, 120).hold("x"):
        with open(file) as found:
            number = int(found.read())
        with open(file, "w") as changed:
            changed.write(str(number + 1))
"""


def test_processes_take_turns(tmp_path) -> None:
    (tmp_path / "n").write_text("0")
    words = [sys.executable, "-c", ADDS, str(tmp_path / "l"), str(tmp_path / "n")]
    workers = [subprocess.Popen(words) for _ in range(3)]
    assert [worker.wait() for worker in workers] == [0] * 3
    assert (tmp_path / "n").read_text() == "60"
    assert os.listdir(tmp_path / "l") == []


def test_a_folder_that_cannot_be_is_told(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="locks: "):
        FileLocker(str(tmp_path / "file" / "x"))


def test_lockers_come_from_the_configuration(tmp_path) -> None:
    def opened(parameters: str) -> Locker:
        return open_locker(parse_config(f"manager: {{parameters: {parameters}}}", root=str(tmp_path)))

    assert isinstance(opened("{}"), MemoryLocker)
    with opened("{resourcelocker: file}").hold("x"):
        assert len(os.listdir(tmp_path / ".new" / "locks")) == 1
    assert isinstance(opened(f"{{resourcelocker: file, lockerparameters: {{directory: {tmp_path}/l}}}}"), FileLocker)
    for parameters, message in (
        ("{resourcelocker: file, lockerparameters: {dir: x}}", "lockerparameters.dir is an unknown key"),
        ("{resourcelocker: file, storagedriver: inmemory}", "lockerparameters.directory is missing"),
        ("{resourcelocker: postgres}", "lockerparameters.dsn is missing"),
        ("{resourcelocker: postgres, lockerparameters: {dsn: 'what is it'}}", "lockerparameters.dsn: "),
    ):
        with pytest.raises(SettingsError, match=f"manager.parameters.{message}"):
            opened(parameters)
