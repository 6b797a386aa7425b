"""Chromium, driven by ChromeDriver over plain HTTP (W3C WebDriver)."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import Request, urlopen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Any, Self

__all__ = ["CONTROL", "ENTER", "TAB", "Browser", "BrowserError", "lacking"]

TAB, ENTER, CONTROL = "\ue004", "\ue007", "\ue009"
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
_PATIENCE = 120.0  # seconds for which something is waited for


class BrowserError(Exception):
    """What ChromeDriver couldn't do."""


def lacking() -> str:
    """The program that isn't there; "" if both are."""
    return next((name for name in ("chromium", "chromedriver") if shutil.which(name) is None), "")


class Browser:
    """A window of a browser of its own, from `with` to its end. `more` are further options of Chromium."""

    def __init__(self, folder: str, *, scripts: bool = True, more: tuple[str, ...] = ()) -> None:
        self._folder = folder
        self._scripts = scripts
        self._more = more

    def __enter__(self) -> Self:
        self._driver = self._url = ""
        self._process = subprocess.Popen(
            ["chromedriver", "--port=0", "--allowed-ips=127.0.0.1"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            self._begin()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def _begin(self) -> None:
        assert self._process.stdout is not None
        lines = self._process.stdout
        port = next((found[1] for line in lines if (found := re.search(r"successfully on port (\d+)", line))), "")
        if not port:
            raise BrowserError("ChromeDriver didn't come up")
        self._driver = self._url = f"http://127.0.0.1:{port}"
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-proxy-server", *self._more]
        arguments.append(f"--user-data-dir={self._folder}")
        options = {
            "args": arguments,
            "binary": shutil.which("chromium"),
            "prefs": {} if self._scripts else {"profile.managed_default_content_settings.javascript": 2},
        }
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        session = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self._url = f"{self._driver}/session/{session['sessionId']}"

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if self._url != self._driver:
            with suppress(BrowserError, OSError):
                self._ask("DELETE", "")
        self._process.terminate()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        data = None if method != "POST" else json.dumps(body or {}).encode()
        request = Request(f"{self._url}{path}", data, {"Content-Type": "application/json"}, method=method)
        try:
            with urlopen(request, timeout=300) as answer:
                return json.load(answer)["value"]
        except HTTPError as error:
            with error:
                raise BrowserError(json.load(error)["value"]["message"]) from None

    # Pages

    def open(self, url: str) -> None:
        """Go to a page, and wait until it is there."""
        self._ask("POST", "/url", {"url": url})

    def back(self) -> None:
        """Go back in the history."""
        self._ask("POST", "/back")

    @property
    def url(self) -> str:
        """Where the window is."""
        return str(self._ask("GET", "/url"))

    @property
    def title(self) -> str:
        """The page's title."""
        return str(self._ask("GET", "/title"))

    def run(self, script: str, *values: Any) -> Any:
        """What the body of a function returns; `values` are its arguments. A promise is waited for."""
        return self._ask("POST", "/execute/sync", {"script": script, "args": list(values)})

    def text(self, selector: str = "body") -> str:
        """The text of an element as it is seen."""
        return str(self._ask("GET", f"/element/{self._find(selector)}/text"))

    def wait(self, condition: Callable[[], Any]) -> Any:
        """Wait until something is so, and answer it. Pages may come and go meanwhile."""
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                found = condition()
            except BrowserError:
                if time.monotonic() > end:
                    raise
            else:
                if found or time.monotonic() > end:
                    assert found, "waited in vain"
                    return found
            time.sleep(0.02)

    # What somebody does

    def _find(self, selector: str) -> str:
        found = self._ask("POST", "/element", {"using": "css selector", "value": selector})
        return str(found[_ELEMENT])

    def click(self, selector: str) -> None:
        """Click an element."""
        self._ask("POST", f"/element/{self._find(selector)}/click")

    def type(self, selector: str, text: str) -> None:
        """Type into an element."""
        self._ask("POST", f"/element/{self._find(selector)}/value", {"text": text})

    def press(self, keys: str) -> None:
        """Press keys, one after the other, wherever the focus is."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._ask("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": actions}]})

    def focused(self) -> str:
        """The element that has the focus, in a few words."""
        return str(self.run(
            "const e = document.activeElement; return `${e.localName} ${e.id || e.name || e.textContent.trim()}`"
        ))  # fmt: skip

    # How it is looked at

    def look(self, *, width: int = 1280, height: int = 900, scheme: str = "light", **features: str) -> None:
        """The window's size and the media features ("reduced_motion", "contrast") that the page is to find."""
        named = {f"prefers-{name.replace('_', '-')}": value for name, value in features.items()}
        if "forced_colors" in features:
            named["forced-colors"] = named.pop("prefers-forced-colors")
        wanted = {"prefers-color-scheme": scheme, **named}
        self.cdp("Emulation.setEmulatedMedia", features=[{"name": k, "value": v} for k, v in wanted.items()])
        self.cdp(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )

    def cdp(self, method: str, **given: Any) -> Any:
        """A command of the DevTools protocol."""
        return self._ask("POST", "/goog/cdp/execute", {"cmd": method, "params": given})

    def picture(self, path: str, *, whole: bool = False) -> None:
        """A picture of the window, or of the whole page, as a PNG file."""
        data = self.cdp("Page.captureScreenshot", captureBeyondViewport=whole, format="png")["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def told(self) -> list[str]:
        """What the console said since this was asked last."""
        return [str(entry["message"]) for entry in self._ask("POST", "/se/log", {"type": "browser"})]

    def cookies(self) -> list[dict[str, Any]]:
        """The cookies of the page."""
        return list(self._ask("GET", "/cookie"))
