"""CronJobs."""

from __future__ import annotations

from re import compile as _compile

from navarch.cluster.validation.errors import (
    as_json,
    invalid,
    required,
    unsupported,
)
from navarch.cluster.validation.jobs import check_job_spec
from navarch.cluster.validation.metadata import check, check_nonnegative, check_update, parts
from navarch.cluster.validation.names import dns_subdomain
from navarch.cluster.validation.options import FOR_TEMPLATE
from navarch.cluster.validation.selectors import shown
from navarch.cluster.validation.workloads import template_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.validation.errors import FieldError
    from navarch.cluster.validation.options import PodOptions

    Object = dict[str, Any]

__all__ = ["creating_cron", "updating_cron"]


_is_zone_part = _compile(r"[A-Za-z.\-_0-9+]{1,14}").fullmatch


def creating_cron(errors: list[FieldError], job: Object) -> None:
    """ValidateCronJobCreate."""
    meta, spec = parts(job)
    check(errors, meta, True, dns_subdomain)
    _check_cron(errors, spec, None, FOR_TEMPLATE)
    name = meta.get("name", "")
    if len(name.encode("utf-8", "surrogatepass")) > 52:
        errors.append(invalid("metadata.name", name, "must be no more than 52 characters"))


def updating_cron(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateCronJobUpdate."""
    (meta, spec), (before, was) = parts(new), parts(old)
    check_update(errors, meta, before)
    template = ((was.get("jobTemplate") or {}).get("spec") or {}).get("template")
    _check_cron(errors, spec, was, template_options(template))


def _check_cron(errors: list[FieldError], spec: Object, was: Object | None, options: PodOptions) -> None:
    schedule, zone = spec.get("schedule"), spec.get("timeZone")
    if schedule:
        _check_schedule(errors, schedule, zone, "TZ" in (was or {}).get("schedule", ""))
    else:
        errors.append(required("spec.schedule"))
    check_nonnegative(errors, "spec.startingDeadlineSeconds", spec.get("startingDeadlineSeconds"))
    if zone is not None and (was is None or was.get("timeZone") != zone):
        _check_zone(errors, zone)
    policy, policies = spec.get("concurrencyPolicy", ""), ("Allow", "Forbid", "Replace")
    if not policy:
        errors.append(required("spec.concurrencyPolicy"))
    elif policy not in policies:
        errors.append(unsupported("spec.concurrencyPolicy", as_json(policy), policies))
    job = (spec.get("jobTemplate") or {}).get("spec") or {}
    path = "spec.jobTemplate.spec"
    check_job_spec(errors, path, job, options)
    if job.get("selector") is not None:
        errors.append(invalid(f"{path}.selector", shown(job["selector"]), "`selector` will be auto-generated"))
    if job.get("manualSelector"):
        errors.append(unsupported(f"{path}.manualSelector", True, ["nil", "false"]))
    for key in ("successfulJobsHistoryLimit", "failedJobsHistoryLimit"):
        check_nonnegative(errors, f"spec.{key}", spec.get(key))


def _check_schedule(errors: list[FieldError], schedule: str, zone: str | None, with_zone: bool) -> None:
    from navarch.cluster.validation.cron import refusal

    why = refusal(schedule)
    if why:
        errors.append(invalid("spec.schedule", schedule, why))
    if "TZ" not in schedule:
        return
    if not with_zone:
        detail = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
        errors.append(invalid("spec.schedule", schedule, detail))
    elif zone is not None:
        detail = "cannot use both timeZone field and TZ or CRON_TZ in schedule"
        errors.append(invalid("spec.schedule", schedule, detail))


def _check_zone(errors: list[FieldError], zone: str) -> None:
    path, shown_as = "spec.timeZone", as_json(zone)
    if not zone:
        errors.append(invalid(path, shown_as, "timeZone must be nil or non-empty string"))
        return
    for part in zone.split("/"):
        if part in {".", ".."} or part.startswith("-") or not _is_zone_part(part):
            errors.append(invalid(path, shown_as, f"unknown time zone {zone}"))
            return
    from navarch.golang.zones import load_location

    if zone.lower() == "local":
        detail = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
        errors.append(invalid(path, shown_as, detail))
    if ".." in zone or zone[0] in "/\\":
        errors.append(invalid(path, shown_as, "time: invalid location name"))
    elif zone != "Local" and load_location(zone) is None:
        errors.append(invalid(path, shown_as, f"unknown time zone {zone}"))
