"""The life of a cluster that is a process of its own: up, down, status, reset. What `nav cluster` does, without words.

Clusters have names and are kept in folders below `home`. Everything here can be called at any time, by several at once:
one works, the others wait and then find what it left.
"""

from __future__ import annotations

import os
import socket
from typing import NamedTuple

from navarch.cluster import kubeconfig, process
from navarch.cluster.folder import Folder, Running, Settings, Work
from navarch.errors import ClusterError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from navarch.cluster.certificates import Certificates

    OnWait = Callable[[float], None]

__all__ = ["Down", "Status", "Up", "check_address", "context_of", "down", "reset", "status", "up"]


_LOOPBACK = "127.0.0.1"
_ANY = ("0.0.0.0", "::")  # noqa: S104 - only for those who said so twice


class Up(NamedTuple):
    """What `up` did: `already` if the cluster was running; `previous` is the context that was current before."""

    running: Running
    server: str
    context: str
    kubeconfig: str
    already: bool
    previous: str


class Down(NamedTuple):
    """What `down` did: `current` is the kubeconfig's current context from now on ("" for none)."""

    was_running: bool
    kubeconfig: str
    current: str
    deleted: bool


class Status(NamedTuple):
    """How a cluster is: `running` None if it isn't, `exists` False if nothing is kept of it.

    `answers`: it also says that it is ready.
    """

    name: str
    exists: bool
    running: Running | None
    answers: bool
    server: str
    context: str
    kubeconfig: str
    folder: str
    memory: bool


def context_of(name: str) -> str:
    """The context of a cluster."""
    return f"navarch-{name}"


def _patient(_: float) -> None:
    """Nothing to say while waiting."""


def up(
    name: str,
    *,
    home: str,
    kubeconfig_path: str = "",
    address: str = "",
    port: int = 0,
    remote: bool = False,
    memory: bool = False,
    controllers: bool = True,
    on_wait: OnWait = _patient,
) -> Up:
    """Start a cluster if it isn't running, and put its context into the kubeconfig.

    `port`, if not given, is that of the last time if it is free, else any. An address that other machines can reach is
    refused unless `remote` says that it is meant. With `memory`, objects live as long as the process. Without
    `controllers` they stay as they are applied, as on a bare API server. `on_wait` is called while waiting, with the
    seconds so far. Raises ClusterError.
    """
    folder = Folder(home, name)
    check_address(address or _LOOPBACK, remote=remote)
    new = not folder.exists()
    with Work(folder, on_wait):
        try:
            running = folder.running()
            if running:
                _check_same(folder, running, address, port)
                return _already(folder, running, kubeconfig_path)
            known = folder.settings()
            settings = known._replace(
                address=address or _LOOPBACK, port=port or known.port, memory=memory, controllers=controllers
            )
            return _up(folder, settings, kubeconfig_path, exact_port=bool(port), on_wait=on_wait)
        except BaseException:
            if new and not folder.running():
                folder.delete()
            raise


def check_address(address: str, *, remote: bool) -> None:
    """Refuse an address that isn't one of this machine alone, unless `remote`. Raises ClusterError."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        packed = socket.inet_pton(family, address)
    except (OSError, ValueError):
        raise ClusterError(f'"{address}" is not an IP address') from None
    loopback = packed[0] == 127 if family == socket.AF_INET else packed == b"\0" * 15 + b"\1"
    if not loopback and not remote:
        why = "who reaches this machine could reach the cluster"
        raise ClusterError(
            f"refusing to listen on {address}: {why}", hint="add --allow-remote if that is what you want"
        )


def _check_same(folder: Folder, running: Running, address: str, port: int) -> None:
    """Refuse to go on with a cluster that listens elsewhere than asked for."""
    if (address and address != running.address) or (port and port != running.port):
        place = _server(running.address, running.port)
        raise ClusterError(f'cluster "{folder.name}" is running at {place}; stop it before it can listen elsewhere')


def _up(folder: Folder, settings: Settings, explicit: str, *, exact_port: bool, on_wait: OnWait) -> Up:
    started = process.start(folder, settings, exact_port=exact_port, names=_names(settings.address), on_wait=on_wait)
    running = started.running
    _forget_discovery(running)
    path = kubeconfig.target(explicit)
    known = settings._replace(kubeconfig=path, created=not os.path.exists(path))
    try:
        current = kubeconfig.current_context(path)
        known = known if current == context_of(folder.name) else known._replace(previous=current)
        settings = settings._replace(port=running.port)
        settings = _merge(folder, settings, running, started.certificates, explicit)
        folder.remember(settings)
        started.keep(on_wait)
    except BaseException:
        started.abandon()
        _undo(folder, known)
        raise
    return _done(folder, settings, running, already=False)


def _undo(folder: Folder, known: Settings) -> None:
    """Take the context of a cluster that didn't come up out of the kubeconfig, if that can be."""
    try:
        _take_out(folder, known)
    except ClusterError:
        return


def _already(folder: Folder, running: Running, explicit: str) -> Up:
    """The cluster is running: only see to its context."""
    from navarch.cluster.certificates import present

    settings = folder.settings()
    certificates = present(folder.path)
    if certificates is None:
        raise ClusterError(f"the certificates in {folder.path} are gone; start the cluster anew")
    settings = _merge(folder, settings, running, certificates, explicit)
    folder.remember(settings)
    return _done(folder, settings, running, already=True)


def _done(folder: Folder, settings: Settings, running: Running, *, already: bool) -> Up:
    server = _server(running.address, running.port)
    context = context_of(folder.name)
    return Up(running, server, context, settings.kubeconfig, already, settings.previous)


def _merge(folder: Folder, settings: Settings, running: Running, certificates: Certificates, explicit: str) -> Settings:
    """Put the context into the kubeconfig; what is to be remembered of that.

    A context that stands there already, as after the process was killed, says nothing about what was before it.
    """
    context = context_of(folder.name)
    path = kubeconfig.target(explicit)
    entry = kubeconfig.entry(
        context,
        _server(running.address, running.port),
        certificates.authority,
        certificates.client,
        certificates.client_key,
    )
    merged = kubeconfig.merge(path, entry)
    if settings.kubeconfig not in ("", path):
        kubeconfig.take_out(settings.kubeconfig, context, previous=settings.previous, created=settings.created)
    elif merged.previous == context:
        return settings._replace(kubeconfig=path)
    created = merged.created or (settings.created and settings.kubeconfig == path)
    return settings._replace(kubeconfig=path, previous=merged.previous, created=created)


def _server(address: str, port: int) -> str:
    host = _host(address)
    return f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"


def _host(address: str) -> str:
    """The address for clients on this machine."""
    return dict(zip(_ANY, (_LOOPBACK, "::1"), strict=True)).get(address, address)


def _forget_discovery(running: Running) -> None:
    """Delete what clients keep of the kinds that a server at this address had: another one may have others."""
    from navarch.kube.catalog import cache_folder

    kept = cache_folder(_server(running.address, running.port).removeprefix("https://"))
    if kept and os.path.isdir(kept):
        import shutil

        shutil.rmtree(kept, ignore_errors=True)


def _names(address: str) -> Sequence[str]:
    """What else the server's certificate has to say where other machines may come."""
    if address in (_LOOPBACK, "::1"):
        return ()
    if address not in _ANY:
        return (address,)
    name = socket.gethostname()
    try:
        found = {str(info[4][0]).partition("%")[0] for info in socket.getaddrinfo(name, None)}
    except OSError:
        found = set()
    return (name, *sorted(found))


def down(name: str, *, home: str, delete: bool = False, on_wait: OnWait = _patient) -> Down:
    """Stop a cluster and take its context out of the kubeconfig; with `delete`, delete all that is kept of it too.

    A cluster that isn't running is no error. Raises ClusterError.
    """
    folder = Folder(home, name)
    if not folder.exists():
        return Down(was_running=False, kubeconfig="", current="", deleted=False)
    with Work(folder, on_wait):
        running = folder.running()
        if running:
            process.stop(folder, running, on_wait)
            _forget_discovery(running)
        settings = folder.settings()
        current = _take_out(folder, settings)
        if delete:
            folder.delete()
    return Down(running is not None, settings.kubeconfig, current, deleted=delete)


def _take_out(folder: Folder, settings: Settings) -> str:
    """Take the context out of the kubeconfig; answers the one that is current then."""
    if not settings.kubeconfig:
        return ""
    context = context_of(folder.name)
    kubeconfig.take_out(settings.kubeconfig, context, previous=settings.previous, created=settings.created)
    folder.remember(settings._replace(kubeconfig="", previous="", created=False))
    return kubeconfig.current_context(settings.kubeconfig)


def status(name: str, *, home: str) -> Status:
    """How a cluster is. Raises ClusterError."""
    folder = Folder(home, name)
    running = folder.running()
    settings = folder.settings()
    return Status(
        name,
        folder.exists(),
        running,
        running is not None and process.answers(folder, _host(running.address), running.port),
        _server(running.address, running.port) if running else "",
        context_of(name) if settings.kubeconfig else "",
        settings.kubeconfig,
        folder.path,
        settings.memory,
    )


def reset(name: str, *, home: str, on_wait: OnWait = _patient) -> Up | None:
    """Delete all objects of a cluster. If it is running it goes on, empty, at the same address; else None.

    Raises ClusterError; also if there is no such cluster.
    """
    folder = Folder(home, name)
    if not folder.exists():
        raise ClusterError(f'there is no cluster "{name}"', hint="nav cluster up makes one")
    with Work(folder, on_wait):
        running = folder.running()
        if running:
            process.stop(folder, running, on_wait)
        folder.forget_objects()
        if not running:
            return None
        settings = folder.settings()._replace(address=running.address, port=running.port)
        return _up(folder, settings, settings.kubeconfig, exact_port=True, on_wait=on_wait)
