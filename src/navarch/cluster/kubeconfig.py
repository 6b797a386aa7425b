"""The cluster's context in the user's kubeconfig: merged in when it comes up, taken out when it goes down.

By kind's rules: it goes into the file that was named, else into the first existing one of $KUBECONFIG (the last if none
exists), else into ~/.kube/config, and becomes the current context. Beyond kind: when it is taken out, the context that
was current before is so again. Files are locked as kubectl locks them, and replaced at once or not at all.
"""

from __future__ import annotations

import base64
import contextlib
import os
import time
from typing import NamedTuple

from navarch.cluster.kubeconfig_text import LISTS, put, remove, set_current
from navarch.errors import ClusterError, ConfigError, YamlError
from navarch.files import PartFile
from navarch.kube.kubeconfig import Kubeconfig, decode, read_file, usual_paths, words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any

__all__ = ["Entry", "Merged", "current_context", "entry", "merge", "take_out", "target", "write"]

_LOCK_SECONDS = 5.0


class Entry(NamedTuple):
    """A context, with the cluster and the user of the same name, as a kubeconfig's fields."""

    name: str
    cluster: dict[str, Any]
    user: dict[str, Any]

    def parts(self) -> dict[str, dict[str, Any]]:
        """What comes under each of the lists of a kubeconfig."""
        return {
            "clusters": self.cluster,
            "contexts": {"cluster": self.name, "user": self.name},
            "users": self.user,
        }


class Merged(NamedTuple):
    """What `merge` found: the file, the context that was current ("" for none), whether there was no such file."""

    path: str
    previous: str
    created: bool


def entry(name: str, server: str, authority: str, client: str, client_key: str) -> Entry:
    """The context of a server, with the content of PEM files in it. Raises OSError."""
    cluster = {"certificate-authority-data": _base64_of(authority), "server": server}
    user = {"client-certificate-data": _base64_of(client), "client-key-data": _base64_of(client_key)}
    return Entry(name, cluster, user)


def _base64_of(path: str) -> str:
    with open(path, "rb") as file:
        return base64.b64encode(file.read()).decode()


def target(explicit: str = "") -> str:
    """The file that a context is merged into."""
    paths = [explicit] if explicit else usual_paths()
    return os.path.abspath(next((path for path in paths if os.path.exists(path)), paths[-1]))


def write(path: str, one: Entry) -> None:
    """Write a kubeconfig that has this context and nothing else. Raises OSError."""
    _replace(path, _with(_EMPTY, one))


def merge(path: str, one: Entry) -> Merged:
    """Put a context into a file and make it the current one. Raises ClusterError; then the file is as it was."""
    with _Lock(path):
        text, config = _read(path)
        _save(path, _with(text or _EMPTY, one))
    previous = config.current_context if config else ""
    return Merged(path, previous, created=config is None)


def take_out(path: str, name: str, *, previous: str = "", created: bool = False) -> bool:
    """Take a context out of a file, if it is there; answers whether it was the current one.

    Then `previous` is current again, if there still is such a context. With `created`, a file in which nothing else is
    left is deleted. Raises ClusterError; then the file is as it was.
    """
    if not os.path.exists(path):
        return False
    with _Lock(path):
        text, config = _read(path)
        if config is None:
            return False
        changed = text
        for section in LISTS:
            changed = remove(changed, section, name)
        was_current = config.current_context == name
        if was_current:
            changed = set_current(changed, previous if previous in _contexts(path, config) else "")
        if created and _is_bare(changed):
            os.unlink(path)
        elif changed != text:
            _save(path, changed)
    return was_current


def current_context(path: str) -> str:
    """The current context of a file; "" if there is none, or no such file. Raises ClusterError."""
    config = _read(path)[1]
    return config.current_context if config else ""


_EMPTY = """\
apiVersion: v1
kind: Config
preferences: {}
"""


def _with(text: str, one: Entry) -> str:
    for section, fields in one.parts().items():
        text = put(text, section, one.name, fields)
    return set_current(text, one.name)


def _contexts(path: str, config: Kubeconfig) -> set[str]:
    """The contexts that count beside this file: its own, and those of the other usual ones."""
    found = set(config.contexts)
    others = usual_paths()
    if path in map(os.path.abspath, others):
        for other in others:
            try:
                found |= set(decode(read_file(other)).contexts)
            except ConfigError:
                continue
    return found


def _is_bare(text: str) -> bool:
    """Whether a kubeconfig says nothing."""
    from navarch.golang.yaml import load

    return not any(value for key, value in (load(text) or {}).items() if key not in ("apiVersion", "kind"))


def _read(path: str) -> tuple[str, Kubeconfig | None]:
    """A file's text and meaning; "" and None if there is none. Raises ClusterError."""
    try:
        if not os.path.exists(path):
            return "", None
        data = read_file(path)
        return data.decode(), decode(data)
    except (ConfigError, YamlError) as error:
        raise ClusterError(f"kubeconfig {path}: {error}") from error
    except UnicodeDecodeError as error:
        raise ClusterError(f"kubeconfig {path}: not UTF-8 from byte {error.start} on") from error


def _save(path: str, text: str) -> None:
    """Replace a file. Raises ClusterError."""
    try:
        _replace(path, text)
    except OSError as error:
        raise ClusterError(f"kubeconfig {path}: {words(error)}") from error


def _replace(path: str, text: str) -> None:
    """Write a file at once, through a link if it is one. Its mode and owner stay; a new one is its owner's alone."""
    path = os.path.realpath(path)
    with PartFile(path, 0o600, sync=True) as file:
        file.write(text.encode())
        _take_over(file.fileno(), path)


def _take_over(descriptor: int, path: str) -> None:
    """Give a new file the mode and owner of the old one, as far as we may."""
    try:
        old = os.stat(path)
        os.fchmod(descriptor, old.st_mode & 0o7777)
        os.fchown(descriptor, old.st_uid, old.st_gid)
    except OSError:
        return


_OURS = "nav"  # in a lock, with the process that holds it


class _Lock:
    """A kubeconfig locked by a file beside it, as client-go does it. Waits for others a while, then ClusterError."""

    __slots__ = ("_path", "_target")

    def __init__(self, path: str) -> None:
        self._target = path
        self._path = path + ".lock"

    def __enter__(self) -> None:
        deadline = time.monotonic() + _LOCK_SECONDS
        try:
            os.makedirs(os.path.dirname(self._path), exist_ok=True)
            while not self._taken():
                if time.monotonic() > deadline:
                    raise ClusterError(
                        f"kubeconfig {self._target} is locked: {self._path} exists",
                        hint="if neither kubectl nor kind nor nav is at work, remove that file",
                    )
                time.sleep(0.02)
        except OSError as error:
            raise ClusterError(f"kubeconfig {self._target} can't be changed: {words(error)}") from error

    def _taken(self) -> bool:
        try:
            lock = os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            self._drop_left_behind()
            return False
        os.write(lock, f"{_OURS} {os.getpid()}\n".encode())
        os.close(lock)
        return True

    def _drop_left_behind(self) -> None:
        """Remove the lock of a nav that was killed; those of other programs don't say whose they are."""
        try:
            with open(self._path, encoding="ascii") as file:
                whose, _, pid = file.read(40).partition(" ")
            if whose == _OURS and pid.strip().isdigit():
                os.kill(int(pid), 0)
        except ProcessLookupError:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._path)
        except (OSError, ValueError):
            pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        os.unlink(self._path)
