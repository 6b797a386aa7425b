"""Getters and post-renderers, programs and modules, through the real Helm and through nav: words, codes, what they see."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import NamedTuple

import pytest

from support.oracle import HELM, real_helm

NAV = os.path.join(sysconfig.get_path("scripts"), "nav")
MODULE = Path(__file__).parent / "wasm_plugin"

pytestmark = [pytest.mark.real, real_helm()]

CHART = {
    "Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "templates/a.yaml": (
        "# about a\nkind: A\nmetadata: {name: a}\nis:   ONE # here\nvalues: {{ toJson .Values | quote }}\n"
        "---\nkind: B\nmetadata:\n  name: b\n  annotations: {helm.sh/hook: pre-install}\nis: ONE\n"
    ),
}

GETTER = """name: fetch
version: 1.0.0
downloaders: [{command: 'run.sh $HOME', protocols: [s3, bad]}]
"""
FETCH = """#!/bin/sh
{ for word in "$@"; do echo "[$word]"; done; printenv | grep ^HELM_ | grep -v ^HELM_BIN= | sort; } > "$SEEN"
echo "getting $5" >&2
case "$5" in
bad:*) exit 3;;
s3://values*) echo "from: store";;
*) exec cat "$STORE/${5#s3://b/}";;
esac
"""
RENDERER = """apiVersion: v1
name: render
type: postrenderer/v1
runtime: subprocess
version: 1.0.0
runtimeConfig: {platformCommand: [{command: '${HELM_PLUGIN_DIR}/run.sh', args: [$HELM_PLUGIN_NAME]}]}
"""
RENDER = """#!/bin/sh
{ for word in "$@"; do echo "[$word]"; done; printenv | grep ^HELM_ | grep -v ^HELM_BIN= | sort; } > "$SEEN"
echo complaint >&2
case "$2" in
fail) exit 7;;
kill) kill -9 $$;;
empty) ;;
print) printf "$3";;
*) sed "s/ONE/two/";;
esac
"""
WASM = """apiVersion: v1
name: {name}
type: {type}
runtime: extism/v1
version: 1.0.0
config: {config}
runtimeConfig: {runtime}
"""
LIMITS = (
    "{timeout: 200000, memory: {maxPages: 800, maxHttpResponseBytes: 1000}, allowedHosts: [127.0.0.1], "
    "config: {key: value}, fileSystem: {createTempDir: true}}"
)


class Ran(NamedTuple):
    code: int
    out: str
    err: str
    seen: str


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for name, text in CHART.items():
        path = tmp_path / "chart" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    _plugin(tmp_path, "fetch", GETTER, FETCH)
    _plugin(tmp_path, "render", RENDERER, RENDER)
    subprocess.run([HELM, "package", tmp_path / "chart", "-d", tmp_path / "store"], check=True, capture_output=True)
    subprocess.run([HELM, "repo", "index", tmp_path / "store"], check=True)
    return tmp_path


def _plugin(home: Path, name: str, metadata: str, script: str) -> None:
    folder = home / "plugins" / name
    folder.mkdir(parents=True)
    (folder / "plugin.yaml").write_text(metadata)
    (folder / "run.sh").write_text(script)
    (folder / "run.sh").chmod(0o755)


def _run(program: str, home: Path, *words: str) -> Ran:
    seen = home / "seen"
    seen.unlink(missing_ok=True)
    shutil.rmtree(home / "cache" / "content", ignore_errors=True)  # what one has fetched the other finds there
    places = {f"HELM_{kind}_HOME": str(home / kind.lower()) for kind in ("CACHE", "CONFIG", "DATA")}
    own = {"HELM_PLUGINS": str(home / "plugins"), "HOME": str(home), "SEEN": str(seen), "STORE": str(home / "store")}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HELM_")}
    done = subprocess.run(
        [program, *words],
        cwd=home,
        env=kept | places | own,
        capture_output=True,
        text=True,
        input="",
        timeout=300,
        check=False,
    )
    return Ran(done.returncode, _named(done.stdout), _named(done.stderr), seen.read_text() if seen.exists() else "")


def _named(text: str) -> str:
    """What is said, with a plugin's name where Helm prints all of its memory, addresses too."""
    before, found, rest = text.partition("plugin &{{")
    if not found:
        return text
    name = rest.split('"')[3]
    return f'{before}plugin "{name}"{rest[rest.index(" failed to invoke") :]}'


@pytest.mark.parametrize(
    "words",
    [
        "--post-renderer render",
        "--post-renderer render --post-renderer-args x --post-renderer-args $HOME",
        "--post-renderer-args x --post-renderer render --post-renderer-args y",
        "--post-renderer render --post-renderer-args fail",
        "--post-renderer render --post-renderer-args kill",
        "--post-renderer render --post-renderer-args empty",
        "--post-renderer render --post-renderer-args print --post-renderer-args a:[",
        "--post-renderer render --post-renderer-args print --post-renderer-args -\\040a",
        "--post-renderer render --post-renderer-args print --post-renderer-args kind:\\040C",
        "--post-renderer absent",
        "--post-renderer render --post-renderer render",
        "-f s3://values/a.yaml",
        "-f bad://values/a.yaml",
        "-f gs://values/a.yaml",
        "--set-file x=s3://values/a.yaml",
    ],
)
def test_templates(home: Path, words: str) -> None:
    line = ("template", "./chart", *words.split())
    assert _run(NAV, home, *line) == _run(HELM, home, *line)


LINES = """
repo add b s3://b
repo update
search repo web
pull b/web -d out
pull b/web -d out --username u --password p
pull s3://b/web-1.0.0.tgz -d out
pull s3://b/web-1.0.0.tgz -d out --username u --password p --pass-credentials
pull bad://b/web-1.0.0.tgz -d out
pull gs://b/web-1.0.0.tgz -d out
pull b/web --prov -d out
show chart b/web
template b/web
template s3://b/web-1.0.0.tgz
repo add c bad://b
repo add c gs://b
"""


def test_downloads(home: Path) -> None:
    (home / "out").mkdir()
    for line in LINES.strip().split("\n"):
        ours = _run(NAV, home, *line.split())
        if line.startswith("repo add b"):
            shutil.rmtree(home / "config")
        assert ours == _run(HELM, home, *line.split()), line


@pytest.fixture(scope="session")
def module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A module made by Go from wasm_plugin/main.go."""
    if shutil.which("go") is None:
        pytest.skip("Go is not installed")
    folder = tmp_path_factory.mktemp("module")
    shutil.copy(MODULE / "main.go", folder)
    (folder / "go.mod").write_text("module example.com/module\ngo 1.24\n")
    env = {**os.environ, "GOOS": "wasip1", "GOARCH": "wasm", "GOFLAGS": "-buildvcs=false"}
    command = ["go", "build", "-buildmode=c-shared", "-ldflags=-s -w", "-o", "plugin.wasm", "."]
    subprocess.run(command, cwd=folder, env=env, check=True, timeout=300)
    return folder / "plugin.wasm"


@pytest.fixture
def modules(home: Path, module: Path) -> Path:
    shutil.rmtree(home / "plugins")
    for name, kind, config, runtime in (
        ("get", "getter/v1", "{protocols: [w]}", LIMITS),
        ("short", "getter/v1", "{protocols: [ws]}", LIMITS.replace("200000", "3000")),
        ("entry", "getter/v1", "{protocols: [we]}", "{entryFuncName: nope}"),
        ("hosts", "getter/v1", "{protocols: [wh]}", "{hostFunctions: [x]}"),
        ("say", "cli/v1", "{shortHelp: speaks}", "{}"),
        ("change", "postrenderer/v1", "{}", "{timeout: 200000}"),
    ):
        folder = home / "plugins" / name
        folder.mkdir(parents=True)
        (folder / "plugin.yaml").write_text(WASM.format(name=name, type=kind, config=config, runtime=runtime))
        shutil.copy(module, folder)
    return home


GO_ONLY = " (recovered by wazero)"


def test_modules(modules: Path) -> None:
    lines = [f"template ./chart -f w://{what}" for what in ("x", "fail", "garbage", "base64", "number", "list", "file")]
    lines += ["template ./chart -f ws://loop", "template ./chart -f we://x", "template ./chart -f wh://x", "say a b"]
    lines += [f"template ./chart -f w://http={url}" for url in ("http://localhost:9/", "http://127.0.0.1:9/")]
    for line in lines:
        ours, theirs = (_run(program, modules, *line.split()) for program in (NAV, HELM))
        if GO_ONLY in theirs.err:  # behind it is a trace of the module's own functions
            theirs = theirs._replace(err=theirs.err.partition(GO_ONLY)[0] + "\n")
        assert ours == theirs, line


def test_modules_that_crash(modules: Path) -> None:
    for what in ("panic", "memory", "exit"):
        ours, theirs = (_run(program, modules, "template", "./chart", "-f", f"w://{what}") for program in (NAV, HELM))
        assert (ours.code, ours.out) == (theirs.code, theirs.out) == (1, "")
        assert ours.err.startswith('Error: plugin "get" failed to invoke: plugin error: ')
        assert "Traceback" not in ours.err


def test_a_module_as_post_renderer(modules: Path) -> None:
    """Helm 4.3 sends no manifests to a module, and can't read those it answers."""
    line = ("template", "./chart", "--post-renderer", "change")
    assert "cannot unmarshal string into Go struct field" in _run(HELM, modules, *line).err
    ours = _run(NAV, modules, *line)
    assert ours.code == 0
    assert ours.out.count("is: wasm") == 2
