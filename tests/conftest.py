"""What all tests share."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import time
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from types import FrameType

_MOST_SECONDS = 1800.0

# A time is no test. The examples are the same each time, so that a change is judged by its own faults: others are looked
# at by who asks for more of them.
settings.register_profile("usual", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("search", settings.get_profile("usual"), derandomize=False)
settings.load_profile("search" if "NAVARCH_FUZZ_SECONDS" in os.environ else "usual")


def pytest_configure(config: pytest.Config) -> None:
    """Be in UTC, hear Ctrl-C, ask servers of ours without proxies, and have Navarch's own modules imported as they are.

    They bring a fixture, for which pytest would rewrite the assertions in all of them: some seconds for each worker, and
    Python 3.11 can fail when two threads parse at once, which is what threads that import would do.
    """
    os.environ["TZ"] = "UTC"  # what is expected is in UTC, wherever the machine is
    time.tzset()
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # started in a shell's background; tests send the signal, to programs that would be deaf to it too
        signal.signal(signal.SIGINT, signal.default_int_handler)
    urllib.request.install_opener(urllib.request.build_opener(urllib.request.ProxyHandler({})))
    hook = getattr(config.pluginmanager, "rewrite_hook", None)
    getattr(hook, "_must_rewrite", set()).discard("navarch")


@contextmanager
def _bounded() -> Iterator[None]:
    """Fail what takes longer than anything can, even on a slow machine: one test that hangs must not hang the run."""

    def give_up(_number: int, _frame: FrameType | None) -> None:
        faulthandler.dump_traceback(sys.__stderr__ or 2)
        pytest.fail(f"it took longer than {_MOST_SECONDS:g} seconds")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, _MOST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Generator[None]:
    with _bounded():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None]:
    with _bounded():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Generator[None]:
    with _bounded():
        return (yield)
