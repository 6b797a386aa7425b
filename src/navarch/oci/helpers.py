"""Programs that keep credentials: docker-credential-NAME, by Docker's protocol for them."""

from __future__ import annotations

from navarch.errors import JsonError, RegistryError
from navarch.oci.auth import NOBODY, Credential

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["erase", "get", "store"]

_PREFIX = "docker-credential-"
_TOKEN_USER = "<token>"  # noqa: S105 - what stands where a user's name would, beside a token
_MISSING = "credentials not found in native keychain"


def get(helper: str, address: str) -> Credential:
    """What a program knows of a registry; NOBODY if nothing. Raises RegistryError."""
    from navarch.golang.json import loads, mismatch

    try:
        text = _run(helper, "get", address)
    except RegistryError as error:
        if str(error) == _MISSING:
            return NOBODY
        raise
    try:
        found: Any = loads(text)
    except JsonError as error:
        raise RegistryError(str(error)) from error
    if found is not None and not isinstance(found, dict):
        raise RegistryError(mismatch(found, "credentials.dockerCredentials"))
    fields = {name.lower(): value for name, value in (found or {}).items()}
    user, secret = fields.get("username") or "", fields.get("secret") or ""
    for name, value in (("Username", user), ("Secret", secret)):
        if not isinstance(value, str):
            field = f"struct field dockerCredentials.{name} of"
            raise RegistryError(mismatch(value, "string").replace("value of", field))
    return Credential(refresh_token=secret) if user == _TOKEN_USER else Credential(user, secret)


def store(helper: str, address: str, credential: Credential) -> None:
    """Have a program keep a credential. Raises RegistryError."""
    from navarch.golang.json import dumps

    user, secret = credential.username, credential.password
    if credential.refresh_token:
        user, secret = _TOKEN_USER, credential.refresh_token
    fields = (("ServerURL", address), ("Username", user), ("Secret", secret))
    _run(helper, "store", "{" + ",".join(f"{dumps(name)}:{dumps(value)}" for name, value in fields) + "}")


def erase(helper: str, address: str) -> None:
    """Have a program forget a credential. Raises RegistryError."""
    _run(helper, "erase", address)


def _run(helper: str, action: str, text: str) -> str:
    """What a program prints; its complaints go to stderr. Raises RegistryError with what it says went wrong."""
    import subprocess

    from navarch.golang.strconv import quote

    name = f"{_PREFIX}{helper}"
    try:
        done = subprocess.run(  # noqa: S603 - the user's configuration names it
            [name, action], input=text.encode("utf-8", "surrogateescape"), stdout=subprocess.PIPE, check=False
        )
    except FileNotFoundError as error:
        raise RegistryError(f"exec: {quote(name)}: executable file not found in $PATH") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise RegistryError(f"fork/exec {name}: {reason[:1].lower()}{reason[1:]}") from error
    out = done.stdout.decode("utf-8", "surrogateescape")
    if done.returncode:
        ended = f"signal: {-done.returncode}" if done.returncode < 0 else f"exit status {done.returncode}"
        raise RegistryError(out.strip() or ended)
    return out
