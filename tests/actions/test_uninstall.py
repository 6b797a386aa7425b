"""Uninstalling against a cluster in memory."""

import pytest

from navarch.actions.install import install
from navarch.actions.options import UninstallOptions
from navarch.actions.uninstall import uninstall
from navarch.actions.upgrade import upgrade
from navarch.errors import ApiError, ChartError, KubernetesError, NavarchError, ReleaseError, ReleaseNotFoundError
from support.playground import Playground, chart, config_map, hook

CHART = chart(
    config_map("a"),
    config_map("kept", **{"helm.sh/resource-policy": " Keep "}),
    hook("before", "pre-delete"),
    hook("after", "post-delete", policy="hook-succeeded"),
)
KEPT = "These resources were kept due to the resource policy:\n[ConfigMap] kept\n"


@pytest.fixture
def cluster():
    found = Playground()
    install(found.context(), "web", CHART, {})
    found.done.clear()
    return found


def test_what_is_done_in_which_order(cluster):
    result = uninstall(cluster.context(), "web")
    assert cluster.done == [
        "POST lease",
        "PUT record 1",
        "create before",
        "PUT record 1",
        "delete a",
        "PUT record 1",
        "create after",
        "delete after",
        "DELETE record 1",
        "DELETE lease",
    ]
    assert (result.info, result.release.status) == (KEPT, "uninstalled")
    assert cluster.names() == {"kept", "before"}


def test_records_can_be_kept(cluster):
    upgrade(cluster.context(), "web", CHART, {})
    release = uninstall(cluster.context(), "web", UninstallOptions(keep_history=True)).release
    assert cluster.history() == [(1, "superseded", "Install complete"), (2, "uninstalled", "Uninstallation complete")]
    assert release.info.deleted
    with pytest.raises(ReleaseError, match=r'^the release named "web" is already deleted$'):
        uninstall(cluster.context(), "web", UninstallOptions(keep_history=True))
    uninstall(cluster.context(), "web")
    assert cluster.history() == []


def test_no_revision_stays_deployed(cluster):
    cluster.faults["update a"] = ApiError("bad", code=422)
    with pytest.raises(ApiError):
        upgrade(cluster.context(), "web", CHART, {})
    uninstall(cluster.context(), "web", UninstallOptions(keep_history=True, description="why"))
    assert cluster.history() == [(1, "superseded", "Install complete"), (2, "uninstalled", "why")]


def test_options_reach_the_cluster(cluster):
    options = UninstallOptions(cascade="foreground", wait="watcher", timeout=3, hooks=False)
    uninstall(cluster.context(), "web", options)
    assert cluster.options == {"propagation": "Foreground", "on_event": None}
    assert cluster.waited[-1] == ("watcher", "gone", 3)
    assert "before" not in cluster.names()


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_release_that_there_is_not(dry_run):
    cluster = Playground()
    with pytest.raises(ReleaseNotFoundError) as caught:
        uninstall(cluster.context(), "web", UninstallOptions(dry_run=dry_run))
    words = "release: not found" if dry_run else "uninstall: Release not loaded: web: release: not found"
    assert str(caught.value) == words
    assert uninstall(cluster.context(), "web", UninstallOptions(dry_run=dry_run, ignore_not_found=True)).release is None


@pytest.mark.parametrize(("dry_run", "prefix"), [(False, "uninstall"), (True, "releaseContent")])
def test_a_name_that_is_none(dry_run, prefix):
    with pytest.raises(ChartError, match=rf"^{prefix}: Release name is invalid: Bad_Name$"):
        uninstall(Playground().context(), "Bad_Name", UninstallOptions(dry_run=dry_run))


def test_a_dry_run_says_what_would_be_done(cluster):
    cluster.objects["ConfigMap", "a"]["metadata"]["labels"] = {}
    result = uninstall(cluster.context(debugging=True), "web", UninstallOptions(dry_run=True))
    assert (result.info, cluster.done) == (KEPT, [])
    assert cluster.lines[-2:] == [
        (
            'level=WARN msg="dry-run: resources would be skipped because they are not owned by this release" '
            "release=web count=1"
        ),
        'level=WARN msg="dry-run: would skip resource" kind=ConfigMap name=a namespace=shop',
    ]


def test_another_s_objects_stay(cluster):
    cluster.objects["ConfigMap", "a"]["metadata"]["annotations"]["meta.helm.sh/release-name"] = "other"
    result = uninstall(cluster.context(), "web")
    assert "a" in cluster.names()
    told = "\n1 resource(s) were not deleted because they are not owned by this release:\n[ConfigMap] a\n"
    assert result.info == KEPT + told
    assert cluster.lines == [
        (
            'level=WARN msg="skipping delete of resource not owned by this release" kind=ConfigMap name=a namespace=shop '
            "release=web"
        )
    ]


def test_objects_that_can_t_be_looked_at_stay(cluster):
    cluster.faults["get a"] = ApiError("forbidden to look", code=403)
    result = uninstall(cluster.context(), "web")
    assert "a" in cluster.names()
    assert result.info.endswith("could not be verified:\n[ConfigMap] a: forbidden to look\n")


def test_objects_that_can_t_be_deleted(cluster):
    cluster.faults["delete a"] = KubernetesError("stuck")
    with pytest.raises(ReleaseError, match=r"^failed to delete release: web$") as caught:
        uninstall(cluster.context(), "web")
    assert caught.value.hint == "stuck"
    assert cluster.history() == [(1, "uninstalling", "Deletion in progress (or silently failed)")]
    cluster.faults.clear()
    uninstall(cluster.context(), "web")
    assert cluster.history() == []


def test_what_goes_wrong_late_keeps_nothing_from_being_removed(cluster):
    cluster.faults |= {"gone a": KubernetesError("still there"), "ready after": KubernetesError("job failed")}
    with pytest.raises(NavarchError) as caught:
        uninstall(cluster.context(), "web")
    assert str(caught.value) == "uninstallation completed with 2 error(s): still there; job failed"
    assert (cluster.history(), cluster.leases()) == ([], [])


def test_a_hook_that_fails_early_keeps_everything(cluster):
    cluster.faults["ready before"] = KubernetesError("job failed")
    with pytest.raises(KubernetesError, match=r"^job failed$"):
        uninstall(cluster.context(), "web")
    assert "a" in cluster.names()
    assert cluster.statuses() == ["uninstalling"]


def test_ctrl_c_can_be_understood(cluster):
    cluster.faults["gone"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        uninstall(cluster.context(), "web")
    assert cluster.history() == [
        (1, "uninstalling", "Deletion in progress (or silently failed); interrupted: uninstall was canceled")
    ]
    assert cluster.leases() == []
    cluster.faults.clear()
    upgrade(cluster.context(), "web", CHART, {})
    assert cluster.statuses() == ["superseded", "deployed"]
    assert "a" in cluster.names()


def test_objects_are_deleted_in_the_order_of_kinds():
    service = config_map("front").replace("ConfigMap", "Service")
    space = config_map("space").replace("ConfigMap", "Namespace")
    cluster = Playground()
    install(cluster.context(), "web", chart(space, config_map("a"), service), {})
    cluster.done.clear()
    uninstall(cluster.context(), "web")
    assert [step for step in cluster.done if step.startswith("delete")] == ["delete front", "delete a", "delete space"]
