"""`nav test`: run a release's tests."""

from __future__ import annotations

from navarch.cli.later import not_yet as run
from navarch.cli.shared_flags import TIMEOUT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.global_flags import Row

__all__ = ["ABOUT", "FLAGS", "run"]

ABOUT = {
    "test": """
Run the tests that a release's chart brings: its hooks for the event test, pods that succeed if all is well.
"""
}

FLAGS: dict[str, tuple[Row, ...]] = {
    "test": (
        ("filter", "", "stringSlice", "[]", "which tests to run: name=a,b; or not to run: !name=c"),
        ("logs", "", "bool", "false", "print the logs of the test pods at the end"),
        TIMEOUT,
    ),
}
