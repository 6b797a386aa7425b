"""`nav registry`: log in to and out of OCI registries."""

from __future__ import annotations

from navarch.cli.later import not_yet as run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.global_flags import Row

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
