"""How to get a chart: commands to copy, which work as they are in a shell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from navarch.registry.faces.web.html import classed, joined, tag
from navarch.registry.names import is_oci_name

if TYPE_CHECKING:
    from starlette.requests import Request

    from navarch.registry.config import Config
    from navarch.registry.faces.web.html import Html
    from navarch.registry.store.records import Record

__all__ = ["Server", "commands", "server_of"]

_HOST = re.compile(r"[A-Za-z0-9.-]+(?::[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](?::[0-9]{1,5})?")
_RELEASE = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,51}[a-z0-9])?")


class Server(NamedTuple):
    """How clients reach this server: "https" or "http", its name with the port, and who asks."""

    scheme: str
    host: str
    who: str = ""

    @property
    def plain(self) -> str:
        """The flag for servers without TLS."""
        return "" if self.scheme == "https" else " --plain-http"


def server_of(request: Request, config: Config) -> Server:
    """How the one who asks reaches the server. A name that would mean more to a shell is not repeated."""
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        host = f"{config.host}:{config.port}"
    scheme = request.headers.get("x-forwarded-proto", "") if config.proxies else ""
    scheme = scheme if scheme in {"http", "https"} else request.url.scheme
    return Server(scheme, host, request.scope.get("state", {}).get("who", ""))


def commands(server: Server, space: str, record: Record, *, library: bool) -> Html:
    """The ways to install a version, or to use it in another chart."""
    parts = [] if library else list(_ways(server, space, record))
    return joined((*parts, _dependency(server, space, record, is_open=library)))


def _ways(server: Server, space: str, record: Record) -> list[Html]:
    release = record.chart.lower() if _RELEASE.fullmatch(record.chart.lower()) else "my-release"
    version = f"--version {record.version}"
    login = f"helm registry login {server.host}{server.plain} --username {server.who}\n"
    oci = f"helm install {release} oci://{server.host}/{space}/{record.chart} {version}{server.plain}"
    user = f" --username {server.who} --password-stdin" if server.who else ""
    classic = (
        f"helm repo add {space} {server.scheme}://{server.host}/{space}{user}\n"
        f"helm install {release} {space}/{record.chart} {version}"
    )
    ways = []
    if is_oci_name(space) and is_oci_name(record.chart):
        ways.append(_way("from-oci", "From the OCI registry", login + oci if _shell_safe(server.who) else oci))
    ways.append(_way("from-repository", "From the repository", classic))
    return ways


def _shell_safe(who: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9._@-]+", who) is not None


def _dependency(server: Server, space: str, record: Record, *, is_open: bool) -> Html:
    scheme = "oci" if is_oci_name(space) and is_oci_name(record.chart) and server.scheme == "https" else server.scheme
    content = (
        "dependencies:\n"
        f"  - name: {record.chart}\n"
        f'    version: "{record.version}"\n'
        f"    repository: {scheme}://{server.host}/{space}"
    )
    return _way("as-dependency", "In another chart's Chart.yaml", content, is_open=is_open)


def _way(name: str, title: str, content: str, *, is_open: bool = True) -> Html:
    block = tag("pre", tag("code", content), id=name, tabindex="0", role="region", aria_label=title)
    copy = tag("button", "Copy", type="button", class_="copy", data_copy=name, aria_label=f"Copy: {title}", hidden=True)
    return tag("details", tag("summary", title), classed("div", "command", block, copy), open=is_open)
