"""Configurations that lead nowhere, and one server that knows who is good: the same for Helm's words and for ours."""

from __future__ import annotations

import os
import stat
import tomllib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from support.certificates import Authority, server_context
from support.httpd import Httpd, answer, status

if TYPE_CHECKING:
    from pathlib import Path

    from support.httpd import Request

__all__ = ["CASES", "Case", "environment", "lay_out", "serve", "shown"]

Case = dict[str, Any]
"""name, config; and where they matter: flags, env, files (by name), error ("" for none)"""

_TABLE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "cli", "unreachable.toml")
_AUTHORITY = Authority()
_PREFIX = "Error: kubernetes cluster unreachable: "

with open(_TABLE, "rb") as _file:
    CASES: list[Case] = tomllib.load(_file)["case"]


@lru_cache
def _certificate() -> Any:
    return server_context(_AUTHORITY.issue(names=("localhost", "a.example"), ips=("127.0.0.1",)))


def _respond(request: Request) -> bytes:
    allowed = ("Bearer good", "Basic Z29vZDpwYXNz")
    if request.headers.get("authorization") not in allowed:
        return status(401, "Unauthorized", "Unauthorized")
    if request.target == "/version":
        return answer(200, {"major": "1", "minor": "36", "gitVersion": "v1.36.3"})
    return answer(200, {"kind": "SecretList", "apiVersion": "v1", "metadata": {}, "items": []})


def serve() -> Httpd:
    """A server that lets in who says "Bearer good", or good with the password "pass"."""
    return Httpd(_respond, tls=_certificate())


def lay_out(case: Case, folder: Path, server: Httpd) -> list[str]:
    """Write a case's files and its kubeconfig "config" into a folder. Returns its flags."""
    texts = {"ca.pem": _AUTHORITY.certificate.decode(), **case.get("files", {}), "config": case["config"]}
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_filled(text, folder, server))
        if text.startswith("#!"):
            path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return ["--kubeconfig", "config", *(_filled(flag, folder, server) for flag in case.get("flags", ()))]


def environment(case: Case, folder: Path, server: Httpd) -> dict[str, str]:
    """A case's environment, which has none of the caller's settings. Where there is no configuration, port 1 is asked."""
    mine = {name: value for name, value in os.environ.items() if not name.upper().startswith(("KUBE", "HELM"))}
    mine = {name: value for name, value in mine.items() if not name.upper().endswith("_PROXY")}
    given = {name: _filled(value, folder, server) for name, value in case.get("env", {}).items()}
    return {**mine, "HOME": str(folder / "home"), "KUBERNETES_MASTER": "http://127.0.0.1:1", **given}


def _filled(text: str, folder: Path, server: Httpd) -> str:
    filled = text.replace("$URL", server.url).replace("$DIR", str(folder)).replace("$PORT", str(server.port))
    return filled.replace("$CA", _AUTHORITY.certificate.decode())


def shown(error: str, folder: Path, server: Httpd) -> str:
    """An error as the table has it."""
    text = error.strip().removeprefix(_PREFIX)
    return text.replace(server.url, "$URL").replace(str(folder), "$DIR").replace(str(server.port), "$PORT")
