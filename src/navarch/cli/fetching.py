"""Repositories on the command line: their files, credentials from flags, downloads with a line of progress, plugins."""

from __future__ import annotations

from navarch.kube.net.access import Access
from navarch.repos.fetch import TIMEOUT, Fetcher
from navarch.repos.finding import Places

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from navarch.cli.call import Call
    from navarch.cli.settings import Settings
    from navarch.plugins.getters import PluginGetters
    from navarch.repos.download import Downloader
    from navarch.repos.getting import Getter

__all__ = ["access_of", "downloader", "fetcher", "getters", "places", "values_fetch"]


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


def fetcher(call: Call, *, timeout: float = TIMEOUT) -> Fetcher:
    """A fetcher that knows the getters of plugins, and shows on a terminal how far it is."""
    from navarch.cli.transfers import on_terminal

    made: list[PluginGetters] = []

    def known(scheme: str) -> Getter | None:  # plugins are imported for schemes that are theirs
        if not made:
            made.append(getters(call.settings))
        return made[0](scheme)

    return Fetcher(timeout=timeout, progress=on_terminal(), getters=known, from_registry=_from_registry(call))


def _from_registry(call: Call) -> Callable[[str], bytes]:
    """What reads from registries where any address may stand. As in Helm, no flag but the credentials file counts."""

    def read(address: str) -> bytes:
        from navarch.cli.registries import open_registry

        with open_registry(call, Access(), say=lambda _line: None) as registry:
            return registry.content(address)

    return read


def getters(settings: Settings) -> PluginGetters:
    """The getters of plugins. No folder is looked at before a scheme is asked for."""
    from navarch.cli.commands.env import variables
    from navarch.cli.plugins import folders, ignored
    from navarch.plugins.getters import PluginGetters

    return PluginGetters(
        folders(settings),
        variables=lambda: variables(settings),
        timeout=settings.plugin_timeout,
        ignored=ignored,
    )


def values_fetch(call: Call) -> Callable[[str], bytes | None]:
    """What reads values from addresses: http, https, what plugins fetch, and Python's sources of values.

    It answers None for what is no address that anybody is for: then it is a file's name. Raises NavarchError.
    """

    def fetch(path: str) -> bytes | None:
        from navarch.repos.getting import BUILT_IN
        from navarch.repos.request import parse

        scheme = parse(path).scheme
        known = getters(call.settings)
        if scheme not in BUILT_IN and not known(scheme):
            installed = known.installed()
            source = installed.value_source(scheme) if installed else None
            return None if source is None else source(path)
        with fetcher(call) as web:
            return web.get(path).data

    return fetch


def downloader(
    call: Call, *, say: Callable[[str], object] | None = None, tell: Callable[[str], object] | None = None
) -> Downloader:
    """A downloader for a command with the flags CHART_SOURCE.

    `say` gets what it prints, `tell` the lines that tell at once what came from a registry (left out: stdout does).
    """
    from navarch.cli.output import complain, write
    from navarch.repos.download import Downloader

    return Downloader(
        places(call), fetcher=fetcher(call), registry=_registry(call, tell), warn=complain, say=say or write
    )


def _registry(call: Call, tell: Callable[[str], object] | None) -> Callable[..., Any]:
    """What pulls charts from registries, made when the first one is asked for.

    One that a repository's index names is talked to with the repository's TLS settings, and in silence, as in Helm.
    """

    def pull(reference: str, *, version: str, dest: str, proof: bool, access: Access, known: Any, indexed: bool) -> Any:
        from navarch.cli.registries import flags_registry, open_registry

        if indexed:
            plain = access.plain_http and access.tls == Access().tls
            made = open_registry(call, access, plain_http=plain, say=lambda _line: None)
        else:
            made = flags_registry(call, say=tell)
        with made as registry:
            return registry.pull(reference, version=version, dest=dest, prov=proof, known=known)

    return pull
