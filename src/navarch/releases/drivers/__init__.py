"""Where records are kept: one module for each of the places that HELM_DRIVER can name."""

from __future__ import annotations

from navarch.errors import ReleaseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from navarch.kube.client import Client
    from navarch.releases.drivers.base import Driver

__all__ = ["open_driver"]


def open_driver(
    name: str,
    client: Client | Callable[[], Client],
    namespace: str,
    *,
    connection: str = "",
    debug: Callable[[str], None] | None = None,
) -> Driver:
    """The driver of one of Helm's names ("": Secrets) for the records of a namespace ("": of all).

    The cluster is opened only if records are kept there. `connection` is where the database is, as lib/pq takes it;
    `debug` is given the lines that Helm writes with --debug. Raises ReleaseError for other names and for a database
    that doesn't answer, ConfigError for a cluster that can't be reached.
    """
    if name == "memory":
        from navarch.releases.drivers.memory import Memory

        return Memory(namespace)
    if name == "sql":
        from navarch.releases.drivers.sql import Sql

        try:
            return Sql(connection, namespace, debug=debug)
        except ReleaseError as error:
            raise ReleaseError(f"unable to instantiate SQL driver: {error}", hint=error.hint) from error
    if name not in {"", "secret", "secrets", "configmap", "configmaps"}:
        from navarch.golang.strconv import quote

        raise ReleaseError(f"unknown driver {quote(name)}")
    transport = (client() if callable(client) else client).transport
    if name.startswith("configmap"):
        from navarch.releases.drivers.configmaps import ConfigMaps

        return ConfigMaps(transport, namespace, debug=debug)
    from navarch.releases.drivers.secrets import Secrets

    return Secrets(transport, namespace, debug=debug)
