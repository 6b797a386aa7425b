"""The scaffold: what it is made of, and that it lints and renders, whatever is switched on in it."""

import pytest

from navarch.actions.lint import INFO, lint
from navarch.chart.create import create_chart, create_from
from navarch.chart.load import load_chart
from navarch.errors import ChartError
from navarch.manifests.render import template
from navarch.values.strvals import parse_set

FILES = {
    ".helmignore",
    "Chart.yaml",
    "templates/NOTES.txt",
    "templates/_helpers.tpl",
    "templates/deployment.yaml",
    "templates/hpa.yaml",
    "templates/httproute.yaml",
    "templates/ingress.yaml",
    "templates/service.yaml",
    "templates/serviceaccount.yaml",
    "templates/tests/test-connection.yaml",
    "values.yaml",
}


@pytest.fixture
def chart(tmp_path):
    return create_chart("web", str(tmp_path), warn=print)


def rendered(path, settings=""):
    values = {}
    parse_set(settings, values)
    return template(load_chart(path), values)


def test_the_files(chart, tmp_path):
    assert {str(p.relative_to(chart)) for p in (tmp_path / "web").rglob("*") if p.is_file()} == FILES
    assert (tmp_path / "web" / "charts").is_dir()
    for name in FILES:
        assert "<CHARTNAME>" not in (tmp_path / "web" / name).read_text()


def test_it_has_no_mistakes(chart):
    findings = lint(chart, {}, warn=print)
    assert [str(finding) for finding in findings] == ["[INFO] Chart.yaml: icon is recommended"]
    assert findings[0].severity == INFO


def test_what_it_installs(chart):
    found = rendered(chart)
    kinds = [(manifest.kind, manifest.name) for manifest in found.manifests]
    name = "release-name-web"
    assert kinds == [("ServiceAccount", name), ("Service", name), ("Deployment", name)]
    assert [(hook.kind, hook.events) for hook in found.hooks] == [("Pod", ["test"])]
    assert "port-forward service/release-name-web 8080:80" in found.notes


@pytest.mark.parametrize(
    ("settings", "kinds", "note"),
    [
        ("ingress.enabled=true", {"Ingress"}, "http://web.example.com/"),
        ("ingress.enabled=true,ingress.tls[0].secretName=s", {"Ingress"}, "https://web.example.com/"),
        ("httpRoute.enabled=true", {"HTTPRoute"}, "http://web.example.com"),
        ("autoscaling.enabled=true", {"HorizontalPodAutoscaler"}, ""),
        ("service.type=NodePort", set(), "nodePort"),
        ("service.type=LoadBalancer", set(), "--watch"),
    ],
)
def test_what_can_be_switched_on(chart, settings, kinds, note):
    found = rendered(chart, settings)
    assert {manifest.kind for manifest in found.manifests} == {"ServiceAccount", "Service", "Deployment"} | kinds
    assert note in found.notes
    values = {}
    parse_set(settings, values)
    assert len(lint(chart, values, warn=print)) == 1


def test_settings_reach_the_pods(chart):
    settings = (
        "image.tag=2,replicaCount=3,podAnnotations.a=b,podLabels.c=d,resources.limits.cpu=1,nodeSelector.e=f,"
        "volumes[0].name=v,volumeMounts[0].name=v,imagePullSecrets[0].name=s,tolerations[0].key=k,affinity.g=h,"
        "podSecurityContext.fsGroup=1,securityContext.runAsUser=2,serviceAccount.create=false"
    )
    found = rendered(chart, settings)
    text = found.manifests[-1].content
    for line in (
        'image: "nginx:2"',
        "replicas: 3",
        "a: b",
        "c: d",
        "cpu: 1",
        "e: f",
        "volumeMounts:",
        "imagePullSecrets:",
        "key: k",
        "g: h",
        "fsGroup: 1",
        "runAsUser: 2",
        "serviceAccountName: default",
    ):
        assert line in text
    assert [manifest.kind for manifest in found.manifests] == ["Service", "Deployment"]


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ("", "release-name-web"),
        ("nameOverride=x", "release-name-x"),
        ("nameOverride=release", "release-name"),
        ("fullnameOverride=other", "other"),
        (f"fullnameOverride={'z' * 70}", "z" * 63),
    ],
)
def test_names(chart, settings, name):
    assert rendered(chart, settings).manifests[-1].name == name


def test_names_that_objects_can_not_have(tmp_path):
    path = create_chart("My_web.app", str(tmp_path), warn=print)
    assert rendered(path).manifests[-1].name == "release-name-my-web-app"
    assert len(lint(path, {}, warn=print)) == 1


def test_a_name_that_looks_like_a_number_stays_a_name(tmp_path):
    path = create_chart("1.0", str(tmp_path), warn=print)
    assert load_chart(path).name == "1.0"


@pytest.mark.usefixtures("chart")
def test_files_that_are_there_are_told_and_others_stay(tmp_path):
    (tmp_path / "web" / "mine").write_text("kept")
    told = []
    create_chart("web", str(tmp_path), warn=told.append)
    assert told[0] == f'WARNING: File "{tmp_path}/web/Chart.yaml" already exists. Overwriting.'
    assert len(told) == len(FILES)
    assert (tmp_path / "web" / "mine").read_text() == "kept"


def test_the_third_format(tmp_path):
    path = create_chart("web", str(tmp_path), api_version="v3", warn=print)
    assert load_chart(path).metadata.api_version == "v3"


def test_a_starter_keeps_its_dependencies_as_archives(tmp_path):
    create_chart("starter", str(tmp_path), warn=print)
    create_chart("sub", str(tmp_path / "starter" / "charts"), warn=print)
    path = create_from("new", str(tmp_path), str(tmp_path / "starter"))
    assert (tmp_path / "new" / "charts" / "sub-0.1.0.tgz").is_file()
    assert [child.name for child in load_chart(path).dependencies] == ["sub"]


def test_a_starter_that_is_none(tmp_path):
    with pytest.raises(ChartError, match=r"could not load .*/nope: stat .*/nope: no such file or directory"):
        create_from("new", str(tmp_path), str(tmp_path / "nope"))


def test_a_place_that_can_not_be_written_to(tmp_path):
    (tmp_path / "web").write_text("")
    with pytest.raises(ChartError, match=r"file .*/web already exists and is not a directory"):
        create_chart("web", str(tmp_path), warn=print)
    with pytest.raises(ChartError, match=r"no such directory .*/web"):
        create_chart("a", str(tmp_path / "web"), warn=print)
