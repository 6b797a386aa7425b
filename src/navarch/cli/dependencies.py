"""Dependencies on the command line: of the flags and settings of a run, what fetches them."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from navarch.cli.call import Call
    from navarch.oci.registry import Registry
    from navarch.repos.dependencies import Dependencies

    Say = Callable[[str], object]

__all__ = ["chart_dependencies", "fetch_missing"]


def chart_dependencies(call: Call, folder: str, *, say: Say | None = None) -> Dependencies:
    """What fetches the dependencies of the chart in a folder; `say` gets what is printed (left out: stdout does), but
    for the lines of registries, which are always printed.

    The flags CREDENTIALS are for registries; repositories have their own. Raises NavarchError for flags that can't be
    used.
    """
    from navarch.cli.charts import check_certificates
    from navarch.cli.epoch import source_date_epoch
    from navarch.cli.fetching import fetcher, places
    from navarch.cli.output import complain
    from navarch.repos.dependencies import Dependencies

    epoch = source_date_epoch()
    check_certificates(call)
    return Dependencies(
        folder,
        places(call),
        fetcher=fetcher(call),
        registry=lambda tell: _registry(call, tell),
        say=say or _show,
        tell=_show,
        warn=complain,
        epoch=epoch,
        debugging=call.settings.debug,
    )


def _show(text: str) -> None:
    """Print; on a terminal at once, since what comes next may take a while."""
    from navarch.cli.output import write

    write(text)
    if sys.stdout.isatty():
        sys.stdout.flush()


def _registry(call: Call, say: Say) -> Registry:
    from navarch.cli.registries import flags_registry

    return flags_registry(call, say=say)


def fetch_missing(call: Call) -> Callable[[str], None]:
    """What --dependency-update does to the chart in a folder."""

    def fetch(folder: str) -> None:
        chart_dependencies(call, folder).update()

    return fetch
