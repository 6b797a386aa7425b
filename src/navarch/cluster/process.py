"""Starting and stopping the process of a cluster (`navarch.cluster.serve`), detached from whoever starts it."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time

from navarch.cluster.certificates import Certificates, make, present
from navarch.cluster.folder import Running
from navarch.errors import ClusterError
from navarch.kube.kubeconfig import words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from navarch.cluster.folder import Folder, Settings

__all__ = ["Started", "answers", "start", "stop"]

_START_SECONDS = 60.0
_STOP_SECONDS = 10.0
_KILL_SECONDS = 5.0
_STEP = 0.1
_ANSWER_SECONDS = 3.0


class Started:
    """A process that serves. It ends with us, and nobody else hears of it, until `keep` lets it go on alone."""

    __slots__ = ("_answers", "_questions", "certificates", "running")

    def __init__(self, running: Running, certificates: Certificates, questions: int, answers: int) -> None:
        self.running = running
        self.certificates = certificates
        self._questions = questions
        self._answers = answers

    def keep(self, on_wait: Callable[[float], None]) -> None:
        """Let it go on alone, and wait until all can see it. Raises ClusterError if it has ended already."""
        _tell(self._questions, {"stay": True})
        if _answer(self._answers, on_wait) is None:
            raise ClusterError(f"the cluster's process {self.running.pid} has ended")
        self._close()

    def abandon(self) -> None:
        """End it."""
        _kill(self.running.pid)
        self._close()

    def _close(self) -> None:
        os.close(self._questions)
        os.close(self._answers)


def start(
    folder: Folder,
    settings: Settings,
    *,
    exact_port: bool,
    names: Sequence[str],
    on_wait: Callable[[float], None],
) -> Started:
    """Start the process and wait until it serves; `names` have to be in the server's certificate.

    Raises ClusterError if it doesn't come up; then, and when interrupted, no process is left.
    """
    folder.forget_process()
    pid, questions, answers = _spawn(folder)
    try:
        certificates = _certificates(folder, names)
        wanted = {
            "address": settings.address,
            "port": settings.port,
            "exact": exact_port,
            "memory": settings.memory,
            "controllers": settings.controllers,
        }
        _tell(questions, wanted)
        running = _running(folder, settings, _answer(answers, on_wait))
    except BaseException:
        os.close(questions)
        os.close(answers)
        _kill(pid)
        raise
    return Started(running, certificates, questions, answers)


def _running(folder: Folder, settings: Settings, facts: dict[str, Any] | None) -> Running:
    """What the process says, if it serves. Raises ClusterError if it doesn't."""
    if facts is None or "error" in facts:
        raise ClusterError(f'cluster "{folder.name}" can\'t be started: {_why(folder, settings, facts)}')
    return Running(facts["pid"], facts["address"], facts["port"], facts["started"])


def _spawn(folder: Folder) -> tuple[int, int, int]:
    """The process, and our ends of its standard input and output."""
    opened = [*os.pipe(), *os.pipe()]
    question, questions, answers, answer = opened
    line = [sys.executable, "-P", "-m", "navarch.cluster.serve", folder.path]
    try:
        log = os.open(folder.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        opened.append(log)
        actions = [(os.POSIX_SPAWN_DUP2, ours, theirs) for theirs, ours in enumerate((question, answer, log))]
        pid = os.posix_spawn(sys.executable, line, _environment(), file_actions=actions, setsid=True)
        opened = [question, answer, log]
    except OSError as error:
        raise ClusterError(f"{error.filename}: {words(error)}") from error
    finally:
        for descriptor in opened:
            os.close(descriptor)
    return pid, questions, answers


def _environment() -> dict[str, str]:
    """Ours. One heap for all threads, as each would take some MiB for its own."""
    return {"MALLOC_ARENA_MAX": "1", **os.environ}


def _certificates(folder: Folder, names: Sequence[str]) -> Certificates:
    try:
        return present(folder.path, names) or make(folder.path, names)
    except OSError as error:
        raise ClusterError(f"{error.filename or folder.path}: {words(error)}") from error


def _tell(questions: int, wanted: dict[str, Any]) -> None:
    try:
        os.write(questions, json.dumps(wanted).encode() + b"\n")
    except BrokenPipeError:  # it has ended; why, is in its answer or in its log
        return


def _answer(answers: int, on_wait: Callable[[float], None]) -> dict[str, Any] | None:
    """What the process says; None if it ends without a word. Raises ClusterError if it takes too long."""
    started = time.monotonic()
    said = b""
    while not said.endswith(b"\n"):
        if not select.select([answers], [], [], _STEP)[0]:
            waited = time.monotonic() - started
            if waited > _START_SECONDS:
                raise ClusterError(f"the cluster's process said nothing for {_START_SECONDS:.0f} s")
            on_wait(waited)
            continue
        piece = os.read(answers, 4096)
        if not piece:
            return None
        said += piece
    facts: dict[str, Any] = json.loads(said)
    return facts


def _why(folder: Folder, settings: Settings, facts: dict[str, Any] | None) -> str:
    if facts is not None:
        reason = str(facts["error"])
        return f"port {settings.port} of {settings.address} is taken" if "already in use" in reason else reason
    try:
        with open(folder.log, encoding="utf-8", errors="replace") as file:
            last = file.read()[-2000:].strip().rpartition("\n")[2]
    except OSError:
        last = ""
    return f"its process ended ({last})" if last else "its process ended without a word"


def answers(folder: Folder, host: str, port: int) -> bool:
    """Whether the process answers a request soon, and that it is ready."""
    import ssl
    from http.client import HTTPException, HTTPSConnection

    certificates = present(folder.path)
    if certificates is None:
        return False
    context = ssl.create_default_context(cafile=certificates.authority)
    context.load_cert_chain(certificates.client, certificates.client_key)
    connection = HTTPSConnection(host, port, timeout=_ANSWER_SECONDS, context=context)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def stop(folder: Folder, running: Running, on_wait: Callable[[float], None]) -> None:
    """End the process and wait until it is gone: kindly, then by force. Raises ClusterError if it stays."""
    started = time.monotonic()
    for number, patience in ((signal.SIGTERM, _STOP_SECONDS), (signal.SIGKILL, _KILL_SECONDS)):
        _signal(running.pid, number)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if folder.running() != running:
                _reap(running.pid)
                return
            on_wait(time.monotonic() - started)
            time.sleep(0.005)
    raise ClusterError(f'cluster "{folder.name}" (process {running.pid}) can\'t be stopped')


def _kill(pid: int) -> None:
    _signal(pid, signal.SIGKILL)
    try:
        os.waitpid(pid, 0)
    except ChildProcessError:
        return


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
    except PermissionError as error:
        raise ClusterError(f"process {pid} belongs to somebody else") from error


def _reap(pid: int) -> None:
    """If it was our own child, let the system forget it."""
    try:
        os.waitpid(pid, 0)
    except ChildProcessError:
        return
