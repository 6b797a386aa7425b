"""The metadata of objects: apimachinery's pkg/api/validation and apis/meta/v1/validation, and core's additions."""

from __future__ import annotations

from navarch.cluster.validation.errors import as_json, forbidden, invalid, required, too_long
from navarch.cluster.validation.names import (
    add,
    dns_label,
    label_key,
    label_value,
    masked,
    path_segment,
    path_segment_prefix,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from navarch.cluster.validation.errors import FieldError
    from navarch.cluster.validation.names import NameRule

__all__ = [
    "IMMUTABLE",
    "check",
    "check_annotations",
    "check_common",
    "check_finalizer",
    "check_immutable",
    "check_labels",
    "check_nonnegative",
    "check_positive",
    "check_update",
    "check_update_common",
    "parts",
]

IMMUTABLE = "field is immutable"
_NEGATIVE = "must be greater than or equal to 0"
_MOST_ANNOTATIONS = 256 * 1024
_STANDARD_FINALIZERS = frozenset(["kubernetes", "orphan", "foregroundDeletion"])


def check(
    errors: list[FieldError],
    meta: dict[str, Any],
    namespaced: bool,
    names: NameRule,
    *,
    core: bool = True,
) -> None:
    """ValidateObjectMeta: `names` is the rule for this kind's names; `core` adds the one for finalizers."""
    prefix = meta.get("generateName")
    if prefix:
        add(errors, "metadata.generateName", prefix, _prefix_broken(prefix, names))
    name = meta.get("name")
    if not name:
        errors.append(required("metadata.name", "name or generateName is required"))
    elif broken := names(name):
        add(errors, "metadata.name", name, broken)
    _check_rest(errors, meta, namespaced)
    if core:
        _check_qualified_finalizers(errors, meta)


def _prefix_broken(prefix: str, names: NameRule) -> Sequence[str]:
    return path_segment_prefix(prefix) if names is path_segment else names(masked(prefix))


def check_long_name(errors: list[FieldError], meta: dict[str, Any], names: NameRule) -> None:
    """ValidateObjectMetaWithOpts: generateName itself isn't looked at."""
    name = meta.get("name")
    if not name:
        errors.append(required("metadata.name", "name or generateName is required"))
    else:
        add(errors, "metadata.name", name, names(name))
    _check_rest(errors, meta, True)
    _check_qualified_finalizers(errors, meta)


def check_common(errors: list[FieldError], meta: dict[str, Any], namespaced: bool) -> None:
    """What holds for all kinds, whatever their own rules are."""
    check(errors, meta, namespaced, path_segment, core=False)


def _check_rest(errors: list[FieldError], meta: dict[str, Any], namespaced: bool) -> None:
    namespace = meta.get("namespace")
    if namespaced:
        if not namespace:
            errors.append(required("metadata.namespace"))
        elif broken := dns_label(namespace):
            add(errors, "metadata.namespace", namespace, broken)
    elif namespace:
        errors.append(forbidden("metadata.namespace", "not allowed on this type"))
    generation = meta.get("generation")
    if generation is not None and generation < 0:
        errors.append(invalid("metadata.generation", generation, _NEGATIVE))
    if labels := meta.get("labels"):
        check_labels(errors, "metadata.labels", labels)
    if annotations := meta.get("annotations"):
        check_annotations(errors, "metadata.annotations", annotations)
    if owners := meta.get("ownerReferences"):
        _check_owners(errors, owners)
    if finalizers := meta.get("finalizers"):
        _check_finalizers(errors, finalizers)
    if managed := meta.get("managedFields"):
        _check_managed(errors, managed)


def check_labels(errors: list[FieldError], path: str, labels: dict[str, str] | None) -> None:
    """ValidateLabels."""
    for key, value in (labels or {}).items():
        if broken := label_key(key):
            add(errors, path, key, broken)
        if broken := label_value(value):
            add(errors, path, value, broken)


def check_annotations(errors: list[FieldError], path: str, annotations: dict[str, str] | None) -> None:
    """ValidateAnnotations: keys in any case, all together up to 256 KiB."""
    if not annotations:
        return
    size = 0
    for key, value in annotations.items():
        if broken := label_key(key.lower()):
            add(errors, path, key, broken)
        size += len(key) + (len(value) if value.isascii() else len(value.encode("utf-8", "surrogatepass")))
    if size > _MOST_ANNOTATIONS:
        errors.append(too_long(path, _MOST_ANNOTATIONS))


def _group_version(text: str) -> tuple[str, str]:
    """schema.ParseGroupVersion; both empty for what can't be read."""
    parts = text.split("/")
    if len(parts) == 1:
        return "", text
    return (parts[0], parts[1]) if len(parts) == 2 else ("", "")


def _check_owners(errors: list[FieldError], owners: list[dict[str, Any]]) -> None:
    path = "metadata.ownerReferences"
    controller = ""
    for one in owners:
        _check_owner(errors, path, one)
        if not one.get("controller"):
            continue
        named = f"{one.get('kind', '')}/{one.get('name', '')}"
        if controller:
            from navarch.cluster.validation.internal import show_list

            detail = (
                'Only one reference can have Controller set to true. Found "true" in references for '
                f"{controller} and {named}"
            )
            errors.append(invalid(path, show_list("v1.OwnerReference", owners), detail))
        else:
            controller = named


def _check_owner(errors: list[FieldError], path: str, one: dict[str, Any]) -> None:
    group, version = _group_version(one.get("apiVersion", ""))
    kind = one.get("kind", "")
    if not version:
        errors.append(invalid(f"{path}.apiVersion", one.get("apiVersion", ""), "version must not be empty"))
    if not kind:
        errors.append(invalid(f"{path}.kind", kind, "must not be empty"))
    if not one.get("name"):
        errors.append(invalid(f"{path}.name", "", "must not be empty"))
    if not one.get("uid"):
        errors.append(invalid(f"{path}.uid", "", "must not be empty"))
    if (group, version, kind) == ("", "v1", "Event"):
        from navarch.cluster.validation.internal import show

        shown = show("v1.OwnerReference", one)
        errors.append(invalid(path, shown, "/v1, Kind=Event is disallowed from being an owner"))


def _check_finalizers(errors: list[FieldError], finalizers: list[str]) -> None:
    path = "metadata.finalizers"
    for one in finalizers:
        if broken := label_key(one):
            add(errors, path, one, broken)
    if "orphan" in finalizers and "foregroundDeletion" in finalizers:
        detail = "finalizer orphan and foregroundDeletion cannot be both set"
        errors.append(invalid(path, as_json(finalizers), detail))


def _check_qualified_finalizers(errors: list[FieldError], meta: dict[str, Any]) -> None:
    for at, one in enumerate(meta.get("finalizers") or ()):
        check_finalizer(errors, f"metadata.finalizers[{at}]", one)


def check_finalizer(errors: list[FieldError], path: str, name: str) -> None:
    """`validateKubeFinalizerName`: a standard one, or one with a domain."""
    if "/" not in name and name not in _STANDARD_FINALIZERS:
        detail = "name is neither a standard finalizer name nor is it fully qualified"
        errors.append(invalid(path, name, detail))


def _check_managed(errors: list[FieldError], managed: list[dict[str, Any]]) -> None:
    for at, one in enumerate(managed):
        path = f"metadata.managedFields[{at}]"
        operation = one.get("operation", "")
        if operation not in {"Apply", "Update"}:
            errors.append(invalid(f"{path}.operation", as_json(operation), "must be `Apply` or `Update`"))
        sort = one.get("fieldsType", "")
        if sort and sort != "FieldsV1":
            errors.append(invalid(f"{path}.fieldsType", sort, "must be `FieldsV1`"))
        check_manager(errors, f"{path}.manager", one.get("manager", ""))
        if len(one.get("subresource", "")) > 256:
            errors.append(too_long(f"{path}.subresource", 256))


def check_manager(errors: list[FieldError], path: str, manager: str) -> None:
    """ValidateFieldManager: up to 128 printable characters."""
    if len(manager) > 128 or (not manager.isascii() and len(manager.encode("utf-8", "surrogatepass")) > 128):
        errors.append(too_long(path, 128))
    if manager.isprintable():
        return
    at = 0
    for char in manager:
        if not char.isprintable():
            shown = f"U+{ord(char):04X}"
            errors.append(invalid(path, manager, f"invalid character {shown} (at position {at})"))
        at += len(char.encode("utf-8", "surrogatepass"))


def check_update(errors: list[FieldError], new: dict[str, Any], old: dict[str, Any], *, core: bool = True) -> None:
    """ValidateObjectMetaUpdate: what must not change, and what must be there."""
    if old.get("deletionTimestamp") is not None:
        _check_new_finalizers(errors, new, old)
    if not new.get("resourceVersion"):
        errors.append(invalid("metadata.resourceVersion", "", "must be specified for an update"))
    if new.get("generation", 0) < old.get("generation", 0):
        errors.append(invalid("metadata.generation", new.get("generation", 0), "must not be decremented"))
    errors.extend(
        [
            invalid(f"metadata.{key}", _named(key, new), IMMUTABLE)
            for key in ("name", "namespace", "uid")
            if new.get(key, "") != old.get(key, "")
        ]
    )
    errors.extend(
        [
            invalid(f"metadata.{key}", as_json(new.get(key)), IMMUTABLE)
            for key in ("creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds")
            if new.get(key) != old.get(key)
        ]
    )
    check_labels(errors, "metadata.labels", new.get("labels"))
    check_annotations(errors, "metadata.annotations", new.get("annotations"))
    if owners := new.get("ownerReferences"):
        _check_owners(errors, owners)
    if managed := new.get("managedFields"):
        _check_managed(errors, managed)
    if core:
        _check_qualified_finalizers(errors, new)


def _named(key: str, meta: dict[str, Any]) -> str:
    value = meta.get(key, "")
    return as_json(value) if key == "uid" else value


def _check_new_finalizers(errors: list[FieldError], new: dict[str, Any], old: dict[str, Any]) -> None:
    extra = sorted({*(new.get("finalizers") or ())} - {*(old.get("finalizers") or ())})
    if extra:
        from navarch.golang.strconv import quote

        found = "[]string{" + ", ".join([quote(one) for one in extra]) + "}"
        detail = f"no new finalizers can be added if the object is being deleted, found new finalizers {found}"
        errors.append(forbidden("metadata.finalizers", detail))


def check_update_common(errors: list[FieldError], new: dict[str, Any], old: dict[str, Any], namespaced: bool) -> None:
    """`validateCommonFields`: what every update is held against before its kind's rules."""
    check_common(errors, new, namespaced)
    check_update(errors, new, old, core=False)


def check_immutable(errors: list[FieldError], path: str, new: Any, old: Any, shown: Any = ...) -> None:
    """ValidateImmutableField; `shown` stands for the new value in the message, when its plain form won't do."""
    if new != old:
        errors.append(invalid(path, new if shown is ... else shown, IMMUTABLE))


def check_nonnegative(errors: list[FieldError], path: str, number: int | None) -> None:
    """ValidateNonnegativeField; None is fine."""
    if number is not None and number < 0:
        errors.append(invalid(path, number, _NEGATIVE))


def check_positive(errors: list[FieldError], path: str, number: int) -> None:
    """ValidatePositiveField."""
    if number <= 0:
        errors.append(invalid(path, number, "must be greater than zero"))


def parts(obj: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Metadata and spec of an object."""
    return obj.get("metadata") or {}, obj.get("spec") or {}
