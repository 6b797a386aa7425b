"""`nav show`: print parts of a chart as they are: metadata, values, README, CRDs."""

from __future__ import annotations

from navarch.cli.shared_flags import CHART_SOURCE, DEVEL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.chart.model import Chart
    from navarch.cli.call import Call
    from navarch.cli.global_flags import Row

_WHERE = "CHART is a folder, an archive, repository/name, an address, or oci://…"

ABOUT = {
    "show": "Look inside a chart without installing it.",
    "show all": f"Print a chart's metadata, values, README and CRDs, one after the other.\n\n{_WHERE}",
    "show chart": f"Print a chart's metadata, the content of Chart.yaml.\n\n{_WHERE}",
    "show crds": f"Print the custom resource definitions that a chart and its subcharts bring.\n\n{_WHERE}",
    "show readme": f"Print a chart's README.\n\n{_WHERE}",
    "show versions": f"""
List the versions that there are of a chart, the latest first, pre-releases only with --devel or a range that has one.

{_WHERE}
""",
    "show values": f"Print a chart's default values with their comments, or a part of them.\n\n{_WHERE}",
}

_FLAGS: tuple[Row, ...] = (*CHART_SOURCE, DEVEL)

FLAGS: dict[str, tuple[Row, ...]] = {
    "show all": _FLAGS,
    "show chart": _FLAGS,
    "show crds": _FLAGS,
    "show readme": _FLAGS,
    "show versions": _FLAGS,
    "show values": (*_FLAGS, ("jsonpath", "", "string", "", "print only what this JSONPath template finds")),
}


def run(call: Call) -> int:
    """Print what was asked for. Raises NavarchError for a chart that can't be found or loaded."""
    from navarch.chart.load import load_chart
    from navarch.cli.charts import check_certificates, locate_chart
    from navarch.cli.output import complain, write

    check_certificates(call)
    if call.path == "show versions":
        from navarch.cli.versions import chart_versions

        write("".join(f"{version}\n" for version in chart_versions(call, call.args[0])))
        return 0
    chart = load_chart(locate_chart(call, call.args[0]), warn=complain, detect=False)
    part = call.path.rpartition(" ")[2]
    if part == "all":
        values = _text(chart.raw_file("values.yaml"))
        pieces = [_metadata(chart)]
        pieces += ["---\n", values] if values else []
        readme = _readme(chart)
        pieces += ["---\n", readme] if readme else []
        write("".join([*pieces, _crds(chart)]))
    elif part == "values" and call.flag("jsonpath"):
        write(_selected(chart, call.flag("jsonpath")))
    elif part == "values":
        write(_text(chart.raw_file("values.yaml")))
    else:
        write({"chart": _metadata, "crds": _crds, "readme": _readme}[part](chart))
    return 0


def _metadata(chart: Chart) -> str:
    from navarch.chart.metadata import metadata_yaml

    return metadata_yaml(chart.metadata) + "\n"


def _text(data: bytes | None) -> str:
    """A file and a newline; nothing for a file that isn't there."""
    return "" if data is None else data.decode("utf-8", "surrogateescape") + "\n"


def _readme(chart: Chart) -> str:
    names = ("readme.md", "readme.txt", "readme")
    return _text(next((data for name, data in chart.files if name.lower() in names), None))


def _crds(chart: Chart) -> str:
    return "".join(("" if data.startswith(b"---") else "---\n") + _text(data) for _, data in chart.crds())


def _selected(chart: Chart, template: str) -> str:
    """What a JSONPath template finds in the values. Raises UsageError for one that can't be read."""
    from navarch.errors import UsageError
    from navarch.kube.jsonpath import render

    if chart.raw_file("values.yaml") is None:
        return ""
    try:
        return render(template, chart.values)
    except UsageError as error:
        raise UsageError(f"error parsing jsonpath {template}: {error}") from error
