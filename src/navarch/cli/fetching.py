"""Repositories on the command line: their files, credentials from flags, downloads with a line of progress."""

from __future__ import annotations

import sys

from navarch.kube.net.access import Access
from navarch.repos.download import Downloader, Places
from navarch.repos.fetch import TIMEOUT, Fetcher

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from navarch.cli.call import Call

__all__ = ["access_of", "downloader", "fetcher", "places"]


def places(call: Call) -> Places:
    """Where this run's settings have Helm's files."""
    text = call.settings.text
    return Places(text("repository-config"), text("repository-cache"), text("content-cache"), text("registry-config"))


def access_of(call: Call) -> Access:
    """What the flags CHART_SOURCE say about talking to a server."""
    return Access(
        username=call.flag("username"),
        password=call.flag("password"),
        cert_file=call.flag("cert-file"),
        key_file=call.flag("key-file"),
        ca_file=call.flag("ca-file"),
        insecure_skip_tls_verify=call.flag("insecure-skip-tls-verify"),
        pass_credentials=call.flag("pass-credentials"),
        plain_http=call.flag("plain-http"),
    )


def fetcher(*, timeout: float = TIMEOUT) -> Fetcher:
    """A fetcher that shows on a terminal how far it is."""
    if not sys.stderr.isatty():
        return Fetcher(timeout=timeout)
    from navarch.cli.transfers import Transfers

    return Fetcher(timeout=timeout, progress=Transfers())


def downloader(
    call: Call, *, say: Callable[[str], object] | None = None, tell: Callable[[str], object] | None = None
) -> Downloader:
    """A downloader for a command with the flags CHART_SOURCE.

    `say` gets what it prints, `tell` the lines that tell at once what came from a registry (left out: stdout does).
    """
    from navarch.cli.output import complain, write

    return Downloader(places(call), fetcher=fetcher(), registry=_registry(call, tell), warn=complain, say=say or write)


def _registry(call: Call, tell: Callable[[str], object] | None) -> Callable[..., Any]:
    """What pulls charts from registries, made when the first one is asked for."""

    def pull(reference: str, *, version: str, dest: str, proof: bool, access: Access, known: Any) -> Any:
        del access  # the registry's client has read the same flags
        from navarch.cli.registries import flags_registry

        with flags_registry(call, say=tell) as registry:
            return registry.pull(reference, version=version, dest=dest, prov=proof, known=known)

    return pull
