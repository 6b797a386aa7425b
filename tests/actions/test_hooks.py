"""Hooks: their order, what is recorded of their runs, what their policies do, and their logs."""

import pytest

from navarch.actions.hooks import Hooks, hook_records
from navarch.errors import ApiError, KubernetesError, NavarchError
from navarch.kube.events import HookFinished, HookStarted
from navarch.manifests.sort import sort_manifests
from navarch.releases.model import Phase, Release, Status
from support.playground import NAMESPACE, Playground, hook


@pytest.fixture
def cluster():
    return Playground()


def released(cluster, *texts):
    """A release with these hooks, whose record is stored."""
    rendered, _ = sort_manifests({f"web/{i}.yaml": text for i, text in enumerate(texts)})
    release = Release("web", NAMESPACE, 1, hooks=hook_records(rendered))
    release.set_status(Status.PENDING_INSTALL, "")
    cluster.context().storage.create(release)
    cluster.done.clear()
    return release


def run(cluster, release, event="pre-install", **options):
    Hooks(cluster.context(**options), wait="watcher", timeout=5).run(release, event)


def created(cluster):
    return [step.removeprefix("create ") for step in cluster.done if step.startswith("create")]


def test_by_weight_then_by_name(cluster):
    texts = [hook(name, "pre-install", weight=weight) for name, weight in (("z", 1), ("b", 0), ("a", 0), ("x", -3))]
    run(cluster, released(cluster, *texts))
    assert created(cluster) == ["x", "a", "b", "z"]


def test_only_those_of_the_event(cluster):
    run(cluster, released(cluster, hook("a", "pre-install,post-install"), hook("b", "post-install"), hook("t", "test")))
    assert created(cluster) == ["a"]


def test_what_the_record_says(cluster):
    release = released(cluster, hook("a", "pre-install"))
    seen = []

    class Watched(Playground):
        def create(self, resources, **options):
            seen.append(self.release(1).hooks[0].last_run.phase)
            return super().create(resources, **options)

    watched = Watched()
    watched.server.objects = cluster.server.objects
    run(watched, release)
    last_run = release.hooks[0].last_run
    assert seen == [Phase.RUNNING], "so that a client that dies now leaves word of it"
    assert last_run.phase == Phase.SUCCEEDED
    assert "" < last_run.started_at <= last_run.completed_at
    assert release.hooks[0].delete_policies == ["before-hook-creation"]


def test_events_are_told(cluster):
    told = []
    run(cluster, released(cluster, hook("a", "pre-install")), on_event=told.append)
    assert told == [
        HookStarted("a", "ConfigMap", "pre-install"),
        HookFinished("a", "ConfigMap", "pre-install", Phase.SUCCEEDED),
    ]


@pytest.mark.parametrize(
    ("policy", "fails", "stays"),
    [
        ("", False, True),
        ("", True, True),
        ("hook-succeeded", False, False),
        ("hook-succeeded", True, True),
        ("hook-failed", False, True),
        ("hook-failed", True, False),
        ("before-hook-creation,hook-succeeded,hook-failed", True, False),
    ],
)
def test_policies_at_the_end(cluster, policy, fails, stays):
    release = released(cluster, hook("a", "pre-install", policy=policy))
    if fails:
        cluster.faults["ready a"] = KubernetesError("it failed")
        with pytest.raises(KubernetesError, match=r"^it failed$"):
            run(cluster, release)
    else:
        run(cluster, release)
    assert ("a" in cluster.names()) is stays


@pytest.mark.parametrize(("policy", "deleted"), [("", True), ("before-hook-creation", True), ("hook-succeeded", False)])
def test_policies_at_the_beginning(cluster, policy, deleted):
    cluster.add("ConfigMap", "a")
    run(cluster, released(cluster, hook("a", "pre-install", policy=policy)))
    assert (cluster.done[0] == "delete a") is deleted
    assert (("watcher", "gone", 5) in cluster.waited[:1]) is deleted


def test_a_definition_is_never_deleted(cluster):
    text = hook("a", "pre-install", kind="CustomResourceDefinition", policy="before-hook-creation,hook-succeeded")
    cluster.add("CustomResourceDefinition", "a")
    run(cluster, released(cluster, text))
    assert "delete a" not in cluster.done


def test_when_one_fails_those_before_it_are_dealt_with(cluster):
    texts = [hook(name, "pre-install", weight=i, policy="hook-succeeded") for i, name in enumerate("abc")]
    cluster.faults["ready b"] = KubernetesError("it failed")
    with pytest.raises(KubernetesError):
        run(cluster, released(cluster, *texts))
    assert cluster.names() == {"b"}


def test_one_that_can_t_be_created(cluster):
    texts = [hook(name, "pre-install", weight=i, policy="hook-succeeded") for i, name in enumerate("ab")]
    release = released(cluster, *texts)
    cluster.faults["create b"] = ApiError("it is bad", code=422)
    with pytest.raises(ApiError, match=r"^warning: Hook pre-install web/1.yaml failed: it is bad$"):
        run(cluster, release)
    assert cluster.names() == {"a"}, "Helm leaves what succeeded before"
    assert [hook.last_run.phase for hook in release.hooks] == [Phase.SUCCEEDED, Phase.FAILED]


def test_one_of_an_unknown_kind(cluster):
    text = hook("a", "pre-install", kind="Nothing", policy="hook-failed").replace("v1", "no/v1", 1)
    words = r"^unable to build kubernetes object for pre-install hook web/0.yaml: no matches for kind"
    with pytest.raises(KubernetesError, match=words):
        run(cluster, released(cluster, text))


def test_errors_while_deleting(cluster):
    cluster.faults["delete a"] = KubernetesError("stuck")
    release = released(cluster, hook("a", "pre-install", policy="hook-failed"))
    cluster.faults["ready a"] = KubernetesError("it failed")
    with pytest.raises(KubernetesError, match=r"^it failed$"):
        run(cluster, release)
    assert cluster.lines == ['level=INFO msg="error deleting the hook resource on hook failure: stuck"']


def test_several_errors_while_deleting(cluster):
    text = hook("a", "pre-install", policy="hook-succeeded") + "---\n" + hook("b", "pre-install")
    release = released(cluster, text)
    release.hooks[0].manifest = text
    cluster.faults |= {"delete a": KubernetesError("stuck"), "delete b": KubernetesError("stuck too")}
    with pytest.raises(NavarchError, match=r"^stuck; stuck too$"):
        Hooks(cluster.context(), wait="watcher", timeout=1).delete(release.hooks[0], "hook-succeeded")


def test_finishing_can_be_put_off(cluster):
    release = released(cluster, hook("a", "test", policy="hook-succeeded"))
    error, finish = Hooks(cluster.context(), wait="watcher", timeout=5).run_open(release, "test")
    assert (error, cluster.names()) == (None, {"a"})
    finish()
    assert cluster.names() == set()


def test_a_failure_can_be_put_off(cluster):
    release = released(cluster, hook("a", "test", policy="hook-failed"))
    cluster.faults["ready a"] = KubernetesError("it failed")
    error, finish = Hooks(cluster.context(), wait="watcher", timeout=5).run_open(release, "test")
    assert (str(error), cluster.names()) == ("it failed", {"a"})
    finish()
    assert cluster.names() == set()


# logs


POD = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "one"}, {"name": "two"}]}}


@pytest.mark.parametrize(
    ("kind", "selector"), [("Job", "pods job-name=a"), ("Pod", "pods metadata.name=a"), ("ConfigMap", None)]
)
@pytest.mark.parametrize("fails", [False, True])
def test_logs(cluster, kind, selector, fails):
    got = []
    cluster.pods = [POD]
    cluster.logs = {"p/one": b"1\n", "p/two": b"2\n"}
    logs = "hook-failed" if fails else "hook-succeeded"
    release = released(cluster, hook("a", "pre-install", kind=kind, logs=logs))
    if fails:
        cluster.faults["ready a"] = KubernetesError("it failed")
    error, finish = Hooks(
        cluster.context(hook_output=lambda *words: got.append(words)), wait="watcher", timeout=5
    ).run_open(release, "pre-install")
    finish()
    assert (error is not None) is fails
    assert [step for step in cluster.done if step.startswith("pods")] == ([selector] if selector else [])
    assert got == ([("shop", "p", "one", b"1\n"), ("shop", "p", "two", b"2\n")] if selector else [])


def test_logs_that_nobody_asked_for(cluster):
    run(cluster, released(cluster, hook("a", "pre-install", kind="Job", logs="hook-failed")))
    assert not any(step.startswith("pods") for step in cluster.done)


def test_logs_that_are_not_to_be_had(cluster):
    cluster.pods = [POD]
    run(cluster, released(cluster, hook("a", "pre-install", kind="Job", logs="hook-succeeded")))
    assert cluster.lines == [
        'level=INFO msg="error outputting logs for hook failure: failed to stream pod logs for pod: p, container: one"'
    ]


def test_pods_that_can_t_be_listed(cluster):
    cluster.faults["pods"] = ApiError("pods is forbidden", code=403)
    run(cluster, released(cluster, hook("a", "pre-install", kind="Pod", logs="hook-succeeded")))
    assert cluster.lines == [
        (
            'level=INFO msg="error outputting logs for hook failure: failed to get pod list with options: {TypeMeta:{Kind: '
            "APIVersion:} LabelSelector: FieldSelector:metadata.name=a Watch:false AllowWatchBookmarks:false "
            "ResourceVersion: ResourceVersionMatch: TimeoutSeconds:<nil> Limit:0 Continue: SendInitialEvents:<nil> "
            'ShardSelector:} with error: pods is forbidden"'
        )
    ]
