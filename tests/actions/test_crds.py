"""The definitions in crds/: created first, waited for, left alone when they are there."""

import pytest

from navarch.actions.crds import install_crds
from navarch.actions.install import install
from navarch.actions.options import InstallOptions
from navarch.chart.model import Chart
from navarch.errors import ApiError, KubernetesError, NavarchError
from support.playground import Playground, chart, config_map

CRD = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things}\n"
CHART = chart(config_map("a"), crds=CRD)


@pytest.fixture
def cluster(monkeypatch):
    served = []
    monkeypatch.setattr("navarch.kube.definitions.wait_until_served", lambda _, created: served.extend(created))
    found = Playground()
    found.served = served
    return found


def run(cluster, made=CHART, **options):
    install_crds(
        cluster.context(), made, **{"wait": "hookOnly", "server_side": True, "force_conflicts": False, **options}
    )


def test_created_before_anything_else(cluster):
    install(cluster.context(), "web", CHART, {})
    assert cluster.done[:3] == ["POST lease", "create things", "POST record"]


@pytest.mark.parametrize(("wait", "strategy"), [("hookOnly", "watcher"), ("watcher", "watcher"), ("legacy", "legacy")])
def test_always_waited_for(cluster, wait, strategy):
    run(cluster, wait=wait)
    assert cluster.waited == [(strategy, "wait", 60)]
    assert [resource.name for resource in cluster.served] == ["things"]


def test_options_reach_the_cluster(cluster):
    run(cluster, server_side=False, force_conflicts=True)
    assert cluster.options == {"server_side": False, "force_conflicts": True, "on_event": None}


def test_what_is_known_of_the_cluster_is_forgotten(cluster):
    context = cluster.context()
    before = context.capabilities
    install_crds(context, CHART, wait="hookOnly", server_side=True, force_conflicts=False)
    assert context.capabilities is not before


def test_those_that_are_there_stay(cluster):
    cluster.faults["create things"] = ApiError("there", code=409, reason="AlreadyExists")
    lines = []
    context = cluster.context(debugging=True)
    context.say = lines.append
    install_crds(context, CHART, wait="hookOnly", server_side=False, force_conflicts=False)
    assert lines == ['level=DEBUG msg="CRD is already present. Skipping" crd=crds/crd.yaml']
    assert cluster.waited == []


def test_errors_name_the_file(cluster):
    cluster.faults["create things"] = ApiError("it is bad", code=422)
    with pytest.raises(ApiError, match=r"^failed to install CRD crds/crd.yaml: it is bad$"):
        run(cluster)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# nothing\n", "failed to install CRD crds/crd.yaml: resources are empty"),
        ("apiVersion: x/v1\nkind: Why\n", "failed to install CRD crds/crd.yaml: no matches for kind"),
    ],
)
def test_files_without_definitions(cluster, text, words):
    with pytest.raises(NavarchError, match=words):
        run(cluster, chart(crds=text))


def test_a_definition_that_is_not_accepted_in_time(cluster):
    cluster.faults["wait"] = KubernetesError("too slow")
    with pytest.raises(KubernetesError, match=r"^too slow$"):
        run(cluster)


def test_children_s_definitions(cluster):
    files = {
        "Chart.yaml": b"apiVersion: v2\nname: charts\nversion: 1.0.0\n",
        "charts/sub/Chart.yaml": b"apiVersion: v2\nname: sub\nversion: 1.0.0\n",
        "charts/sub/crds/crds/deep.yaml": b"kind: [",
    }
    with pytest.raises(NavarchError, match=r"^failed to install CRD crds/crds/deep.yaml: "):
        run(cluster, Chart.from_files(files))


def test_they_can_be_left_out(cluster):
    install(cluster.context(), "web", CHART, {}, InstallOptions(skip_crds=True))
    assert cluster.names() == {"a"}


def test_a_dry_run_says_that_they_are_missing(cluster):
    install(cluster.context(), "web", CHART, {}, InstallOptions(dry_run="server"))
    words = "This chart or one of its subcharts contains CRDs. Rendering may fail or contain inaccuracies."
    assert (cluster.lines, cluster.done) == ([f'level=WARN msg="{words}"'], [])
