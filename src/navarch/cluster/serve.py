"""The process of a cluster: python -m navarch.cluster.serve FOLDER. `navarch.cluster.process` starts it.

A line of JSON on its standard input says what to do. When it serves, or can't, it says so in a line of JSON on its
standard output. Another line on its input lets it go on alone: then it writes into FOLDER/running.json that it runs,
says {}, and from then on writes to FOLDER/log only. If the input ends before, it ends too. SIGTERM ends it, and so does
the loss of its folder.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time

from navarch.cluster.folder import Folder, claim
from navarch.errors import NavarchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.server import Server

__all__ = ["main"]

_LOOK_SECONDS = 30.0  # how often it is looked whether the folder is still there


def main() -> int:
    """Serve the cluster in the folder that the first argument names, until told to end."""
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))  # a pipe of whoever ran the command would stay open with us
    for number in (signal.SIGINT, signal.SIGHUP):  # Ctrl-C and a closed terminal are not for us
        signal.signal(number, signal.SIG_IGN)
    home, name = os.path.split(sys.argv[1])
    folder = Folder(home, name)
    try:
        return _serve(folder)
    except NavarchError as error:
        _answer({"error": str(error)})
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        _answer({"error": place + (error.strerror or str(error)).lower()})
    return 1


def _serve(folder: Folder) -> int:
    running = claim(folder)
    if running is None:
        _answer({"error": "it is running already"})
        return 1
    _load()
    line = os.read(0, 4096)
    if not line:  # whoever started us is gone
        return 1
    wanted = json.loads(line)
    parts = _Parts(folder, wanted)
    facts = {"pid": os.getpid(), "address": wanted["address"], "port": parts.server.port, "started": time.time()}
    told = _hear_of_the_end()
    _answer(facts)
    if _is_kept(told):
        os.pwrite(running, json.dumps(facts).encode(), 0)
        _answer({})
        os.dup2(2, 1)
        _settle_down()
        _wait(folder, running, told)
    parts.close()
    return 0


def _load() -> None:
    """Import what serving takes, while whoever started us still makes certificates."""
    import navarch.cluster.api
    import navarch.cluster.controllers
    import navarch.cluster.server
    import navarch.cluster.store  # noqa: F401


class _Parts:
    """A cluster that serves. Raises NavarchError and OSError if it can't."""

    __slots__ = ("_controllers", "_store", "server")

    def __init__(self, folder: Folder, wanted: dict[str, Any]) -> None:
        from navarch.cluster.api import Api
        from navarch.cluster.certificates import present
        from navarch.cluster.controllers import Controllers
        from navarch.cluster.store import Store

        certificates = present(folder.path)
        if certificates is None:
            raise FileNotFoundError(2, "there are no certificates", folder.path)
        with open(certificates.authority, encoding="utf-8") as file:
            authority = file.read()
        self._store = Store(None if wanted["memory"] else folder.store)
        api = Api(self._store)
        self._controllers = Controllers(api, certificate=authority) if wanted["controllers"] else None
        self.server = _listen(api, wanted, certificates)
        if self._controllers is not None:
            self._controllers.start()
        self.server.start()

    def close(self) -> None:
        self.server.close()
        if self._controllers is not None:
            self._controllers.stop()
        self._store.close()


def _listen(api: Any, wanted: dict[str, Any], certificates: Any) -> Server:
    """A server at the wanted port, or at any if that is taken and was only the one of the last time."""
    from navarch.cluster.server import Server

    try:
        return Server(api, wanted["address"], wanted["port"], certificates)
    except OSError:
        if wanted["exact"] or not wanted["port"]:
            raise
        return Server(api, wanted["address"], 0, certificates)


def _answer(facts: dict[str, Any]) -> None:
    """Say how it went to whoever started us."""
    try:
        os.write(1, json.dumps(facts).encode() + b"\n")
    except BrokenPipeError:
        return


def _settle_down() -> None:
    """What was made for the start is here to stay: the garbage collector needn't look at it again and again."""
    import gc

    gc.collect()
    gc.freeze()


def _hear_of_the_end() -> int:
    """From now on SIGTERM makes something to be read from the descriptor that is answered."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing)
    signal.signal(signal.SIGTERM, lambda *_: None)
    return reading


def _is_kept(told: int) -> bool:
    """Whether whoever started us lets us go on alone, instead of ending, or ending us."""
    ready, _, _ = select.select([0, told], [], [])
    return told not in ready and os.read(0, 16) != b""


def _wait(folder: Folder, running: int, told: int) -> None:
    """Until we are told to end, or the folder goes."""
    while not select.select([told], [], [], _LOOK_SECONDS)[0]:
        try:
            if not os.path.samestat(os.fstat(running), os.stat(folder.file("running.json"))):
                return
        except OSError:
            return


if __name__ == "__main__":
    sys.exit(main())
