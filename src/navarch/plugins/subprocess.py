"""Plugins that are programs: started, given their input, listened to, and ended when they take too long.

A program inherits our environment and Helm's variables. `fetch` and `post_render` collect what it prints; a program
that is over its time, prints without end, or is there when we are interrupted is killed with all that it started.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time

from navarch.errors import PluginError, PluginExitError
from navarch.golang.strconv import quote
from navarch.plugins.commands import environment, find_program, prepare, subprocess_config

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from navarch.plugins.load import Plugin
    from navarch.repos.getting import GetterRequest

__all__ = ["LIMIT", "fetch", "post_render", "run"]

LIMIT = 1 << 30
"""How many bytes a program may print."""

_PIECE = 1 << 16
_STDERR_KEPT = 1 << 16


def fetch(plugin: Plugin, request: GetterRequest, *, variables: Mapping[str, str], timeout: float | None) -> bytes:
    """What a getter prints for an address; its stderr is ours. Raises PluginError.

    Its arguments are the files of a client certificate, of its key and of the authorities (each may be ""), and the
    address; user and password are in its environment.
    """
    known = subprocess_config(plugin).protocol_commands
    commands = next((c.commands for c in known if request.scheme in c.protocols), None)
    if commands is None:
        raise PluginError(f"no downloader found for protocol {quote(request.scheme)}")
    own = {
        "HELM_PLUGIN_USERNAME": request.username,
        "HELM_PLUGIN_PASSWORD": request.password,
        "HELM_PLUGIN_PASS_CREDENTIALS_ALL": "true" if request.pass_credentials else "false",
    }
    env = environment(plugin, variables) | own
    try:
        command, *arguments = prepare(commands, env, expand=False)
    except PluginError as error:
        raise error.within(f"failed to prepare commands for protocol {quote(request.scheme)}") from None
    program = os.path.normpath(f"{plugin.folder}/{command}")
    files = (request.cert_file, request.key_file, request.ca_file)
    return run(plugin.name, [program, *arguments, *files, request.url], env=env, timeout=timeout)


def post_render(
    plugin: Plugin,
    manifests: bytes,
    arguments: Sequence[str],
    *,
    variables: Mapping[str, str],
    timeout: float | None,
) -> bytes:
    """What a post-renderer makes of the manifests that it reads from stdin. Raises PluginError.

    As in Helm, its stderr is not shown; when it fails, the end of it is the error's hint.
    """
    env = environment(plugin, variables)
    try:
        words = prepare(subprocess_config(plugin).commands, env, arguments)
    except PluginError as error:
        raise error.within("failed to prepare plugin command") from None
    return run(plugin.name, words, env=env, data=manifests, timeout=timeout, quiet=True)


def run(
    name: str,
    words: Sequence[str],
    *,
    env: Mapping[str, str],
    data: bytes | None = None,
    timeout: float | None = None,
    limit: int = LIMIT,
    quiet: bool = False,
) -> bytes:
    """Run a plugin's program to its end; answers what it printed.

    `data` is its stdin (None: empty), `timeout` its time in seconds (None: any), `limit` how many bytes it may print;
    `quiet` keeps its stderr from ours. Raises PluginExitError where it fails, PluginError where it can't be started or
    was ended.
    """
    child = _start(words, env, quiet=quiet)
    deadline = None if timeout is None else time.monotonic() + timeout
    code = None
    try:
        out, err = _Talk(child, data or b"", limit).listen(deadline)
        code = child.wait(None if deadline is None else max(deadline - time.monotonic(), 0))
    except (TimeoutError, subprocess.TimeoutExpired) as error:
        raise PluginError(f"plugin {quote(name)} did not end within {_seconds(timeout)} and was ended") from error
    except _TooMuchError as error:
        raise PluginError(f"plugin {quote(name)} printed more than {limit} bytes and was ended") from error
    finally:
        if code is None:
            _kill(child)
        _close(child)
    if code:
        said = err.decode("utf-8", "replace").strip()
        exit_code = code if code > 0 else -1
        raise PluginExitError(f"plugin {quote(name)} exited with error", exit_code=exit_code, hint=said)
    return out


def _start(words: Sequence[str], env: Mapping[str, str], *, quiet: bool) -> subprocess.Popen[bytes]:
    """Start a program. Raises PluginError in the words of os/exec."""
    path = find_program(words[0])
    try:
        return subprocess.Popen(  # noqa: S603 - the user has installed it
            list(words),
            executable=path,
            env=dict(env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if quiet else None,
            process_group=None if _has_terminal() else 0,
        )
    except (OSError, ValueError) as error:
        from navarch.chart.load import reason

        raise PluginError(f"fork/exec {path}: {reason(error)}") from error


def _has_terminal() -> bool:
    """Whether somebody may answer what a program asks; it then stays in our group, which is the terminal's."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


class _TooMuchError(Exception):
    """A program printed more than it may."""


class _Talk:
    """What goes to a program and what comes from it, at the same time."""

    def __init__(self, child: subprocess.Popen[bytes], data: bytes, limit: int) -> None:
        self._child = child
        self._rest = memoryview(data)
        self._limit = limit
        self._out = bytearray()
        self._err = bytearray()

    def listen(self, deadline: float | None) -> tuple[bytes, bytes]:
        """Talk until the program has closed its outputs. Raises TimeoutError, _TooMuchError."""
        stdin, stdout, stderr = self._child.stdin, self._child.stdout, self._child.stderr
        with selectors.DefaultSelector() as selector:
            if stdin:
                os.set_blocking(stdin.fileno(), False)
                selector.register(stdin, selectors.EVENT_WRITE)
            for stream in filter(None, (stdout, stderr)):
                selector.register(stream, selectors.EVENT_READ)
            while any(key.fileobj is not stdin for key in selector.get_map().values()):
                left = None if deadline is None else deadline - time.monotonic()
                ready = selector.select(left) if left is None or left > 0 else []
                if not ready:
                    raise TimeoutError
                for key, _ in ready:
                    done = self._write(key.fd) if key.fileobj is stdin else self._read(key.fd, key.fileobj is stderr)
                    if done:
                        selector.unregister(key.fileobj)
                        key.fileobj.close()  # type: ignore[union-attr]
        return bytes(self._out), bytes(self._err)

    def _write(self, fd: int) -> bool:
        """Hand over a piece; answers whether that was all, or nobody wants more."""
        try:
            self._rest = self._rest[os.write(fd, self._rest[:_PIECE]) :] if self._rest else self._rest
        except BlockingIOError:
            return False
        except BrokenPipeError:
            return True
        return not self._rest

    def _read(self, fd: int, complaints: bool) -> bool:
        """Take a piece; answers whether it was the end."""
        piece = os.read(fd, _PIECE)
        if complaints:
            self._err += piece
            del self._err[:-_STDERR_KEPT]
        else:
            self._out += piece
            if len(self._out) > self._limit:
                raise _TooMuchError
        return not piece


def _close(child: subprocess.Popen[bytes]) -> None:
    for stream in filter(None, (child.stdin, child.stdout, child.stderr)):
        try:
            stream.close()
        except OSError:
            pass


def _kill(child: subprocess.Popen[bytes]) -> None:
    """End a program and what it started. Nobody may have waited for it: until then its number is its own."""
    family = _descendants(child.pid)
    try:
        if os.getpgid(child.pid) == child.pid:
            os.killpg(child.pid, signal.SIGKILL)
    except OSError:
        pass
    for pid in (child.pid, *family):
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            continue
    child.wait()


def _descendants(pid: int) -> list[int]:
    """The processes that a process started, and those that these did; nothing where the system doesn't say."""
    children: dict[int, list[int]] = {}
    for parent, child in _parents():
        children.setdefault(parent, []).append(child)
    found = [pid]
    for one in found:
        found += children.get(one, ())
    return found[1:]


def _parents() -> Iterable[tuple[int, int]]:
    """Pairs of a process's parent and the process, from Linux's /proc."""
    try:
        names = os.listdir("/proc")
    except OSError:
        return
    for name in filter(str.isdigit, names):
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                yield int(file.read().rpartition(b")")[2].split()[1]), int(name)
        except (OSError, ValueError, IndexError):
            continue


def _seconds(timeout: float | None) -> str:
    from navarch.golang.duration import Duration

    return str(Duration(int((timeout or 0) * 1_000_000_000)))
