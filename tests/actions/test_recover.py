"""A client dies, after any of its changes: the next one understands, goes on or undoes, and leaves nothing behind."""

import itertools

import pytest

from navarch.actions.install import install
from navarch.actions.options import InstallOptions, RollbackOptions, UninstallOptions, UpgradeOptions
from navarch.actions.recover import MARK, Hold, is_interrupted, leftovers, may_replace, overshadowed
from navarch.actions.rollback import rollback
from navarch.actions.uninstall import uninstall
from navarch.actions.upgrade import upgrade
from navarch.errors import ApiError, ChartError, PendingError
from navarch.releases.model import Info, Release
from support.playground import NAMESPACE, Killed, Playground, chart, config_map, hook

EVENTS = "pre-install,post-install,pre-upgrade,post-upgrade,pre-rollback,post-rollback,pre-delete,post-delete"
HOOK = hook("it", EVENTS, policy="hook-succeeded")
ONE = chart(config_map("a", "1"), config_map("b", "1"), HOOK)
TWO = chart(config_map("a", "2"), config_map("c", "2"), HOOK)
THREE = chart(config_map("a", "3"), config_map("d", "3"), HOOK)

INSTALLED = [lambda c: install(c.context(), "web", ONE, {})]
UPGRADED = [*INSTALLED, lambda c: upgrade(c.context(), "web", TWO, {})]

KILLED = {
    "install": ([], lambda c: install(c.context(), "web", ONE, {})),
    "replace": (
        [*INSTALLED, lambda c: uninstall(c.context(), "web", UninstallOptions(keep_history=True))],
        lambda c: install(c.context(), "web", TWO, {}, InstallOptions(replace=True)),
    ),
    "upgrade": (INSTALLED, lambda c: upgrade(c.context(), "web", TWO, {})),
    "rollback": (UPGRADED, lambda c: rollback(c.context(), "web", 1)),
    "uninstall": (UPGRADED, lambda c: uninstall(c.context(), "web")),
    "keep": (UPGRADED, lambda c: uninstall(c.context(), "web", UninstallOptions(keep_history=True))),
}


def put(cluster):
    """What `nav upgrade --install` does."""
    context = cluster.context()
    status = cluster.statuses()[-1] if cluster.history() else ""
    if status in ("", "uninstalled"):
        install(context, "web", THREE, {}, InstallOptions(replace=bool(status)))
    else:
        upgrade(context, "web", THREE, {})


def remove(cluster):
    uninstall(cluster.context(), "web", UninstallOptions(ignore_not_found=True))


def cut_off(before, action):
    """The cluster as an action leaves it that dies before its first change, its second, …, and how many it made."""
    for number in itertools.count():
        cluster = Playground()
        for step in before:
            step(cluster)
        cluster.lives = number
        try:
            action(cluster)
        except Killed:
            cluster.lives = None
            yield cluster
        else:
            return


@pytest.mark.parametrize("killed", KILLED)
def test_put_and_remove_always_go_on(killed):
    for number, cluster in enumerate(cut_off(*KILLED[killed])):
        put(cluster)
        assert cluster.names() == {"a", "d"}, f"after {number} changes"
        assert (cluster.value("a"), cluster.leases()) == ("3", [])
        assert cluster.statuses()[-1] == "deployed"
        assert cluster.statuses().count("deployed") == 1
        remove(cluster)
        assert (cluster.names(), cluster.history()) == (set(), [])


@pytest.mark.parametrize("killed", KILLED)
def test_remove_leaves_nothing(killed):
    for number, cluster in enumerate(cut_off(*KILLED[killed])):
        remove(cluster)
        assert (cluster.names(), cluster.history(), cluster.leases()) == (set(), [], []), f"after {number} changes"


@pytest.mark.parametrize("killed", ["install", "upgrade", "rollback"])
def test_the_same_again(killed):
    before, action = KILLED[killed]
    expected = {"install": {"a", "b"}, "upgrade": {"a", "c"}, "rollback": {"a", "b"}}[killed]
    for number, cluster in enumerate(cut_off(before, action)):
        action(cluster)
        assert cluster.names() == expected, f"after {number} changes"
        assert (cluster.statuses()[-1], cluster.leases()) == ("deployed", [])


@pytest.mark.parametrize("number", [0, 1])
def test_back_after_an_upgrade(number):
    for cluster in cut_off(*KILLED["upgrade"]):
        if len(cluster.history()) < 2 and number == 0:
            continue  # there is only one revision
        rollback(cluster.context(), "web", number)
        assert cluster.names() == {"a", "b"}
        assert cluster.statuses()[-1] == "deployed"


@pytest.mark.parametrize("killed", ["upgrade", "rollback"])
def test_dying_again_and_again(killed):
    """Each client that takes over dies as well, a step further on each time; the last one leaves nothing."""
    before, action = KILLED[killed]
    for cluster in cut_off(before, action):
        for number in range(12):
            cluster.lives = number
            with pytest.MonkeyPatch.context():
                try:
                    upgrade(cluster.context(), "web", THREE if number % 2 else TWO, {})
                except Killed:
                    pass
            cluster.lives = None
        put(cluster)
        assert cluster.names() == {"a", "d"}
        remove(cluster)
        assert cluster.names() == set()


def test_a_failure_after_taking_over_forgets_nothing():
    for cluster in cut_off(*KILLED["upgrade"]):
        cluster.faults["update a"] = ApiError("bad", code=422)
        with pytest.raises(ApiError):
            upgrade(cluster.context(), "web", THREE, {})
        cluster.faults.clear()
        put(cluster)
        assert cluster.names() == {"a", "d"}


def test_what_is_told():
    cluster = list(cut_off(*KILLED["upgrade"]))[4]
    assert cluster.statuses() == ["deployed", "pending-upgrade"]
    upgrade(cluster.context(), "web", THREE, {})
    assert len(cluster.lines) == 1
    told = (
        'level=WARN msg="an earlier upgrade of this release was cut off, taking over" release=web revision=2 interrupt'
    )
    assert cluster.lines[0].startswith(told)
    _, interrupted, _ = cluster.history()
    assert interrupted[1] == "failed"
    assert interrupted[2].startswith("interrupted: upgrade, ")
    assert "(pid " in interrupted[2]


def test_without_a_lease_nothing_is_taken_over():
    cluster = list(cut_off(*KILLED["upgrade"]))[4]
    for path in cluster.leases():
        del cluster.server.objects[path]
    with pytest.raises(PendingError):
        upgrade(cluster.context(), "web", THREE, {})
    assert cluster.statuses() == ["deployed", "pending-upgrade"]


def test_dry_runs_take_nothing_over():
    cluster = list(cut_off(*KILLED["upgrade"]))[4]
    with pytest.raises(PendingError):
        upgrade(cluster.context(), "web", THREE, {}, UpgradeOptions(dry_run="server"))
    rollback(cluster.context(), "web", 1, RollbackOptions(dry_run="server"))
    assert (cluster.statuses(), len(cluster.leases())) == (["deployed", "pending-upgrade"], 1)


def test_a_name_in_use_stays_in_use():
    cluster = list(cut_off(*KILLED["upgrade"]))[4]
    with pytest.raises(ChartError, match=r"still in use"):
        install(cluster.context(), "web", THREE, {})


def test_another_s_object_is_not_removed():
    cluster = list(cut_off(*KILLED["upgrade"]))[4]
    cluster.add("ConfigMap", "c")  # made by somebody else where the upgrade didn't come to it
    put(cluster)
    assert cluster.names() == {"a", "c", "d"}


def test_an_object_that_is_to_be_kept_is_not_removed():
    kept = chart(config_map("a"), config_map("c", **{"helm.sh/resource-policy": "keep"}))
    before = INSTALLED
    for cluster in cut_off(before, lambda c: upgrade(c.context(), "web", kept, {})):
        there = "c" in cluster.names()
        put(cluster)
        assert ("c" in cluster.names()) is there


def test_what_a_client_left_that_had_no_time_to_record_its_failure():
    cluster = Playground()
    install(cluster.context(), "web", ONE, {})
    cluster.faults["update a"] = ApiError("bad", code=422)
    before = cluster.server.before

    def refuse(asked):
        if asked.method == "PUT" and asked.path.endswith(".v2"):
            raise ApiError("etcd is full", code=500)
        before(asked)

    cluster.server.before = refuse
    with pytest.raises(ApiError, match=r"^bad$"):
        upgrade(cluster.context(), "web", TWO, {})
    assert (cluster.statuses(), len(cluster.leases())) == (["deployed", "pending-upgrade"], 1)
    cluster.server.before = before
    cluster.faults.clear()
    put(cluster)
    assert cluster.statuses() == ["superseded", "failed", "deployed"]


def release(revision, status, description="", *names):
    manifest = "---\n".join(map(config_map, names))
    return Release("web", NAMESPACE, revision, info=Info(status=status, description=description), manifest=manifest)


def test_which_revisions_matter():
    last = release(4, "failed", "Upgrade failed")
    cut = release(3, "failed", MARK + "upgrade, by somebody")
    failed = release(2, "failed", "bad")
    deployed = release(1, "deployed", "Install complete")
    history = [last, cut, failed, deployed]
    assert overshadowed(history) == [cut, deployed]
    assert overshadowed(history, deployed) == [cut]
    assert overshadowed([last, failed, deployed]) == []


@pytest.mark.parametrize(
    ("status", "description", "expected"),
    [
        ("failed", MARK + "install, by somebody", True),
        ("failed", MARK + "uninstall, by somebody; " + MARK + "upgrade", True),
        ("failed", MARK + "upgrade, by somebody", False),
        ("failed", "Release failed", False),
        ("deployed", MARK + "install", False),
    ],
)
def test_which_may_be_replaced(status, description, expected):
    assert may_replace(release(1, status, description)) is expected


def test_marks():
    assert is_interrupted(release(1, "uninstalling", "Deletion in progress; " + MARK + "upgrade"))
    assert not is_interrupted(release(1, "failed", "Upgrade failed"))


def test_manifests_that_can_t_be_built_are_told():
    cluster = Playground()
    gone = release(2, "failed", MARK + "upgrade")
    gone.manifest = "apiVersion: gone/v1\nkind: Gone\nmetadata: {name: x}\n"
    assert leftovers(cluster.context(), [gone], []) == []
    assert "unable to tell which objects an interrupted revision made" in cluster.lines[0]


def test_a_hold_that_ends_in_the_middle():
    cluster = Playground()
    context = cluster.context()
    with Hold(context, "web", "upgrade") as hold:
        hold.begin()
    assert len(cluster.leases()) == 1
    with Hold(context, "web", "rollback") as hold:
        assert (hold.abandoned_action, "upgrade since" in hold.abandoned) == ("upgrade", True)
    assert cluster.leases() == []
