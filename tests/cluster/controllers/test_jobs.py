"""Jobs and CronJobs. Words and orders are those of pkg/controller/job and cronjob."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .conftest import template

if TYPE_CHECKING:
    from .conftest import Object, World


def job(faults: dict[str, str] | None = None, policy: str = "Never", **spec: Any) -> Object:
    made = template({"app": "job"}, faults, restartPolicy=policy)
    return {"metadata": {"name": "job"}, "spec": {"template": made, **spec}}


def ends(world: World) -> list[tuple[str, str]]:
    """Types and reasons of the conditions that hold."""
    found = world.status("jobs", "job").get("conditions") or []
    return [(one["type"], one["reason"]) for one in found if one["status"] == "True"]


COMPLETE = [("SuccessCriteriaMet", "CompletionsReached"), ("Complete", "CompletionsReached")]


def test_a_job_that_succeeds(world: World) -> None:
    world.create("jobs", job())
    world.settle()
    status = world.status("jobs", "job")
    (pod,) = world.list("pods")
    assert ends(world) == COMPLETE
    assert {key: value for key, value in status.items() if key != "conditions"} == {
        "startTime": "2027-01-15T08:00:00Z",
        "completionTime": "2027-01-15T08:00:00Z",
        "succeeded": 1,
        "terminating": 0,
        "uncountedTerminatedPods": {},
        "ready": 0,
    }
    assert "finalizers" not in pod["metadata"]
    assert pod["status"]["phase"] == "Succeeded"
    assert world.events("Job") == [
        ("SuccessfulCreate", f"Created pod: {pod['metadata']['name']}"),
        ("Completed", "Job completed"),
    ]


@pytest.mark.parametrize(("completions", "parallelism"), [(3, 1), (5, 2), (2, 5)])
def test_several_pods(world: World, completions: int, parallelism: int) -> None:
    world.create("jobs", job(completions=completions, parallelism=parallelism))
    world.settle()
    assert world.status("jobs", "job")["succeeded"] == completions
    assert len(world.names("pods")) == completions
    assert ends(world) == COMPLETE


def test_no_more_at_once_than_allowed(world: World) -> None:
    world.create("jobs", job({"slow": "10s"}, completions=5, parallelism=2))
    world.wait(5)
    assert (world.status("jobs", "job")["active"], len(world.names("pods"))) == (2, 2)
    world.wait(30)
    assert ends(world) == COMPLETE


def test_a_job_that_fails(world: World) -> None:
    world.create("jobs", job({"exit-code": "3"}, backoffLimit=2))
    world.wait(5)
    assert ends(world) == [("FailureTarget", "BackoffLimitExceeded"), ("Failed", "BackoffLimitExceeded")]
    assert world.status("jobs", "job")["failed"] == 3
    states = [pod["status"]["containerStatuses"][0]["state"]["terminated"]["exitCode"] for pod in world.list("pods")]
    assert states == [3, 3, 3]
    assert world.events("Job")[-1] == ("BackoffLimitExceeded", "Job has reached the specified backoff limit")


def test_a_job_whose_pod_is_restarted_until_it_is_enough(world: World) -> None:
    world.create("jobs", job({"fail": "crash"}, "OnFailure", backoffLimit=3))
    world.wait(5)
    assert ends(world) == [("FailureTarget", "BackoffLimitExceeded"), ("Failed", "BackoffLimitExceeded")]
    assert world.names("pods") == []
    assert world.status("jobs", "job")["terminating"] == 0


def test_a_deadline(world: World) -> None:
    world.create("jobs", job({"slow": "1h"}, activeDeadlineSeconds=30))
    world.wait(31)
    assert ends(world) == [("FailureTarget", "DeadlineExceeded"), ("Failed", "DeadlineExceeded")]
    assert world.names("pods") == []


def test_numbers(world: World) -> None:
    world.create("jobs", job(completions=3, parallelism=3, completionMode="Indexed"))
    world.settle()
    assert world.status("jobs", "job")["completedIndexes"] == "0-2"
    pod = next(one for one in world.list("pods") if one["metadata"]["name"].startswith("job-1-"))
    assert pod["metadata"]["annotations"]["batch.kubernetes.io/job-completion-index"] == "1"
    assert pod["spec"]["hostname"] == "job-1"
    assert pod["spec"]["containers"][0]["env"][0]["name"] == "JOB_COMPLETION_INDEX"


def test_a_failure_policy(world: World) -> None:
    rule = {"action": "FailJob", "onExitCodes": {"operator": "In", "values": [42]}}
    world.create("jobs", job({"exit-code": "42"}, podFailurePolicy={"rules": [rule]}))
    world.wait(5)
    (pod,) = world.names("pods")
    assert ends(world) == [("FailureTarget", "PodFailurePolicy"), ("Failed", "PodFailurePolicy")]
    text = f"Container main for pod default/{pod} failed with exit code 42 matching FailJob rule at index 0"
    assert world.condition("jobs", "job", "Failed")["message"] == text


def test_a_suspended_job(world: World) -> None:
    world.create("jobs", job(suspend=True))
    world.settle()
    assert (world.names("pods"), ends(world)) == ([], [("Suspended", "JobSuspended")])
    world.change("jobs", "job", lambda obj: obj["spec"].update(suspend=False))
    world.settle()
    assert ends(world) == COMPLETE


def test_finished_jobs_are_forgotten(world: World) -> None:
    world.create("jobs", job(ttlSecondsAfterFinished=60))
    world.wait(59)
    assert world.names("jobs") == ["job"]
    world.wait(2)
    assert (world.names("jobs"), world.names("pods")) == ([], [])


def cron(schedule: str = "*/5 * * * *", faults: dict[str, str] | None = None, **spec: Any) -> Object:
    return {
        "metadata": {"name": "cron"},
        "spec": {"schedule": schedule, "jobTemplate": {"spec": job(faults)["spec"]}, **spec},
    }


def test_a_schedule(world: World) -> None:
    world.create("cronjobs", cron())
    world.wait(301)
    minute = (1_800_000_000 + 300) // 60
    assert world.names("jobs") == [f"cron-{minute}"]
    status = world.status("cronjobs", "cron")
    assert status["lastScheduleTime"] == "2027-01-15T08:05:00Z"
    assert status["lastSuccessfulTime"] == "2027-01-15T08:05:00Z"
    assert "active" not in status
    assert world.events("CronJob") == [
        ("SuccessfulCreate", f"Created job cron-{minute}"),
        ("SawCompletedJob", f"Saw completed job: cron-{minute}, condition: Complete"),
    ]
    world.wait(3600)
    assert len(world.names("jobs")) == 3


def test_no_second_job_beside_a_running_one(world: World) -> None:
    world.create("cronjobs", cron(faults={"slow": "1h"}, concurrencyPolicy="Forbid"))
    world.wait(1000)
    assert len(world.names("jobs")) == 1
    assert len(world.status("cronjobs", "cron")["active"]) == 1
    assert "JobAlreadyActive" in {reason for reason, _ in world.events("CronJob")}


def test_a_suspended_schedule(world: World) -> None:
    world.create("cronjobs", cron(suspend=True))
    world.wait(1000)
    assert world.names("jobs") == []


def test_a_job_that_someone_else_made_of_a_schedule(world: World) -> None:
    made = world.create("cronjobs", cron(suspend=True))
    owner = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "name": "cron",
        "uid": made["metadata"]["uid"],
        "controller": True,
    }
    manual = job({"slow": "10s"})
    manual["metadata"]["ownerReferences"] = [owner]
    world.create("jobs", manual)
    world.settle()
    assert "active" not in world.status("cronjobs", "cron")
    text = "Saw a job that the controller did not create or forgot: job"
    assert ("UnexpectedJob", text) in world.events("CronJob")
