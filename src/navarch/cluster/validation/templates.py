"""PodTemplates, and ReplicationControllers, which came before ReplicaSets."""

from __future__ import annotations

from navarch.cluster.validation.errors import as_json, forbidden, invalid, required, unsupported
from navarch.cluster.validation.metadata import check, check_long_name, check_nonnegative, check_update
from navarch.cluster.validation.names import dns_subdomain, long_name
from navarch.cluster.validation.options import FOR_TEMPLATE
from navarch.cluster.validation.pods import check_template
from navarch.cluster.validation.workloads import template_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.validation.errors import FieldError
    from navarch.cluster.validation.options import PodOptions

    Object = dict[str, Any]

__all__ = ["creating", "creating_controller", "updating", "updating_controller"]


def creating(errors: list[FieldError], one: Object) -> None:
    """ValidatePodTemplate."""
    check(errors, one.get("metadata") or {}, True, dns_subdomain)
    check_template(errors, "template", one.get("template") or {}, FOR_TEMPLATE)


def updating(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidatePodTemplateUpdate."""
    check_update(errors, new.get("metadata") or {}, old.get("metadata") or {})
    check_template(errors, "template", new.get("template") or {}, template_options(old.get("template")))


def creating_controller(errors: list[FieldError], one: Object) -> None:
    """ValidateReplicationController."""
    check_long_name(errors, one.get("metadata") or {}, long_name)
    _check_controller(errors, one.get("spec") or {}, FOR_TEMPLATE)


def updating_controller(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateReplicationControllerUpdate."""
    check_update(errors, new.get("metadata") or {}, old.get("metadata") or {})
    options = template_options((old.get("spec") or {}).get("template"))
    _check_controller(errors, new.get("spec") or {}, options)


def _check_controller(errors: list[FieldError], spec: Object, options: PodOptions) -> None:
    check_nonnegative(errors, "spec.minReadySeconds", spec.get("minReadySeconds"))
    selector, template = spec.get("selector"), spec.get("template")
    if not selector:
        errors.append(required("spec.selector"))
    if spec.get("replicas") is None:
        errors.append(required("spec.replicas"))
    check_nonnegative(errors, "spec.replicas", spec.get("replicas"))
    if template is None:
        errors.append(required("spec.template"))
        return
    labels = (template.get("metadata") or {}).get("labels")
    if any((labels or {}).get(key) != value for key, value in (selector or {}).items()):
        detail = "`selector` does not match template `labels`"
        errors.append(invalid("spec.template.metadata.labels", labels, detail))
    check_template(errors, "spec.template", template, options)
    pod = template.get("spec") or {}
    policy = pod.get("restartPolicy", "")
    if policy != "Always":
        errors.append(unsupported("spec.template.spec.restartPolicy", as_json(policy), ["Always"]))
    if pod.get("activeDeadlineSeconds") is not None:
        detail = "activeDeadlineSeconds in ReplicationController is not Supported"
        errors.append(forbidden("spec.template.spec.activeDeadlineSeconds", detail))
