"""Registries on the command line: the client that flags and settings make."""

from __future__ import annotations

from navarch.errors import NavarchError, RegistryError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from navarch.cli.call import Call
    from navarch.kube.net.access import Access
    from navarch.oci.registry import Registry

__all__ = ["flags_registry", "open_registry", "try_out"]


def flags_registry(call: Call, *, say: Callable[[str], object] | None = None) -> Registry:
    """The client that the flags CREDENTIALS make; `say` is given its lines (left out: they go to stdout).

    --plain-http counts for nothing beside settings for TLS, as in Helm. Raises NavarchError for certificates, and for
    a credentials file, that can't be used.
    """
    from navarch.kube.net.access import Access

    access = Access(
        cert_file=call.flag("cert-file"),
        key_file=call.flag("key-file"),
        ca_file=call.flag("ca-file"),
        insecure_skip_tls_verify=call.flag("insecure-skip-tls-verify"),
    )
    plain = access.tls == Access().tls
    registry = open_registry(
        call,
        access,
        username=call.flag("username"),
        password=call.flag("password"),
        plain_http=plain and call.flag("plain-http"),
        say=say,
    )
    if not plain:
        try:
            try_out(access)
        except NavarchError as error:
            raise error.within("missing registry client") from error.__cause__
    return registry


def try_out(access: Access) -> None:
    """Read the files of some TLS settings. Raises NavarchError."""
    from navarch.kube.config import Config

    access.configure(Config(""))


def open_registry(
    call: Call,
    access: Access,
    *,
    username: str = "",
    password: str = "",
    plain_http: bool = False,
    say: Callable[[str], object] | None = None,
) -> Registry:
    """A client with the settings of a run. Raises SetupError for a credentials file that can't be read."""
    from navarch.cli.settings import config_path
    from navarch.cli.transfers import on_terminal
    from navarch.oci.credentials import docker_config
    from navarch.oci.registry import Registry

    try:
        return Registry(
            username=username,
            password=password,
            config=call.settings.text("registry-config") or config_path("registry", "config.json"),
            docker_config=docker_config(),
            plain_http=plain_http,
            access=access,
            say=say or _print,
            progress=on_terminal(),
        )
    except RegistryError as error:
        from navarch.cli.call import SetupError

        raise SetupError(str(error)) from error


def _print(line: str) -> None:
    from navarch.cli.output import write

    write(f"{line}\n")
