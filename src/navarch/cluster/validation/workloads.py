"""Kinds that keep pods running: Deployment, ReplicaSet, StatefulSet, DaemonSet, and what belongs to them."""

from __future__ import annotations

from navarch.cluster.validation.claims import check_claim_spec
from navarch.cluster.validation.equality import same
from navarch.cluster.validation.errors import as_json, forbidden, invalid, required, unsupported
from navarch.cluster.validation.metadata import (
    IMMUTABLE,
    check,
    check_annotations,
    check_immutable,
    check_labels,
    check_nonnegative,
    check_update,
)
from navarch.cluster.validation.names import add, dns_label, dns_subdomain, percent
from navarch.cluster.validation.options import FOR_TEMPLATE, options_for
from navarch.cluster.validation.pod_annotations import check_pod_annotations
from navarch.cluster.validation.pods import check_template
from navarch.cluster.validation.selectors import check_label_selector, has_bad_values, is_empty, matches, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.validation.errors import FieldError
    from navarch.cluster.validation.options import PodOptions

    Object = dict[str, Any]

__all__ = [
    "check_int_or_percent",
    "check_most_percent",
    "creating_daemons",
    "creating_deployment",
    "creating_replicas",
    "creating_stateful",
    "template_options",
    "updating_daemons",
    "updating_deployment",
    "updating_replicas",
    "updating_stateful",
]

_NO_MATCH = "`selector` does not match template `labels`"
_KEPT = (
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
    "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
)
_FREE = (
    "replicas",
    "template",
    "updateStrategy",
    "minReadySeconds",
    "ordinals",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy",
)


def template_options(old: Object | None) -> PodOptions:
    """What an old template allows its successor."""
    return options_for(old.get("spec") or {}, old.get("metadata") or {}) if old else FOR_TEMPLATE


def check_int_or_percent(errors: list[FieldError], path: str, value: int | str) -> None:
    """ValidatePositiveIntOrPercent."""
    if isinstance(value, str):
        if broken := percent(value):
            add(errors, path, as_json(value), broken)
    else:
        check_nonnegative(errors, path, value)


def _percentage(value: int | str) -> int | None:
    return int(value[:-1]) if isinstance(value, str) and not percent(value) else None


def _number(value: int | str | None) -> int:
    """Percentages count as numbers here; other text as what it would be read as."""
    if isinstance(value, str):
        found = _percentage(value)
        if found is not None:
            return found
        digits = value.removeprefix("-").removeprefix("+")
        return int(value) if digits.isascii() and digits.isdigit() and len(digits) < 19 else 0
    return value or 0


def check_most_percent(errors: list[FieldError], path: str, value: int | str) -> None:
    """IsNotMoreThan100Percent."""
    found = _percentage(value)
    if found is not None and found > 100:
        errors.append(invalid(path, as_json(value), "must not be greater than 100%"))


def _check_selector(errors: list[FieldError], spec: Object, what: str) -> None:
    selector = spec.get("selector")
    if selector is None:
        errors.append(required("spec.selector"))
        return
    check_label_selector(errors, "spec.selector", selector)
    if is_empty(selector):
        errors.append(invalid("spec.selector", shown(selector), f"empty selector is invalid for {what}"))


def _check_replica_template(errors: list[FieldError], spec: Object, options: PodOptions) -> None:
    """ValidatePodTemplateSpecForReplicaSet."""
    selector, template = spec.get("selector"), spec.get("template") or {}
    labels = (template.get("metadata") or {}).get("labels")
    fits = matches(selector, labels)
    if fits is None:
        errors.append(invalid("spec.selector", shown(selector), "invalid label selector"))
        return
    if not fits:
        errors.append(invalid("spec.template.metadata.labels", labels, _NO_MATCH))
    check_template(errors, "spec.template", template, options)
    _check_always(errors, template, "ReplicaSet")


def _check_always(errors: list[FieldError], template: Object, what: str) -> None:
    pod = template.get("spec") or {}
    policy = pod.get("restartPolicy", "")
    if policy != "Always":
        errors.append(unsupported("spec.template.spec.restartPolicy", as_json(policy), ["Always"]))
    if pod.get("activeDeadlineSeconds") is not None:
        detail = f"activeDeadlineSeconds in {what} is not Supported"
        errors.append(forbidden("spec.template.spec.activeDeadlineSeconds", detail))


def creating_deployment(errors: list[FieldError], one: Object) -> None:
    """ValidateDeployment."""
    check(errors, one.get("metadata") or {}, True, dns_subdomain)
    _check_deployment(errors, one.get("spec") or {}, FOR_TEMPLATE)


def _check_deployment(errors: list[FieldError], spec: Object, options: PodOptions) -> None:
    check_nonnegative(errors, "spec.replicas", spec.get("replicas"))
    _check_selector(errors, spec, "deployment")
    _check_replica_template(errors, spec, options)
    _check_deployment_strategy(errors, "spec.strategy", spec.get("strategy") or {})
    ready = spec.get("minReadySeconds", 0)
    check_nonnegative(errors, "spec.minReadySeconds", ready)
    check_nonnegative(errors, "spec.revisionHistoryLimit", spec.get("revisionHistoryLimit"))
    deadline = spec.get("progressDeadlineSeconds")
    if deadline is not None:
        check_nonnegative(errors, "spec.progressDeadlineSeconds", deadline)
        if deadline <= ready:
            errors.append(invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds"))


def _check_deployment_strategy(errors: list[FieldError], path: str, strategy: Object) -> None:
    sort, rolling = strategy.get("type", ""), strategy.get("rollingUpdate")
    if sort == "RollingUpdate":
        if rolling is None:
            errors.append(required(f"{path}.rollingUpdate", "this should be defaulted and never be nil"))
        else:
            _check_rolling_deployment(errors, f"{path}.rollingUpdate", rolling)
    elif sort == "Recreate":
        if rolling is not None:
            detail = "may not be specified when strategy `type` is 'Recreate'"
            errors.append(forbidden(f"{path}.rollingUpdate", detail))
    else:
        from navarch.cluster.validation.internal import show

        named = show("apps.DeploymentStrategy", strategy)
        errors.append(unsupported(path, named, ["Recreate", "RollingUpdate"]))


def _check_rolling_deployment(errors: list[FieldError], path: str, rolling: Object) -> None:
    less, more = rolling.get("maxUnavailable") or 0, rolling.get("maxSurge") or 0
    check_int_or_percent(errors, f"{path}.maxUnavailable", less)
    check_int_or_percent(errors, f"{path}.maxSurge", more)
    if not _number(less) and not _number(more):
        detail = "may not be 0 when `maxSurge` is 0"
        errors.append(invalid(f"{path}.maxUnavailable", as_json(less), detail))
    check_most_percent(errors, f"{path}.maxUnavailable", less)


def updating_deployment(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateDeploymentUpdate."""
    check_update(errors, new.get("metadata") or {}, old.get("metadata") or {})
    spec, before = new.get("spec") or {}, old.get("spec") or {}
    _check_deployment(errors, spec, template_options(before.get("template")))
    _check_selector_kept(errors, spec, before)


def _check_selector_kept(errors: list[FieldError], spec: Object, before: Object) -> None:
    if spec.get("selector") != before.get("selector"):
        errors.append(invalid("spec.selector", shown(spec.get("selector")), IMMUTABLE))


def creating_replicas(errors: list[FieldError], one: Object) -> None:
    """ValidateReplicaSet."""
    check(errors, one.get("metadata") or {}, True, dns_subdomain)
    _check_replicas(errors, one.get("spec") or {}, FOR_TEMPLATE)


def _check_replicas(errors: list[FieldError], spec: Object, options: PodOptions) -> None:
    check_nonnegative(errors, "spec.replicas", spec.get("replicas"))
    check_nonnegative(errors, "spec.minReadySeconds", spec.get("minReadySeconds"))
    _check_selector(errors, spec, "deployment")
    _check_replica_template(errors, spec, options)


def updating_replicas(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateReplicaSetUpdate."""
    check_update(errors, new.get("metadata") or {}, old.get("metadata") or {})
    spec, before = new.get("spec") or {}, old.get("spec") or {}
    _check_replicas(errors, spec, template_options(before.get("template")))
    _check_selector_kept(errors, spec, before)


def creating_stateful(errors: list[FieldError], one: Object) -> None:
    """ValidateStatefulSet."""
    check(errors, one.get("metadata") or {}, True, dns_label)
    _check_stateful(errors, one.get("spec") or {}, FOR_TEMPLATE)


def _check_stateful(
    errors: list[FieldError], spec: Object, options: PodOptions, *, update: bool = False, template: bool = True
) -> None:
    """ValidateStatefulSetSpec; `template` false skips the template, which was wrong before."""
    get = spec.get
    order = get("podManagementPolicy", "")
    if not order:
        errors.append(required("spec.podManagementPolicy"))
    elif order not in {"OrderedReady", "Parallel"}:
        detail = "must be 'OrderedReady' or 'Parallel'"
        errors.append(invalid("spec.podManagementPolicy", as_json(order), detail))
    _check_stateful_strategy(errors, "spec.updateStrategy", get("updateStrategy") or {})
    _check_retention(errors, get("persistentVolumeClaimRetentionPolicy"))
    if not update:
        for at, one in enumerate(get("volumeClaimTemplates") or ()):
            check_claim_spec(errors, f"spec.volumeClaimTemplates[{at}].spec", one.get("spec") or {})
    check_nonnegative(errors, "spec.replicas", get("replicas"))
    check_nonnegative(errors, "spec.minReadySeconds", get("minReadySeconds"))
    check_nonnegative(errors, "spec.ordinals.start", (get("ordinals") or {}).get("start"))
    if not update and get("serviceName"):
        add(errors, "spec.serviceName", spec["serviceName"], dns_label(spec["serviceName"]))
    _check_selector(errors, spec, "statefulset")
    _check_stateful_template(errors, spec, options, template=template)
    _check_always(errors, get("template") or {}, "StatefulSet")


def _check_stateful_template(errors: list[FieldError], spec: Object, options: PodOptions, *, template: bool) -> None:
    """With the volumes of claims among those of the template; some of it is looked at twice."""
    selector, found = spec.get("selector"), spec.get("template") or {}
    meta = found.get("metadata") or {}
    labels = meta.get("labels")
    fits = matches(selector, labels)
    if fits is None:
        errors.append(invalid("spec.selector", shown(selector), ""))
        return
    if (not fits and selector is not None and not is_empty(selector)) or selector is None:
        errors.append(invalid("spec.template.metadata.labels", labels, _NO_MATCH))
    pod = {key: value for key, value in (found.get("spec") or {}).items() if key not in {"hostname", "subdomain"}}
    claims = [(one.get("metadata") or {}).get("name", "") for one in spec.get("volumeClaimTemplates") or ()]
    if claims:
        added = [{"name": name, "persistentVolumeClaim": {"claimName": name}} for name in dict.fromkeys(claims)]
        kept = [one for one in pod.get("volumes") or () if one.get("name", "") not in claims]
        pod["volumes"] = added + kept
    if template:
        check_template(errors, "spec.template", {"metadata": meta, "spec": pod}, options)
    check_labels(errors, "spec.template.labels", labels)
    check_annotations(errors, "spec.template.annotations", meta.get("annotations"))
    check_pod_annotations(errors, "spec.template.annotations", meta.get("annotations"), pod, options)


def _check_stateful_strategy(errors: list[FieldError], path: str, strategy: Object) -> None:
    sort, rolling = strategy.get("type", ""), strategy.get("rollingUpdate")
    if not sort:
        errors.append(required(path))
    elif sort == "RollingUpdate":
        if rolling is not None:
            _check_rolling_stateful(errors, f"{path}.rollingUpdate", rolling)
    elif sort != "OnDelete" or rolling is not None:
        from navarch.cluster.validation.internal import show

        if sort == "OnDelete":
            named = show("apps.RollingUpdateStatefulSetStrategy", rolling)
            detail = "only allowed for updateStrategy 'RollingUpdate'"
            errors.append(invalid(f"{path}.rollingUpdate", named, detail))
        else:
            named = show("apps.StatefulSetUpdateStrategy", strategy)
            errors.append(invalid(path, named, "must be 'RollingUpdate' or 'OnDelete'"))


def _check_rolling_stateful(errors: list[FieldError], path: str, rolling: Object) -> None:
    check_nonnegative(errors, f"{path}.partition", rolling.get("partition"))
    most, where = rolling.get("maxUnavailable"), f"{path}.maxUnavailable"
    if most is None:
        return
    check_int_or_percent(errors, where, most)
    if not _number(most):
        errors.append(invalid(where, as_json(most), "cannot be 0"))
    check_most_percent(errors, where, most)


def _check_retention(errors: list[FieldError], policy: Object | None) -> None:
    for key in ("whenDeleted", "whenScaled") if policy is not None else ():
        value = (policy or {}).get(key, "")
        if value not in {"Retain", "Delete"}:
            where = f"spec.persistentVolumeClaimRetentionPolicy.{key}"
            errors.append(unsupported(where, as_json(value), ["Retain", "Delete"]))


def updating_stateful(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateStatefulSetUpdate."""
    check_update(errors, new.get("metadata") or {}, old.get("metadata") or {})
    spec, before = new.get("spec") or {}, old.get("spec") or {}
    options = template_options(before.get("template"))
    found: list[FieldError] = []
    _check_stateful(found, before, options, update=True)
    _check_stateful(errors, spec, options, update=True, template=not found)
    kept = [{key: value for key, value in one.items() if key not in _FREE} for one in (spec, before)]
    if not same(kept[0], kept[1]):
        errors.append(forbidden("spec", _KEPT))


def creating_daemons(errors: list[FieldError], one: Object) -> None:
    """ValidateDaemonSet."""
    check(errors, one.get("metadata") or {}, True, dns_subdomain)
    _check_daemons(errors, one.get("spec") or {}, FOR_TEMPLATE)


def _check_daemons(errors: list[FieldError], spec: Object, options: PodOptions) -> None:
    selector, template = spec.get("selector"), spec.get("template") or {}
    labels = (template.get("metadata") or {}).get("labels")
    check_label_selector(errors, "spec.selector", selector, bad_values=options.bad_selector_values)
    if matches(selector, labels) is False:
        errors.append(invalid("spec.template.metadata.labels", labels, _NO_MATCH))
    if selector is not None and is_empty(selector):
        errors.append(invalid("spec.selector", shown(selector), "empty selector is invalid for daemonset"))
    check_template(errors, "spec.template", template, options)
    _check_always(errors, template, "DaemonSet")
    check_nonnegative(errors, "spec.minReadySeconds", spec.get("minReadySeconds"))
    _check_daemon_strategy(errors, "spec.updateStrategy", spec.get("updateStrategy") or {})
    check_nonnegative(errors, "spec.revisionHistoryLimit", spec.get("revisionHistoryLimit"))


def _check_daemon_strategy(errors: list[FieldError], path: str, strategy: Object) -> None:
    sort, rolling = strategy.get("type", ""), strategy.get("rollingUpdate")
    if sort == "RollingUpdate":
        if rolling is None:
            errors.append(required(f"{path}.rollingUpdate"))
        else:
            _check_rolling_daemons(errors, f"{path}.rollingUpdate", rolling)
    elif sort != "OnDelete":
        from navarch.cluster.validation.internal import show

        named = show("apps.DaemonSetUpdateStrategy", strategy)
        errors.append(unsupported(path, named, ["RollingUpdate", "OnDelete"]))


def _check_rolling_daemons(errors: list[FieldError], path: str, rolling: Object) -> None:
    less, more = rolling.get("maxUnavailable") or 0, rolling.get("maxSurge") or 0
    for check_one in (check_int_or_percent, check_most_percent):
        check_one(errors, f"{path}.maxUnavailable", less)
        check_one(errors, f"{path}.maxSurge", more)
    if _number(less) and _number(more):
        detail = "may not be set when maxUnavailable is non-zero"
        errors.append(invalid(f"{path}.maxSurge", as_json(more), detail))
    elif not _number(less) and not _number(more):
        errors.append(required(f"{path}.maxUnavailable", "cannot be 0 when maxSurge is 0"))


def updating_daemons(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateDaemonSetUpdate."""
    check_update(errors, new.get("metadata") or {}, old.get("metadata") or {})
    spec, before = new.get("spec") or {}, old.get("spec") or {}
    _check_selector_kept(errors, spec, before)
    options = template_options(before.get("template"))
    if has_bad_values(before.get("selector")):
        options = options._replace(bad_selector_values=True)
    _check_daemons(errors, spec, options)


def creating_revision(errors: list[FieldError], one: Object) -> None:
    """ValidateControllerRevisionCreate."""
    _check_revision(errors, one)
    data = one.get("data")
    if data is None:
        errors.append(required("data", "data is mandatory"))
    elif not isinstance(data, dict):
        errors.append(required("data", "data must be a valid JSON object"))


def _check_revision(errors: list[FieldError], one: Object) -> None:
    check(errors, one.get("metadata") or {}, True, dns_subdomain)
    check_nonnegative(errors, "revision", one.get("revision"))


def updating_revision(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateControllerRevisionUpdate."""
    check_update(errors, new.get("metadata") or {}, old.get("metadata") or {})
    _check_revision(errors, new)
    check_immutable(errors, "data", new.get("data"), old.get("data"), as_json(new.get("data")))
