"""A cluster within this process: for tests, and for programs that want a Kubernetes API for a while.

    with LocalCluster() as cluster:
        cluster.client(namespace="default").install("web", "./web", wait=True)

It is the same as `nav cluster up` makes, but lives in threads of this process and in memory; real clients reach it by
its kubeconfig.
"""

from __future__ import annotations

import os

from navarch.errors import ClusterError
from navarch.kube.kubeconfig import words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Self

    from navarch.client import Client
    from navarch.cluster.api import Api
    from navarch.cluster.controllers import Controllers
    from navarch.cluster.server import Server
    from navarch.cluster.store import Store

__all__ = ["LocalCluster"]


class LocalCluster:
    """A cluster that runs within a `with` block, or from `start` to `close`.

    - `store` is a file for the objects, which another LocalCluster can open later; without it they are in memory.
    - `port` is where on 127.0.0.1 to listen; 0 for any that is free.
    - `controllers`: without them Deployments have no pods and nothing becomes ready.

    While it runs, `kubeconfig` is the path of a file for clients, `server` its address, `api` the way around HTTP.
    Raises ClusterError where it can't be started.
    """

    __slots__ = ("_controllers", "_folder", "_options", "_server", "_store", "api", "kubeconfig", "server")

    def __init__(self, *, store: str | None = None, port: int = 0, controllers: bool = True) -> None:
        self._options = (store, port, controllers)
        self._folder = ""
        self._store: Store | None = None
        self._controllers: Controllers | None = None
        self._server: Server | None = None
        self.api: Api
        self.kubeconfig = ""
        self.server = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    def start(self) -> None:
        """Start it; it then serves. Raises ClusterError."""
        import tempfile

        self._folder = tempfile.mkdtemp(prefix="navarch-cluster-")
        try:
            self._start()
        except OSError as error:
            self.close()
            raise ClusterError(f"the cluster can't be started: {words(error)}") from error
        except BaseException:
            self.close()
            raise

    def _start(self) -> None:
        from navarch.cluster.api import Api
        from navarch.cluster.certificates import make
        from navarch.cluster.controllers import Controllers
        from navarch.cluster.kubeconfig import entry, write
        from navarch.cluster.server import Server
        from navarch.cluster.store import Store

        file, port, controllers = self._options
        certificates = make(self._folder)
        self._store = Store(file)
        self.api = Api(self._store)
        if controllers:
            with open(certificates.authority, encoding="utf-8") as authority:
                self._controllers = Controllers(self.api, certificate=authority.read())
        self._server = Server(self.api, "127.0.0.1", port, certificates)
        self.server = self._server.url
        self.kubeconfig = os.path.join(self._folder, "kubeconfig")
        one = entry("navarch", self.server, certificates.authority, certificates.client, certificates.client_key)
        write(self.kubeconfig, one)
        if self._controllers is not None:
            self._controllers.start()
        self._server.start()

    def close(self) -> None:
        """Stop it and remove its files. It may be closed twice, and started again."""
        import shutil

        if self._server is not None:
            self._server.close()
        if self._controllers is not None:
            self._controllers.stop()
        if self._store is not None:
            self._store.close()
        self._server = self._controllers = self._store = None
        shutil.rmtree(self._folder, ignore_errors=True)

    def settle(self, seconds: float = 30.0) -> None:
        """Wait until the controllers have nothing left to do. Raises ClusterError if they go on for longer."""
        if self._controllers is not None and not self._controllers.settle(seconds):
            raise ClusterError(f"the cluster hasn't come to rest for {seconds:g} s")

    def client(self, namespace: str = "default", **options: Any) -> Client:
        """A client for releases in a namespace; more options are those of navarch.Client."""
        from navarch.client import Client

        return Client(self.kubeconfig, namespace=namespace, **options)
