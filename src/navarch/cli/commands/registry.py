"""`nav registry`: log in to and out of OCI registries."""

from __future__ import annotations

from navarch.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.call import Call
    from navarch.cli.global_flags import Row
    from navarch.kube.net.access import Access

__all__ = ["ABOUT", "FLAGS", "run"]

ABOUT = {
    "registry": "Log in to registries that keep charts, and out of them.",
    "registry login": "Check a user's credentials for a registry and keep them for later commands.",
    "registry logout": "Forget the credentials for a registry.",
}

FLAGS: dict[str, tuple[Row, ...]] = {
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
}


def run(call: Call) -> int:
    """Log in or out. Raises NavarchError."""
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
