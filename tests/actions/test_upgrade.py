"""Upgrading against a cluster in memory: values, labels, objects, what is recorded, what is undone."""

import pytest

from navarch.actions.install import install
from navarch.actions.options import InstallOptions, UninstallOptions, UpgradeOptions
from navarch.actions.rollback import rollback
from navarch.actions.steps import server_side
from navarch.actions.uninstall import uninstall
from navarch.actions.upgrade import merge_labels, upgrade
from navarch.errors import (
    ApiError,
    ChartError,
    KubernetesError,
    NavarchError,
    NoDeployedReleasesError,
    PendingError,
    UsageError,
)
from navarch.releases.model import Release
from support.playground import Playground, chart, config_map, hook

SHOWN = config_map("a", "{{ toJson .Values }}")
ONE = chart(SHOWN, config_map("b"), values="color: blue\nsize: 1\n")
TWO = chart(SHOWN, config_map("c"), values="color: green\nsize: 2\n", version="2.0.0", notes="two")
BAD = ApiError("it is bad", code=422)


@pytest.fixture
def cluster():
    found = Playground()
    install(found.context(), "web", ONE, {})
    found.done.clear()
    return found


def test_what_is_done_in_which_order(cluster):
    made = chart(SHOWN, config_map("c"), hook("before", "pre-upgrade"), hook("after", "post-upgrade"))
    upgrade(cluster.context(), "web", made, {})
    assert cluster.done == [
        "POST lease",
        "POST record",
        "PUT record 2",
        "create before",
        "update a",
        "update c",
        "delete b",
        "PUT record 2",
        "create after",
        "PUT record 1",
        "PUT record 2",
        "DELETE lease",
    ]


def test_the_new_revision(cluster):
    first = cluster.release(1)
    release = upgrade(cluster.context(), "web", TWO, {"size": 3})
    stored = cluster.release(2)
    assert cluster.names() == {"a", "c"}
    assert cluster.history() == [(1, "superseded", "Install complete"), (2, "deployed", "Upgrade complete")]
    for found in (release, stored):
        assert (found.revision, found.config, found.info.notes, found.apply_method) == (2, {"size": 3}, "two", "ssa")
        assert found.info.first_deployed == first.info.first_deployed < found.info.last_deployed
        assert found.chart_metadata["version"] == "2.0.0"


def test_templates_see_an_upgrade(cluster):
    seen = "{{ .Release.Revision }} {{ .Release.IsUpgrade }} {{ .Release.IsInstall }}"
    upgrade(cluster.context(), "web", chart(config_map("a", seen)), {})
    assert cluster.value("a") == "2 true false"


@pytest.mark.parametrize(
    ("options", "given", "config", "seen"),
    [
        (UpgradeOptions(), {}, {"color": "red"}, '{"color":"red","size":2}'),
        (UpgradeOptions(), {"size": 3}, {"size": 3}, '{"color":"green","size":3}'),
        (UpgradeOptions(reset_values=True), {}, {}, '{"color":"green","size":2}'),
        (UpgradeOptions(reset_values=True, reuse_values=True), {}, {}, '{"color":"green","size":2}'),
        (UpgradeOptions(reuse_values=True), {"size": 3}, {"color": "red", "size": 3}, '{"color":"red","size":3}'),
        (UpgradeOptions(reuse_values=True), {}, {"color": "red"}, '{"color":"red","size":1}'),
        (UpgradeOptions(reset_then_reuse_values=True), {}, {"color": "red"}, '{"color":"red","size":2}'),
        (UpgradeOptions(reset_then_reuse_values=True), {"color": "x"}, {"color": "x"}, '{"color":"x","size":2}'),
    ],
)
def test_values_of_the_revision_before(options, given, config, seen):
    cluster = Playground()
    install(cluster.context(), "web", ONE, {"color": "red"})
    release = upgrade(cluster.context(), "web", TWO, given, options)
    assert (release.config, cluster.value("a")) == (config, seen)


def test_reused_values_leave_the_chart_as_it_is(cluster):
    upgrade(cluster.context(), "web", TWO, {}, UpgradeOptions(reuse_values=True))
    assert TWO.values == {"color": "green", "size": 2}


def test_labels():
    assert merge_labels({"a": "1", "b": "2"}, {"b": "null", "c": "3"}) == {"a": "1", "c": "3"}


def test_labels_are_kept_and_taken_away():
    cluster = Playground()
    install(cluster.context(), "web", ONE, {}, InstallOptions(labels={"team": "x", "tier": "y"}))
    upgrade(cluster.context(), "web", TWO, {}, UpgradeOptions(labels={"team": "null", "new": "z"}))
    assert cluster.release(2).labels == {"tier": "y", "new": "z"}


@pytest.mark.parametrize(
    ("option", "method", "expected"),
    [
        ("auto", "ssa", True),
        ("auto", "csa", False),
        ("auto", "", False),
        ("true", "csa", True),
        ("false", "ssa", False),
    ],
)
def test_who_applies(option, method, expected):
    assert server_side(option, Release(apply_method=method)) is expected


def test_an_unknown_way_to_apply(cluster):
    with pytest.raises(UsageError, match=r"^invalid/unknown release server-side apply method: maybe$"):
        upgrade(cluster.context(), "web", TWO, {}, UpgradeOptions(server_side="maybe"))


def test_from_client_side_to_server_side():
    cluster = Playground()
    install(cluster.context(), "web", ONE, {}, InstallOptions(server_side=False))
    upgrade(cluster.context(), "web", TWO, {})
    assert (cluster.options["server_side"], cluster.options["upgrade_managed_fields"]) == (False, False)
    release = upgrade(cluster.context(), "web", TWO, {}, UpgradeOptions(server_side="true"))
    assert (cluster.options["server_side"], cluster.options["upgrade_managed_fields"]) == (True, True)
    assert release.apply_method == "ssa"
    upgrade(cluster.context(), "web", TWO, {})
    assert cluster.options["upgrade_managed_fields"] is False


def test_a_dry_run_changes_nothing(cluster):
    for options in (UpgradeOptions(dry_run="server"), UpgradeOptions(dry_run="client", description="only tried")):
        release = upgrade(cluster.context(), "web", TWO, {}, options)
        assert release.info.description == (options.description or "Dry run complete")
    assert (cluster.done, cluster.names()) == ([], {"a", "b"})


def test_a_release_that_there_is_not():
    with pytest.raises(NoDeployedReleasesError, match=r'^"web" has no deployed releases$'):
        upgrade(Playground().context(), "web", TWO, {})


@pytest.mark.parametrize("name", ["Bad_Name", ""])
def test_a_name_that_is_none(name):
    with pytest.raises(ChartError, match=rf"^release name is invalid: {name}$"):
        upgrade(Playground().context(), name, TWO, {})


def test_a_release_that_is_uninstalled(cluster):
    uninstall(cluster.context(), "web", UninstallOptions(keep_history=True))
    with pytest.raises(NoDeployedReleasesError):
        upgrade(cluster.context(), "web", TWO, {})


def test_a_release_that_failed_at_once():
    cluster = Playground()
    cluster.faults["create b"] = BAD
    with pytest.raises(ApiError):
        install(cluster.context(), "web", ONE, {})
    upgrade(cluster.context(), "web", TWO, {})
    assert cluster.statuses() == ["superseded", "deployed"]


def test_somebody_s_operation_in_progress(cluster):
    release = cluster.release(1)
    release.info.status = "pending-upgrade"
    cluster.context().storage.update(release)
    with pytest.raises(PendingError, match=r"^another operation \(install/upgrade/rollback\) is in progress$"):
        upgrade(cluster.context(), "web", TWO, {})


def test_another_s_object(cluster):
    cluster.add("ConfigMap", "c")
    with pytest.raises(
        NavarchError, match=r'^unable to continue with update: ConfigMap "c" in namespace "shop" exists'
    ):
        upgrade(cluster.context(), "web", TWO, {})
    upgrade(cluster.context(), "web", TWO, {}, UpgradeOptions(take_ownership=True))
    assert cluster.value("c") == "1"


def test_a_failure_is_recorded(cluster):
    cluster.faults["update c"] = BAD
    with pytest.raises(ApiError, match=r"^it is bad$"):
        upgrade(cluster.context(), "web", TWO, {})
    assert cluster.history()[1:] == [(2, "failed", 'Upgrade "web" failed: it is bad')]
    assert cluster.lines == ['level=WARN msg="upgrade failed" name=web error="it is bad"']
    assert (cluster.statuses()[0], cluster.names(), cluster.leases()) == ("deployed", {"a", "b"}, [])


def test_new_objects_can_be_removed_after_a_failure(cluster):
    cluster.faults["wait"] = KubernetesError("too slow")
    with pytest.raises(KubernetesError, match=r"^too slow$"):
        upgrade(cluster.context(), "web", TWO, {}, UpgradeOptions(cleanup_on_fail=True))
    assert cluster.names() == {"a"}, "b was deleted by the upgrade, c afterwards"


def test_new_objects_that_can_t_be_removed(cluster):
    cluster.faults |= {"wait": KubernetesError("too slow"), "delete c": KubernetesError("stuck")}
    with pytest.raises(KubernetesError) as caught:
        upgrade(cluster.context(), "web", TWO, {}, UpgradeOptions(cleanup_on_fail=True, rollback_on_failure=True))
    assert str(caught.value) == (
        "an error occurred while cleaning up resources. original upgrade error: too slow: "
        "unable to cleanup resources: stuck"
    )
    assert cluster.statuses() == ["deployed", "failed"]


def test_a_failure_can_be_undone(cluster):
    cluster.faults["wait c"] = KubernetesError("too slow")
    with pytest.raises(KubernetesError) as caught:
        upgrade(cluster.context(), "web", TWO, {}, UpgradeOptions(rollback_on_failure=True))
    told = "release web failed, and has been rolled back due to rollback-on-failure being set: too slow"
    assert str(caught.value) == told
    assert cluster.history() == [
        (1, "superseded", "Install complete"),
        (2, "failed", 'Upgrade "web" failed: too slow'),
        (3, "deployed", "Rollback to 1"),
    ]
    assert cluster.names() == {"a", "b"}
    assert {strategy for strategy, what, _ in cluster.waited if what == "wait"} >= {"watcher"}


def test_a_failure_that_can_t_be_undone(cluster):
    cluster.faults["wait"] = KubernetesError("too slow")
    with pytest.raises(KubernetesError) as caught:
        upgrade(cluster.context(), "web", TWO, {}, UpgradeOptions(rollback_on_failure=True))
    assert str(caught.value) == (
        "an error occurred while rolling back the release. original upgrade error: too slow: "
        "release web failed: too slow"
    )


def test_nothing_good_to_go_back_to():
    cluster = Playground()
    cluster.faults["wait"] = KubernetesError("too slow")
    with pytest.raises(KubernetesError):
        install(cluster.context(), "web", ONE, {})
    with pytest.raises(KubernetesError) as caught:
        upgrade(cluster.context(), "web", TWO, {}, UpgradeOptions(rollback_on_failure=True))
    assert str(caught.value) == (
        "unable to find a previously successful release when attempting to rollback. original upgrade error: too slow"
    )


@pytest.mark.parametrize("event", ["pre-upgrade", "post-upgrade"])
def test_a_hook_that_fails(cluster, event):
    cluster.faults["ready it"] = KubernetesError("job failed")
    with pytest.raises(KubernetesError, match=rf"^{event} hooks failed: job failed$"):
        upgrade(cluster.context(), "web", chart(SHOWN, hook("it", event)), {})
    assert cluster.statuses() == ["deployed", "failed"]
    assert ("b" in cluster.names()) is (event == "pre-upgrade")


def test_ctrl_c_is_recorded(cluster):
    cluster.faults["wait"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        upgrade(cluster.context(), "web", TWO, {})
    assert cluster.history()[1:] == [(2, "failed", 'Upgrade "web" failed: context canceled')]
    assert cluster.leases() == []


def test_the_history_has_a_limit(cluster):
    for _ in range(4):
        upgrade(cluster.context(), "web", TWO, {}, UpgradeOptions(history_max=3))
    assert [revision for revision, _, _ in cluster.history()] == [3, 4, 5]
    for _ in range(3):
        upgrade(cluster.context(), "web", TWO, {}, UpgradeOptions(history_max=0))
    assert [revision for revision, _, _ in cluster.history()] == [3, 4, 5, 6, 7, 8]


def test_a_failure_tells_that_the_record_before_was_cut_off():
    cluster = Playground()
    cluster.faults["create b"] = BAD
    with pytest.raises(ApiError):
        install(cluster.context(), "web", ONE, {})
    cluster.faults["wait"] = BAD
    with pytest.raises(ApiError):
        upgrade(cluster.context(), "web", TWO, {}, UpgradeOptions(history_max=1))
    assert [(revision, status) for revision, status, _ in cluster.history()] == [(2, "failed")]
    (told,) = (line for line in cluster.lines if "failed to update release" in line)
    assert "revision=1" in told


def test_the_revision_before_has_a_kind_that_is_gone(cluster):
    release = cluster.release(1)
    release.manifest = "apiVersion: gone/v1\nkind: Gone\nmetadata: {name: x}\n"
    cluster.context().storage.update(release)
    words = r"unable to build kubernetes objects from current release manifest: no matches for kind"
    with pytest.raises(KubernetesError, match=rf"^{words}"):
        upgrade(cluster.context(), "web", TWO, {})


def test_a_newer_revision_failed(cluster):
    cluster.faults["update c"] = BAD
    with pytest.raises(ApiError):
        upgrade(cluster.context(), "web", TWO, {})
    cluster.faults.clear()
    upgrade(cluster.context(), "web", TWO, {})
    assert cluster.statuses() == ["superseded", "failed", "deployed"]
    assert cluster.names() == {"a", "c"}
    rollback(cluster.context(), "web")
    assert cluster.history()[-1] == (4, "deployed", "Rollback to 2")
