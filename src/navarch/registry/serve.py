"""Running the server: workers, signals, the socket."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from navarch.registry.keys import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection

    from navarch.registry.app import App
    from navarch.registry.config import Config
    from navarch.registry.store.objects import StorageError

__all__ = ["serve"]

_LOOK = 0.25  # seconds between two looks whether a worker is wanted
_TURN = 0.001  # seconds for which a thread that computes keeps others waiting; a request waits for several turns
_PATIENCE = 10  # seconds that a worker gets to end its requests
_OTHERS = 0o027  # who neither is the server nor of its group reads nothing of what it keeps


def serve(config: Config, *, say: Callable[[str], object]) -> None:
    """Serve until a signal ends it. Raises SettingsError when it can't be begun."""
    os.umask(os.umask(0o077) | _OTHERS)
    with _reserved(config) as port, tempfile.TemporaryDirectory(prefix="registry-") as shared:
        config = config._replace(port=port)
        if config.workers > 1:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = shared  # looked at when the library is imported
        _check(config)
        _run(config, shared, say)


def _run(config: Config, shared: str, say: Callable[[str], object]) -> None:
    from granian.constants import HTTPModes, Interfaces, SSLProtocols
    from granian.http import HTTP1Settings
    from granian.log import LogLevels
    from granian.server import Server

    tls = config.tls
    server = Server(
        "navarch registry",
        address=config.host,
        port=config.port,
        interface=Interfaces.ASGI,
        workers=config.workers,
        websockets=False,
        log_level=LogLevels.error,
        backlog=2048,
        workers_kill_timeout=_PATIENCE,
        http=HTTPModes.http1,  # who may still begin with HTTP/2's words may be silent for ever
        http1_settings=HTTP1Settings(header_read_timeout=round(config.header_seconds * 1000)),
        ssl_cert=Path(tls.certificate) if tls else None,
        ssl_key=Path(tls.key) if tls else None,
        ssl_protocol_min=SSLProtocols.tls12,
        ssl_ca=Path(tls.client_authority) if tls and tls.client_authority else None,
        ssl_client_verify=bool(tls and tls.client_authority),
        respawn_failed_workers=True,
    )
    server.on_startup(lambda: _announce(config, say))
    server.serve(target_loader=partial(_work, config, shared, os.getpid()), wrap_loader=False)


def _check(config: Config) -> None:
    """Find out what is wrong with files and storage before workers are begun: told here, it is told once.

    A process of its own looks. Clients of buckets have threads, which workers that are forked later would lack.
    """
    if config.tls is not None:
        from navarch.registry.certificates import check_tls

        check_tls(config.tls)
    import navarch.registry.app  # noqa: F401 - workers find it imported

    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_try, args=(config, sender))
    process.start()
    sender.close()
    try:
        problem = receiver.recv()
    except EOFError:
        problem = "the server can't be begun"
    process.join()
    if problem:
        raise SettingsError(problem)


def _try(config: Config, result: Connection) -> None:
    from navarch.errors import NavarchError
    from navarch.registry.store.objects import StorageError
    from navarch.registry.store.proving import prove

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with tempfile.TemporaryDirectory() as shared:
            app = _load(config._replace(workers=1), shared)
        prove(app.site.store.objects)
    except StorageError as error:
        result.send(f"{_key_of(config, error)}: {error}")
    except NavarchError as error:
        result.send(str(error))
    else:
        result.send("")


def _key_of(config: Config, error: StorageError) -> str:
    """The path of the key by which storage, or a locker, was found."""
    if str(error).startswith("locks:"):
        return "manager.parameters.lockerparameters"
    return f"manager.parameters{'.rootdirectory' if config.driver == 'filesystem' else ''}"


def _work(config: Config, shared: str, parent: int) -> App:
    """The application of a worker, which ends with the process that began it, however that ends."""
    sys.setswitchinterval(_TURN)
    threading.Thread(target=_end_with, args=(parent,), name="registry-parent", daemon=True).start()
    return _load(config, shared)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK)
    os._exit(1)  # nobody would end it otherwise, and it would keep the port


def _load(config: Config, shared: str) -> App:
    from navarch.registry.app import make_app

    return make_app(config, shared=shared)


@contextmanager
def _reserved(config: Config) -> Iterator[int]:
    """The port, which is nobody else's. Workers share it in a way in which strangers could, too.

    One that the system chooses stays taken as long as the block lasts: it would give it to the next who asks, before
    our workers have it.
    """
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR if config.port else socket.SO_REUSEPORT, 1)
        try:
            probe.bind((config.host, config.port))
        except OSError as error:
            words = "is in use" if error.errno == errno.EADDRINUSE else f"can't be used: {error.strerror or error}"
            raise SettingsError(f"listen: {config.host}:{config.port} {words}") from error
        port = int(probe.getsockname()[1])
        if config.port:
            probe.close()
        yield port


def _announce(config: Config, say: Callable[[str], object]) -> None:
    """Say where the server is as soon as it answers."""
    threading.Thread(target=_say_when_up, args=(config, say), daemon=True).start()


def _say_when_up(config: Config, say: Callable[[str], object]) -> None:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(config.host, config.host)  # noqa: S104
    while True:
        try:
            socket.create_connection((host, config.port), 1).close()
        except OSError:
            time.sleep(0.01)
        else:
            break
    scheme = "https" if config.tls else "http"
    host = f"[{config.host}]" if ":" in config.host else config.host
    if config.auth is None:
        where = "on this machine" if config.is_loopback else "who reaches this address"
        say(f"Everybody {where} may read, write and delete: the configuration has no auth")
    if config.tls is not None:
        from navarch.registry.certificates import doubts

        for doubt in doubts(config.tls):
            say(doubt)
    say(f"Serving charts at {scheme}://{host}:{config.port}")
