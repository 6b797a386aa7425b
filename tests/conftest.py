"""What all tests share."""

from __future__ import annotations

import os

from hypothesis import settings

# A time is no test; and in CI the examples are the same each time, so that a change is judged by its own faults.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "here")
