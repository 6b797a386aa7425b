"""`nav search`: find charts."""

from __future__ import annotations

from navarch.cli.shared_flags import CREDENTIALS, DEVEL, OUTPUT
from navarch.errors import NavarchError, RepositoryError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from navarch.cli.call import Call
    from navarch.cli.global_flags import Row
    from navarch.repos.hub import HubChart
    from navarch.repos.searching import Result, Searchable

__all__ = ["ABOUT", "FLAGS", "run"]

ABOUT = {
    "search": "Find charts: in the repositories that were added, or on a hub that knows many repositories.",
    "search hub": "Ask Artifact Hub, or another hub that answers the same way, for charts.",
    "search oci": """
Find charts in a registry: the versions of one chart, or the charts below a path if the registry lists what it has.
"nav search oci://HOST/PATH" is short for it. Of several keywords all must be in a chart's name or description.
""",
    "search repo": """
Find charts by their names, descriptions and keywords in the repositories that were added. The copies of their indexes
are searched; `nav repo update` fetches newer ones.
""",
}

_WIDTH: Row = ("max-col-width", "", "uint", "50", "longest a column of the table may be")
_FAIL: Row = ("fail-on-no-result", "", "bool", "false", "fail if nothing is found")

FLAGS: dict[str, tuple[Row, ...]] = {
    "search hub": (
        ("endpoint", "", "string", "https://hub.helm.sh", "address of the hub"),
        _FAIL,
        ("list-repo-url", "", "bool", "false", "print the charts' repositories"),
        _WIDTH,
        OUTPUT,
    ),
    "search oci": (
        *CREDENTIALS,
        DEVEL,
        _FAIL,
        _WIDTH,
        OUTPUT,
        ("version", "", "string", "", "only versions that fit this range"),
        ("versions", "l", "bool", "false", "print every version, not just the latest"),
    ),
    "search repo": (
        DEVEL,
        _FAIL,
        _WIDTH,
        OUTPUT,
        ("regexp", "r", "bool", "false", "read the keywords as regular expressions"),
        ("version", "", "string", "", "only versions that fit this range"),
        ("versions", "l", "bool", "false", "print every version, not just the latest"),
    ),
}


def run(call: Call) -> int:
    """Search and print what was found. Raises NavarchError."""
    if call.path == "search hub":
        _hub(call)
    elif call.path == "search oci":
        _registry(call)
    else:
        _repositories(call)
    return 0


def _repositories(call: Call) -> None:
    from navarch.repos.searching import search

    constraint = call.flag("version") or (">0.0.0-0" if call.flag("devel") else ">0.0.0")
    term = " ".join(call.args) if call.args else None
    found = search(
        _indexes(call), term, regexp=call.flag("regexp"), constraint=constraint, versions=call.flag("versions")
    )
    columns = ("NAME", "CHART VERSION", "APP VERSION", "DESCRIPTION")
    _print(call, columns, [_row(result) for result in found], [_fields(result) for result in found])


def _registry(call: Call) -> None:
    from navarch.cli.registries import flags_registry

    address, *words = call.args
    if not address.startswith("oci://"):
        raise RepositoryError(f"{address} is no registry's address: it has to begin with oci://")
    constraint = call.flag("version") or (">0.0.0-0" if call.flag("devel") else ">0.0.0")
    with flags_registry(call) as registry:
        found = registry.search(address, words, constraint=constraint, versions=call.flag("versions"))
    columns = ("NAME", "CHART VERSION", "APP VERSION", "DESCRIPTION")
    _print(call, columns, found, [one._asdict() for one in found])


def _indexes(call: Call) -> dict[str, Searchable]:
    """The indexes of all repositories that can be read; of the others it is said why not."""
    from navarch.cache import open_cache
    from navarch.chart.notices import notice
    from navarch.cli.output import complain
    from navarch.repos.config import Repositories
    from navarch.repos.repository import index_path
    from navarch.repos.summary import load_summary

    try:
        repositories = Repositories.load(call.settings.text("repository-config"))
    except NavarchError as error:
        raise RepositoryError("no repositories configured") from error
    if not len(repositories):
        raise RepositoryError("no repositories configured")
    indexes: dict[str, Searchable] = {}
    for entry in repositories:
        try:
            cached = index_path(call.settings.text("repository-cache"), entry.name)
            indexes[entry.name] = load_summary(cached, open_cache(cached), warn=complain)
        except NavarchError as error:
            complain(notice("WARN", "repo is corrupt or missing", repo=entry.name, error=str(error)))
    return indexes


def _row(result: Result) -> tuple[str, ...]:
    chart = result.chart
    return result.name, chart.version, chart.app_version, chart.description


def _fields(result: Result) -> dict[str, Any]:
    return dict(zip(("name", "version", "app_version", "description"), _row(result), strict=True))


def _hub(call: Call) -> None:
    from navarch.chart.notices import notice
    from navarch.cli.fetching import fetcher
    from navarch.cli.output import complain
    from navarch.golang.strconv import quote
    from navarch.repos.hub import search_hub

    endpoint = call.flag("endpoint")
    with fetcher(call) as source:
        try:
            found = search_hub(endpoint, " ".join(call.args), source)
        except RepositoryError as error:
            raise error.within(f"unable to create connection to {quote(endpoint)}") from None
        except NavarchError as error:
            if call.settings.debug:
                complain(notice("DEBUG", "search failed", error=str(error)))
            raise RepositoryError(f"unable to perform search against {quote(endpoint)}", hint=str(error)) from error
    columns = ["URL", "CHART VERSION", "APP VERSION", "DESCRIPTION"]
    rows = [[chart.url, chart.version, chart.app_version, chart.description] for chart in found]
    if call.flag("list-repo-url"):
        columns.append("REPO URL")
        rows = [[*row, chart.repository_url] for row, chart in zip(rows, found, strict=True)]
    _print(call, columns, rows, [_hub_fields(chart) for chart in found])


def _hub_fields(chart: HubChart) -> dict[str, Any]:
    from navarch.cli.release_output import Fields

    return {
        "url": chart.url,
        "version": chart.version,
        "app_version": chart.app_version,
        "description": chart.description,
        "repository": Fields({"url": chart.repository_url, "name": chart.repository_name}),
    }


def _print(
    call: Call, columns: Sequence[str], rows: Sequence[Sequence[str]], elements: Sequence[dict[str, Any]]
) -> None:
    """Print what was found as --output wants it. Raises RepositoryError where nothing was and that is to fail."""
    from navarch.cli.output import table, write
    from navarch.cli.release_output import Fields, to_json, to_yaml

    if not rows and call.flag("fail-on-no-result"):
        raise RepositoryError("no results found")
    output = call.flag("output")
    if output == "table":
        width = call.flag("max-col-width")
        write(table([columns, *rows], width=width) + "\n" if rows else "No results found\n")
        return
    shown = [Fields(element) for element in elements]
    write(to_json(shown) if output == "json" else to_yaml(shown))
