"""Changes of pods: the few that are allowed, and those of their subresources' parts."""

from __future__ import annotations

from navarch.cluster.validation.equality import same
from navarch.cluster.validation.errors import as_json, forbidden, invalid, required
from navarch.cluster.validation.metadata import check_update, parts
from navarch.cluster.validation.options import options_for
from navarch.cluster.validation.pod_annotations import check_annotation_updates
from navarch.cluster.validation.pods import MIRROR, check_metadata_and_spec
from navarch.cluster.validation.scheduling import check_tolerations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.validation.errors import FieldError
    from navarch.cluster.validation.options import PodOptions

    Object = dict[str, Any]

__all__ = ["updating", "updating_ephemeral", "updating_resources"]

_FREE = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n"
)
_COMPUTE = ("cpu", "memory")
_WHEN = "requiredDuringSchedulingIgnoredDuringExecution"


def _check_both(errors: list[FieldError], new: Object, old: Object) -> PodOptions:
    """What all updates start with."""
    meta, (before, was) = new.get("metadata") or {}, parts(old)
    options = options_for(was, before, is_pod=True)
    check_update(errors, meta, before)
    check_metadata_and_spec(errors, new, options)
    return options


def _check_notes(errors: list[FieldError], new: Object, old: Object, options: PodOptions) -> None:
    meta, spec = parts(new)
    noted = (old.get("metadata") or {}).get("annotations")
    check_annotation_updates(errors, "metadata.annotations", meta.get("annotations"), noted, spec, options)


def updating(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidatePodUpdate."""
    options = _check_both(errors, new, old)
    _check_notes(errors, new, old, options)
    spec, was = new.get("spec") or {}, old.get("spec") or {}
    for field in ("containers", "initContainers"):
        if not _check_images(errors, f"spec.{field}", spec.get(field) or [], was.get(field) or []):
            return
    if not _check_deadline(errors, spec.get("activeDeadlineSeconds"), was.get("activeDeadlineSeconds")):
        return
    _check_tolerations(errors, spec.get("tolerations") or [], was.get("tolerations") or [], options)
    _check_gates(errors, spec.get("schedulingGates") or [], was.get("schedulingGates") or [])
    if not same(spec, was):
        _check_rest_unchanged(errors, spec, was)


def _check_images(errors: list[FieldError], path: str, new: list[Object], old: list[Object]) -> bool:
    """ValidateContainerUpdates; false when there are more or fewer of them."""
    if len(new) != len(old):
        errors.append(forbidden(path, "pod updates may not add or remove containers"))
        return False
    for at, one in enumerate(new):
        image = one.get("image", "")
        if not image:
            errors.append(required(f"{path}[{at}].image"))
        if image.strip() != image:
            errors.append(invalid(f"{path}[{at}].image", image, "must not have leading or trailing whitespace"))
    return True


def _check_deadline(errors: list[FieldError], new: int | None, old: int | None) -> bool:
    path = "spec.activeDeadlineSeconds"
    if new is None:
        if old is not None:
            errors.append(invalid(path, None, "must not update from a positive integer to nil value"))
        return True
    if not 0 <= new <= 0x7FFFFFFF:
        errors.append(invalid(path, new, "must be between 0 and 2147483647, inclusive"))
        return False
    if old is not None and old < new:
        errors.append(invalid(path, new, "must be less than or equal to previous value"))
        return False
    return True


def _check_tolerations(errors: list[FieldError], new: list[Object], old: list[Object], options: PodOptions) -> None:
    """`validateOnlyAddedTolerations`."""

    def plain(one: Object) -> Object:
        return {key: value for key, value in one.items() if key != "tolerationSeconds"}

    there = [plain(one) for one in new]
    if any(plain(one) not in there for one in old):
        detail = "existing toleration can not be modified except its tolerationSeconds"
        errors.append(forbidden("spec.tolerations", detail))
    else:
        check_tolerations(errors, "spec.tolerations", new, options)


def _check_gates(errors: list[FieldError], new: list[Object], old: list[Object]) -> None:
    """`validateOnlyDeletedSchedulingGates`."""
    known = {one.get("name", "") for one in old}
    places = {one.get("name", ""): at for at, one in enumerate(new)}
    for name, at in places.items():
        if name not in known:
            detail = f"only deletion is allowed, but found new scheduling gate '{name}'"
            errors.append(forbidden(f"spec.schedulingGates[{at}].name", detail))


def _check_rest_unchanged(errors: list[FieldError], spec: Object, was: Object) -> None:
    munged = dict(spec)
    for field in ("containers", "initContainers"):
        if spec.get(field):
            pairs = zip(spec[field], was[field], strict=True)
            munged[field] = [{**one, "image": before.get("image", "")} for one, before in pairs]
    for key in ("activeDeadlineSeconds", "schedulingGates", "tolerations"):
        munged.pop(key, None)
        if key in was:
            munged[key] = was[key]
    if (was.get("terminationGracePeriodSeconds") or 0) < 0 and spec.get("terminationGracePeriodSeconds") == 1:
        munged["terminationGracePeriodSeconds"] = was["terminationGracePeriodSeconds"]
    if was.get("schedulingGates"):
        _take_over_places(errors, munged, was)
    if not same(munged, was):
        from navarch.cluster.validation.internal import difference

        errors.append(forbidden("spec", _FREE + difference("core.PodSpec", was, munged)))


def _take_over_places(errors: list[FieldError], munged: Object, was: Object) -> None:
    """A pod that waits at a gate may still become choosier about nodes."""
    wanted, before = munged.get("nodeSelector") or {}, was.get("nodeSelector") or {}
    if wanted != before:
        if any(wanted.get(key) != value for key, value in before.items()):
            detail = "only additions to spec.nodeSelector are allowed (no mutations or deletions)"
            errors.append(invalid("spec.nodeSelector", as_json(wanted or None), detail))
        munged.pop("nodeSelector", None)
        if before:
            munged["nodeSelector"] = before
    nodes = (munged.get("affinity") or {}).get("nodeAffinity")
    earlier = (was.get("affinity") or {}).get("nodeAffinity")
    if nodes == earlier:
        return
    _check_terms(errors, nodes or {}, earlier or {})
    affinity = {key: value for key, value in (munged.get("affinity") or {}).items() if key != "nodeAffinity"}
    if earlier is not None:
        affinity["nodeAffinity"] = earlier
    if affinity or was.get("affinity") is not None:
        munged["affinity"] = affinity
    else:
        munged.pop("affinity", None)


def _check_terms(errors: list[FieldError], nodes: Object, earlier: Object) -> None:
    """`validateNodeAffinityMutation`."""
    from navarch.cluster.validation.internal import show, show_list

    if earlier.get(_WHEN) is None:
        return
    path = f"spec.affinity.nodeAffinity.{_WHEN}.nodeSelectorTerms"
    old, new = earlier[_WHEN].get("nodeSelectorTerms") or [], (nodes.get(_WHEN) or {}).get("nodeSelectorTerms") or []
    if old and len(old) != len(new):
        detail = "no additions/deletions to non-empty NodeSelectorTerms list are allowed"
        errors.append(invalid(path, show_list("core.NodeSelectorTerm", new or None), detail))
        return
    for at, (one, before) in enumerate(zip(new, old, strict=False)):
        if not _only_adds(one, before):
            shown = show("core.NodeSelectorTerm", one)
            detail = "only additions are allowed (no mutations or deletions)"
            errors.append(invalid(f"{path}[{at}]", shown, detail))


def _only_adds(new: Object, old: Object) -> bool:
    pairs = [(new.get(key) or [], old.get(key) or []) for key in ("matchExpressions", "matchFields")]
    if not any(before for _, before in pairs):
        return not any(after for after, _ in pairs)
    return all(after[: len(before)] == before for after, before in pairs)


def updating_ephemeral(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidatePodEphemeralContainersUpdate: they can be added only."""
    before = len(errors)
    options = _check_both(errors, new, old)
    _check_notes(errors, new, old, options)
    if MIRROR in ((old.get("metadata") or {}).get("annotations") or {}):
        errors[before:] = [forbidden("[]", "static pods do not support ephemeral containers")]
        return
    path = "spec.ephemeralContainers"
    found = {one.get("name", ""): one for one in (new.get("spec") or {}).get("ephemeralContainers") or ()}
    for one in (old.get("spec") or {}).get("ephemeralContainers") or ():
        name = one.get("name", "")
        if name not in found:
            errors.append(forbidden(path, f'existing ephemeral containers "{name}" may not be removed\n'))
        elif not same(one, found[name]):
            from navarch.cluster.validation.internal import difference

            changed = difference("core.EphemeralContainer", one, found[name])
            errors.append(forbidden(path, f'existing ephemeral containers "{name}" may not be changed\n{changed}'))


def updating_resources(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidatePodResize: processors and memory, and nothing else."""
    start = len(errors)
    _check_both(errors, new, old)
    spec, was = new.get("spec") or {}, old.get("spec") or {}
    if MIRROR in ((old.get("metadata") or {}).get("annotations") or {}):
        errors[start:] = [forbidden("[]", "static pods cannot be resized")]
        return
    if (was.get("os") or {}).get("name") == "windows":
        errors[start:] = [forbidden("[]", "windows pods cannot be resized")]
        return
    _check_quality(errors, new, old)
    if _is_unsupported(old):
        errors.append(forbidden("spec", "Pod running on node without support for resize"))
    munged = dict(spec)
    if _has_own(spec) or _has_own(was):
        _check_own_resize(errors, munged, was)
    if (old.get("status") or {}).get("nodeAllocatableResourceClaimStatuses"):
        errors.append(forbidden("spec", "pods with node allocatable resource claims cannot be resized"))
    if not _check_order(errors, spec, was):
        return
    for field in ("initContainers", "containers"):
        for at, (one, before) in enumerate(zip(spec.get(field) or (), was.get(field) or (), strict=True)):
            _check_kept(
                errors, f"spec.{field}[{at}].resources", one.get("resources") or {}, before.get("resources") or {}
            )
    _check_containers_unchanged(errors, munged, was)
    if len(errors) == start and not same(munged, was):
        errors.append(forbidden("spec", "only cpu and memory resources are mutable"))


def _check_quality(errors: list[FieldError], new: Object, old: Object) -> None:
    before = (old.get("status") or {}).get("qosClass") or quality(old)
    if before != quality(new):
        shown = as_json((new.get("status") or {}).get("qosClass", ""))
        errors.append(invalid("spec", shown, "Pod QOS Class may not change as a result of resizing"))


def quality(pod: Object) -> str:
    """ComputePodQOS: by requests and limits of processors and memory."""
    from navarch.cluster.validation.quantities import nano

    spec = pod.get("spec") or {}
    own = spec.get("resources") is not None
    holders = [spec] if own else [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]
    requests: dict[str, int] = {}
    limits: dict[str, int] = {}
    guaranteed = True
    for one in holders:
        wanted = one.get("resources") or {}
        for side, total in (("requests", requests), ("limits", limits)):
            given = {key: nano(value) for key, value in (wanted.get(side) or {}).items() if key in _COMPUTE}
            for key, amount in given.items():
                if amount > 0:
                    total[key] = total.get(key, 0) + amount
            if side == "limits" and {key for key, amount in given.items() if amount > 0} != {*_COMPUTE}:
                guaranteed = False
    if not requests and not limits:
        return "BestEffort"
    return "Guaranteed" if guaranteed and requests == limits else "Burstable"


def _is_unsupported(pod: Object) -> bool:
    for one in (pod.get("status") or {}).get("containerStatuses") or ():
        if (one.get("state") or {}).get("running") is not None:
            return one.get("resources") is None
    return False


def _has_own(spec: Object) -> bool:
    own = spec.get("resources") or {}
    return bool(own.get("requests") or own.get("limits"))


def _check_own_resize(errors: list[FieldError], munged: Object, was: Object) -> None:
    """`validatePodLevelResourcesResize`."""
    new, old = munged.get("resources"), was.get("resources")
    if old is not None and new is None:
        errors.append(forbidden("spec.resources", "pod-level resources cannot be removed"))
        return
    for side in ("requests", "limits"):
        if old is not None and _is_removed(new or {}, old, side):
            what = f"pod-level resource {side} cannot be removed"
            errors.append(forbidden(f"spec.resources.{side}", what))
    kept = _without_changes(new or {}, old or {})
    munged["resources"] = kept
    if old is None and not any(kept.values()):
        del munged["resources"]
    if not same(munged.get("resources"), old):
        errors.append(forbidden("spec", "only cpu and memory resources are mutable at pod-level"))


def _is_removed(new: Object, old: Object, side: str) -> bool:
    return bool({*(old.get(side) or ())} - {*(new.get(side) or ())})


def _without_changes(new: Object, old: Object) -> Object:
    """With the old processors and memory."""
    out = dict(new)
    for side in ("requests", "limits"):
        amounts = {key: value for key, value in (new.get(side) or {}).items() if key not in _COMPUTE}
        amounts |= {key: value for key, value in (old.get(side) or {}).items() if key in _COMPUTE}
        out.pop(side, None)
        if amounts:
            out[side] = amounts
    return out


def _check_order(errors: list[FieldError], spec: Object, was: Object) -> bool:
    good = True
    for field in ("containers", "initContainers"):
        new, old = spec.get(field) or [], was.get(field) or []
        if len(new) != len(old):
            good = False
            errors.append(forbidden(f"spec.{field}", f"{field} may not be added or removed on resize"))
            continue
        for at, (one, before) in enumerate(zip(new, old, strict=True)):
            if one.get("name", "") != before.get("name", ""):
                good = False
                detail = f"{field} may not be renamed or reordered on resize"
                errors.append(forbidden(f"spec.{field}[{at}].name", detail))
    return good


def _check_kept(errors: list[FieldError], path: str, new: Object, old: Object) -> None:
    errors.extend(
        [
            forbidden(f"{path}.{side}", f"resource {side} cannot be removed")
            for side in ("requests", "limits")
            if _is_removed(new, old, side)
        ]
    )


def _restore(one: Object, before: Object) -> Object:
    """The container with the old processors and memory, and without claims, which go with them."""
    out = {key: value for key, value in one.items() if key != "resources"}
    kept = _without_changes(
        {key: value for key, value in (one.get("resources") or {}).items() if key != "claims"},
        before.get("resources") or {},
    )
    if kept or "resources" in before:
        out["resources"] = kept
    return out


def _check_containers_unchanged(errors: list[FieldError], munged: Object, was: Object) -> None:
    restored = []
    for one, before in zip(munged.get("containers") or (), was.get("containers") or (), strict=True):
        plain = _restore(one, before)
        if not same(plain, before):
            errors.append(forbidden("spec", "only cpu and memory resources are mutable"))
        restored.append(plain)
    munged["containers"] = restored
    if not munged.get("initContainers"):
        return
    first = []
    for at, (one, before) in enumerate(zip(munged["initContainers"], was["initContainers"], strict=True)):
        plain, path = _restore(one, before), f"spec.initContainers[{at}]"
        if not same(plain, before):
            detail = "only cpu and memory resources for init or sidecar containers are mutable"
            errors.append(forbidden(path, detail))
        if not same(one, before) and one.get("restartPolicy") != "Always":
            detail = "non-sidecar init containers with a resize policy of RestartContainer cannot be resized"
            errors.extend(
                [
                    forbidden(path, detail)
                    for rule in one.get("resizePolicy") or ()
                    if rule.get("restartPolicy") == "RestartContainer"
                ]
            )
        first.append(plain)
    munged["initContainers"] = first
