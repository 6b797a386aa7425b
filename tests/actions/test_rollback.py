"""Rolling back against a cluster in memory."""

import pytest

from navarch.actions.install import install
from navarch.actions.options import RollbackOptions, UpgradeOptions
from navarch.actions.rollback import rollback
from navarch.actions.upgrade import upgrade
from navarch.errors import ChartError, KubernetesError, PendingError, ReleaseError, ReleaseNotFoundError, UsageError
from support.playground import Playground, chart, config_map, hook

ONE = chart(config_map("a", "one"), config_map("b"), hook("before", "pre-rollback"), notes="first")
TWO = chart(config_map("a", "two"), config_map("c"))


@pytest.fixture
def cluster():
    found = Playground()
    install(found.context(), "web", ONE, {"x": 1})
    upgrade(found.context(), "web", TWO, {"x": 2})
    found.done.clear()
    return found


def test_what_is_done_in_which_order(cluster):
    rollback(cluster.context(), "web")
    assert cluster.done == [
        "POST lease",
        "POST record",
        "PUT record 3",
        "create before",
        "update a",
        "update b",
        "delete c",
        "PUT record 2",
        "PUT record 3",
        "DELETE lease",
    ]


@pytest.mark.parametrize("number", [0, 1])
def test_the_new_revision(cluster, number):
    first = cluster.release(1)
    release = rollback(cluster.context(), "web", number)
    for found in (release, cluster.release(3)):
        assert (found.revision, found.status, found.info.description) == (3, "deployed", "Rollback to 1")
        assert (found.config, found.info.notes, found.info.rollback_revision) == ({"x": 1}, "first", 1)
        assert (found.manifest, found.chart_metadata) == (first.manifest, first.chart_metadata)
        assert found.info.first_deployed == first.info.first_deployed
    assert cluster.names() == {"a", "b", "before"}
    assert cluster.statuses() == ["superseded", "superseded", "deployed"]


def test_options_reach_the_cluster(cluster):
    options = RollbackOptions(server_side="false", force_replace=True, hooks=False, wait="watcher", timeout=9)
    release = rollback(cluster.context(), "web", 1, options)
    assert release.apply_method == "csa"
    assert cluster.options == {
        "server_side": False,
        "force_conflicts": False,
        "force_replace": True,
        "upgrade_managed_fields": True,
        "on_event": None,
    }
    assert cluster.waited[-1] == ("watcher", "wait", 9)
    assert "before" not in cluster.names()


def test_a_dry_run_changes_nothing(cluster):
    release = rollback(cluster.context(), "web", 1, RollbackOptions(dry_run="server"))
    assert (release.revision, cluster.done) == (3, [])


@pytest.mark.parametrize(
    ("name", "number", "error", "words"),
    [
        ("web", 9, ReleaseError, "^release has no 9 version$"),
        ("web", -1, UsageError, "^invalid release revision$"),
        ("none", 1, ReleaseNotFoundError, "^release: not found$"),
        ("Bad_Name", 1, ChartError, "^prepareRollback: Release name is invalid: Bad_Name$"),
    ],
)
def test_what_can_t_be_rolled_back(cluster, name, number, error, words):
    with pytest.raises(error, match=words):
        rollback(cluster.context(), name, number)
    assert cluster.leases() == []


def test_a_description(cluster):
    rollback(cluster.context(), "web", 1, RollbackOptions(description="ä" * 256))
    assert cluster.history()[-1] == (3, "deployed", "ä" * 256)
    with pytest.raises(UsageError, match=r"^description must be 256 characters or less, got 257$"):
        rollback(cluster.context(), "web", 1, RollbackOptions(description="ä" * 257))


def test_objects_that_can_t_be_changed(cluster):
    cluster.faults["update b"] = KubernetesError("it is bad")
    with pytest.raises(KubernetesError, match=r"^it is bad$"):
        rollback(cluster.context(), "web")
    assert cluster.history() == [
        (1, "superseded", "Install complete"),
        (2, "superseded", "Upgrade complete"),
        (3, "failed", 'Rollback "web" failed: it is bad'),
    ]
    assert cluster.lines == ['level=WARN msg="Rollback \\"web\\" failed: it is bad"']


@pytest.mark.parametrize("stuck", [False, True])
def test_new_objects_are_removed_after_a_failure(cluster, stuck):
    cluster.faults["update a"] = KubernetesError("it is bad")
    if stuck:
        cluster.faults["delete b"] = KubernetesError("stuck")
    with pytest.raises(KubernetesError) as caught:
        rollback(cluster.context(), "web", 1, RollbackOptions(cleanup_on_fail=True))
    told = "an error occurred while cleaning up resources. original rollback error: unable to cleanup resources: stuck"
    assert str(caught.value) == (told if stuck else "it is bad")
    assert ("b" in cluster.names()) is stuck


def test_objects_that_don_t_become_ready(cluster):
    cluster.faults["wait"] = KubernetesError("too slow")
    with pytest.raises(KubernetesError, match=r"^release web failed: too slow$"):
        rollback(cluster.context(), "web")
    assert cluster.history()[1:] == [
        (2, "deployed", "Upgrade complete"),
        (3, "failed", 'Release "web" failed: too slow'),
    ]


def test_ctrl_c_is_recorded(cluster):
    cluster.faults["wait"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        rollback(cluster.context(), "web")
    assert cluster.history()[-1] == (3, "failed", 'Rollback "web" failed: context canceled')
    assert cluster.leases() == []


def test_a_hook_that_fails_leaves_the_record_open(cluster):
    cluster.faults["ready before"] = KubernetesError("job failed")
    with pytest.raises(KubernetesError, match=r"^job failed$"):
        rollback(cluster.context(), "web")
    assert cluster.statuses()[-1] == "pending-rollback", "as Helm leaves it"
    with pytest.raises(PendingError):
        upgrade(cluster.context(), "web", TWO, {})
    rollback(cluster.context(), "web", 2, RollbackOptions(hooks=False))
    assert cluster.statuses()[2:] == ["pending-rollback", "deployed"]


def test_a_failure_that_can_t_be_recorded(cluster):
    cluster.faults["wait"] = KubernetesError("too slow")
    before = cluster.server.before

    def refuse(asked):
        if asked.method == "PUT" and asked.path.endswith(".v3"):
            raise KubernetesError("etcd is full")
        before(asked)

    cluster.server.before = refuse
    with pytest.raises(KubernetesError, match=r"too slow"):
        rollback(cluster.context(), "web")
    assert len(cluster.leases()) == 1, "so that the next command doesn't take the record for somebody's work"


def test_the_history_has_a_limit(cluster):
    for _ in range(3):
        upgrade(cluster.context(), "web", TWO, {}, UpgradeOptions(history_max=3))
    rollback(cluster.context(), "web", 5, RollbackOptions(history_max=2))
    assert [revision for revision, _, _ in cluster.history()] == [5, 6]
