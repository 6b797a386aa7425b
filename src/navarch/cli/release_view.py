"""A release as Go templates see it: what `get all --template` renders with.

Releases, charts and hooks appear as the structs that Helm hands to text/template, with their fields and the methods
that a template may call. Only text/template's own functions are there.
"""

from __future__ import annotations

from navarch.golang.types import Int, Strings
from navarch.releases.times import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from navarch.releases.model import Hook, Release

__all__ = ["render", "view"]


class _Status(str):
    """A common.Status."""

    __slots__ = ()
    go_type = "common.Status"
    go_kind = "string"
    go_methods = {"String": ("", "string"), "IsPending": ("", "bool")}  # noqa: RUF012 - a table

    def String(self) -> str:  # noqa: N802 - Go's name
        return str(self)

    def IsPending(self) -> bool:  # noqa: N802 - Go's name
        return self.startswith("pending-")


class _Struct:
    """A Go struct, or what points to one; its fields are attributes."""

    go_kind = "ptr"
    go_typed = True

    def go_json(self) -> dict[str, Any]:
        return dict(self.__dict__)


def _struct(go_type: str, fields: dict[str, Any], methods: Mapping[str, Callable[[Any], Any]] | None = None) -> Any:
    """A struct of this type; `methods` take nothing and answer a text or bool."""
    table = dict.fromkeys(methods or (), ("", "string"))
    kind = "ptr" if go_type.startswith("*") else "struct"
    attributes = {"go_type": go_type, "go_kind": kind, "go_fields": tuple(fields), "go_methods": table}
    made = type("Struct", (_Struct,), {**attributes, **(methods or {})})()
    made.__dict__.update(fields)
    return made


class _Everything:
    """A set that has all names."""

    def __contains__(self, name: object) -> bool:
        return True


class _Nothing:
    """What a mapping answers for a missing key, and what every field of that is."""

    go_type = "interface {}"
    go_kind = "invalid"
    go_fields = _Everything()
    go_stringer = "pointer"

    def __getattr__(self, name: str) -> _Nothing:
        if name.startswith("_"):
            raise AttributeError(name)
        return self

    def __bool__(self) -> bool:
        return False

    def String(self) -> str:  # noqa: N802 - Go's name
        return "<no value>"


_NOTHING = _Nothing()


class _Map(dict):  # type: ignore[type-arg]
    """A map[string]any of Go's text/template, which Helm's own templates see with other options."""

    go_type = "map[string]interface {}"

    def get(self, key: str, default: Any = _NOTHING) -> Any:
        return dict.get(self, key, default)


def _deep(value: Any) -> Any:
    """Values with mappings of that kind."""
    if isinstance(value, dict):
        return _Map({key: _deep(item) for key, item in value.items()})
    return [_deep(item) for item in value] if isinstance(value, list) else value


class _Slice(list):  # type: ignore[type-arg]
    """A slice of structs."""

    go_kind = "slice"


def _slice(go_type: str, items: list[Any]) -> Any:
    return type("Slice", (_Slice,), {"go_type": go_type})(items)


def view(release: Release) -> Any:
    """What templates see as .Release."""
    info = release.info
    shown = _struct(
        "*v1.Info",
        {
            "FirstDeployed": parse(info.first_deployed),
            "LastDeployed": parse(info.last_deployed),
            "Deleted": parse(info.deleted),
            "Description": info.description,
            "Status": _Status(info.status),
            "RollbackRevision": Int(info.rollback_revision),
            "Notes": info.notes,
            "Resources": {},
        },
    )
    return _struct(
        "*v1.Release",
        {
            "Name": release.name,
            "Info": shown,
            "Chart": None if release.chart is None else _chart(release.chart),
            "Config": _deep(release.config),
            "Manifest": release.manifest,
            "Hooks": _slice("[]*v1.Hook", [_hook(hook) for hook in release.hooks]),
            "Version": Int(release.revision),
            "Namespace": release.namespace,
            "Labels": _labels(release.labels),
            "ApplyMethod": release.apply_method,
        },
    )


def _labels(labels: Mapping[str, str] | None) -> Any:
    from navarch.golang.types import StringMap

    return StringMap(labels or {})


def _hook(hook: Hook) -> Any:
    run = hook.last_run
    last_run = _struct(
        "v1.HookExecution",
        {"StartedAt": parse(run.started_at), "CompletedAt": parse(run.completed_at), "Phase": run.phase},
    )
    return _struct(
        "*v1.Hook",
        {
            "Name": hook.name,
            "Kind": hook.kind,
            "Path": hook.path,
            "Manifest": hook.manifest,
            "Events": Strings(hook.events),
            "LastRun": last_run,
            "Weight": Int(hook.weight),
            "DeletePolicies": Strings(hook.delete_policies),
            "OutputLogPolicies": Strings(hook.output_log_policies),
        },
    )


def _chart(chart: Mapping[str, Any]) -> Any:
    metadata = chart.get("metadata")
    shown = None if metadata is None else _metadata(metadata)
    name = "" if shown is None else shown.Name
    version = "" if shown is None else shown.AppVersion
    return _struct(
        "*v2.Chart",
        {
            "Raw": _slice("[]*common.File", []),
            "Metadata": shown,
            "Lock": None if chart.get("lock") is None else _lock(chart["lock"]),
            "Templates": _files(chart.get("templates")),
            "Values": _deep(chart.get("values") or {}),
            "Schema": _bytes(chart.get("schema")),
            "SchemaModTime": parse(chart.get("schemamodtime") or ""),
            "Files": _files(chart.get("files")),
            "ModTime": parse(chart.get("modtime") or ""),
        },
        {
            "Name": lambda _: name,
            "AppVersion": lambda _: version,
            "ChartPath": lambda _: name,
            "ChartFullPath": lambda _: name,
            "IsRoot": lambda _: True,
        },
    )


def _lock(lock: Mapping[str, Any]) -> Any:
    fields = {"Generated": parse(lock.get("generated") or ""), "Digest": lock.get("digest") or ""}
    return _struct("*v2.Lock", {**fields, "Dependencies": _dependencies(lock.get("dependencies"))})


def _files(files: list[Mapping[str, Any]] | None) -> Any:
    shown = [
        _struct(
            "*common.File",
            {
                "Name": file.get("name") or "",
                "Data": _bytes(file.get("data")),
                "ModTime": parse(file.get("modtime") or ""),
            },
        )
        for file in files or ()
    ]
    return _slice("[]*common.File", shown)


def _bytes(text: str | None) -> bytes:
    from binascii import a2b_base64

    return a2b_base64(text or "")


def _metadata(fields: Mapping[str, Any]) -> Any:
    def text(name: str) -> str:
        return fields.get(name) or ""

    maintainers = [
        _struct("*v2.Maintainer", {"Name": one.get("name"), "Email": one.get("email"), "URL": one.get("url")})
        for one in fields.get("maintainers") or ()
    ]
    return _struct(
        "*v2.Metadata",
        {
            "Name": text("name"),
            "Home": text("home"),
            "Sources": Strings(fields.get("sources") or ()),
            "Version": text("version"),
            "Description": text("description"),
            "Keywords": Strings(fields.get("keywords") or ()),
            "Maintainers": _slice("[]*v2.Maintainer", maintainers),
            "Icon": text("icon"),
            "APIVersion": text("apiVersion"),
            "Condition": text("condition"),
            "Tags": text("tags"),
            "AppVersion": text("appVersion"),
            "Deprecated": bool(fields.get("deprecated")),
            "Annotations": _labels(fields.get("annotations")),
            "KubeVersion": text("kubeVersion"),
            "Dependencies": _dependencies(fields.get("dependencies")),
            "Type": text("type"),
        },
    )


def _dependencies(found: list[Mapping[str, Any]] | None) -> Any:
    shown = [
        _struct(
            "*v2.Dependency",
            {
                "Name": one.get("name") or "",
                "Version": one.get("version") or "",
                "Repository": one.get("repository") or "",
                "Condition": one.get("condition") or "",
                "Tags": Strings(one.get("tags") or ()),
                "Enabled": bool(one.get("enabled")),
                "ImportValues": one.get("import-values") or [],
                "Alias": one.get("alias") or "",
            },
        )
        for one in found or ()
    ]
    return _slice("[]*v2.Dependency", shown)


def render(template: str, release: Release, write: Callable[[str], None]) -> None:
    """Print a template with `.Release`; of what comes before a fault, the same line excepted, is printed too.

    Raises TemplateError with text/template's message.
    """
    from navarch.errors import TemplateError
    from navarch.templates.engine import Renderer, TemplateSet
    from navarch.templates.functions.builtins import FUNCTIONS
    from navarch.templates.runtime import Render
    from navarch.templates.trace import explain

    custom = {"slice": _sliced}
    templates = TemplateSet([("_", template)], custom=custom, known=FUNCTIONS.keys() | custom)
    body = templates.function("_")
    out: list[str] = []
    try:
        if body:
            body(Render(templates, Renderer()), _Map({"Release": view(release)}), out)
    except (TemplateError, RecursionError) as error:
        raise explain(error, templates, whole=True) from error
    finally:
        write("".join(out))


def _sliced(item: Any, *bounds: int) -> Any:
    """text/template's slice: item[i:j], of texts by bytes."""
    from navarch.errors import FunctionError
    from navarch.golang.runes import from_bytes, to_bytes

    if not isinstance(item, (str, bytes, list)):
        from navarch.golang.types import type_of

        raise FunctionError(f"can't slice item of type {type_of(item)}")
    data = to_bytes(item) if isinstance(item, str) else item
    start, end = (*bounds, *(0, len(data))[len(bounds) :])[:2]
    for bound in bounds:
        if not 0 <= bound <= len(data):
            raise FunctionError(f"index out of range: {bound}")
    if start > end:
        raise FunctionError(f"invalid slice index: {start} > {end}")
    cut = data[start:end]
    return from_bytes(cut) if isinstance(item, str) and isinstance(cut, bytes) else cut
