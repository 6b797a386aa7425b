"""From a command line to the cluster: the Context that actions on releases are handed.

Nothing is opened here. The kubeconfig is read when the action first asks for the cluster, so that what is wrong with
it is told where Helm tells it: after whatever is wrong with the chart.
"""

from __future__ import annotations

import os

from navarch.actions.context import Context
from navarch.chart.notices import notice
from navarch.cli.output import complain
from navarch.errors import NavarchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.call import Call
    from navarch.cli.settings import Settings
    from navarch.kube.client import Client
    from navarch.releases.storage import Storage

__all__ = ["action_context", "open_client"]


def action_context(call: Call, *, namespace: str | None = None) -> Context:
    """What an action of this command line works with; `namespace` ("" for all) is another one to find records in.

    Raises StartError where records can't be had at all: a database that doesn't answer, files that can't be read.
    """
    settings = call.settings
    driver = os.environ.get("HELM_DRIVER", "")
    place = settings.namespace if namespace is None else namespace
    if driver == "memory":
        from navarch.cli.offline import offline_context

        return offline_context(place, lambda: open_client(settings), say=complain, debugging=settings.debug)
    context = Context(
        lambda: open_client(settings),
        lambda context: _open_storage(driver, context, place),
        settings.namespace,
        say=complain,
        debugging=settings.debug,
        hook_output=_hook_output,
    )
    if driver == "sql":
        _check_database(context)
    return context


def open_client(settings: Settings) -> Client:
    """The cluster that the kubeconfig, the environment and the global flags name. Raises ConfigError."""
    from navarch.kube.client import Client

    text = settings.text
    return Client.from_kubeconfig(
        settings.given.get("kubeconfig") or None,
        context=text("kube-context") or None,
        namespace=settings.given.get("namespace", os.environ.get("HELM_NAMESPACE")) or None,
        apiserver=text("kube-apiserver") or None,
        token=text("kube-token") or None,
        as_user=text("kube-as-user") or None,
        as_groups=settings.kube_as_groups,
        ca_file=text("kube-ca-file") or None,
        insecure_skip_tls_verify=text("kube-insecure-skip-tls-verify").lower() == "true",
        tls_server_name=text("kube-tls-server-name") or None,
        qps=float(text("qps")),
        burst=int(text("burst-limit")),
        say=complain,
        debugging=settings.debug,
    )


def _open_storage(driver: str, context: Context, namespace: str) -> Storage:
    from navarch.releases.drivers import open_driver
    from navarch.releases.storage import Storage

    debug = complain if context.debugging else None
    connection = os.environ.get("HELM_DRIVER_SQL_CONNECTION_STRING", "")
    opened = open_driver(driver, lambda: context.client, namespace, connection=connection, debug=debug)
    return Storage(opened, debug=debug)


def _check_database(context: Context) -> None:
    """Connect now, as Helm does. Raises StartError."""
    from navarch.cli.call import StartError

    try:
        context.storage  # noqa: B018 - opens it
    except NavarchError as error:
        raise StartError(str(error)) from error


def _hook_output(_namespace: str, _pod: str, _container: str, data: bytes) -> None:
    """What a hook's pod printed, as a line of Helm's log."""
    complain(notice("INFO", data.decode("utf-8", "surrogateescape").removesuffix("\n")))
