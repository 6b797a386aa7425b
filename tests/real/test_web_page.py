"""The registry's pages in a real browser, and their commands with the real Helm."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from html import unescape
from typing import TYPE_CHECKING
from urllib.request import Request, urlopen

import pytest

from support.asgi import multipart
from support.serving import Serving
from support.spaces import WEB, WORKER, chart_yaml, packed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.real

HELM = os.path.join(os.environ.get("ORACLE") or os.path.expanduser("~/.cache/navarch-oracle"), "bin", "helm")
NASTY = "\"'><script>document.title='harm'</script><img src=x onerror=\"document.title='harm'\">"
EVIL = packed(
    "evil",
    "1.0.0",
    {
        "Chart.yaml": chart_yaml("evil", "1.0.0", description=json.dumps(NASTY), home="'javascript:document.title=1'"),
        "values.yaml": f"# {NASTY}\na: {json.dumps(NASTY)}\n",
        "README.md": f"# {NASTY}\n\n![p](https://127.0.0.1:1/p.png) ![own](p.svg)\n\n[a](javascript:document.title='harm')\n",
        "p.svg": "<svg xmlns='http://www.w3.org/2000/svg' onload='top.document.title=1'><script>top.document.title=1</script></svg>",
        "templates/x.yaml": NASTY,
    },
)  # fmt: skip
PAGES = [
    "/", "/-/library", "/-/library/web", "/-/library/web/1.2.0/values", "/-/library/web/1.2.0/files",
    "/-/library/web/1.2.0/dependencies", "/-/library/web/versions", "/-/library/web/compare?from=1.2.0&to=1.3.0",
    "/-/-search?q=web", "/-/evil/evil", "/-/evil/evil/1.0.0/values", "/-/evil/evil/1.0.0/files", "/-/none",
]  # fmt: skip


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with Serving(folder=str(tmp_path_factory.mktemp("registry"))) as server:
        newer = packed(
            "web", "1.3.0", {"values.yaml": "replicas: 2\n", "templates/a.yaml": "a: {{ .Values.replicas }}\n"}
        )
        for space, archive in (("library", WEB), ("library", WORKER), ("library", newer), ("evil", EVIL)):
            body, headers = multipart(chartfile=archive)
            urlopen(Request(f"{server.url}/api/v1/spaces/{space}/charts", body, headers)).close()
        yield server.url


@pytest.mark.parametrize("path", PAGES)
def test_a_browser_runs_nothing_of_a_chart_and_has_nothing_to_complain_of(url: str, path: str, tmp_path: Path) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium")
    command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}"]
    command += ["--enable-logging=stderr", "--v=0", "--virtual-time-budget=2000", "--dump-dom", f"{url}{path}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    told = [line for line in done.stderr.splitlines() if "CONSOLE" in line and "404 (Not Found)" not in line]
    assert told == []
    title = re.search("<title>(.*?)</title>", done.stdout)
    assert title
    assert title[1].endswith("Charts")
    for button in re.findall("<button[^>]*data-copy[^>]*>", done.stdout):  # shown by the page's own script
        assert "hidden" not in button


def test_the_commands_of_a_page_work_with_helm(url: str, tmp_path: Path) -> None:
    if not os.path.exists(HELM):
        pytest.skip("no helm")
    with urlopen(f"{url}/-/library/worker/3.0.0") as answer:
        page = answer.read().decode()
    commands = [
        line
        for block in re.findall("<pre[^>]*><code>(.*?)</code>", page, re.DOTALL)
        for line in unescape(block).split("\n")
    ]
    commands = [line.replace("helm install", "helm template") for line in commands if line.startswith("helm ")]
    assert [line.split()[1] for line in commands] == ["template", "repo", "template"]
    home = {name: str(tmp_path / name) for name in ("HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME")}
    for line in commands:
        done = subprocess.run(
            ["sh", "-ec", line],
            env={**os.environ, **home, "PATH": f"{os.path.dirname(HELM)}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "kind: ConfigMap" in done.stdout or " repo " in line
