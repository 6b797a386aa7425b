"""The library's Client: every method, on records in memory and a cluster that takes everything.

What it does to a real cluster is in tests/real/test_library.py.
"""

from __future__ import annotations

import inspect
import threading
from typing import TYPE_CHECKING

import pytest

import navarch
from navarch.actions.options import InstallOptions, RollbackOptions, UninstallOptions, UpgradeOptions
from navarch.chart.capabilities import Capabilities
from navarch.cli.offline import OfflineClient
from navarch.releases import Memory

if TYPE_CHECKING:
    from typing import Any

FILES = {
    "Chart.yaml": b"apiVersion: v2\nname: web\nversion: 1.2.3\nappVersion: '7'\n",
    "values.yaml": b"a: 1\nb: {c: 2}\n",
    "templates/cm.yaml": b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: {{ .Values.a | quote }}}\n",
    "templates/test.yaml": (
        b"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: check\n  annotations: {helm.sh/hook: test}\n"
    ),
    "templates/NOTES.txt": b"a is {{ .Values.a }}",
}


class Cluster(OfflineClient):
    """Where everything succeeds at once, and it is told what was done."""

    def __init__(self, namespace: str = "shop") -> None:
        super().__init__(namespace, lambda: None)  # type: ignore[arg-type, return-value]
        self.closed = False

    def capabilities(self) -> Capabilities:
        return Capabilities("1.36.0")

    def close(self) -> None:
        self.closed = True


def client(**options: Any) -> navarch.Client:
    kube: Any = Cluster()
    return navarch.Client(kube=kube, driver="memory", **options)


@pytest.fixture
def chart() -> navarch.Chart:
    return navarch.Chart.from_files(FILES)


def test_the_life_of_a_release(chart: navarch.Chart) -> None:
    shop = client()
    first = shop.install("web", chart, {"a": 5}, labels={"team": "red"}, description="Hello")
    assert (first.revision, first.status, first.namespace, first.info.description) == (1, "deployed", "shop", "Hello")
    assert shop.upgrade("web", chart, {"a": 6}).revision == 2
    assert shop.rollback("web", 1).info.rollback_revision == 1
    assert [(one.revision, one.status) for one in shop.history("web")] == [
        (1, "superseded"),
        (2, "superseded"),
        (3, "deployed"),
    ]
    assert shop.get_values("web") == {"a": 5}
    assert shop.get_values("web", 2, everything=True) == {"a": 6, "b": {"c": 2}}
    assert 'data: {a: "6"}' in shop.get_manifest("web", 2)
    assert shop.get_notes("web") == "a is 5"
    assert [hook.name for hook in shop.get_hooks("web")] == ["check"]
    assert (shop.get_metadata("web").app_version, shop.get("web").revision) == ("7", 3)
    assert shop.test("web").hooks[0].last_run.phase == "Succeeded"
    assert shop.status("web").info.resources == {}
    assert shop.uninstall("web", keep_history=True).release is not None
    assert [(one.name, one.status) for one in shop.list(states=["uninstalled"])] == [("web", "uninstalled")]


def test_upgrade_installs_what_is_not_there(chart: navarch.Chart) -> None:
    shop = client()
    with pytest.raises(navarch.NoDeployedReleasesError):
        shop.upgrade("web", chart)
    assert shop.upgrade("web", chart, install=True).revision == 1
    assert shop.upgrade("web", chart, install=True).revision == 2
    shop.uninstall("web", keep_history=True)
    assert shop.upgrade("web", chart, install=True).revision == 3


def test_dry_runs_leave_nothing(chart: navarch.Chart) -> None:
    shop = client()
    for way in ("client", "server"):
        assert shop.install("web", chart, dry_run=way).info.description == "Dry run complete"
    assert shop.list() == []


def test_a_chart_that_is_a_path(tmp_path: Any) -> None:
    for name, data in FILES.items():
        place = tmp_path / name
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(data)
    assert client().install("web", str(tmp_path)).chart_name == "web-1.2.3"


def test_a_chart_that_can_not_be_installed() -> None:
    library = navarch.Chart.from_files({"Chart.yaml": b"apiVersion: v2\nname: l\nversion: 1.0.0\ntype: library\n"})
    with pytest.raises(navarch.ChartError, match="library charts are not installable"):
        client().install("web", library)


def test_what_helm_would_say(chart: navarch.Chart) -> None:
    said: list[str] = []
    client(say=said.append, debug=True).install("web", chart)
    assert 'level=DEBUG msg="creating release" key=sh.helm.release.v1.web.v1' in said
    quiet: list[str] = []
    client(say=quiet.append).install("web", chart)
    assert quiet == []


def test_a_driver_of_ones_own(chart: navarch.Chart) -> None:
    driver = Memory("shop")
    kube: Any = Cluster()
    navarch.Client(kube=kube, driver=driver).install("web", chart)
    assert [one.name for one in navarch.Client(kube=kube, driver=driver).list()] == ["web"]


def test_namespaces() -> None:
    assert client().namespace == "shop"
    assert client(namespace="other").namespace == "other"


def test_it_is_closed() -> None:
    with client() as shop:
        kube: Any = shop.kube
    assert kube.closed


@pytest.mark.parametrize(
    ("method", "options", "elsewhere"),
    [
        ("install", InstallOptions, {"cache", "is_upgrade", "more_functions"}),
        ("upgrade", UpgradeOptions, {"cache", "more_functions"}),
        ("rollback", RollbackOptions, set()),
        ("uninstall", UninstallOptions, set()),
    ],
)
def test_all_options_can_be_given(method: str, options: Any, elsewhere: set[str]) -> None:
    keywords = {
        name
        for name, parameter in inspect.signature(getattr(navarch.Client, method)).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    }
    only_here = {"on_event", "hook_output"} | (
        {"create_namespace", "install", "skip_crds"} if method == "upgrade" else set()
    )
    assert keywords - only_here == set(options._fields) - elsewhere


GIVEN: dict[str, Any] = {
    "cascade": "orphan",
    "description": "words",
    "dry_run": "server",
    "functions": {"f": len},
    "history_max": 3,
    "labels": {"a": "b"},
    "post_render": str,
    "post_render_strategy": "nohooks",
    "server_side": False,
    "timeout": 7.0,
    "wait": "legacy",
}


@pytest.mark.parametrize(
    ("method", "options"),
    [
        ("install", InstallOptions),
        ("upgrade", UpgradeOptions),
        ("rollback", RollbackOptions),
        ("uninstall", UninstallOptions),
    ],
)
def test_options_arrive(method: str, options: Any, chart: navarch.Chart, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each option, set to something that is not its default."""
    seen: list[Any] = []
    monkeypatch.setattr(f"navarch.actions.{method}.{method}", lambda *words: seen.append(words[-1]))
    fields = [name for name in options._fields if name not in ("cache", "is_upgrade", "more_functions")]
    defaults = options()
    given = {name: GIVEN.get(name, not getattr(defaults, name)) for name in fields}
    if method == "uninstall":
        given["dry_run"] = True
    arguments = ["web", chart] if method in ("install", "upgrade") else ["web"]
    getattr(client(), method)(*arguments, **given)
    wanted = dict(given)
    if method in ("upgrade", "rollback"):
        wanted["server_side"] = "false"
    assert {name: getattr(seen[0], name) for name in fields} == wanted


@pytest.mark.parametrize(("wait", "strategy"), [(True, "watcher"), (False, "hookOnly"), ("legacy", "legacy")])
def test_ways_to_wait(wait: bool | str, strategy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setattr("navarch.actions.rollback.rollback", lambda *words: seen.append(words[-1]))
    client().rollback("web", wait=wait)
    assert seen[0].wait == strategy


def test_threads_install_side_by_side(chart: navarch.Chart) -> None:
    shop = client()
    errors: list[BaseException] = []

    def install(name: str) -> None:
        try:
            for _ in range(3):
                shop.upgrade(name, chart, install=True, on_event=lambda _: None)
        except BaseException as error:  # noqa: BLE001
            errors.append(error)

    threads = [threading.Thread(target=install, args=(f"web{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert {one.name: one.revision for one in shop.list()} == {f"web{number}": 3 for number in range(8)}


def test_following_an_action() -> None:
    def action(text: str, *, on_event: Any = None) -> str:
        for letter in text:
            on_event(letter)
        return text.upper()

    run = navarch.follow(action, "abc")
    assert list(run) == ["a", "b", "c"]
    assert run.result() == "ABC"
    assert list(run) == [], "events are told once"


def test_following_an_action_that_fails() -> None:
    def action(*, on_event: Any = None) -> None:
        on_event("first")
        raise navarch.ReleaseNotFoundError

    run = navarch.follow(action)
    events = iter(run)
    assert next(events) == "first"
    with pytest.raises(navarch.ReleaseNotFoundError):
        next(events)
    with pytest.raises(navarch.ReleaseNotFoundError):
        run.result()


def test_importing_the_package_opens_nothing() -> None:
    import subprocess
    import sys

    code = "import navarch, sys; navarch.Client; print('navarch.kube.client' in sys.modules, 'ssl' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"
