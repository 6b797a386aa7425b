"""`nav get`: print what is recorded about a release."""

from __future__ import annotations

from navarch.cli.shared_flags import OUTPUT, REVISION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.actions.get import Metadata
    from navarch.cli.call import Call
    from navarch.cli.global_flags import Row
    from navarch.releases.model import Release

__all__ = ["ABOUT", "FLAGS", "run"]

ABOUT = {
    "get": "Print what was recorded when a release was installed or upgraded: values, manifest, hooks, notes.",
    "get all": "Print everything that is recorded about a release in a form for people to read.",
    "get hooks": "Print a release's hooks, as YAML documents.",
    "get manifest": "Print the objects that a release consists of, its subcharts' too, as YAML documents.",
    "get metadata": "Print the facts about a release: its chart, versions, namespace, revision, status and time.",
    "get notes": "Print the notes that the chart had for whoever installed it.",
    "get values": "Print the values that were given for a release; with --all the chart's defaults among them.",
}

FLAGS: dict[str, tuple[Row, ...]] = {
    "get all": (REVISION, ("template", "", "string", "", "Go template to print the release with")),
    "get hooks": (REVISION,),
    "get manifest": (REVISION,),
    "get metadata": (OUTPUT, REVISION),
    "get notes": (REVISION,),
    "get values": (("all", "a", "bool", "false", "print the chart's defaults too"), OUTPUT, REVISION),
}

_APPLY_METHODS = {"": "client-side apply (defaulted)", "csa": "client-side apply", "ssa": "server-side apply"}


def run(call: Call) -> int:
    """Print the part that the command names. Raises NavarchError."""
    part = call.path.partition(" ")[2]
    if part == "values":
        _print_values(call)
    elif part == "metadata":
        _print_metadata(call)
    elif part == "all":
        _print_all(call)
    else:
        _print_text(call, part)
    return 0


def _release(call: Call) -> Release:
    from navarch.actions.get import get_release
    from navarch.cli.cluster import action_context

    return get_release(action_context(call), call.args[0], call.flag("revision"))


def _print_text(call: Call, part: str) -> None:
    from navarch.cli.output import write

    release = _release(call)
    if part == "manifest":
        write(f"{release.manifest}\n")
    elif part == "hooks":
        write("".join(f"---\n# Source: {hook.path}\n{hook.manifest}\n" for hook in release.hooks))
    elif release.info.notes:
        write(f"NOTES:\n{release.info.notes}\n")


def _print_all(call: Call) -> None:
    release = _release(call)
    template = call.flag("template")
    if not template:
        from navarch.cli.release_output import print_release

        print_release(call, release, debug=True, metadata=True, stored=True)
        return
    from navarch.cli.output import write
    from navarch.cli.release_view import render

    render(template, release, write)


def _print_values(call: Call) -> None:
    from navarch.actions.get import get_values
    from navarch.cli.cluster import action_context
    from navarch.cli.output import write
    from navarch.cli.release_output import to_json, to_yaml

    everything = call.flag("all")
    values = get_values(action_context(call), call.args[0], call.flag("revision"), everything=everything)
    shown = values if values or everything else None  # a record has no empty values
    output = call.flag("output")
    if output == "json":
        write(to_json(shown))
    else:
        heading = "COMPUTED VALUES:\n" if everything else "USER-SUPPLIED VALUES:\n"
        write((heading if output == "table" else "") + to_yaml(shown))


def _print_metadata(call: Call) -> None:
    from navarch.actions.get import get_metadata
    from navarch.cli.cluster import action_context
    from navarch.cli.output import write
    from navarch.cli.release_output import to_json, to_yaml

    metadata = get_metadata(action_context(call), call.args[0], call.flag("revision"))
    output = call.flag("output")
    if output == "table":
        write(_metadata_lines(metadata))
    else:
        fields = _metadata_fields(metadata)
        write(to_json(fields) if output == "json" else to_yaml(fields))


def _metadata_lines(metadata: Metadata) -> str:
    from navarch.golang.strconv import quote

    method = _APPLY_METHODS.get(metadata.apply_method) or f"unknown ({quote(metadata.apply_method)})"
    lines = {
        "NAME": metadata.name,
        "CHART": metadata.chart,
        "VERSION": metadata.version,
        "APP_VERSION": metadata.app_version,
        "ANNOTATIONS": _pairs(metadata.annotations),
        "LABELS": _pairs(metadata.labels),
        "DEPENDENCIES": ",".join(sorted(dependency.get("name") or "" for dependency in metadata.dependencies)),
        "NAMESPACE": metadata.namespace,
        "REVISION": metadata.revision,
        "STATUS": metadata.status,
        "DEPLOYED_AT": metadata.deployed_at,
        "APPLY_METHOD": method,
    }
    return "".join(f"{heading}: {value}\n" for heading, value in lines.items())


def _pairs(labels: dict[str, str]) -> str:
    return ",".join(f"{name}={labels[name]}" for name in sorted(labels))


def _metadata_fields(metadata: Metadata) -> Any:
    """The facts as Helm prints them for programs."""
    from navarch.cli.release_output import Fields

    optional = ("annotations", "labels", "dependencies")
    fields: dict[str, Any] = {
        "name": metadata.name,
        "chart": metadata.chart,
        "version": metadata.version,
        "appVersion": metadata.app_version,
        "annotations": metadata.annotations,
        "labels": metadata.labels,
        "dependencies": [_dependency(dependency) for dependency in metadata.dependencies],
        "namespace": metadata.namespace,
        "revision": metadata.revision,
        "status": metadata.status,
        "deployedAt": metadata.deployed_at,
        "applyMethod": metadata.apply_method,
    }
    left_out = [name for name in (*optional, "applyMethod") if not fields[name]]
    return Fields({name: value for name, value in fields.items() if name not in left_out})


def _dependency(fields: dict[str, Any]) -> Any:
    from navarch.cli.release_output import Fields

    return Fields({name: value for name, value in fields.items() if value or name in ("name", "repository")})
