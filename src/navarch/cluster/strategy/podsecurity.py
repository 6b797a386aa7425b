"""PodSecurity admission: the labels of a namespace say how safe the pods in it have to be.

A pod that isn't is refused ("enforce"), or its client warned ("warn"), as it is of the pod templates of workloads.
Auditing, the third mode, has no effect that clients see.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from navarch.cluster.problems import forbidden
from navarch.golang.strconv import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from navarch.cluster.context import Context
    from navarch.cluster.types.catalog import Resource
    from navarch.cluster.validation.errors import FieldError

    Object = dict[str, Any]

__all__ = ["check_namespace", "check_pod", "check_template"]

_PREFIX = "pod-security.kubernetes.io/"
_LEVELS = ("privileged", "baseline", "restricted")
_LATEST = 1 << 62
_VERSION = re.compile(r"v1\.([0-9]|[1-9][0-9]*)", re.ASCII)
_TEMPLATES = {"CronJob": ("spec", "jobTemplate", "spec", "template"), "PodTemplate": ("template",)}


class _Standard(NamedTuple):
    """How safe pods have to be, as which minor version of Kubernetes understands it."""

    level: str
    version: int

    def __str__(self) -> str:
        return f"{self.level}:{'latest' if self.version == _LATEST else f'v1.{self.version}'}"


class _Policy(NamedTuple):
    enforce: _Standard
    warn: _Standard


_NONE = _Standard("privileged", _LATEST)
_NO_POLICY = _Policy(_NONE, _NONE)


def _policy(labels: Mapping[str, str]) -> tuple[_Policy, list[FieldError]]:
    """What the labels ask for, and what is wrong with them."""
    if not any(label.startswith(_PREFIX) for label in labels):
        return _NO_POLICY, []
    errors: list[FieldError] = []
    enforce = _standard(labels, "enforce", "restricted", errors)
    _standard(labels, "audit", "privileged", errors)
    warn = _standard(labels, "warn", "privileged", errors)
    if f"{_PREFIX}warn" not in labels and labels.get(f"{_PREFIX}enforce") in _LEVELS[1:]:
        warn = _Standard(enforce.level, warn.version if f"{_PREFIX}warn-version" in labels else enforce.version)
    return _Policy(enforce, warn), errors


def _standard(labels: Mapping[str, str], mode: str, otherwise: str, errors: list[FieldError]) -> _Standard:
    from navarch.cluster.validation.errors import invalid

    level, version = labels.get(_PREFIX + mode, "privileged"), labels.get(f"{_PREFIX}{mode}-version", "latest")
    if level not in _LEVELS:
        errors.append(invalid(f"metadata.labels[{_PREFIX}{mode}]", level, f"must be one of {', '.join(_LEVELS)}"))
        level = otherwise
    match = _VERSION.fullmatch(version)
    if match is None and version != "latest":
        wrong = invalid(f"metadata.labels[{_PREFIX}{mode}-version]", version, 'must be "latest" or "v1.x"')
        errors.append(wrong)
    return _Standard(level, int(match[1]) if match is not None else _LATEST)


def _policy_for(context: Context, obj: Object) -> _Policy:
    namespace = context.get("", "namespaces", "", obj["metadata"].get("namespace", ""))
    return _policy(namespace["metadata"].get("labels", {}))[0] if namespace is not None else _NO_POLICY


def _faults(standard: _Standard, pod: Object) -> list[tuple[str, str]]:
    if standard.level == "privileged":
        return []
    from navarch.cluster.strategy.podstandards import faults

    return faults(pod, standard.level == "restricted", standard.version)


def check_pod(context: Context, resource: Resource, new: Object, old: Object | None) -> None:
    """Refuse or warn of a pod that is new, or that gets other images or containers. Raises Problem (403)."""
    policy = _policy_for(context, new)
    if policy == _NO_POLICY or (old is not None and not _runs_other(new["spec"], old["spec"])):
        return
    found = _faults(policy.enforce, new)
    if found:
        why = f"violates PodSecurity {quote(str(policy.enforce))}: {_listed(found)}"
        raise forbidden(resource.group, resource.plural, new["metadata"]["name"], why)
    _warn(context, policy.warn, new)


def check_template(context: Context, resource: Resource, new: Object, old: Object | None) -> None:  # noqa: ARG001
    """Warn of a workload whose pods won't be safe."""
    policy = _policy_for(context, new)
    if policy.warn.level != "privileged":
        template: Object | None = new
        for name in _TEMPLATES.get(resource.kind, ("spec", "template")):
            template = template.get(name) if template is not None else None
        if template is not None:
            _warn(context, policy.warn, template)


def _warn(context: Context, standard: _Standard, pod: Object) -> None:
    found = _faults(standard, pod)
    if found:
        context.warnings.append(f"would violate PodSecurity {quote(str(standard))}: {_listed(found)}")


def _listed(found: list[tuple[str, str]]) -> str:
    return ", ".join(f"{reason} ({detail})" if detail else reason for reason, detail in found)


def _runs_other(new: Object, old: Object) -> bool:
    for field in ("containers", "initContainers"):
        after, before = new.get(field) or (), old.get(field) or ()
        if [one.get("image", "") for one in after] != [one.get("image", "") for one in before]:
            return True
    known = {one["name"]: one.get("image", "") for one in old.get("ephemeralContainers") or ()}
    return any(known.get(one["name"]) != one.get("image", "") for one in new.get("ephemeralContainers") or ())


def check_namespace(context: Context, resource: Resource, new: Object, old: Object | None) -> None:
    """Refuse labels that mean nothing; warn of pods that are less safe than is wanted now. Raises Problem (422)."""
    labels = new["metadata"].get("labels", {})
    before = old["metadata"].get("labels", {}) if old is not None else {}
    if labels == before and old is not None:
        return
    policy, errors = _policy(labels)
    old_policy, old_errors = _policy(before)
    if errors and (old is None or errors != old_errors):
        from navarch.cluster.problems import invalid
        from navarch.cluster.validation.errors import causes

        raise invalid(resource.group, resource.kind, new["metadata"]["name"], causes(errors))
    if old is not None and _is_stricter(policy.enforce, old_policy.enforce):
        context.warnings.extend(_unsafe_pods(context, new["metadata"]["name"], policy.enforce))


def _is_stricter(new: _Standard, old: _Standard) -> bool:
    if new == old or new.level == "privileged":
        return False
    return new.version != old.version or _LEVELS.index(new.level) > _LEVELS.index(old.level)


def _unsafe_pods(context: Context, namespace: str, standard: _Standard) -> list[str]:
    names: dict[str, list[str]] = {}
    for pod in context.list("", "pods", namespace):
        found = _faults(standard, pod)
        if found:
            names.setdefault(", ".join(reason for reason, _ in found), []).append(pod["metadata"]["name"])
    if not names:
        return []
    first = f"existing pods in namespace {quote(namespace)} violate the new PodSecurity enforce level "
    return [first + quote(str(standard)), *sorted(f"{_pods(pods)}: {reasons}" for reasons, pods in names.items())]


def _pods(names: list[str]) -> str:
    others = len(names) - 1
    counted = "" if not others else f" (and {others} other pod{'' if others == 1 else 's'})"
    return min(names) + counted
