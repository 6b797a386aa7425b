"""The commands that look at charts and write them: show, dependency list, create, package, lint.

What is expected is what Helm prints, but for its own name and its scaffold.
"""

import tarfile

import pytest

CHART = "apiVersion: v2\nname: web\nversion: 1.0.0\n"
RICH = """\
apiVersion: v2
name: rich
version: 1.0.0+b
appVersion: 1.10
description: "a: b # c"
keywords: [a, "1", "yes"]
maintainers:
- name: me
  email: a@b
deprecated: true
annotations: {b: "c\\nd", a: "1"}
kubeVersion: ">=1"
type: library
dependencies:
- name: foo
  version: 1.x
  alias: f
  tags: [t]
  import-values: [x, {child: a, parent: b}]
"""
RICH_SHOWN = """\
annotations:
  a: "1"
  b: |-
    c
    d
apiVersion: v2
appVersion: "1.1"
dependencies:
- alias: f
  import-values:
  - x
  - child: a
    parent: b
  name: foo
  repository: ""
  tags:
  - t
  version: 1.x
deprecated: true
description: 'a: b # c'
keywords:
- a
- "1"
- "yes"
kubeVersion: '>=1'
maintainers:
- email: a@b
  name: me
name: rich
type: library
version: 1.0.0+b

"""


@pytest.fixture
def web(write):
    write(
        {
            "web/Chart.yaml": CHART,
            "web/values.yaml": "a: 1 # kept\n",
            "web/ReadMe.TXT": "hello\n",
            "web/crds/a.yaml": "---\na: 1\n",
            "web/crds/b.yml": "b: 1",
            "web/crds/c.txt": "c",
        },
    )


NOT_THERE = "no such file or directory"
METADATA = "apiVersion: v2\nname: web\nversion: 1.0.0\n\n"
VALUES = "a: 1 # kept\n\n"
README = "hello\n\n"
CRDS = "---\na: 1\n\n---\nb: 1\n"


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("chart", METADATA),
        ("values", VALUES),
        ("readme", README),
        ("crds", CRDS),
        ("all", f"{METADATA}---\n{VALUES}---\n{README}{CRDS}"),
    ],
)
@pytest.mark.usefixtures("web")
def test_show(nav, part, text):
    assert nav("show", part, "web") == (0, text, "")
    assert nav("inspect", part, "./web/").out == text


def test_show_writes_metadata_as_helm_does(nav, write):
    write({"rich/Chart.yaml": RICH})
    assert nav("show", "chart", "rich").out == RICH_SHOWN
    assert nav("show", "all", "rich").out == RICH_SHOWN


def test_show_of_bytes_that_are_no_text(nav, write):
    write({"web/Chart.yaml": CHART, "web/README": b"a \xff\n"})
    assert nav("show", "readme", "web").out == "a \udcff\n\n"


@pytest.mark.usefixtures("web")
def test_show_a_part_of_the_values(nav, write):
    assert nav("show", "values", "web", "--jsonpath", "{.a}").out == "1"
    fault = nav("show", "values", "web", "--jsonpath", "{")
    assert fault == (1, "", "Error: error parsing jsonpath {: unclosed action\n")
    write({"bare/Chart.yaml": CHART})
    assert nav("show", "values", "bare", "--jsonpath", "{").out == ""


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("nope", "non-absolute URLs should be in form of repo_name/path_to_chart, got: nope"),
        ("./nope", 'path "./nope" not found'),
        ("/nope", 'path "/nope" not found'),
        ("foo/bar", "repo foo not found"),
        ("empty", "Chart.yaml file is missing"),
        ("nothing", "validation: chart.metadata.version is required"),
    ],
)
def test_charts_that_can_not_be_shown(nav, write, reference, message):
    write({"empty/x": "", "nothing/Chart.yaml": "apiVersion: v2\nname: a\n"})
    assert nav("show", "chart", reference) == (1, "", f"Error: {message}\n")


@pytest.mark.parametrize("command", ["template x", "show chart", "install x"])
def test_no_chart_is_used_unverified_that_is_to_be_verified(nav, write, home, command):
    write({"web/Chart.yaml": CHART})
    fault = nav(*command.split(), "web", "--verify")
    assert fault.code == 1
    assert fault.err.endswith("unpacked charts cannot be verified\n")
    nav("package", "web")
    missing = f"could not load provenance file {home}/web-1.0.0.tgz.prov: stat {home}/web-1.0.0.tgz.prov: no such file"
    assert missing in nav(*command.split(), "web-1.0.0.tgz", "--verify").err
    write({"web-1.0.0.tgz.prov": "anything"})
    unverified = nav(*command.split(), "web-1.0.0.tgz", "--verify")
    assert unverified.code == 1
    assert not unverified.out


def test_charts_of_a_repository_that_was_never_updated(nav, write, home):
    write({".config/helm/repositories.yaml": "repositories: [{name: foo, url: 'https://x'}]\n"})
    for reference in ("foo/bar", "https://x/y.tgz"):
        ran = nav("show", "chart", reference)
        index = home / ".cache/helm/repository/foo-index.yaml"
        why = f"open {index}: no such file or directory"
        assert ran == (1, "", f"Error: no cached repo found. (try 'helm repo update'): {why}\n")


@pytest.fixture
def parent(nav, write):
    """A chart whose dependencies are in every state there is."""
    names = {"archived": "1.x", "old": ">2", "gone": "1.0.0", "odd": "1.0.0", "broken": "1.0.0", "folder": "1.0.0"}
    listed = "".join(f"- name: {name}\n  version: '{version}'\n" for name, version in names.items())
    write({"p/Chart.yaml": f"{CHART}dependencies:\n{listed}- name: bad\n  version: x.y\n"})
    for name in ("archived", "old", "bad", "folder", "unnamed"):
        write({f"src/{name}/Chart.yaml": f"apiVersion: v2\nname: {name}\nversion: 1.0.0\n"})
        if name != "folder":
            nav("package", f"src/{name}", "-d", "p/charts")
    write({"p/charts/folder/Chart.yaml": "apiVersion: v2\nname: folder\nversion: 1.0.0\n"})


@pytest.mark.usefixtures("parent")
def test_dependency_list(nav, home):
    (home / "p/charts/odd-1.0.0.tgz").write_bytes((home / "p/charts/unnamed-1.0.0.tgz").read_bytes())
    ran = nav("dependency", "list", "p")
    assert ran == (
        0,
        (
            "NAME    \tVERSION\tREPOSITORY\tSTATUS         \n"
            "archived\t1.x    \t          \tok             \n"
            "old     \t>2     \t          \twrong version  \n"
            "gone    \t1.0.0  \t          \tmissing        \n"
            "odd     \t1.0.0  \t          \tmisnamed       \n"
            "broken  \t1.0.0  \t          \tmissing        \n"
            "folder  \t1.0.0  \t          \tunpacked       \n"
            "bad     \tx.y    \t          \tinvalid version\n"
            "\n"
            'WARNING: "p/charts/odd-1.0.0.tgz" is not in Chart.yaml.\n'
            'WARNING: "p/charts/unnamed-1.0.0.tgz" is not in Chart.yaml.\n'
        ),
        "",
    )
    assert nav("dep", "ls", "./p/").out == ran.out


def test_dependency_list_with_narrow_columns(nav, write):
    write({"p/Chart.yaml": f"{CHART}dependencies:\n- name: something\n  version: 1.0.0\n"})
    assert nav("dep", "list", "p", "--max-col-width", "5").out == (
        "NAME \tVE...\tRE...\tST...\nso...\t1.0.0\t     \tmi...\n\n"
    )


@pytest.mark.usefixtures("web")
def test_dependency_list_without_any(nav):
    assert nav("dep", "list", "web").out == "WARNING: no dependencies at web/charts\n"
    assert nav("dep", "list", "nope").err == "Error: stat nope: no such file or directory\n"


def test_create(nav, home):
    assert nav("create", "sub").out == "Creating sub\n"
    assert (home / "sub/charts").is_dir()
    again = nav("create", "sub").out.splitlines()
    assert again[:2] == ["Creating sub", f'WARNING: File "{home}/sub/Chart.yaml" already exists. Overwriting.']
    assert len(again) == 13


def test_create_from_a_starter(nav, write, home):
    write(
        {
            ".local/share/helm/starters/tiny/Chart.yaml": "apiVersion: v2\nname: x\nversion: 9.9.9\n",
            ".local/share/helm/starters/tiny/values.yaml": "name: <CHARTNAME> # of <CHARTNAME>\n",
            ".local/share/helm/starters/tiny/templates/a.yaml": "a: <CHARTNAME>\n",
            ".local/share/helm/starters/tiny/README.md": "<CHARTNAME>\n",
        },
    )
    assert nav("create", "mine", "-p", "tiny") == (0, "Creating mine\n", "")
    assert (home / "mine/values.yaml").read_text() == "name: mine # of mine\n"
    assert (home / "mine/templates/a.yaml").read_text() == "a: mine\n"
    assert (home / "mine/README.md").read_text() == "<CHARTNAME>\n"  # only values and templates are changed
    assert nav("show", "chart", "mine").out.splitlines()[-3:] == ["type: application", "version: 0.1.0", ""]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["bad name"], 'chart name must match the regular expression "^[a-zA-Z0-9._-]+$"'),
        (["x" * 251], "chart name must be between 1 and 250 characters"),
        (["file"], "file {home}/file already exists and is not a directory"),
        (["a/b"], "stat {home}/a: no such file or directory"),
        (
            ["n", "-p", "nope"],
            (
                "could not load {home}/.local/share/helm/starters/nope: "
                "stat {home}/.local/share/helm/starters/nope: no such file or directory"
            ),
        ),
        (["n", "--chart-api-version", "v9"], "unsupported chart API version: v9 (supported: v2, v3)"),
        (
            ["n", "--chart-api-version", "v3"],
            (
                "this feature has been marked as experimental and is not enabled by default. "
                "Please set HELM_EXPERIMENTAL_CHART_V3=1 in your environment to use this feature"
            ),
        ),
    ],
)
def test_what_can_not_be_created(nav, write, home, words, message):
    write({"file": ""})
    assert nav("create", *words) == (1, f"Creating {words[0]}\n", f"Error: {message.format(home=home)}\n")


@pytest.mark.usefixtures("web")
def test_package(nav, home, monkeypatch):
    ran = nav("package", "web")
    assert ran == (0, f"Successfully packaged chart and saved it to: {home}/web-1.0.0.tgz\n", "")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "5")
    ran = nav("package", "web", "--version", "2.0.0", "--app-version", "7", "-d", "out/a")
    assert ran.out == "Successfully packaged chart and saved it to: out/a/web-2.0.0.tgz\n"
    with tarfile.open(home / "out/a/web-2.0.0.tgz") as archive:
        assert {member.mtime for member in archive} == {5}
        text = archive.extractfile("web/Chart.yaml").read()
    assert text == b'apiVersion: v2\nappVersion: "7"\nname: web\nversion: 2.0.0\n'


@pytest.mark.parametrize(
    ("words", "epoch", "message"),
    [
        (["nope"], "", "stat nope: no such file or directory"),
        (
            ["empty"],
            "",
            "unable to detect chart at {home}/empty/Chart.yaml: open {home}/empty/Chart.yaml: " + NOT_THERE,
        ),
        (
            ["web/values.yaml"],
            "",
            (
                "unable to detect chart at {home}/web/values.yaml/Chart.yaml: "
                "open {home}/web/values.yaml/Chart.yaml: not a directory"
            ),
        ),
        (["v3"], "", "invalid chart apiVersion"),
        (["web", "--version", "x"], "", "invalid semantic version"),
        (["web", "-d", "file"], "", "failed to save: is not a directory: file"),
        (["web", "-d", "file/x"], "", "failed to save: stat file/x: stat file/x: not a directory"),
        (["web", "--sign"], "", "--key is required for signing a package"),
        (["web", "--sign", "--key", "k", "--keyring", ""], "", "--keyring is required for signing a package"),
        (["needs"], "", "found in Chart.yaml, but missing in charts/ directory: foo"),
        (["needs", "-u"], "", "directory {home}/needs/charts/foo not found"),
        (["schema"], "", "failed to save: invalid JSON in values.schema.json"),
        (["web"], "x", 'invalid SOURCE_DATE_EPOCH: strconv.ParseInt: parsing "x": invalid syntax'),
        (["web"], "-1", "invalid SOURCE_DATE_EPOCH: must not be negative"),
    ],
)
@pytest.mark.usefixtures("web")
def test_what_can_not_be_packaged(nav, write, home, monkeypatch, words, epoch, message):
    write(
        {
            "file": "",
            "empty/x": "",
            "v3/Chart.yaml": "apiVersion: v3\nname: a\nversion: 1.0.0\n",
            "needs/Chart.yaml": f"{CHART}dependencies: [{{name: foo, version: 1.0.0}}]\n",
            "schema/Chart.yaml": CHART,
            "schema/values.schema.json": "{",
        },
    )
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    assert nav("package", *words) == (1, "", f"Error: {message.format(home=home)}\n")
    assert not list(home.rglob("*.tgz*"))


@pytest.mark.usefixtures("web")
def test_package_goes_on_until_a_chart_fails(nav, home):
    ran = nav("package", "web", "nope")
    assert ran.out == f"Successfully packaged chart and saved it to: {home}/web-1.0.0.tgz\n"
    assert ran.err == "Error: stat nope: no such file or directory\n"


@pytest.fixture
def sound(write):
    write(
        {
            "web/Chart.yaml": f"{CHART}icon: https://x/y.png\n",
            "web/values.yaml": "",
            "web/templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Values.name }}'}\n",
        },
    )


SUMMARY = "1 chart(s) linted, 0 chart(s) failed\n"
NAME_FAULT = (
    '[WARNING] templates/a.yaml: object name does not conform to Kubernetes naming requirements: "A": metadata.name: '
    "Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')\n"
)


@pytest.mark.parametrize(
    ("words", "code", "out", "err"),
    [
        ("--set name=a", 0, f"==> Linting web\n\n{SUMMARY}", ""),
        ("--set name=a --quiet", 0, "", ""),
        ("--set name=A", 0, f"==> Linting web\n{NAME_FAULT}\n{SUMMARY}", ""),
        ("--set name=A --quiet", 0, f"==> Linting web\n{NAME_FAULT}\n{SUMMARY}", ""),
        (
            "--set name=A --strict",
            1,
            f"==> Linting web\n{NAME_FAULT}\n",
            "Error: 1 chart(s) linted, 1 chart(s) failed\n",
        ),
        (
            "nope --set name=a",
            1,
            (
                "==> Linting web\n\n==> Linting nope\n"
                "Error unable to check Chart.yaml file in chart: stat nope/Chart.yaml: no such file or directory\n\n"
            ),
            "Error: 2 chart(s) linted, 1 chart(s) failed\n",
        ),
        ("--kube-version x", 1, "", "Error: invalid kube version 'x': could not parse \"x\" as version\n"),
        ("--set a={x", 1, "", "Error: failed parsing --set data: list must terminate with '}'\n"),
    ],
)
@pytest.mark.usefixtures("sound")
def test_lint(nav, words, code, out, err):
    ran = nav("lint", "web", *words.split())
    assert ran == (code, out, err)


@pytest.mark.usefixtures("sound")
def test_lint_of_subcharts(nav, write):
    write({"web/charts/sub/Chart.yaml": "apiVersion: v2\nname: sub\nversion: 1.0.0\n", "web/charts/x.tgz": "junk"})
    ran = nav("lint", "web", "--with-subcharts", "--set", "name=a")
    assert ran.code == 1
    heads = [line for line in ran.out.splitlines() if line.startswith(("==>", "Error"))]
    assert heads == [
        "==> Linting web",
        "==> Linting web/charts/sub",
        "==> Linting web/charts/x.tgz",
        "Error unable to extract tarball: unexpected EOF",
    ]
    assert ran.err == "Error: 3 chart(s) linted, 2 chart(s) failed\n"


@pytest.mark.usefixtures("sound")
def test_lint_of_an_archive(nav):
    nav("package", "web")
    ran = nav("lint", "web-1.0.0.tgz", "--set", "name=a")
    assert ran == (0, f"==> Linting web-1.0.0.tgz\n\n{SUMMARY}", "")


@pytest.mark.usefixtures("sound")
def test_lint_knows_the_namespace_and_the_version_of_kubernetes(nav, write):
    write(
        {"web/templates/a.yaml": "metadata: {name: {{ .Release.Namespace }}-{{ .Capabilities.KubeVersion.Minor }}}\n"}
    )
    assert nav("lint", "web", "-n", "demo", "--kube-version", "1.20").out == f"==> Linting web\n\n{SUMMARY}"
    write({"web/templates/b.yaml": "apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: a}\n"})
    assert "batch/v1beta1 CronJob is deprecated in v1.21+, unavailable in v1.25+; use batch/v1 CronJob" in (
        nav("lint", "web", "--kube-version", "1.21").out
    )
    assert "deprecated" not in nav("lint", "web", "--kube-version", "1.20").out
