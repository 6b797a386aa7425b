"""Jobs and CronJobs."""

from __future__ import annotations

from navarch.cluster.validation.equality import same
from navarch.cluster.validation.errors import (
    as_json,
    invalid,
    required,
    too_long,
    unsupported,
)
from navarch.cluster.validation.job_policies import NOT_INDEXED, check_failures, check_success
from navarch.cluster.validation.metadata import (
    IMMUTABLE,
    check,
    check_immutable,
    check_nonnegative,
    check_update,
    parts,
)
from navarch.cluster.validation.names import dns_label, dns_subdomain, domain_prefixed_path
from navarch.cluster.validation.options import FOR_TEMPLATE
from navarch.cluster.validation.pods import check_template
from navarch.cluster.validation.selectors import check_label_selector, has_bad_values, matches, shown
from navarch.cluster.validation.workloads import template_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.validation.errors import FieldError
    from navarch.cluster.validation.options import PodOptions

    Object = dict[str, Any]

__all__ = ["check_job_spec", "creating", "is_true", "updating"]

_LEGACY = ("controller-uid", "job-name")
_PREFIXED = ("batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name")
_COUNTS = ("parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished")
_MANY = 100_000
_FEWER = 10_000
_SCHEDULING = ("nodeSelector", "tolerations", "schedulingGates")


def creating(errors: list[FieldError], job: Object) -> None:
    """ValidateJob."""
    _check_job(errors, job, FOR_TEMPLATE, True)


def _check_job(errors: list[FieldError], job: Object, options: PodOptions, prefixed: bool) -> None:
    meta, spec = parts(job)
    check(errors, meta, True, dns_subdomain)
    _check_generated(errors, meta, spec, prefixed)
    _check_with_selector(errors, spec, options)
    count = spec.get("completions")
    if spec.get("completionMode") == "Indexed" and count and count > 0:
        name = meta.get("name", "")
        host = f"{name}-{count - 1}"
        if dns_label(host):
            detail = f"will not able to create pod with invalid DNS label: {host}"
            errors.append(invalid("metadata.name", name, detail))


def _check_generated(errors: list[FieldError], meta: Object, spec: Object, prefixed: bool) -> None:
    """`validateGeneratedSelector`: the labels by which a Job finds its pods."""
    selector = spec.get("selector")
    if spec.get("manualSelector") or selector is None:
        return
    values = (meta.get("uid", ""), meta.get("name", ""))
    if not values[0]:
        errors.append(required("metadata.uid"))
    labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels") or {}
    expected: dict[str, str] = {}
    for keys in (_LEGACY, _PREFIXED) if prefixed else (_LEGACY,):
        for key, value in zip(keys, values, strict=True):
            expected[key] = value
            where = f"spec.template.metadata.labels[{key}]"
            if key not in labels:
                errors.append(required(where, f"must be '{value}'"))
            elif labels[key] != value:
                errors.append(invalid(where, as_json(labels), f"must be '{value}'"))
    if matches(selector, expected) is False:
        errors.append(invalid("spec.selector", shown(selector), "`selector` not auto-generated"))


def _check_with_selector(errors: list[FieldError], spec: Object, options: PodOptions) -> None:
    """ValidateJobSpec."""
    check_job_spec(errors, "spec", spec, options)
    selector = spec.get("selector")
    if selector is None:
        errors.append(required("spec.selector"))
    else:
        check_label_selector(errors, "spec.selector", selector, bad_values=options.bad_selector_values)
    labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels")
    if matches(selector, labels) is False:
        detail = "`selector` does not match template `labels`"
        errors.append(invalid("spec.template.metadata.labels", as_json(labels), detail))


def check_job_spec(errors: list[FieldError], path: str, spec: Object, options: PodOptions) -> None:
    """`validateJobSpec`, of a Job and of a CronJob's template."""
    get = spec.get
    for key in (*_COUNTS, "backoffLimitPerIndex"):
        check_nonnegative(errors, f"{path}.{key}", get(key))
    if get("maxFailedIndexes") is not None:
        check_nonnegative(errors, f"{path}.maxFailedIndexes", spec["maxFailedIndexes"])
        if get("backoffLimitPerIndex") is None:
            errors.append(required(f"{path}.backoffLimitPerIndex", "when maxFailedIndexes is specified"))
    manager = get("managedBy")
    if manager is not None:
        domain_prefixed_path(errors, f"{path}.managedBy", manager)
        if len(manager.encode("utf-8", "surrogatepass")) > 63:
            errors.append(too_long(f"{path}.managedBy", 63))
    _check_mode(errors, path, spec)
    if get("podFailurePolicy") is not None:
        check_failures(errors, f"{path}.podFailurePolicy", spec)
    if get("successPolicy") is not None:
        check_success(errors, f"{path}.successPolicy", spec)
    _check_replacement(errors, f"{path}.podReplacementPolicy", spec)
    check_template(errors, f"{path}.template", get("template") or {}, options)
    _check_restart(errors, f"{path}.template.spec.restartPolicy", spec)


def _check_mode(errors: list[FieldError], path: str, spec: Object) -> None:
    mode, failures = spec.get("completionMode"), spec.get("maxFailedIndexes")
    if mode not in {None, "NonIndexed", "Indexed"}:
        errors.append(unsupported(f"{path}.completionMode", as_json(mode), ["NonIndexed", "Indexed"]))
    if mode == "Indexed":
        _check_indexed(errors, path, spec, failures)
    if mode in {None, "NonIndexed"}:
        errors.extend(
            [
                invalid(f"{path}.{key}", spec[key], NOT_INDEXED)
                for key in ("backoffLimitPerIndex", "maxFailedIndexes")
                if spec.get(key) is not None
            ]
        )


def _check_indexed(errors: list[FieldError], path: str, spec: Object, failures: int | None) -> None:
    count, parallel = spec.get("completions"), spec.get("parallelism")
    if count is None:
        errors.append(required(f"{path}.completions", "when completion mode is Indexed"))
    if parallel is not None and parallel > _MANY:
        detail = f"must be less than or equal to {_MANY} when completion mode is Indexed"
        errors.append(invalid(f"{path}.parallelism", parallel, detail))
    if count is not None and failures is not None and failures > count:
        detail = "must be less than or equal to completions"
        errors.append(invalid(f"{path}.maxFailedIndexes", failures, detail))
    if failures is not None and failures > _MANY:
        errors.append(invalid(f"{path}.maxFailedIndexes", failures, f"must be less than or equal to {_MANY}"))
    if count is None or count <= _MANY or spec.get("backoffLimitPerIndex") is None:
        return
    most = f"must be less than or equal to {_FEWER}"
    detail = f"{most} when completions are above {_MANY} and used with backoff limit per index"
    if failures is None:
        why = f"must be specified when completions is above {_MANY}"
        errors.append(required(f"{path}.maxFailedIndexes", why))
    if parallel is not None and parallel > _FEWER:
        errors.append(invalid(f"{path}.parallelism", parallel, detail))
    if failures is not None and failures > _FEWER:
        errors.append(invalid(f"{path}.maxFailedIndexes", failures, detail))


def _check_replacement(errors: list[FieldError], path: str, spec: Object) -> None:
    policy = spec.get("podReplacementPolicy")
    supported = ("Failed",) if spec.get("podFailurePolicy") is not None else ("Failed", "TerminatingOrFailed")
    if policy is not None and policy not in supported:
        errors.append(unsupported(path, as_json(policy), supported))


def _check_restart(errors: list[FieldError], path: str, spec: Object) -> None:
    policy = ((spec.get("template") or {}).get("spec") or {}).get("restartPolicy", "")
    if policy in {"Always", ""}:
        errors.append(required(path, 'valid values: "OnFailure", "Never"'))
    elif policy not in {"OnFailure", "Never"}:
        errors.append(unsupported(path, as_json(policy), ["OnFailure", "Never"]))
    elif spec.get("podFailurePolicy") is not None and policy != "Never":
        detail = 'only "Never" is supported when podFailurePolicy is specified'
        errors.append(invalid(path, as_json(policy), detail))


def updating(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateJob and ValidateJobUpdate, which repeats some of it."""
    (meta, spec), (before, was) = parts(new), parts(old)
    template = was.get("template")
    options = template_options(template)
    if has_bad_values(was.get("selector")):
        options = options._replace(bad_selector_values=True)
    labels = ((template or {}).get("metadata") or {}).get("labels") or {}
    _check_job(errors, new, options, all(key in labels for key in _PREFIXED))
    check_update(errors, meta, before)
    _check_with_selector(errors, spec, options)
    _check_completions(errors, spec, was)
    check_immutable(errors, "spec.selector", spec.get("selector"), was.get("selector"), shown(spec.get("selector")))
    _check_template_kept(errors, spec, was, _is_mutable(old))
    _check_kept(errors, spec, was)


def _check_kept(errors: list[FieldError], spec: Object, was: Object) -> None:
    for key, kind in (
        ("completionMode", ""),
        ("podFailurePolicy", "batch.PodFailurePolicy"),
        ("backoffLimitPerIndex", ""),
        ("managedBy", ""),
        ("successPolicy", "batch.SuccessPolicy"),
    ):
        value = spec.get(key)
        if same(value, was.get(key)):
            continue
        if kind:
            from navarch.cluster.validation.internal import show_pointer

            errors.append(invalid(f"spec.{key}", show_pointer(kind, value), IMMUTABLE))
        else:
            errors.append(invalid(f"spec.{key}", as_json(value), IMMUTABLE))


def _check_completions(errors: list[FieldError], spec: Object, was: Object) -> None:
    count, path = spec.get("completions"), "spec.completions"
    if count == was.get("completions"):
        return
    if spec.get("completionMode") != "Indexed":
        errors.append(invalid(path, as_json(count), IMMUTABLE))
    elif count is not None and count != spec.get("parallelism"):
        errors.append(invalid(path, count, "can only be modified in tandem with spec.parallelism"))


def is_true(job: Object, sort: str) -> bool:
    """Whether that condition holds."""
    conditions = (job.get("status") or {}).get("conditions") or ()
    return any(one.get("type") == sort and one.get("status") == "True" for one in conditions)


def _is_mutable(old: Object) -> bool:
    """`shouldAllowMutablePodTemplate`: suspended, and nothing runs."""
    status, spec = old.get("status") or {}, old.get("spec") or {}
    paused = status.get("startTime") is None or is_true(old, "Suspended")
    return bool(spec.get("suspend")) and paused and not status.get("active")


def _check_template_kept(errors: list[FieldError], spec: Object, was: Object, mutable: bool) -> None:
    """`validatePodTemplateUpdate`: where its pods go may change while it is suspended, and what they take."""
    template, before = spec.get("template") or {}, was.get("template") or {}
    if not mutable:
        if not same(template, before):
            from navarch.cluster.validation.internal import show

            errors.append(invalid("spec.template", show("core.PodTemplateSpec", template), IMMUTABLE))
        return
    new, old = template.get("spec") or {}, _placed(before.get("spec") or {}, template.get("spec") or {})
    for field in ("containers", "initContainers"):
        if len(new.get(field) or ()) == len(old.get(field) or ()) and old.get(field):
            pairs = zip(new[field], old[field], strict=True)
            old[field] = [_with_resources(one, kept) for one, kept in pairs]
    if not same(new, old):
        from navarch.cluster.validation.internal import show

        errors.append(invalid("spec.template.spec", show("core.PodSpec", new), IMMUTABLE))


def _placed(old: Object, new: Object) -> Object:
    """The old spec with the new one's places."""
    out = {key: value for key, value in old.items() if key not in _SCHEDULING}
    out |= {key: new[key] for key in _SCHEDULING if key in new}
    affinity, wanted = out.get("affinity"), new.get("affinity")
    kept = {key: value for key, value in (affinity or {}).items() if key != "nodeAffinity"}
    if wanted is not None and wanted.get("nodeAffinity") is not None:
        kept["nodeAffinity"] = wanted["nodeAffinity"]
    if (affinity is None and wanted is None) or (wanted is None and not kept):
        out.pop("affinity", None)
    else:
        out["affinity"] = kept
    return out


def _with_resources(new: Object, old: Object) -> Object:
    if new.get("name", "") != old.get("name", ""):
        return old
    out = {key: value for key, value in old.items() if key != "resources"}
    return {**out, "resources": new["resources"]} if "resources" in new else out
