"""CronJobs: Jobs at the times of a schedule."""

from __future__ import annotations

from navarch.cluster.controllers.children import Parent
from navarch.cluster.controllers.jobs import is_finished
from navarch.cluster.controllers.objects import condition, key_of, owner_reference, reference_to, seconds, without_empty
from navarch.cluster.controllers.schedule import Schedule, ScheduleError, parse_schedule
from navarch.cluster.problems import Problem
from navarch.golang.calendar import stamp
from navarch.kube.patch.values import copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import tzinfo
    from typing import Any

    Object = dict[str, Any]

__all__ = ["CronJobs"]

_JOBS = ("batch", "jobs")
_SCHEDULED = "batch.kubernetes.io/cronjob-scheduled-timestamp"
_MOST_MISSED = 100


class CronJobs(Parent):
    """Starts each CronJob's Jobs, and forgets old ones."""

    name = "cronjobs"
    rank = 6
    kind = ("batch", "cronjobs")
    children = (_JOBS,)
    watches = (_JOBS,)
    component = "cronjob-controller"
    owner_kind = "CronJob"

    def selector(self, _obj: Object, /) -> Object | None:
        """None: Jobs are never taken over."""
        return None

    def sync(self, namespace: str, name: str, /) -> None:
        """See what has ended, clean up, start what is due, and look again when the next one is."""
        cron = self.access.get(self.kind, namespace, name)
        if cron is None:
            return
        places = self.owners.owned(cron["metadata"]["uid"], _JOBS)
        jobs = [job for job in (self.access.get(*place) for place in places) if job is not None]
        status = copy(cron.get("status") or {})
        self._count(cron, status, jobs)
        self._clean(cron, jobs)
        if "deletionTimestamp" not in cron["metadata"] and not cron["spec"].get("suspend"):
            self._run(cron, status, jobs)
        status = without_empty(status)
        if status != (cron.get("status") or {}):
            self.access.write_status(self.kind, cron, status)

    def _count(self, cron: Object, status: Object, jobs: list[Object]) -> None:
        """Keep the list of active Jobs."""
        known = {one.get("uid") for one in status.get("active") or ()}
        running = [job for job in jobs if not is_finished(job)]
        for job in jobs:
            if job["metadata"]["uid"] in known and is_finished(job):
                self._ended(cron, status, job)
        status["active"] = [reference_to(job) for job in running if job["metadata"]["uid"] in known]
        for job in running:
            if job["metadata"]["uid"] not in known:
                text = f"Saw a job that the controller did not create or forgot: {job['metadata']['name']}"
                self.event(cron, "UnexpectedJob", text, "Warning")
        gone = known - {job["metadata"]["uid"] for job in jobs}
        for one in (cron.get("status") or {}).get("active") or ():
            if one.get("uid") in gone:
                self.event(cron, "MissingJob", f"Active job went missing: {one.get('name')}")

    def _ended(self, cron: Object, status: Object, job: Object) -> None:
        success = condition(job["status"], "Complete") is not None
        how = "Complete" if success else "Failed"
        self.event(cron, "SawCompletedJob", f"Saw completed job: {job['metadata']['name']}, condition: {how}")
        done = job["status"].get("completionTime")
        if success and done and seconds(done) > seconds(status.get("lastSuccessfulTime")):
            status["lastSuccessfulTime"] = done

    def _clean(self, cron: Object, jobs: list[Object]) -> None:
        spec = cron["spec"]
        for kind, limit in (
            ("Complete", spec.get("successfulJobsHistoryLimit", 3)),
            ("Failed", spec.get("failedJobsHistoryLimit", 1)),
        ):
            ended = [job for job in jobs if (condition(job.get("status"), kind) or {}).get("status") == "True"]
            ended.sort(key=lambda job: (seconds(job["status"].get("startTime")), job["metadata"]["name"]))
            for job in ended[: max(0, len(ended) - limit)]:
                if self.access.delete(_JOBS, job, propagation="Background"):
                    self.event(cron, "SuccessfulDelete", f"Deleted job {job['metadata']['name']}")

    def _run(self, cron: Object, status: Object, jobs: list[Object]) -> None:
        found = self._schedule(cron)
        if found is None:
            return
        schedule, zone = found
        now = self.access.time()
        due = _due(cron, schedule, zone, now)
        if due is not None:
            self._start(cron, status, jobs, due)
        following = schedule.after(now, zone)
        if following is not None:
            self.enqueue(*key_of(cron), after=max(following - now, 0.01))

    def _schedule(self, cron: Object) -> tuple[Schedule, tzinfo] | None:
        """The schedule and its time zone; None after saying what is wrong with them."""
        from datetime import UTC
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

        spec = cron["spec"]
        name = spec.get("timeZone")
        try:
            schedule = parse_schedule(spec.get("schedule", ""))
            return schedule, (ZoneInfo(name) if name else UTC)
        except ScheduleError as error:
            text = f'unparseable schedule: "{spec.get("schedule")}" : {error}'
            self.event(cron, "UnparseableSchedule", text, "Warning")
        except (ZoneInfoNotFoundError, ValueError):
            text = f'invalid timeZone: "{name}": unknown time zone {name}'
            self.event(cron, "UnknownTimeZone", text, "Warning")
        return None

    def _start(self, cron: Object, status: Object, jobs: list[Object], due: float) -> None:
        spec, policy = cron["spec"], cron["spec"].get("concurrencyPolicy", "Allow")
        limit = spec.get("startingDeadlineSeconds")
        if limit is not None and due + limit < self.access.time():
            self.event(cron, "MissSchedule", f"Missed scheduled time to start a job: {_long(due)}", "Warning")
            return
        running = [job for job in jobs if not is_finished(job)]
        if policy == "Forbid" and running:
            text = "Not starting job because prior execution is running and concurrency policy is Forbid"
            self.event(cron, "JobAlreadyActive", text)
            return
        for job in running if policy == "Replace" else ():
            if self.access.delete(_JOBS, job, propagation="Background"):
                self.event(cron, "SuccessfulDelete", f"Deleted job {job['metadata']['name']}")
                status["active"] = [one for one in status["active"] if one["uid"] != job["metadata"]["uid"]]
        try:
            made = self.access.create(_JOBS, _job(cron, due))
        except Problem as problem:
            if problem.reason != "AlreadyExists":
                self.event(cron, "FailedCreate", f"Error creating job: {problem.message}", "Warning")
                raise
            made = None
        if made is not None:
            self.event(cron, "SuccessfulCreate", f"Created job {made['metadata']['name']}")
            status["active"] = [*(status.get("active") or ()), reference_to(made)]
        status["lastScheduleTime"] = stamp(due)


def _due(cron: Object, schedule: Schedule, zone: tzinfo, now: float) -> float | None:
    """The latest time that has come since the last Job was started."""
    last = (cron.get("status") or {}).get("lastScheduleTime") or cron["metadata"].get("creationTimestamp")
    moment, found = seconds(last), None
    deadline = cron["spec"].get("startingDeadlineSeconds")
    if deadline is not None:
        moment = max(moment, now - deadline)
    for _ in range(_MOST_MISSED):
        following = schedule.after(moment, zone)
        if following is None or following > now:
            return found
        moment = found = following
    return found


def _job(cron: Object, due: float) -> Object:
    template, name = cron["spec"]["jobTemplate"], cron["metadata"]["name"]
    metadata = template.get("metadata") or {}
    made: Object = {
        "name": f"{name[:52]}-{int(due) // 60}",
        "namespace": cron["metadata"]["namespace"],
        "annotations": {**(metadata.get("annotations") or {}), _SCHEDULED: stamp(due)},
        "ownerReferences": [owner_reference(cron)],
    }
    if metadata.get("labels"):
        made["labels"] = dict(metadata["labels"])
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": made, "spec": copy(template.get("spec") or {})}


def _long(moment: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(moment, UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
