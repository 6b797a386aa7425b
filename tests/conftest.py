"""What all tests share."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

from hypothesis import settings

if TYPE_CHECKING:
    import pytest

# A time is no test; and in CI the examples are the same each time, so that a change is judged by its own faults.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "here")


def pytest_configure(config: pytest.Config) -> None:
    """Be in UTC, hear Ctrl-C, and have Navarch's own modules imported as they are.

    They bring a fixture, for which pytest would rewrite the assertions in all of them: some seconds for each worker, and
    Python 3.11 can fail when two threads parse at once, which is what threads that import would do.
    """
    os.environ["TZ"] = "UTC"  # what is expected is in UTC, wherever the machine is
    time.tzset()
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # started in a shell's background; tests send the signal, to programs that would be deaf to it too
        signal.signal(signal.SIGINT, signal.default_int_handler)
    hook = getattr(config.pluginmanager, "rewrite_hook", None)
    getattr(hook, "_must_rewrite", set()).discard("navarch")
