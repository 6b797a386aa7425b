"""`nav chart`: the charts of a chart registry."""

from __future__ import annotations

from navarch.cli.shared_flags import OUTPUT
from navarch.cli.spaces import SERVER, open_client, print_list, reference
from navarch.errors import NavarchError, RegistryError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cli.call import Call
    from navarch.cli.global_flags import Row
    from navarch.cli.spaces import Reference
    from navarch.registry.client import Client, Version

__all__ = ["ABOUT", "FLAGS", "run"]

ABOUT = {
    "chart": """
Work with the charts in the spaces of a chart registry (`nav registry serve`). They are named SPACE/CHART/VERSION; where
the version may be left out the newest one is meant.
""",
    "chart compose": """
Make a chart of charts that are in the registry, and keep it in a space. The plan is a file in YAML or JSON, - for
stdin: what the result is called, which chart is its root, which are its children, and their values:

    save: {chart: shop, version: 1.0.0, values: helm}
    configs:
      package: {independent: true, space: library, chart: web, version: 1.2.0}
      _config: {replicas: 3}
      jobs:
        package: {independent: true, space: library, chart: worker, version: 3.0.0}

With values: helm the values stand where charts read them, with config (the default) in a tree of _config.
""",
    "chart delete": "Delete versions of charts; with --all, charts with all their versions.",
    "chart get": "Download charts as archives, each checked against its digest.",
    "chart list": "List the charts of a space, each with its newest version.",
    "chart put": """
Upload charts into a space, which is made if the registry allows it: archives, or folders, which are packaged first. A
signature beside an archive (.prov) goes with it. A version that is there already is an error without --replace.
""",
    "chart set": "Change a version that a registry has. Other files stay; a signature, which won't fit, is dropped.",
    "chart set metadata": """
Replace a version's metadata, all of it, by a Chart.yaml in YAML or JSON: a file, - for stdin. Name and version have to
stay; which charts are in the version stays, too. What is there now, `nav chart show metadata` prints.
""",
    "chart set values": """
Replace the values.yaml of a version's root chart by a file in YAML or JSON, - for stdin. YAML is kept as it is, with
its comments.
""",
    "chart show": "Print what a registry knows of a chart, without downloading it.",
    "chart show metadata": "Print a version's metadata, and that of the charts in it.",
    "chart show values": "Print a version's values, merged with those of its subcharts.",
    "chart versions": "List the versions of a chart, the newest first.",
}

_FORMAT: Row = ("output", "o", "string", "yaml", "how to print it: yaml or json")

FLAGS: dict[str, tuple[Row, ...]] = {
    "chart compose": SERVER,
    "chart delete": (*SERVER, ("all", "", "bool", "false", "delete all versions of SPACE/CHART")),
    "chart get": (*SERVER, ("destination", "d", "string", ".", "folder to write the archives into")),
    "chart list": (*SERVER, OUTPUT),
    "chart put": (*SERVER, ("replace", "", "bool", "false", "put the chart in the place of the version that is there")),
    "chart set metadata": SERVER,
    "chart set values": SERVER,
    "chart show metadata": (*SERVER, _FORMAT),
    "chart show values": (*SERVER, _FORMAT),
    "chart versions": (*SERVER, OUTPUT),
}

_COLUMNS = {"name": "NAME", "version": "CHART VERSION", "appVersion": "APP VERSION", "description": "DESCRIPTION"}


def run(call: Call) -> int:
    """Do what one of the commands says. Raises NavarchError."""
    with open_client(call) as registry:
        _RUN[call.path](call, registry)
    return 0


def _list(call: Call, registry: Client) -> None:
    space = call.args[0]
    rows = [{**_summary(one), "name": f"{space}/{one['name']}"} for one in registry.list_metadata(space, latest=True)]
    print_list(call, _COLUMNS, rows, f'no charts in space "{space}"')


def _versions(call: Call, registry: Client) -> None:
    space, chart, version = reference(call.args[0])
    if version:
        raise UsageError(f'"{call.args[0]}" is a version: SPACE/CHART is wanted')
    found = registry.list_metadata(space, chart)
    rows = [{**_summary(one), "name": f"{space}/{chart}"} for one in reversed(found)]
    print_list(call, _COLUMNS, rows, f'no versions of "{space}/{chart}"')


def _summary(metadata: Any) -> dict[str, str]:
    """What lists show of a chart's metadata."""
    return {field: metadata.get(field, "") for field in _COLUMNS}


def _get(call: Call, registry: Client) -> None:
    from navarch.cli.output import write

    for text in call.args:
        space, chart, version = reference(text)
        version = version or registry.metadata(space, chart)["version"]
        path = registry.download(space, chart, version, to=call.flag("destination"))
        write(f"{path}\n")


def _put(call: Call, registry: Client) -> None:
    space, *charts = call.args
    for path in charts:
        _put_one(call, registry, space, path)


def _put_one(call: Call, registry: Client, space: str, path: str) -> None:
    import os
    import tempfile

    if not os.path.isdir(path):
        prov = f"{path}.prov"
        _say(registry, _upload(call, registry, space, path, prov if os.path.exists(prov) else None))
        return
    from navarch.chart.package import package_chart
    from navarch.cli.output import complain

    with tempfile.TemporaryDirectory() as folder:
        _say(registry, _upload(call, registry, space, package_chart(path, folder, warn=complain), None))


def _upload(call: Call, registry: Client, space: str, path: str, prov: str | None) -> Version:
    """Upload an archive. With --replace, over what is there."""
    try:
        return registry.upload(space, path, prov=prov)
    except RegistryError as error:
        if error.status != 409 or not call.flag("replace"):
            raise
    from navarch.chart.load import load_chart

    metadata = load_chart(path).metadata
    return registry.replace(space, metadata.name, metadata.version, path, prov=prov)


def _say(registry: Client, made: Version) -> None:
    from navarch.cli.output import write

    write(f"{made.space}/{made.chart}/{made.version} is at {registry.url}{made.link}\n")


def _delete(call: Call, registry: Client) -> None:
    from navarch.cli.output import write

    for text in call.args:
        space, chart, version = reference(text, version=not call.flag("all"))
        if not call.flag("all"):
            registry.delete_version(space, chart, version)
        elif version:
            raise UsageError(f'"{text}" is a version, and --all is given')
        else:
            registry.delete_chart(space, chart)
        write(f"{text} is deleted\n")


def _show(call: Call, registry: Client) -> None:
    from navarch.cli.output import write
    from navarch.cli.release_output import to_json, to_yaml

    output = call.flag("output")
    if output not in ("json", "yaml"):
        raise UsageError(f'invalid format "{output}": it has to be yaml or json')
    space, chart, version = reference(call.args[0])
    found: Any = registry.metadata(space, chart, version) if call.path.endswith("metadata") or not version else None
    if call.path.endswith("values"):
        found = registry.values(space, chart, version or found["version"])
    write(to_json(found) if output == "json" else to_yaml(found))


def _set_metadata(call: Call, registry: Client) -> None:
    import json

    from navarch.chart.load import load_metadata
    from navarch.oci.manifest import chart_config

    place, path = reference(call.args[0], version=True), call.args[1]
    text = _text(path)
    try:
        metadata = load_metadata(text)
    except NavarchError as error:
        raise error.within(path) from None
    registry.set_metadata(*place, json.loads(chart_config(metadata)))
    _say_set(place, "metadata")


def _set_values(call: Call, registry: Client) -> None:
    place = reference(call.args[0], version=True)
    registry.set_values(*place, _text(call.args[1]))
    _say_set(place, "values")


def _say_set(place: Reference, what: str) -> None:
    from navarch.cli.output import write

    write(f"{'/'.join(place)} has new {what}\n")


def _compose(call: Call, registry: Client) -> None:
    from navarch.golang.yaml import load
    from navarch.golang.yaml.repeats import repeats_in

    space, path = call.args
    text = _text(path)
    try:
        plan = load(text)
        repeated = repeats_in(text)
    except NavarchError as error:
        raise error.within(path) from None
    if repeated:
        raise UsageError(f"{path}: {repeated}")
    if not isinstance(plan, dict):
        raise UsageError(f"{path} is no plan: it has to be a mapping with save and configs")
    _say(registry, registry.orchestrate(space, plan))


def _text(path: str) -> bytes:
    import sys

    from navarch.chart.load import reason

    if path == "-":
        return sys.stdin.buffer.read()
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise UsageError(f"open {path}: {reason(error)}") from error


_RUN = {
    "chart compose": _compose,
    "chart delete": _delete,
    "chart get": _get,
    "chart list": _list,
    "chart put": _put,
    "chart set metadata": _set_metadata,
    "chart set values": _set_values,
    "chart show metadata": _show,
    "chart show values": _show,
    "chart versions": _versions,
}
