"""A release on the screen: what status, install, upgrade, test and `get all` print of it, as a table, JSON or YAML.

Texts and layout are those of Helm's pkg/cmd/status.go. Colours come by fatih/color's rules: with --color auto only on
a terminal, never where NO_COLOR is set.
"""

from __future__ import annotations

import os
import sys

from navarch.cli.output import write
from navarch.releases.times import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.chart.model import Chart
    from navarch.cli.call import Call
    from navarch.releases.model import Hook, Release

__all__ = ["ANSIC", "Colors", "Fields", "ansi_c", "print_release", "to_json", "to_yaml"]

ANSIC = "Mon Jan _2 15:04:05 2006"
_ZERO = "Mon Jan  1 00:00:00 0001"
_DRY_RUN = "dry run complete"
_STATUS_COLORS = {
    "deployed": 32,
    "failed": 31,
    "unknown": 31,
    "pending-install": 33,
    "pending-upgrade": 33,
    "pending-rollback": 33,
    "uninstalling": 33,
}


class Fields:
    """A mapping that JSON shows in this order, as Go's structs; YAML sorts it."""

    __slots__ = ("fields",)

    def __init__(self, fields: dict[str, Any]) -> None:
        self.fields = fields

    def go_json(self) -> dict[str, Any]:
        return self.fields


class Colors:
    """Colours words of a release, or leaves them as they are."""

    def __init__(self, *, on: bool) -> None:
        self.on = on

    @classmethod
    def of(cls, call: Call) -> Colors:
        """Colours as a command line, the environment and the terminal want them."""
        wanted = call.settings.colored
        if os.environ.get("NO_COLOR"):
            wanted = False
        elif wanted is None:
            wanted = os.environ.get("TERM") != "dumb" and sys.stdout.isatty()
        return cls(on=wanted)

    def status(self, text: str) -> str:
        code = _STATUS_COLORS.get(text)
        return f"\x1b[{code}m{text}\x1b[0m" if self.on and code else text

    def namespace(self, text: str) -> str:
        return f"\x1b[36m{text}\x1b[0m" if self.on else text

    def heading(self, text: str) -> str:
        return f"\x1b[1m{text}\x1b[22m" if self.on else text


def ansi_c(time: str) -> str:
    """A record's time in the form of C's asctime, in the zone it was written down in."""
    return parse(time).format(ANSIC) if time else _ZERO


def print_release(
    call: Call,
    release: Release,
    output: str = "table",
    *,
    chart: Chart | None = None,
    debug: bool = False,
    metadata: bool = False,
    hide_notes: bool = False,
    stored: bool = False,
) -> None:
    """Print a release. Raises NavarchError where its values can't be computed.

    `debug` adds values, hooks and manifest, `metadata` the chart's name and versions. `chart` is the chart with its
    subcharts where it is at hand, as in an install; records have none. `stored` tells that the release was read from
    its record, which doesn't tell empty values from none.
    """
    if output == "table":
        pieces = _summary(Colors.of(call), release, metadata=metadata)
        pieces += _resources(release)
        pieces += _tests(release.hooks)
        if debug:
            pieces += _values(release, chart, stored=stored)
        if debug or release.info.description.lower() == _DRY_RUN:
            pieces += _manifests(release)
        if release.info.notes and not hide_notes:
            pieces.append(f"NOTES:\n{_trimmed(release.info.notes)}\n")
        write("".join(pieces))
    else:
        from navarch.releases.codec import release_json

        text = release_json(release)
        write(f"{text}\n" if output == "json" else _json_as_yaml(text))


def _summary(colors: Colors, release: Release, *, metadata: bool) -> list[str]:
    info = release.info
    lines = [f"NAME: {release.name}"]
    if info.last_deployed:
        lines.append(f"LAST DEPLOYED: {ansi_c(info.last_deployed)}")
    lines.append(f"NAMESPACE: {colors.namespace(release.namespace)}")
    lines.append(f"STATUS: {colors.status(info.status)}")
    lines.append(f"REVISION: {release.revision}")
    if metadata:
        facts = release.chart_metadata
        lines.append(f"CHART: {facts.get('name', '')}")
        lines.append(f"VERSION: {facts.get('version', '')}")
        lines.append(f"APP_VERSION: {facts.get('appVersion', '')}")
    lines.append(f"DESCRIPTION: {info.description}")
    return [f"{line}\n" for line in lines]


def _resources(release: Release) -> list[str]:
    """The release's objects, kind by kind. Helm prints the kinds in random order, we in that of the manifest."""
    if not release.info.resources:
        return []
    from navarch.cli.kubetable import TablePrinter

    printer = TablePrinter()
    pieces = ["RESOURCES:\n"]
    for heading, found in release.info.resources.items():
        pieces.append(f"==> {heading}\n")
        pieces += [printer.text(item) for item in found]
        pieces.append("\n")
    return [*pieces, "\n"]


def _tests(hooks: list[Hook]) -> list[str]:
    tests = [hook for hook in hooks for event in hook.events if event == "test"]
    if not tests:
        return ["TEST SUITE: None\n"]
    return [
        f"TEST SUITE:     {hook.name}\n"
        f"Last Started:   {ansi_c(hook.last_run.started_at)}\n"
        f"Last Completed: {ansi_c(hook.last_run.completed_at)}\n"
        f"Phase:          {hook.last_run.phase}\n"
        for hook in tests
        if hook.last_run.started_at
    ]


def _values(release: Release, chart: Chart | None, *, stored: bool) -> list[str]:
    from navarch.actions.get import computed_values
    from navarch.golang.yaml import dump

    given = None if stored and not release.config else release.config
    computed = computed_values(release, chart)
    return [f"USER-SUPPLIED VALUES:\n{dump(given)}\n", f"COMPUTED VALUES:\n{dump(computed)}\n"]


def _manifests(release: Release) -> list[str]:
    hooks = [f"---\n# Source: {hook.path}\n{hook.manifest}\n" for hook in release.hooks]
    return ["HOOKS:\n", *hooks, f"MANIFEST:\n{release.manifest}\n"]


def _trimmed(text: str) -> str:
    """A text without the blanks around it that Go's TrimSpace takes away."""
    from navarch.manifests.documents import SPACE

    return text.strip(SPACE)


def to_json(value: Any) -> str:
    """A value as Helm prints it for -o json."""
    from navarch.golang.json import dumps

    return f"{dumps(value)}\n"


def to_yaml(value: Any) -> str:
    """A value as Helm prints it for -o yaml: by way of JSON, so that structs become mappings in alphabetical order."""
    from navarch.golang.json import dumps

    return _json_as_yaml(dumps(value))


def _json_as_yaml(text: str) -> str:
    import json

    from navarch.golang.yaml import dump

    return dump(json.loads(text))
