"""The inputs that commands about charts have in common: the chart that is named, and the values that are given."""

from __future__ import annotations

import os

from navarch.cache import open_cache
from navarch.chart.notices import notice
from navarch.cli.output import complain
from navarch.errors import ChartError, NavarchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Any, Self

    from navarch.cache import Cache
    from navarch.chart.documents import Parse
    from navarch.chart.model import Chart
    from navarch.cli.call import Call

__all__ = [
    "Input",
    "check_certificates",
    "fetch_schema",
    "given_values",
    "locate_chart",
    "more_functions",
    "tell_version",
]


class Input:
    """What a command line gives to render: `with Input(call, reference) as given`, then given.chart and given.values.

    The cache keeps what is worked out in the block. Raises NavarchError for a chart that is not there or not ready, and
    for values that can't be read.
    """

    __slots__ = ("_call", "_for_upgrade", "_reference", "cache", "chart", "values")

    def __init__(self, call: Call, reference: str, *, for_upgrade: bool = False) -> None:
        self._call = call
        self._reference = reference
        self._for_upgrade = for_upgrade
        self.cache: Cache | None = None
        self.chart: Chart
        self.values: dict[str, Any]

    def __enter__(self) -> Self:
        try:
            self._read()
        except NavarchError:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self.cache:
            self.cache.save()

    def _read(self) -> None:
        from navarch.actions.template import cached_parse, load_installable, load_upgradable

        call = self._call
        path = locate_chart(call, self._reference)
        if call.settings.debug and not self._for_upgrade:
            complain(notice("DEBUG", "Chart path", path=path))
        cache = self.cache = open_cache(path)
        self.values = given_values(call, parse=cached_parse(cache) if cache else None)
        load = load_upgradable if self._for_upgrade else load_installable
        self.chart = load(path, warn=complain, cache=cache, fetch_missing=self._fetch_missing)

    @property
    def _fetch_missing(self) -> Callable[[str], None] | None:
        """What fetches missing dependencies; None where they are not to be fetched."""
        if not self._call.flag("dependency-update"):
            return None
        from navarch.cli.dependencies import fetch_missing

        return fetch_missing(self._call)


def tell_version(call: Call, *, original: bool = True) -> None:
    """What --debug tells of the version that is asked for."""
    if not call.settings.debug:
        return
    version: str = call.flag("version")
    if original:
        complain(notice("DEBUG", "Original chart version", version=version))
    if call.flag("devel") and not version:
        complain(notice("DEBUG", "setting version to >0.0.0-0"))


def check_certificates(call: Call) -> None:
    """Refuse certificates of the flags CREDENTIALS that can't be used, as Helm does before it looks for the chart."""
    if call.flag("ca-file") or (call.flag("cert-file") and call.flag("key-file")):
        from navarch.cli.registries import flags_registry

        flags_registry(call).close()


def locate_chart(call: Call, reference: str) -> str:
    """The absolute path of a chart; one from elsewhere is fetched into the content cache.

    Raises NavarchError for one that isn't there, or isn't what it claims to be.
    """
    reference = reference.strip()
    if not call.flag("repo") and not reference.startswith("file://"):
        if os.path.exists(reference):
            path = os.path.abspath(reference)
            if call.flag("verify"):
                from navarch.provenance import verify

                verify(path, f"{path}.prov", call.flag("keyring"))
            return path
        if os.path.isabs(reference) or reference.startswith("."):
            raise ChartError(f'path "{reference}" not found')
    return _fetch(call, reference)


def _fetch(call: Call, reference: str) -> str:
    from navarch.cli.fetching import access_of, downloader
    from navarch.repos.download import ALWAYS, NEVER

    version = call.flag("version") or (">0.0.0-0" if call.flag("devel") else "")
    only_text = call.path == "template" or call.path.startswith("show ")  # and nothing else on stdout
    with downloader(call, tell=complain if only_text else None) as source:
        located = source.locate(
            reference,
            version=version,
            repo_url=call.flag("repo"),
            access=access_of(call),
            verify=ALWAYS if call.flag("verify") else NEVER,
            keyring=call.flag("keyring"),
        )
    return located.path


def given_values(call: Call, *, parse: Parse | None = None) -> dict[str, Any]:
    """The values that a command line gives, merged; what lies at addresses is fetched. Raises NavarchError."""
    from navarch.values.sources import ValueOptions

    def fetch(address: str) -> bytes | None:
        from navarch.cli.fetching import values_fetch

        return values_fetch(call)(address)

    options = ValueOptions(
        files=call.flag("values"),
        set=call.flag("set"),
        set_string=call.flag("set-string"),
        set_file=call.flag("set-file"),
        set_json=call.flag("set-json"),
        set_literal=call.flag("set-literal"),
    )
    return options.merge(parse=parse, fetch=fetch)


def fetch_schema(address: str) -> bytes:
    """What a chart's schema refers to at an http or https address. Raises NavarchError."""
    from navarch.repos.schemas import fetch_schema

    return fetch_schema(address)


def more_functions() -> dict[str, Callable[..., Any]]:
    """The template functions of plugins; asked for when a template calls a function that isn't there."""
    from navarch.cli.extending import python_functions

    return python_functions()
