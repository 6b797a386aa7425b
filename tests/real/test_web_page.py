"""The registry's pages as people use them, in a real browser, and their commands with the real Helm."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from html import unescape
from typing import TYPE_CHECKING
from urllib.request import Request, urlopen

import pytest

from support.asgi import multipart
from support.browser import CONTROL, ENTER, TAB, Browser, lacking
from support.httpd import Httpd, answer
from support.serving import Serving
from support.spaces import WEB, WORKER, chart_yaml, packed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.real

ORACLE = os.environ.get("ORACLE") or os.path.expanduser("~/.cache/navarch-oracle")
HELM = os.path.join(ORACLE, "bin", "helm")
AXE = os.path.join(ORACLE, "browser", "node_modules", "axe-core", "axe.min.js")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
HARM = "document.title=`harm`"
NASTY = f'"\'><script>{HARM}</script><img src=x onerror="{HARM}"><svg onload={HARM}><a href=javascript:{HARM}>x</a>'
README = f"""# {NASTY}

![p](https://127.0.0.1:1/p.png) ![own](p.svg) ![x](data:image/svg+xml,<svg/onload={HARM}>) ![t](http://localhost:1/t.gif)
[a](javascript:{HARM}) [b](vbscript:x) [c](data:text/html,<script>{HARM}</script>) <javascript:{HARM}> [d](JaVa&#9;Script:{HARM})
[e](<java
script:{HARM}>) [![f](javascript:{HARM})](javascript:{HARM}) [g]: [h](&#x6a;avascript:{HARM}) <https://ok.example/"onclick={HARM}>

[g]: javascript:{HARM} "{NASTY}"

<iframe srcdoc="<script>{HARM}</script>"></iframe><math><mi xlink:href="javascript:{HARM}">x</mi></math><base href="https://o.example">
<style>@import 'https://127.0.0.1:1/x.css';</style><link rel=stylesheet href=https://127.0.0.1:1/x.css><meta http-equiv=refresh content=0;url=https://o.example>

```"><script>{HARM}</script>
{NASTY}
```

| {NASTY} |
|--|
| ![x]({NASTY}) |
"""
FIELDS = {
    "description": json.dumps(NASTY),
    "home": f"'javascript:{HARM}'",
    "icon": "https://127.0.0.1:1/icon.png",
    "appVersion": json.dumps(NASTY),
    "keywords": json.dumps([NASTY, "javascript:x"]),
    "sources": json.dumps([f"javascript:{HARM}", f"data:text/html,<script>{HARM}</script>", "https://ok.example/?a=b"]),
    "maintainers": json.dumps(
        [{"name": NASTY, "url": f"javascript:{HARM}"}, {"name": "m", "email": f'a@b?x="{NASTY}'}]
    ),
}
EVIL = packed(
    "evil",
    "1.0.0",
    {
        "Chart.yaml": chart_yaml("evil", "1.0.0", **FIELDS),
        "values.yaml": f"# {NASTY}\na: {json.dumps(NASTY)}\n",
        "README.md": README,
        "p.svg": f"<svg xmlns='http://www.w3.org/2000/svg' onload='top.{HARM}'><script>top.{HARM}</script></svg>",
        "templates/x.yaml": NASTY,
        f"templates/{NASTY.replace('/', '')}.yaml": NASTY,
    },
)  # fmt: skip
SHOP = {
    "Chart.yaml": chart_yaml(
        "shop", "1.3.0", description="Sells things", home="https://shop.example", keywords="[shop, web]", appVersion="7"
    ),
    "values.yaml": "# How many\nreplicas: 2\nimage:\n  tag: x\n",
    "README.md": "# Shop\n\n[Values](values.yaml)\n\n| |b|\n|-|-|\n|1|2|\n\n```\n" + "wide " * 80 + "\n```\n\n- one\n",
    "templates/a.yaml": "a: {{ .Values.replicas }}\n",
}
OLDER = {**SHOP, "Chart.yaml": SHOP["Chart.yaml"].replace("1.3.0", "1.2.0"), "values.yaml": "# How many\nreplicas: 1\n"}
PAGES = [
    "/", "/-/library", "/-/library/web", "/-/library/web/1.2.0/values", "/-/library/web/1.2.0/files", "/-/library/shop",
    "/-/library/shop/1.2.0", "/-/library/web/1.2.0/dependencies", "/-/library/shop/versions", "/-/none",
    "/-/library/shop/compare?from=1.2.0&to=1.3.0", "/-/-search?q=web", "/-/-search", "/-/-search?q=nothing+at+all",
    "/-/evil/evil", "/-/evil/evil/1.0.0/values", "/-/evil/evil/1.0.0/files",
    "/-/evil/evil/1.0.0/files?file=README.md", "/-/-search?q=%3Cscript%3E",
]  # fmt: skip
KINDS = [
    "/", "/-/library", "/-/library/shop", "/-/library/web/1.2.0/values", "/-/library/web/1.2.0/files", "/-/none",
    "/-/library/web/1.2.0/dependencies", "/-/library/shop/versions", "/-/library/shop/compare?from=1.2.0&to=1.3.0",
    "/-/-search?q=web", "/-/-search?q=nothing+at+all", "/-/evil/evil",
]  # fmt: skip
AUTH = f"""
auth:
  tokens:
    - {{name: ann, sha256: {hashlib.sha256(b"right").hexdigest()}, spaces: {{library: [pull]}}}}
    - {{name: writer, sha256: {hashlib.sha256(b"writes").hexdigest()}, spaces: {{"*": "*"}}}}
"""


def push(url: str, *charts: tuple[str, bytes], token: str = "") -> None:
    for space, archive in charts:
        body, headers = multipart(chartfile=archive)
        if token:
            headers["authorization"] = f"Bearer {token}"
        urlopen(Request(f"{url}/api/v1/spaces/{space}/charts", body, headers)).close()


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with Serving(folder=str(tmp_path_factory.mktemp("registry"))) as server:
        shops = (packed("shop", "1.2.0", OLDER), packed("shop", "1.3.0", SHOP))
        push(server.url, *(("library", archive) for archive in (WEB, WORKER, *shops)), ("evil", EVIL))
        yield server.url


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with Serving(AUTH, folder=str(tmp_path_factory.mktemp("guarded"))) as server:
        push(server.url, ("library", WEB), ("hidden", WORKER), token="writes")
        yield server.url


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if program := lacking():
        pytest.skip(f"no {program}")
    folder = str(tmp_path_factory.mktemp("browser"))
    with Browser(folder, more=("--host-resolver-rules=MAP registry.test 127.0.0.1",)) as found:
        yield found


@pytest.fixture
def browser(window: Browser) -> Browser:
    window.open("about:blank")  # the page of the test before may still be telling something
    window.look()
    window.cdp("Network.enable")
    window.cdp("Network.clearBrowserCookies")
    window.told()
    return window


def test_a_browser_runs_and_loads_nothing_of_a_chart_and_has_nothing_to_complain_of(url: str, browser: Browser) -> None:
    titles = {}
    for path in PAGES:
        browser.open(f"{url}{path}")
        assert [line for line in browser.told() if "404 (Not Found)" not in line] == [], path
        titles[path] = browser.title
        loaded = browser.run("return performance.getEntriesByType('resource').map(one => one.name)")
        assert [one for one in loaded if not one.startswith(f"{url}/-/")] == []
    assert all(title.endswith("Charts") for title in titles.values())
    assert len(set(titles.values())) == len(titles)


def test_a_picture_of_a_chart_runs_nothing(url: str, browser: Browser) -> None:
    browser.open(f"{url}/-/evil/evil/1.0.0/raw?file=p.svg")
    browser.wait(lambda: any("Blocked script execution" in line for line in browser.told()))
    assert browser.run("return [document.title, document.documentElement.localName]") == ["", "svg"]


def test_the_policy_stops_what_would_be_added(url: str, browser: Browser) -> None:
    browser.open(f"{url}/-/evil/evil")
    blocked = """
        const told = []; document.addEventListener("securitypolicyviolation", e => told.push(e.effectiveDirective));
        const add = (name, values) => document.body.append(Object.assign(document.createElement(name), values));
        add("img", {src: "https://127.0.0.1:1/x.png"});
        add("iframe", {src: "/"});
        add("link", {rel: "stylesheet", href: "https://127.0.0.1:1/x.css"});
        try { add("script", {textContent: "document.title = 'harm'"}) } catch { told.push("trusted-types") }
        try { document.body.insertAdjacentHTML("beforeend", "<b>x</b>") } catch { told.push("trusted-types") }
        document.querySelector("h1").setAttribute("style", "color: red");
        fetch("https://127.0.0.1:1/").catch(() => 0);
        return new Promise(done => {
            const look = left => left && !arguments[0].every(one => told.includes(one))
                ? setTimeout(look, 50, left - 1) : done([...told, document.title]);
            look(1000);
        });
    """
    wanted = ["img-src", "frame-src", "style-src-elem", "style-src-attr", "connect-src", "trusted-types"]
    *told, title = browser.run(blocked, wanted)
    assert set(wanted) <= set(told)
    assert title != "harm"
    browser.told()


def test_no_other_page_can_have_one_in_a_frame(url: str, browser: Browser) -> None:
    with Httpd(lambda _: answer(200, f'<iframe src="{url}/"></iframe>'.encode(), content_type="text/html")) as other:
        browser.open(f"{other.url}/")
        told = browser.wait(lambda: [line for line in browser.told() if "frame" in line.lower()])
    assert any("frame-ancestors" in line or "X-Frame-Options" in line for line in told)


def test_axe_finds_nothing(url: str, guarded: str, browser: Browser) -> None:
    if not os.path.exists(AXE):
        pytest.skip("no axe-core")
    with open(AXE, encoding="utf-8") as file:
        axe = file.read()
    check = (
        "return axe.run(document, {resultTypes: ['violations'], ...arguments[0]}).then(found =>"
        "[found.passes.length, ...found.violations.map(one => one.id + ': ' + one.nodes[0].html)])"
    )
    for number, page in enumerate([*(f"{url}{path}" for path in KINDS), f"{guarded}/-login"]):
        width = (1280, 375)[number % 2]
        browser.look(width=width)
        browser.open(page)
        rules, *wrong = browser.run(f"{axe}\n{check}", {"runOnly": RULES})
        assert wrong == [], page
        assert rules > 20
        wide, room = browser.run("return [document.documentElement.scrollWidth, innerWidth]")
        assert wide <= room, page
        browser.look(width=width, scheme="dark")
        assert browser.run("return getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 28)"
        assert browser.run(check, {"runOnly": ["color-contrast"]}) == [1], page


def copy(browser: Browser) -> None:
    """Press a button that copies, and wait until it has: that is said for two seconds only."""
    browser.run("""
        const said = document.getElementById("said");
        window.told = [];
        new MutationObserver(() => window.told.push(said.textContent)).observe(said, {childList: true});
    """)
    browser.click("button[data-copy=from-oci]")
    assert browser.wait(lambda: browser.run("return window.told"))[0] == "Copied"


def test_copy_copies(url: str, browser: Browser) -> None:
    browser.cdp("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
    browser.open(f"{url}/-/library/shop")
    copy(browser)
    host = url.partition("://")[2]
    wanted = f"helm install shop oci://{host}/library/shop --version 1.3.0 --plain-http"
    assert browser.run("return navigator.clipboard.readText()") == wanted


def test_the_search_shows_what_it_finds_while_one_types(url: str, browser: Browser) -> None:
    browser.open(f"{url}/")
    browser.type("#q", "sho")
    browser.wait(lambda: "1 chart for sho" in browser.text("#main"))
    assert "Sells things" in browser.text("table.charts")
    assert browser.text("#said") == "1 chart for sho"
    assert browser.url == f"{url}/-/-search?q=sho"
    assert browser.focused() == "input q"
    browser.type("#q", "p nothing")
    browser.wait(lambda: browser.title.startswith("shop nothing"))  # keys may come so slowly that parts are asked for
    assert "0 charts" in browser.text("#main")
    browser.back()
    browser.wait(lambda: browser.text("h1") == "Spaces")
    browser.type("#q", "worker" + ENTER)
    browser.wait(lambda: "1 chart for worker" in browser.text("#main"))
    browser.open(f"{url}/-/-search?q={'%3Cimg%20src=x%20onerror=alert(1)%3E'}")
    browser.type("#q", " x")
    browser.wait(lambda: "onerror=alert(1)> x" in browser.text("#main"))
    assert browser.told() == []


def test_without_javascript_all_is_there(url: str, tmp_path: Path) -> None:
    if program := lacking():
        pytest.skip(f"no {program}")
    with Browser(str(tmp_path), scripts=False) as browser:
        browser.open(f"{url}/-/library/shop")
        assert "Copy" not in browser.text("#install ~ details")
        assert "helm install shop oci://" in browser.text("#from-oci")
        browser.type("#q", "sells" + ENTER)
        browser.wait(lambda: "1 chart for sells" in browser.text("#main"))
        browser.open(f"{url}/-/library/shop/versions")
        browser.click("main form button")
        browser.wait(lambda: "2 files changed" in browser.text("#main"))
        browser.wait(lambda: "replicas: 2" in browser.text("#main"))


def test_the_keyboard_reaches_all_in_order_and_one_sees_where_it_is(url: str, browser: Browser) -> None:
    browser.look(reduced_motion="reduce")
    browser.open(f"{url}/-/library/shop")
    browser.press(TAB)
    assert browser.focused() == "a Skip to the content"
    shown = browser.run(
        "const at = document.activeElement.getBoundingClientRect(); return at.top >= 0 && at.height > 20"
    )
    assert shown
    browser.press(ENTER)
    browser.press(TAB)
    assert browser.focused() == "a Spaces"  # the first one in the content
    seen = []
    browser.open(f"{url}/-/library/shop")
    for _ in range(40):
        browser.press(TAB)
        outline, place = browser.run(
            "const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();"
            "return [s.outlineStyle + s.outlineWidth, r.height > 0 && r.bottom > 0 && r.top < innerHeight]"
        )
        if browser.focused().startswith("body"):
            break
        assert (outline, place) == ("solid3px", True), browser.focused()
        seen.append(browser.focused())
    order = [
        "Skip to the content",
        "input q",
        "Search",
        "Spaces",
        "Overview",
        "Dependencies",
        "from-oci",
        "Copy",
        "Download",
    ]
    places = [next(at for at, one in enumerate(seen) if word in one) for word in order]
    assert places == sorted(places)


@pytest.mark.parametrize("features", [{"forced_colors": "active"}, {"reduced_motion": "reduce"}, {"contrast": "more"}])
def test_what_a_system_asks_for_is_heeded(url: str, browser: Browser, features: dict[str, str]) -> None:
    browser.look(width=640, height=450, **features)  # what is left of 1280 pixels at 200 %
    for path in ("/-/library/shop", "/-/library/shop/compare?from=1.2.0&to=1.3.0", "/-/library/web/1.2.0/dependencies"):
        browser.open(f"{url}{path}")
        wide, room, motion = browser.run(
            "const e = document.documentElement; return [e.scrollWidth, innerWidth, getComputedStyle(e).scrollBehavior]"
        )
        assert wide <= room
        assert motion == ("auto" if "reduced_motion" in features else "smooth")


@pytest.mark.parametrize("host", ["127.0.0.1", "registry.test"])  # browsers trust the first one as if it had TLS
def test_somebody_signs_in_and_out(guarded: str, browser: Browser, host: str) -> None:
    url = guarded.replace("127.0.0.1", host)
    browser.open(f"{url}/-/library/web/1.2.0/values")
    assert browser.text("h1") == "Sign in"
    browser.wait(lambda: browser.focused() == "input sign-in-name")
    browser.type("#sign-in-name", "ann")
    browser.type("#sign-in-password", "wrong" + ENTER)
    browser.wait(lambda: "password is wrong" in browser.text("[role=alert]"))
    browser.wait(lambda: browser.focused() == "input sign-in-password")
    assert browser.cookies() == []
    browser.type("#sign-in-password", "right" + ENTER)
    browser.wait(lambda: browser.url == f"{url}/-/library/web/1.2.0/values")
    browser.wait(lambda: "replicas" in browser.text("#main"))
    assert browser.text(".name bdi") == "ann"
    assert browser.run("return document.cookie") == ""
    (cookie,) = browser.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"], cookie["secure"]) == (True, "Lax", "/", False)
    browser.open(f"{url}/")
    assert "hidden" not in browser.text("#main")
    status = "return fetch(arguments[0]).then(found => found.status)"
    assert browser.run(status, "/-/library/web/1.2.0/archive") == 200
    assert browser.run(status, "/-/hidden/worker") == browser.run(status, "/-/none/worker") == 403
    browser.open(f"{url}/-/library/web")
    copy(browser)  # without TLS, too
    browser.type("#q", f"{CONTROL}v")
    pasted = browser.run("return document.getElementById('q').value")
    assert pasted.startswith(f"helm registry login {url.partition('://')[2]} --plain-http --username ann")
    browser.click(".who button")
    browser.wait(lambda: browser.url == f"{url}/" and browser.text("h1") == "Sign in")
    assert browser.cookies() == []
    browser.back()
    browser.wait(lambda: browser.text("h1") == "Sign in")  # nothing was kept
    assert "replicas" not in browser.text()
    browser.told()


def test_no_other_page_signs_anybody_in(guarded: str, browser: Browser) -> None:
    form = f'<form method=post action="{guarded}/-login"><input name=name value=ann><input name=password value=right></form>'
    with Httpd(lambda _: answer(200, form.encode(), content_type="text/html")) as other:
        browser.open(other.url.replace("127.0.0.1", "localhost"))
        browser.run("document.forms[0].submit()")
        browser.wait(lambda: browser.url == f"{guarded}/-login")
        browser.wait(lambda: "pages of other servers" in browser.text("#main"))
        assert browser.cookies() == []
    browser.told()


def test_the_commands_of_a_page_work_with_helm(url: str, tmp_path: Path) -> None:
    if not os.path.exists(HELM):
        pytest.skip("no helm")
    with urlopen(f"{url}/-/library/worker/3.0.0") as found:
        page = found.read().decode()
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
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "kind: ConfigMap" in done.stdout or " repo " in line
