"""What the commands that have to be quick import. One module too many costs every run of them."""

import json
import subprocess
import sys

import pytest

from support.charts_server import Web, archive, index_of

# Looked at from a second run on, when templates and values come from the cache.
CHART = {
    "Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "values.yaml": "replicas: 1\nlabels: {a: b}\n",
    "templates/_helpers.tpl": '{{- define "web.labels" -}}\n{{ toYaml .Values.labels }}\n{{- end }}\n',
    "templates/a.yaml": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name | trunc 63 | quote }}\n"
        '  labels: {{- include "web.labels" . | nindent 4 }}\ndata:\n  n: {{ default 2 .Values.replicas | quote }}\n'
    ),
}

VERSION = {
    "__future__",
    "navarch",
    "navarch.cli",
    "navarch.cli.call",
    "navarch.cli.commands",
    "navarch.cli.commands.version",
    "navarch.cli.flags",
    "navarch.cli.global_flags",
    "navarch.cli.main",
    "navarch.cli.output",
    "navarch.cli.route",
    "navarch.cli.settings",
    "navarch.cli.table",
    "navarch.errors",
}

# Of Python's own modules, and of ours the parts that only errors, odd charts and first runs need.
TEMPLATE_STANDARD = {"__future__", "_blake2", "_json", "binascii", "errno", "types"}
TEMPLATE_WITHOUT = (
    "navarch.chart.archive",
    "navarch.chart.lint",
    "navarch.cli.choices",
    "navarch.cli.complete",
    "navarch.cli.flag_values",
    "navarch.cli.help",
    "navarch.cli.suggest",
    "navarch.golang.regexp",
    "navarch.golang.semver",
    "navarch.golang.time",
    "navarch.golang.yaml.compose",
    "navarch.golang.yaml.scan",
    "navarch.templates.compile",
    "navarch.templates.lex",
    "navarch.templates.parse",
    "navarch.values.schema",
)

PROBE = """
import sys
before = set(sys.modules)
from navarch.cli.main import main
code = main(sys.argv[1:])
found = sorted(set(sys.modules) - before)
import json
print(json.dumps([code, found]))
"""


def imported(*words, home):
    ran = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{PROBE}", *words],
        env={"HOME": str(home)},
        cwd=home,
        capture_output=True,
        text=True,
        check=True,
    )
    code, modules = json.loads(ran.stdout.splitlines()[-1])
    assert code == 0, ran.stderr
    return set(modules)


@pytest.fixture
def chart(write):
    write({f"web/{name}": text for name, text in CHART.items()})


def test_version(home):
    assert imported("version", "--short", home=home) <= VERSION


@pytest.mark.usefixtures("chart")
def test_template(home):
    imported("template", "demo", "web", home=home)
    modules = imported("template", "demo", "web", home=home)
    assert {name for name in modules if not name.startswith("navarch")} <= TEMPLATE_STANDARD
    assert not [name for name in modules if name.startswith(TEMPLATE_WITHOUT)]


@pytest.mark.parametrize("words", [("--help",), ("env",), ("show", "chart", "web"), ("help", "template")])
@pytest.mark.usefixtures("chart")
def test_the_other_quick_ones(home, words):
    heavy = {"typing", "dataclasses", "inspect", "logging", "argparse", "asyncio", "ssl", "http.client", "pathlib"}
    assert not imported(*words, home=home) & heavy


def test_dependency_update(home, write):
    made = {"web-1.0.0.tgz": archive(home / "made")}
    with Web({f"/{name}": data for name, data in made.items()}) as web:
        web.files["/index.yaml"] = index_of(made, home).to_yaml().encode()
        needs = f"dependencies: [{{name: web, version: ^1, repository: {web.url}}}]\n"
        write({"all/Chart.yaml": f"apiVersion: v2\nname: all\nversion: 1.0.0\n{needs}"})
        for _ in range(2):
            modules = imported("dependency", "update", "all", home=home)
    assert not modules & {
        "typing",
        "re",
        "dataclasses",
        "inspect",
        "logging",
        "ssl",
        "http.client",
        "pathlib",
        "tarfile",
    }
