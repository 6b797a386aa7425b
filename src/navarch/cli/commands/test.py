"""`nav test`: run a release's tests."""

from __future__ import annotations

from navarch.cli.shared_flags import TIMEOUT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.actions.context import Context
    from navarch.actions.testing import Filter, Outcome
    from navarch.cli.call import Call
    from navarch.cli.global_flags import Row
    from navarch.errors import NavarchError

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


def run(call: Call) -> int:
    """Run the tests and print how they went. Raises NavarchError, also where a test failed."""
    from navarch.actions.testing import run_tests
    from navarch.cli.cluster import action_context
    from navarch.cli.progress import watched
    from navarch.cli.release_output import print_release

    context = action_context(call)
    tests = _filter(call.flag("filter"))
    with watched(context):
        done = run_tests(context, call.args[0], tests=tests, timeout=call.flag("timeout") / 1e9)
    error = done.error
    try:
        print_release(call, done.release, debug=call.settings.debug, hide_notes=True, stored=True)
        if call.flag("logs"):
            error = _print_logs(context, done, tests)
    finally:
        _finish(done, error)
    return 0


def _finish(done: Outcome, error: NavarchError | None) -> None:
    """Delete what is to be deleted, and raise what went wrong first."""
    from navarch.errors import NavarchError

    try:
        done.finish()
    except NavarchError as fault:
        error = error or fault
    if error:
        raise error


def _filter(words: list[str]) -> Filter:
    """--filter's words: name=a, !name=b; others mean nothing."""
    from navarch.actions.testing import Filter

    names: list[str] = []
    without: list[str] = []
    for word in words:
        key, equals, name = word.partition("=")
        if equals and key == "name":
            names.append(name)
        elif equals and key in _EXCLUDING:
            without.append(name)
    return Filter(names, without)


_EXCLUDING = ("!name", *(f"!{blank}name" for blank in "\t\n\f\r "))


def _print_logs(context: Context, done: Outcome, tests: Filter) -> NavarchError | None:
    """Print the pods' logs; what went wrong, now or before."""
    from navarch.actions.testing import pod_logs
    from navarch.cli.output import write
    from navarch.errors import NavarchError

    write("\n")
    try:
        for pod, container, pieces in pod_logs(context, done.release, tests=tests):
            write(f"POD LOGS: {pod} ({container})\n")
            for piece in pieces:
                write(piece.decode("utf-8", "surrogateescape"))
            write("\n")
    except NavarchError as fault:
        return NavarchError(f"{done.error}\n{fault}") if done.error else fault
    return done.error
