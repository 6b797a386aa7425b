"""Installing against a cluster in memory: what is recorded when, what is refused, what is undone."""

import pytest

from navarch.actions.install import install
from navarch.actions.options import InstallOptions, UninstallOptions
from navarch.actions.uninstall import uninstall
from navarch.errors import ApiError, ChartError, KubernetesError, LeaseHeldError, NavarchError, ReleaseError, UsageError
from navarch.releases.lease import Lease
from navarch.releases.model import Phase
from support.playground import Playground, chart, config_map, hook

NOTED = chart(config_map("a"), values="color: blue\n", notes="Color {{ .Values.color }}.\n")


@pytest.fixture
def cluster():
    return Playground()


def test_what_is_done_in_which_order(cluster):
    made = chart(config_map("a"), hook("before", "pre-install"), hook("after", "post-install", policy="hook-succeeded"))
    install(cluster.context(), "web", made, {})
    assert cluster.done == [
        "POST lease",
        "POST record",
        "PUT record 1",
        "create before",
        "create a",
        "PUT record 1",
        "create after",
        "delete after",
        "PUT record 1",
        "DELETE lease",
    ]


def test_the_release_and_its_record(cluster):
    release = install(cluster.context(), "web", NOTED, {"color": "red"}, InstallOptions(labels={"team": "x"}))
    stored = cluster.release(1)
    for found in (release, stored):
        assert (found.name, found.namespace, found.revision, found.status) == ("web", "shop", 1, "deployed")
        assert (found.info.description, found.info.notes) == ("Install complete", "Color red.\n")
        assert (found.config, found.apply_method) == ({"color": "red"}, "ssa")
        assert found.manifest == f"---\n# Source: web/templates/0.yaml\n{config_map('a')}\n"
        assert found.labels["team"] == "x"
        assert found.info.first_deployed == found.info.last_deployed != ""
    assert stored.chart["values"] == {"color": "blue"}


def test_objects_carry_the_release_s_marks(cluster):
    install(cluster.context(), "web", chart(config_map("a", mine="yes")), {})
    metadata = cluster.objects["ConfigMap", "a"]["metadata"]
    assert metadata["labels"] == {"app.kubernetes.io/managed-by": "Helm"}
    assert metadata["annotations"] == {
        "mine": "yes",
        "meta.helm.sh/release-name": "web",
        "meta.helm.sh/release-namespace": "shop",
    }


def test_options_reach_the_cluster(cluster):
    options = InstallOptions(server_side=False, wait="legacy", wait_for_jobs=True, timeout=7, description="mine")
    release = install(cluster.context(), "web", NOTED, {}, options)
    assert cluster.options == {"server_side": False, "on_event": None}
    assert cluster.waited == [("legacy", "jobs", 7)]
    assert (release.apply_method, release.info.description) == ("csa", "mine")


@pytest.mark.parametrize("options", [InstallOptions(dry_run="client"), InstallOptions(dry_run="server")])
def test_a_dry_run_changes_nothing(cluster, options):
    release = install(cluster.context(), "web", NOTED, {}, options)
    assert (release.status, release.info.description) == ("pending-install", "Dry run complete")
    assert (cluster.done, cluster.history()) == ([], [])


def test_a_dry_run_on_the_client_asks_nobody(cluster):
    cluster.faults["reach"] = KubernetesError("unreachable")
    found = chart(config_map("a", '{{ len (lookup "v1" "ConfigMap" "shop" "x") }}'))
    cluster.add("ConfigMap", "x")
    release = install(cluster.context(), "web", found, {}, InstallOptions(dry_run="client"))
    assert "{v: '0'}" in release.manifest


def test_secrets_can_be_hidden_in_a_dry_run_only(cluster):
    secret = chart(config_map("a").replace("ConfigMap", "Secret"), config_map("b"))
    release = install(cluster.context(), "web", secret, {}, InstallOptions(dry_run="server", hide_secret=True))
    hidden = "---\n# Source: web/templates/0.yaml\n# HIDDEN: The Secret output has been suppressed\n"
    assert release.manifest.startswith(hidden)
    assert "name: b" in release.manifest
    with pytest.raises(NavarchError, match=r"^hiding Kubernetes secrets requires a dry-run mode$"):
        install(cluster.context(), "web", secret, {}, InstallOptions(hide_secret=True))
    assert cluster.lines == ['level=ERROR msg="hiding Kubernetes secrets requires a dry-run mode"']


def test_templates_see_the_cluster(cluster):
    cluster.add("ConfigMap", "seed")
    found = chart(config_map("a", '{{ (lookup "v1" "ConfigMap" "shop" "seed").data.v }}'))
    install(cluster.context(), "web", found, {})
    assert cluster.value("a") == "theirs"


def test_an_unreachable_cluster(cluster):
    cluster.faults["reach"] = KubernetesError("kubernetes cluster unreachable: no route")
    with pytest.raises(
        KubernetesError, match=r"^cluster reachability check failed: kubernetes cluster unreachable: no"
    ):
        install(cluster.context(), "web", NOTED, {})
    assert cluster.lines == [
        'level=ERROR msg="cluster reachability check failed: kubernetes cluster unreachable: no route"'
    ]


def test_a_name_that_is_taken(cluster):
    install(cluster.context(), "web", NOTED, {})
    with pytest.raises(ChartError, match=r"^release name check failed: cannot reuse a name that is still in use$"):
        install(cluster.context(), "web", NOTED, {})
    assert cluster.lines == [
        'level=ERROR msg="release name check failed" error="cannot reuse a name that is still in use"'
    ]
    assert cluster.leases() == []


def test_a_name_that_can_be_used_again(cluster):
    install(cluster.context(), "web", NOTED, {})
    uninstall(cluster.context(), "web", UninstallOptions(keep_history=True))
    with pytest.raises(ChartError, match=r"still in use"):
        install(cluster.context(), "web", NOTED, {})
    release = install(cluster.context(), "web", NOTED, {}, InstallOptions(replace=True))
    assert release.revision == 2
    assert cluster.history() == [
        (1, "superseded", "superseded by new release"),
        (2, "deployed", "Install complete"),
    ]


def test_a_failed_release_keeps_its_status_when_it_is_replaced(cluster):
    cluster.faults["create a"] = ApiError("no", code=422)
    with pytest.raises(ApiError):
        install(cluster.context(), "web", NOTED, {})
    del cluster.faults["create a"]
    install(cluster.context(), "web", NOTED, {}, InstallOptions(replace=True))
    assert cluster.statuses() == ["failed", "deployed"]


def test_labels_that_records_use_themselves(cluster):
    with pytest.raises(UsageError, match=r"user supplied labels contains system reserved label name"):
        install(cluster.context(), "web", NOTED, {}, InstallOptions(labels={"owner": "me"}))
    assert cluster.history() == []


def test_another_s_object(cluster):
    cluster.add("ConfigMap", "a")
    with pytest.raises(NavarchError) as caught:
        install(cluster.context(), "web", NOTED, {})
    assert str(caught.value) == (
        'unable to continue with install: ConfigMap "a" in namespace "shop" exists and cannot be imported into the '
        "current release: invalid ownership metadata; label validation error: missing key "
        '"app.kubernetes.io/managed-by": must be set to "Helm"; annotation validation error: missing key '
        '"meta.helm.sh/release-name": must be set to "web"; annotation validation error: missing key '
        '"meta.helm.sh/release-namespace": must be set to "shop"'
    )
    assert cluster.history() == []


def test_taking_another_s_object(cluster):
    cluster.add("ConfigMap", "a")
    install(cluster.context(), "web", NOTED, {}, InstallOptions(take_ownership=True, server_side=False))
    assert cluster.value("a") == "1"
    assert (cluster.options["three_way"], cluster.options["upgrade_managed_fields"]) == (True, True)


def test_a_failure_is_recorded(cluster):
    cluster.faults["create a"] = ApiError("it is bad", code=422)
    with pytest.raises(ApiError, match=r"^it is bad$"):
        install(cluster.context(), "web", NOTED, {})
    assert cluster.history() == [(1, "failed", 'Release "web" failed: it is bad')]
    assert cluster.leases() == []


def test_a_failure_can_be_undone(cluster):
    two = chart(config_map("a"), config_map("b"))
    cluster.faults["create b"] = ApiError("it is bad", code=422)
    with pytest.raises(ApiError) as caught:
        install(cluster.context(), "web", two, {}, InstallOptions(rollback_on_failure=True))
    told = "release web failed, and has been uninstalled due to rollback-on-failure being set: it is bad"
    assert str(caught.value) == told
    assert (cluster.names(), cluster.history(), cluster.leases()) == (set(), [], [])


def test_a_failure_that_can_t_be_undone(cluster):
    cluster.faults |= {"wait": KubernetesError("too slow"), "delete a": KubernetesError("stuck")}
    with pytest.raises(KubernetesError) as caught:
        install(cluster.context(), "web", NOTED, {}, InstallOptions(rollback_on_failure=True))
    assert str(caught.value) == (
        "an error occurred while uninstalling the release. original install error: too slow: "
        "failed to delete release: web"
    )


def test_rollback_on_failure_waits(cluster):
    install(cluster.context(), "web", NOTED, {}, InstallOptions(rollback_on_failure=True))
    assert cluster.waited == [("watcher", "wait", 300)]


def test_ctrl_c_is_recorded(cluster):
    cluster.faults["wait"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        install(cluster.context(), "web", NOTED, {})
    assert cluster.history() == [(1, "failed", 'Release "web" failed: context canceled')]
    assert cluster.leases() == []


def test_ctrl_c_undoes_what_a_failure_undoes(cluster):
    cluster.faults["wait"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt, match=r"has been uninstalled .*: context canceled$"):
        install(cluster.context(), "web", NOTED, {}, InstallOptions(rollback_on_failure=True))
    assert (cluster.names(), cluster.history()) == (set(), [])


def test_a_hook_that_fails(cluster):
    made = chart(config_map("a"), hook("before", "pre-install"))
    cluster.faults["ready before"] = KubernetesError("job failed")
    with pytest.raises(KubernetesError, match=r"^failed pre-install: job failed$"):
        install(cluster.context(), "web", made, {})
    assert cluster.history() == [(1, "failed", 'Release "web" failed: failed pre-install: job failed')]
    assert cluster.names() == {"before"}
    assert cluster.release(1).hooks[0].last_run.phase == Phase.FAILED


def test_without_hooks(cluster):
    made = chart(config_map("a"), hook("before", "pre-install"))
    install(cluster.context(), "web", made, {}, InstallOptions(hooks=False))
    assert cluster.names() == {"a"}


def test_a_namespace_can_be_made(cluster):
    install(cluster.context(), "web", NOTED, {}, InstallOptions(create_namespace=True))
    space = cluster.objects["Namespace", "shop"]
    assert space["metadata"] == {"name": "shop", "labels": {"name": "shop"}}


def test_a_namespace_that_is_there(cluster):
    cluster.faults["create shop"] = ApiError("there", code=409, reason="AlreadyExists")
    install(cluster.context(), "web", NOTED, {}, InstallOptions(create_namespace=True))
    assert cluster.statuses() == ["deployed"]


def test_a_record_that_can_t_be_stored_in_the_end(cluster):
    class Full(Playground):
        def _before(self, asked):
            super()._before(asked)
            if asked.method == "PUT" and "secrets" in asked.path:
                raise ApiError("etcd is full", code=500)

    full = Full()
    release = install(full.context(), "web", NOTED, {})
    assert release.status == "deployed"
    assert any("failed to record the release" in line for line in full.lines)
    assert full.leases(), "so that the next command knows that the record is not to be believed"


def test_somebody_else_is_at_work(cluster):
    with Lease(cluster, "shop", "web", action="upgrade"), pytest.raises(LeaseHeldError):
        install(cluster.context(), "web", NOTED, {})
    assert cluster.history() == []


def test_a_lease_that_is_lost(cluster):
    class Robbed(Playground):
        def _waits(self, strategy, what):
            for path in self.leases():
                del self.server.objects[path]
            return super()._waits(strategy, what)

    robbed = Robbed()
    context = robbed.context()
    from navarch.actions import recover

    class Short(recover.Hold):
        def check(self):
            if self._lease is not None and "create a" in robbed.done:
                self._lease._taken = "somebody"
            super().check()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recover, "Hold", Short)
        with pytest.raises(ReleaseError, match=r"lease of release"):
            install(context, "web", NOTED, {})
    assert robbed.statuses() == ["pending-install"], "the record is the other one's now"


def test_without_leases(cluster):
    install(cluster.context(leases=False), "web", NOTED, {})
    assert not any("lease" in step for step in cluster.done)


def test_post_rendering(cluster):
    options = InstallOptions(post_render=lambda text: text.replace("v: '1'", "v: '2'"))
    install(cluster.context(), "web", NOTED, {}, options)
    assert cluster.value("a") == "2"


def test_values_that_are_handed_in_stay_as_they_are(cluster):
    values = {"color": "red", "more": {"a": 1}}
    install(cluster.context(), "web", NOTED, values)
    assert values == {"color": "red", "more": {"a": 1}}
