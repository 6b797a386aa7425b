"""`nav registry`: log in to and out of OCI registries, serve one and look after it."""

from __future__ import annotations

from navarch.cli.shared_flags import OUTPUT
from navarch.cli.spaces import SERVER
from navarch.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.call import Call
    from navarch.cli.global_flags import Row
    from navarch.kube.net.access import Access

__all__ = ["ABOUT", "FLAGS", "run"]

ABOUT = {
    "registry": "Log in to registries that keep charts, and out of them; or serve charts yourself.",
    "registry gc": """
Remove from a registry's storage what nothing refers to: blobs, uploads that nobody goes on with, what was in removed
spaces. Servers may run meanwhile. What is younger than --spare is left alone, since its reference may be on its way.

Blobs are set aside at first, and deleted by the first run that comes --spare later; until then they are put back if it
turns out that they are needed.

With --untagged 720h that are also manifests that no tag leads to: those that others took the place of, signatures of
what is gone. What an index lists stays with the index, and signatures with what they are for.
""",
    "registry login": "Check a user's credentials for a registry and keep them for later commands.",
    "registry logout": "Forget the credentials for a registry.",
    "registry mirror": """
Copy charts of another repository into a space of a chart registry (`nav registry serve`). SOURCE is the address of a
repository with an index.yaml (https://HOST/PATH; a space of another registry is one), the name of one that was added
with `nav repo add`, a chart in an OCI registry (oci://HOST/PATH/CHART), or all charts below an address of one
(oci://HOST/PATH).

What the space has already isn't fetched again. Each archive is checked against its digest and its Chart.yaml, and is
then uploaded whole, with its signature. Out of a registry come the manifests as they are, with what refers to them.
Exits with 1 if a version couldn't be copied, or is another one than the space has (--replace puts it there).
""",
    "registry retain": """
Remove the versions of charts that the rules under `retention` in the registry's configuration don't keep. Servers may
run meanwhile. Their archives are deleted later, by `nav registry gc`. See with --dry-run what would go.
""",
    "registry serve": """
Serve charts until Ctrl-C. Every chart is stored once and offered as an OCI registry (oci://HOST/SPACE/CHART), as a
classic repository for each space (http://HOST/SPACE), by the spaces API (http://HOST/api/v1) and as web pages.

Without --config the server listens on 127.0.0.1:8099, keeps charts in the user's data folder, and lets everybody on
this machine do everything. Needs the extra navarch[server].
""",
}

_STORED: tuple[Row, ...] = (
    ("config", "c", "string", "", "file with the server's configuration"),
    ("dry-run", "", "bool", "false", "only say what would be removed"),
    OUTPUT,
)

FLAGS: dict[str, tuple[Row, ...]] = {
    "registry gc": (
        *_STORED,
        ("spare", "", "duration", "1h0m0s", "age below which nothing is removed"),
        ("untagged", "", "duration", "0s", "remove manifests without a tag, too, if they were pushed so long ago"),
    ),
    "registry retain": _STORED,
    "registry mirror": (
        *SERVER,
        OUTPUT,
        ("chart", "", "stringArray", "[]", "copy charts of this name only, patterns like web-* too; can be repeated"),
        ("dry-run", "", "bool", "false", "only say what would be copied"),
        ("newest", "", "int", "0", "copy so many of the newest versions of each chart; 0 is all"),
        ("replace", "", "bool", "false", "put another archive of a version that is there in its place"),
        ("source-ca-file", "", "string", "", "--ca-file for the source"),
        ("source-cert-file", "", "string", "", "--cert-file for the source"),
        ("source-insecure-skip-tls-verify", "", "bool", "false", "accept any certificate from the source"),
        ("source-key-file", "", "string", "", "--key-file for the source"),
        ("source-password", "", "string", "", "password for the source"),
        ("source-plain-http", "", "bool", "false", "talk to a source at oci:// without TLS"),
        ("source-username", "", "string", "", "user name for the source"),
        ("version", "", "string", "", "copy versions that satisfy a constraint only, like >=2; all if left out"),
    ),
    "registry login": (
        ("ca-file", "", "string", "", "file with the authorities that the registry's certificate is checked against"),
        ("cert-file", "", "string", "", "client certificate for TLS"),
        ("insecure", "", "bool", "false", "accept any certificate from the registry"),
        ("key-file", "", "string", "", "private key that belongs to --cert-file"),
        ("password", "p", "string", "", "password or token; --password-stdin keeps it out of the process list"),
        ("password-stdin", "", "bool", "false", "read the password or token from stdin"),
        ("plain-http", "", "bool", "false", "talk to the registry without TLS"),
        ("username", "u", "string", "", "user name"),
    ),
    "registry serve": (
        ("config", "c", "string", "", "file with the server's configuration"),
        ("listen", "", "string", "", "address to listen on, whatever the file says"),
    ),
}


def run(call: Call) -> int:
    """Log in or out, or serve. Raises NavarchError."""
    if call.path == "registry serve":
        from navarch.cli.serving import serve_registry

        return serve_registry(call)
    if call.path in ("registry gc", "registry retain", "registry mirror"):
        from navarch.cli.upkeep import run_upkeep

        return run_upkeep(call)
    return _log_in_or_out(call)


def _log_in_or_out(call: Call) -> int:
    from navarch.cli.registries import open_registry
    from navarch.kube.net.access import Access

    if call.path == "registry logout":
        with open_registry(call, Access()) as registry:
            registry.logout(call.args[0])
        return 0
    host = call.args[0]
    access = _access(call)
    with open_registry(call, access, plain_http=call.flag("plain-http")) as registry:
        username, password = _credentials(call)
        _check_host(host)
        if access.tls != Access().tls:
            _try_out(access)
        registry.login(host, username, password)
    return 0


def _access(call: Call) -> Access:
    """The TLS settings of the flags; of a certificate and its key, one alone counts for nothing."""
    from navarch.kube.net.access import Access

    pair = call.flag("cert-file"), call.flag("key-file")
    return Access(
        cert_file=pair[0] if all(pair) else "",
        key_file=pair[1] if all(pair) else "",
        ca_file=call.flag("ca-file"),
        insecure_skip_tls_verify=call.flag("insecure"),
    )


def _try_out(access: Access) -> None:
    from navarch.cli.registries import try_out

    try_out(access)


def _check_host(host: str) -> None:
    """Say what is wrong with a name that has a path; that it is, the registry's client will say."""
    if "/" in host:
        from navarch.cli.output import warn

        told = "registry login currently only supports registry hostname, not a repository path"
        warn(told, host=host, suggested=host.partition("/")[0])


def _credentials(call: Call) -> tuple[str, str]:
    """User and password: from flags, from stdin, or asked for. Raises UsageError where there are none."""
    username, password = call.flag("username"), call.flag("password")
    if call.flag("password-stdin"):
        return username, _from_stdin()
    if password:
        from navarch.cli.output import warn

        warn("using --password via the CLI is insecure. Use --password-stdin")
        return username, password
    from navarch.cli.prompt import ask, ask_silently

    username = username or ask("Username: ").strip()
    what = "Password" if username else "Token"
    password = ask_silently(f"{what}: ")
    if not password:
        raise UsageError(f"{what.lower()} required")
    return username, password


def _from_stdin() -> str:
    import sys

    data = sys.stdin.buffer.read() if sys.stdin else b""
    return data.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", "surrogateescape")
