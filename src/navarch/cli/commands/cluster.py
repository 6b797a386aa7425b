"""`nav cluster`: a Kubernetes API on this machine, to try charts on."""

from __future__ import annotations

import os
import sys

from navarch.cli.shared_flags import OUTPUT
from navarch.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Self

    from navarch.cli.call import Call
    from navarch.cli.global_flags import Row
    from navarch.cluster.lifecycle import Status, Up

__all__ = ["ABOUT", "FLAGS", "run"]

ABOUT = {
    "cluster": """
Run a Kubernetes API on this machine: one process, no containers, up in less than a second. It holds and checks
objects as an API server does, and it plays the controllers that charts wait for: Deployments become available, Jobs
complete, volumes are bound. It is for trying charts and for tests. Programs in containers are not run.
""",
    "cluster up": """
Start the cluster and wait until it serves. Its context navarch-NAME is put into the kubeconfig and made the current
one, so that the next nav, helm or kubectl finds it. The file is that of --kubeconfig, else the first existing one of
$KUBECONFIG, else ~/.kube/config.

The cluster listens on this machine only. It goes on when the command is over, until `nav cluster down`. What was in
it when it was stopped is there again, unless it was started with --memory. A cluster that runs already is left as it
is; only its context is seen to.
""",
    "cluster down": """
Stop the cluster, take its context out of the kubeconfig, and make the one current again that was so before. Objects
are kept for the next `nav cluster up`, unless --delete is given. That the cluster isn't running is no error.
""",
    "cluster status": """
Show whether the cluster runs, where it listens and where it is kept. The exit code is 1 if it doesn't run or doesn't
answer.
""",
    "cluster reset": """
Delete everything that is in the cluster. If it is running it goes on, empty, at the same address.
""",
}

_NAME: Row = ("name", "", "string", "local", "name of the cluster; several can run beside each other")

FLAGS: dict[str, tuple[Row, ...]] = {
    "cluster up": (
        _NAME,
        ("address", "", "string", "127.0.0.1", "IP address to listen on"),
        ("allow-remote", "", "bool", "false", "let --address be one that other machines can reach"),
        ("memory", "", "bool", "false", "keep objects in memory only: they are gone when the cluster stops"),
        ("no-controllers", "", "bool", "false", "only keep objects, as a bare API server does: nothing becomes ready"),
        ("port", "", "int", "0", "port to listen on; 0 for that of the last time, or any"),
    ),
    "cluster down": (_NAME, ("delete", "", "bool", "false", "delete what is in the cluster, and its keys")),
    "cluster status": (_NAME, OUTPUT),
    "cluster reset": (_NAME,),
}


def run(call: Call) -> int:
    """Do what one of the commands says. Raises NavarchError."""
    return _RUN[call.path](call)


def _home() -> str:
    from navarch.cli.settings import data_path

    return data_path("navarch", "clusters")


class _Waiting:
    """A block that says on a terminal what is waited for, if it takes more than a second."""

    def __init__(self, words: str) -> None:
        self._words = words
        self._shown = False

    def __enter__(self) -> Self:
        return self

    def __call__(self, seconds: float) -> None:
        if seconds >= 1 and sys.stderr.isatty():
            self._shown = True
            sys.stderr.write(f"\r{self._words} … {seconds:.0f} s")
            sys.stderr.flush()

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _up(call: Call) -> int:
    from navarch.cluster.lifecycle import up

    name = call.flag("name")
    port = call.flag("port")
    if not 0 <= port <= 65535:
        raise UsageError(f"invalid port {port}: it must be between 1 and 65535, or 0 for any")
    with _Waiting(f'Starting cluster "{name}"') as waiting:
        made = up(
            name,
            home=_home(),
            kubeconfig_path=call.settings.given.get("kubeconfig", ""),
            address=call.flag("address") if call.given("address") else "",
            port=port,
            remote=call.flag("allow-remote"),
            memory=call.flag("memory"),
            controllers=not call.flag("no-controllers"),
            on_wait=waiting,
        )
    _say(_up_words(name, made))
    return 0


def _up_words(name: str, made: Up) -> list[str]:
    state = "is running already" if made.already else "is up"
    before = f', instead of "{made.previous}"' if made.previous else ""
    return [
        f'Cluster "{name}" {state} at {made.server}',
        f'Context "{made.context}" is current in {_short(made.kubeconfig)}{before}',
    ]


def _down(call: Call) -> int:
    from navarch.cluster.lifecycle import down

    name = call.flag("name")
    with _Waiting(f'Stopping cluster "{name}"') as waiting:
        done = down(name, home=_home(), delete=call.flag("delete"), on_wait=waiting)
    lines = [f'Cluster "{name}" {"is down" if done.was_running else "was not running"}']
    if done.deleted:
        lines.append("What was in it is deleted")
    if done.current:
        lines.append(f'Context "{done.current}" is current in {_short(done.kubeconfig)}')
    _say(lines)
    return 0


def _reset(call: Call) -> int:
    from navarch.cluster.lifecycle import reset

    name = call.flag("name")
    with _Waiting(f'Emptying cluster "{name}"') as waiting:
        made = reset(name, home=_home(), on_wait=waiting)
    _say([f'Cluster "{name}" is empty' + (f" and up at {made.server}" if made else "; it isn't running")])
    return 0


def _status(call: Call) -> int:
    from navarch.cli.output import write
    from navarch.cli.release_output import to_json, to_yaml
    from navarch.cluster.lifecycle import status

    found = status(call.flag("name"), home=_home())
    output = call.flag("output")
    if output == "table":
        _say(_status_words(found))
    else:
        write(to_json(_fields(found)) if output == "json" else to_yaml(_fields(found)))
    return 0 if found.answers else 1


def _status_words(found: Status) -> list[str]:
    running = found.running
    if not running:
        kept = f"; its objects are kept in {_short(found.folder)}" if found.exists and not found.memory else ""
        return [f'Cluster "{found.name}" is not running{kept}']
    state = f"process {running.pid}, for {_age(running.started)}, {_size(running.pid)}"
    lines = [
        f'Cluster "{found.name}" is running at {found.server}',
        f"  {state}" if found.answers else f"  {state}, but it doesn't answer",
        "  objects are in memory only" if found.memory else f"  kept in {_short(found.folder)}",
    ]
    if found.context:
        lines.append(f'  context "{found.context}" in {_short(found.kubeconfig)}')
    return lines


def _fields(found: Status) -> Any:
    from navarch.cli.release_output import Fields

    running = found.running
    return Fields(
        {
            "name": found.name,
            "exists": found.exists,
            "running": running is not None,
            "ready": found.answers,
            "pid": running.pid if running else 0,
            "server": found.server,
            "context": found.context,
            "kubeconfig": found.kubeconfig,
            "folder": found.folder,
            "memory": found.memory,
        }
    )


def _age(started: float) -> str:
    """How long ago that was, as kubectl says it: 42s, 3m, 2h, 5d."""
    import time

    seconds = max(int(time.time() - started), 0)
    size, unit = next((one for one in ((86400, "d"), (3600, "h"), (60, "m")) if seconds >= one[0]), (1, "s"))
    return f"{seconds // size}{unit}"


def _size(pid: int) -> str:
    """The memory of a process."""
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            pages = int(file.read().split()[1])
    except (OSError, ValueError, IndexError):
        return "memory unknown"
    return f"{pages * os.sysconf('SC_PAGE_SIZE') / 2**20:.0f} MiB"


def _short(path: str) -> str:
    """A path as people write it."""
    home = os.environ.get("HOME", "")
    return f"~{path[len(home) :]}" if len(home) > 1 and path.startswith(home.rstrip("/") + "/") else path


def _say(lines: list[str]) -> None:
    from navarch.cli.output import write

    write("".join(f"{line}\n" for line in lines))


_RUN = {"cluster up": _up, "cluster down": _down, "cluster status": _status, "cluster reset": _reset}
