"""`nav version`, which scripts that ask for Helm's version can read."""

import re
import sys

import pytest

import navarch
from navarch.chart.capabilities import Capabilities
from navarch.cli.commands.version import HELM, KUBERNETES

NUMBER = f"{HELM}+navarch.{navarch.__version__}"


def test_the_number(nav):
    assert nav("version", "--short").out == f"{NUMBER}\n"
    # as helmfile and terraform's provider read it
    assert re.fullmatch(r"v4\.3\.1\+navarch\.\d+\.\d+\.\d+", NUMBER)


def test_all_of_it(nav):
    python = sys.version.partition(" ")[0]
    assert nav("version").out == (
        'version.BuildInfo{Version:"v4.3.1", GitCommit:"", GitTreeState:"", GoVersion:"", KubeClientVersion:"v1.37", '
        f'NavarchVersion:"{navarch.__version__}", PythonVersion:"{python}"}}\n'
    )


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{.Version}}", "v4.3.1"),
        ("Version: {{ .Version }}\n", "Version: v4.3.1\n"),
        ('{{printf "%s-%q" .Version .GoVersion}}', 'v4.3.1-""'),
        ('{{define "x"}}a{{end}}{{template "x"}}', "a"),
    ],
)
def test_templates(nav, template, text):
    assert nav("version", "--template", template) == (0, text, "")


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{", "template: _:1: unclosed action"),
        (
            "{{.Foo}}",
            'template: _:1:2: executing "_" at <.Foo>: can\'t evaluate field Foo in type version.BuildInfo',
        ),
    ],
)
def test_templates_that_fail(nav, template, message):
    assert nav("version", "--template", template).err == f"Error: {message}\n"


def test_charts_see_the_same():
    capabilities = Capabilities()
    assert capabilities.HelmVersion.Version == HELM
    assert capabilities.KubeVersion.Version.startswith(KUBERNETES + ".")
