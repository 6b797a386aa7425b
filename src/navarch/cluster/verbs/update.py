"""Changing an object: putting another in its place, and what patches have in common with that."""

from __future__ import annotations

from navarch.cluster import kinds
from navarch.cluster.conversion import from_storage, storage_key, to_storage
from navarch.cluster.problems import Cause, Problem, bad_request, conflict, invalid, not_found
from navarch.cluster.verbs.create import check_namespace, create
from navarch.cluster.verbs.owning import own

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.api import Api
    from navarch.cluster.options import Options
    from navarch.cluster.types.catalog import Resource

    Object = dict[str, Any]

__all__ = ["change", "update"]

_CREATE_BY_PUT = frozenset(
    """
    runtimeclasses.node.k8s.io rolebindings.rbac.authorization.k8s.io clusterrolebindings.rbac.authorization.k8s.io
    roles.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io leases.coordination.k8s.io limitranges
    events events.events.k8s.io services endpoints""".split()
)
# Kinds whose objects are put only with the resourceVersion that was read (custom resources are, too).
_NEEDS_REVISION = frozenset(
    """
    poddisruptionbudgets.policy leases.coordination.k8s.io runtimeclasses.node.k8s.io csidrivers.storage.k8s.io
    csistoragecapacities.storage.k8s.io volumeattachments.storage.k8s.io csinodes.storage.k8s.io
    validatingadmissionpolicies.admissionregistration.k8s.io mutatingadmissionpolicies.admissionregistration.k8s.io
    mutatingwebhookconfigurations.admissionregistration.k8s.io
    validatingwebhookconfigurations.admissionregistration.k8s.io
    mutatingadmissionpolicybindings.admissionregistration.k8s.io
    validatingadmissionpolicybindings.admissionregistration.k8s.io
    customresourcedefinitions.apiextensions.k8s.io""".split()
)
_MODIFIED = "the object has been modified; please apply your changes to the latest version and try again"


def update(
    api: Api,
    resource: Resource,
    namespace: str,
    name: str,
    obj: Object,
    subresource: str,
    options: Options,
    duplicates: tuple[str, ...],
) -> tuple[Object, bool]:
    """Put `obj` in place of the object of that name; the result and whether it was created. Raises Problem."""
    if subresource in {"binding", "finalize"}:
        from navarch.cluster.verbs.parts import change_part

        return change_part(api, resource, namespace, name, obj, subresource), False
    made = kinds.convert(obj, resource, options, duplicates)
    check_namespace(resource, made, namespace)
    check_name(made, name)
    with api.store.lock:
        live = api.store.get(storage_key(resource, namespace, name))
        if live is None:
            if resource.qualified not in _CREATE_BY_PUT or subresource:
                raise not_found(resource.group, resource.plural, name)
            return create(api, resource, obj, namespace, options, duplicates), True
        uid = made["metadata"].get("uid")
        if uid and uid != live["metadata"]["uid"]:
            where = (
                f"/registry/{resource.plural}/{namespace}/{name}"
                if namespace
                else f"/registry/{resource.plural}/{name}"
            )
            why = (
                f"StorageError: invalid object, Code: 4, Key: {where}, ResourceVersion: 0, AdditionalErrorMsg: "
                f"Precondition failed: UID in precondition: {uid}, UID in object meta: {live['metadata']['uid']}"
            )
            raise conflict(resource.group, resource.plural, name, why)
        old = from_storage(live, resource)
        own(api, resource, old, made, obj, manager=options.manager, subresource=subresource)
        return change(api, resource, live, made, subresource, options), False


def check_name(obj: Object, name: str) -> None:
    """Raise Problem (400) for an object that has another name than its address."""
    own = obj["metadata"].get("name", "")
    if own != name:
        raise bad_request(f"the name of the object ({own}) does not match the name on the URL ({name})")


def change(api: Api, resource: Resource, live: Object, made: Object, subresource: str, options: Options) -> Object:
    """Keep `made` (read, filled in, owned) in place of `live` (as stored). Under the lock. Raises Problem."""
    old = from_storage(live, resource)
    _check_revision(resource, made, old)
    meta, before = made["metadata"], old["metadata"]
    context = api.context(options)
    part = "" if subresource == "scale" else subresource  # a scale is written as the object that has it
    try:
        kinds.admit(context, resource, made, old, part)
        _restore(meta, before, ("generation",))
        kinds.prepare_update(context, resource, made, old, part)
        meta.setdefault("uid", before["uid"])
        _restore(meta, before, ("creationTimestamp",))
        for name in ("deletionTimestamp", "deletionGracePeriodSeconds"):
            if name in before:
                meta[name] = before[name]
        kinds.check_update(resource, made, old, part)
        kinds.check_admission(context, resource, made, old, part)
    finally:
        options.warn(context.warnings)
    from navarch.cluster.fields import keep_times

    keep_times(made, old)
    if made == old:
        return old
    if _is_finished(made, old):
        return _finish(api, resource, made, options)
    if options.dry_run:
        return from_storage(to_storage(made, resource), resource)
    stored = api.store.put(
        storage_key(resource, before.get("namespace", ""), before["name"]), to_storage(made, resource)
    )
    if kinds.is_definition(resource) and not subresource:
        from navarch.cluster.definitions import publish

        publish(api, stored)  # the answer doesn't wait for it
    return from_storage(stored, resource)


def _restore(meta: Object, before: Object, names: tuple[str, ...]) -> None:
    for name in names:
        if name in before:
            meta[name] = before[name]
        else:
            meta.pop(name, None)


def _check_revision(resource: Resource, made: Object, old: Object) -> None:
    meta, current = made["metadata"], old["metadata"]["resourceVersion"]
    given = meta.get("resourceVersion", "")
    name = old["metadata"]["name"]
    if given in {"", "0"}:
        if resource.custom is not None or resource.qualified in _NEEDS_REVISION:
            cause = Cause(
                "metadata.resourceVersion", "FieldValueInvalid", "Invalid value: 0: must be specified for an update"
            )
            raise invalid(resource.group, resource.plural, name, [cause])
        meta["resourceVersion"] = current
    elif given != current:
        if not given.isdigit():
            raise Problem(500, "", f'strconv.ParseUint: parsing "{given}": invalid syntax')
        raise conflict(resource.group, resource.plural, name, _MODIFIED)


def _is_finished(made: Object, old: Object) -> bool:
    """Whether the object was only waiting for its last finalizer to go."""
    meta = made["metadata"]
    if "deletionTimestamp" not in old["metadata"] or meta.get("finalizers"):
        return False
    if made["kind"] == "Namespace" and made["apiVersion"] == "v1":
        return not (made.get("spec") or {}).get("finalizers")
    return bool(old["metadata"].get("finalizers")) and not meta.get("deletionGracePeriodSeconds")


def _finish(api: Api, resource: Resource, made: Object, options: Options) -> Object:
    if not options.dry_run:
        from navarch.cluster.verbs.delete import take_away

        return from_storage(take_away(api, resource, made), resource)
    return made
