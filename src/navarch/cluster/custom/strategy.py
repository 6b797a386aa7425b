"""What a server itself does to custom objects and to the definitions of their kinds before it checks them.

After the strategies of apiextensions' customresource and customresourcedefinition registries.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.context import Context
    from navarch.cluster.types.catalog import Resource

    Object = dict[str, Any]

__all__ = ["before_create", "before_update", "deprecation"]

_STANDARD_FINALIZERS = frozenset(("orphan", "foregroundDeletion", "kubernetes"))
_CLASH = "to avoid accidental conflicts with other finalizer writers"


def before_create(context: Context, resource: Resource, obj: Object) -> None:
    """Prepare a new object in place; what clients are warned of goes to the context."""
    obj["metadata"]["generation"] = 1
    if resource.custom is None:
        obj["status"] = {"conditions": None, "acceptedNames": {"plural": "", "kind": ""}}
        _remember_storage(obj)
        context.warnings.extend(_formats(obj, {}))
        return
    if resource.subresource("status") is not None:
        obj.pop("status", None)
    context.warnings.extend(_finalizers(obj, {}))


def before_update(context: Context, resource: Resource, new: Object, old: Object, subresource: str) -> None:
    """Prepare a changed object in place."""
    if resource.custom is None:
        _update_definition(context, new, old, subresource)
    elif subresource == "status":
        _update_status(new, old)
    else:
        if resource.subresource("status") is not None:
            _take(new, old, "status")
        if _content(new) != _content(old):
            new["metadata"]["generation"] = old["metadata"].get("generation", 0) + 1
        context.warnings.extend(_finalizers(new, old))


def _update_definition(context: Context, new: Object, old: Object, subresource: str) -> None:
    if subresource == "status":
        _take(new, old, "spec")
        return
    _take(new, old, "status")
    if new.get("spec") != old.get("spec"):
        new["metadata"]["generation"] = old["metadata"].get("generation", 0) + 1
    _remember_storage(new)
    context.warnings.extend(_formats(new, old))


def _update_status(new: Object, old: Object) -> None:
    """Everything but the status stays as it was, but for who owns what."""
    status, metadata = new.get("status"), new["metadata"]
    kept = {**old["metadata"]}
    kept.pop("managedFields", None)
    if "managedFields" in metadata:
        kept["managedFields"] = metadata["managedFields"]
    had = "status" in new
    new.clear()
    new.update({**old, "metadata": kept})
    new.pop("status", None)
    if had:
        new["status"] = status


def _take(new: Object, old: Object, field: str) -> None:
    """Leave a field as it was."""
    if field in old:
        new[field] = old[field]
    else:
        new.pop(field, None)


def _content(obj: Object) -> Object:
    return {name: value for name, value in obj.items() if name != "metadata"}


def _remember_storage(definition: Object) -> None:
    """Note in the status in which version objects are stored from now on."""
    status = dict(definition.get("status") or {})
    stored = list(status.get("storedVersions") or ())
    versions = definition["spec"].get("versions") or ()
    storage = next((one.get("name", "") for one in versions if one.get("storage")), None)
    if storage is not None and storage not in stored:
        stored.append(storage)
    status["storedVersions"] = stored or None
    definition["status"] = status


def _finalizers(new: Object, old: Object) -> list[str]:
    """Warnings of finalizers that are new."""
    before = set((old.get("metadata") or {}).get("finalizers") or ())
    return [text for name in sorted({*(new["metadata"].get("finalizers") or ())} - before) for text in _doubts(name)]


def _doubts(name: str) -> list[str]:
    from navarch.cluster.validation.names import label_key
    from navarch.golang.strconv import quote

    begin = f"metadata.finalizers: {quote(name)}: "
    found = [begin + text for text in label_key(name)]
    if "/" not in name and name not in _STANDARD_FINALIZERS:
        form = "name including a path (/)" if "." in name else "name"
        found.append(f"{begin}prefer a domain-qualified finalizer {form} {_CLASH}")
    return found


def _formats(new: Object, old: Object) -> list[str]:
    """Warnings of formats that nothing is known of."""
    from navarch.cluster.custom.formats import unknown_formats
    from navarch.golang.strconv import quote

    known = set(unknown_formats(old))
    return [f"unrecognized format {quote(one)}" for one in unknown_formats(new) if one not in known]


def deprecation(resource: Resource, versions: list[Resource]) -> str:
    """The warning for using a version of a custom resource that is on its way out, "" for others.

    `versions` are all served versions of the resource.
    """
    version = resource.custom or {}
    if not version.get("deprecated"):
        return ""
    if version.get("deprecationWarning"):
        return str(version["deprecationWarning"])
    from navarch.cluster.discovery import version_priority as priority

    text = f"{resource.api_version} {resource.kind} is deprecated"
    better = [one for one in versions if not (one.custom or {}).get("deprecated")]
    better = [one for one in better if priority(one.version) > priority(resource.version)]
    if not better:
        return text
    best = max(better, key=lambda one: priority(one.version))
    return f"{text}; use {best.api_version} {best.kind}"
