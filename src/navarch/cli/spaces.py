"""A chart registry on the command line: the client that flags and settings make, references, what is printed."""

from __future__ import annotations

import os
from typing import NamedTuple

from navarch.cli.shared_flags import CREDENTIALS
from navarch.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from navarch.cli.call import Call
    from navarch.cli.global_flags import Row
    from navarch.oci.auth import Credential
    from navarch.registry.client import Client

__all__ = ["SERVER", "Reference", "open_client", "print_list", "reference"]

_USUAL = "http://127.0.0.1:8099"
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

SERVER: tuple[Row, ...] = (
    *(row for row in CREDENTIALS if row[0] != "plain-http"),
    ("server", "", "string", "", f"address of the registry; $NAVARCH_REGISTRY or {_USUAL} if left out"),
    ("token", "", "string", "", "token for the server; $NAVARCH_REGISTRY_TOKEN if left out"),
)


class Reference(NamedTuple):
    """SPACE/CHART/VERSION; `version` is "" where it was left out."""

    space: str
    chart: str
    version: str


def reference(text: str, *, version: bool = False) -> Reference:
    """What SPACE/CHART or SPACE/CHART/VERSION names. Raises UsageError; with `version`, too, where there is none."""
    parts = text.split("/")
    wanted = (3,) if version else (2, 3)
    if len(parts) not in wanted or not all(parts):
        form = "SPACE/CHART/VERSION" if version else "SPACE/CHART or SPACE/CHART/VERSION"
        raise UsageError(f'"{text}" is no chart of a registry: it has to be {form}')
    return Reference(parts[0], parts[1], parts[2] if len(parts) == 3 else "")


def open_client(call: Call, *, timeout: float = 120.0) -> Client:
    """The client for the registry that is meant, with the credentials for it. Raises NavarchError.

    Credentials are those of flags, of variables, or what `nav registry login` keeps for the server's host.
    """
    from navarch.cli.transfers import on_terminal
    from navarch.registry.client import Client

    url = _address(call.flag("server") or os.environ.get("NAVARCH_REGISTRY", "") or _USUAL)
    username, password = call.flag("username"), call.flag("password")
    token = call.flag("token") or ("" if username else os.environ.get("NAVARCH_REGISTRY_TOKEN", ""))
    if not username and not token and "@" not in url:
        known = _known(call, url)
        username, password, token = known.username, known.password, known.access_token
    return Client(
        url,
        username=username,
        password=password,
        token=token,
        ca_file=call.flag("ca-file"),
        cert_file=call.flag("cert-file"),
        key_file=call.flag("key-file"),
        insecure_skip_tls_verify=call.flag("insecure-skip-tls-verify"),
        timeout=timeout,
        progress=on_terminal(),
    )


def _address(text: str) -> str:
    """A whole address; a host alone is talked to with TLS, unless it is this machine."""
    if "://" in text:
        return text
    host = text.rpartition("@")[2].partition("/")[0].rpartition(":")[0] or text.partition("/")[0]
    return f"{'http' if host in _LOOPBACK else 'https'}://{text}"


def _known(call: Call, url: str) -> Credential:
    from navarch.oci.credentials import Credentials, docker_config

    host = url.partition("://")[2].partition("/")[0]
    return Credentials(call.settings.text("registry-config"), docker_config()).find(host)


def print_list(call: Call, columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]], nothing: str) -> None:
    """Print rows as --output says: in the table under headings (`columns`: field to heading), else with all fields."""
    from navarch.cli.output import complain, table, write
    from navarch.cli.release_output import Fields, to_json, to_yaml

    output = call.flag("output")
    if output == "json":
        write(to_json([Fields(dict(row)) for row in rows]))
    elif output == "yaml":
        write(to_yaml([Fields(dict(row)) for row in rows]))
    elif rows:
        cells = [tuple(str(row.get(field, "")) for field in columns) for row in rows]
        write(table([tuple(columns.values()), *cells], width=60) + "\n")
    else:
        complain(nothing)
