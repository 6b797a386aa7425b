"""`nav cache`: what was downloaded and kept."""

from __future__ import annotations

from navarch.cli.shared_flags import OUTPUT
from navarch.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cli.call import Call
    from navarch.cli.global_flags import Row
    from navarch.repos.content import Cached, ContentCache

__all__ = ["ABOUT", "FLAGS", "run"]

ABOUT = {
    "cache": """
Look after the charts that were downloaded. They are kept by the digest of their content, so that nothing is downloaded
twice, and checked whenever they are used.
""",
    "cache list": "List the charts that are kept, the longest unused first.",
    "cache prune": """
Delete charts that are kept: all of them, or those that --unused and --keep leave over.

    nav cache prune --unused 720h            what nobody used for 30 days
    nav cache prune --keep 500Mi             the longest unused, until no more than that is left

What was worked out about charts and can be worked out again, compiled templates for example, is deleted with them
where it was not used for as long.
""",
}

FLAGS: dict[str, tuple[Row, ...]] = {
    "cache list": (OUTPUT,),
    "cache prune": (
        ("keep", "", "string", "", "how much may stay, like 500Mi or 2Gi"),
        ("unused", "", "duration", "0s", "delete only what was not used for so long"),
    ),
}

_SECOND = 1e9
_UNITS = {"Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "K": 10**3, "M": 10**6, "G": 10**9, "": 1}


def run(call: Call) -> int:
    """List or prune. Raises UsageError for a size that is none."""
    from navarch.repos.content import ContentCache

    cache = ContentCache(call.settings.text("content-cache"))
    if call.path == "cache list":
        _list(call, cache)
    else:
        _prune(call, cache)
    return 0


def _list(call: Call, cache: ContentCache) -> None:
    from navarch.cli.output import complain, table, write
    from navarch.cli.release_output import Fields, to_json, to_yaml

    found = [_fields(chart) for chart in cache.charts()]
    output = call.flag("output")
    if output != "table":
        shown = [Fields(fields) for fields in found]
        write(to_json(shown) if output == "json" else to_yaml(shown))
    elif not found:
        complain("no charts to show")
    else:
        rows = [("CHART", "SIZE", "SIGNED", "LAST USED", "DIGEST")]
        rows += [(f["chart"], _size(f["size"]), _word(f["signed"]), f["used"], f["digest"][:12]) for f in found]
        write(table(rows) + "\n")


def _word(yes: bool) -> str:
    return "yes" if yes else "no"


def _fields(chart: Cached) -> dict[str, Any]:
    """A chart as it is printed. Its name is in the archive."""
    from navarch.golang.calendar import stamp

    return {
        "chart": _title(chart.path),
        "size": chart.size,
        "signed": chart.signed,
        "used": stamp(chart.used),
        "digest": chart.digest,
    }


def _title(path: str) -> str:
    """Name and version of the chart in an archive; "?" where it has none."""
    from navarch.chart.archive import peek_file
    from navarch.chart.load import load_metadata
    from navarch.errors import NavarchError

    try:
        content = peek_file(path, "Chart.yaml")
        data = load_metadata(content or b"")
    except (NavarchError, OSError):
        return "?"
    return f"{data.name}-{data.version}" if data.name else "?"


def _prune(call: Call, cache: ContentCache) -> None:
    from navarch.cache import prune
    from navarch.cli.output import write

    most = _bytes(call.flag("keep")) if call.given("keep") else None
    unused = call.flag("unused") / _SECOND
    gone = cache.prune(unused=unused, most=most)
    freed = sum(chart.size for chart in gone)
    charts = "1 chart" if len(gone) == 1 else f"{len(gone)} charts"
    if most is None:
        freed += prune(unused)
    write(f"Deleted {charts}, {_size(freed)} are free again\n")


def _bytes(text: str) -> int:
    """A size like 500Mi in bytes. Raises UsageError."""
    digits = text.rstrip("KMGi")
    unit = _UNITS.get(text[len(digits) :])
    if unit is None or not (digits.isascii() and digits.isdigit()):
        raise UsageError(f'invalid size "{text}": use a number with Ki, Mi or Gi behind it')
    return int(digits) * unit


def _size(size: float) -> str:
    for unit in ("B", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GiB"
