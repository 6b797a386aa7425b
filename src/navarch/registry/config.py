"""The registry's configuration file: the first server's keys, and those that came later beside them."""

from __future__ import annotations

import ipaddress
from typing import NamedTuple

from navarch.errors import YamlError
from navarch.registry.access.settings import Auth, read_auth
from navarch.registry.keys import Keys, SettingsError, rest
from navarch.registry.store.reading import Limits
from navarch.registry.upkeep import Plan, read_plan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["DRIVERS", "LOCKERS", "Config", "Logs", "Tls", "load_config", "parse_address", "parse_config"]

DRIVERS = ("filesystem", "inmemory", "s3", "gcs", "azure")
LOCKERS = ("memory", "file", "postgres")
_USUAL_THREADS = 32


class Tls(NamedTuple):
    """Files of the server's certificate and key, and of the authority that clients' certificates must be from."""

    certificate: str
    key: str
    client_authority: str = ""


class Logs(NamedTuple):
    """Where log lines go: "-" is stderr, "" nowhere, anything else a file that is added to."""

    access: str = "-"
    audit: str = ""
    form: str = "text"


class Config(NamedTuple):
    """How the registry is run. See docs/registry.md for the keys that these come from."""

    host: str = "127.0.0.1"
    port: int = 8099
    driver: str = "filesystem"
    parameters: Mapping[str, Any] = {}
    """What is set for the storage driver."""
    locker: str = "memory"
    locker_parameters: Mapping[str, Any] = {}
    lock_seconds: float = 10
    threads: int = _USUAL_THREADS
    """Threads of a worker in which storage is used."""
    workers: int = 1
    limits: Limits = Limits()
    requests: float = 0
    """Requests a second that one address may make; 0 is any number."""
    burst: int = 0
    """How many it may make at once."""
    header_seconds: float = 30
    """In which a request's headers have to come, the wait for them included."""
    auth: Auth | None = None
    tls: Tls | None = None
    logs: Logs = Logs()
    create_spaces: bool = True
    strict_names: bool = False
    upkeep: Plan = Plan()
    proxies: tuple[str, ...] = ()
    """Networks of proxies, whose word for who the client is is taken."""
    hosts: tuple[str, ...] = ()
    """Names that the server may be called by; ("*",) is any. Empty: any, but on loopback without auth only its own."""

    @property
    def is_loopback(self) -> bool:
        """Whether only programs of this machine can reach the server."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def load_config(path: str, *, root: str = "") -> Config:
    """The configuration in a file; `root` is where charts are kept if it doesn't say. Raises SettingsError."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror or error}") from error
    try:
        return parse_config(data, root=root)
    except SettingsError as error:
        raise error.within(path) from None


def parse_config(data: bytes | str, *, root: str = "") -> Config:
    """The configuration in a text, YAML or JSON. Raises SettingsError, with the path of the key that is wrong."""
    from navarch.golang.yaml import load
    from navarch.golang.yaml.repeats import repeats_in

    try:
        keys = Keys(load(data, exact=True))
        repeated = repeats_in(data)
    except YamlError as error:
        raise SettingsError(str(error)) from error
    if repeated:
        raise SettingsError(repeated)
    host, port = parse_address(keys.text("listen", "127.0.0.1:8099"))
    limits = keys.table("limits")
    config = Config(
        host=host,
        port=port,
        workers=keys.whole("workers", 1, least=1, most=256),
        limits=Limits(
            upload=limits.whole("uploadbytes", Limits().upload),
            decompressed=limits.whole("decompressedbytes", Limits().decompressed),
            charts=limits.whole("chartsperspace"),
        ),
        requests=limits.number("requestspersecond"),
        burst=limits.whole("burst"),
        header_seconds=limits.number("headertimeout", 30_000, least=100, most=3_600_000) / 1000,
        auth=read_auth(keys.table("auth")) if keys.has("auth") else None,
        tls=_tls(keys.table("tls")) if keys.has("tls") else None,
        logs=_logs(keys.table("log")),
        create_spaces=keys.switch("autocreatespaces", default=True),
        strict_names=keys.switch("strictnames"),
        upkeep=read_plan(keys),
        proxies=_networks(keys),
        hosts=tuple(map(str.lower, keys.texts("hosts"))),
        **_manager(keys.table("manager"), root),
    )
    limits.end()
    keys.end()
    if config.driver == "inmemory" and config.workers > 1:
        raise SettingsError("workers should be 1 where storagedriver is inmemory: workers share no memory")
    return config


def _manager(keys: Keys, root: str) -> dict[str, Any]:
    keys.choice("name", ("simple",), "simple") if keys.has("name") else None
    parameters = keys.table("parameters")
    found = {
        "locker": parameters.choice("resourcelocker", LOCKERS, "memory"),
        "locker_parameters": rest(parameters.table("lockerparameters")),
        "lock_seconds": parameters.number("locktimeout", 10_000, most=3_600_000) / 1000,
        "driver": parameters.choice("storagedriver", DRIVERS, "filesystem"),
        "threads": parameters.whole("maxthreads", _USUAL_THREADS, least=1, most=10_000),
    }
    if found["driver"] == "filesystem":
        root = parameters.text("rootdirectory", root)
        if not root:
            raise SettingsError(f"{parameters.at('rootdirectory')} is missing")
        found["parameters"] = {"rootdirectory": root}
        parameters.end()
    elif found["driver"] == "inmemory":
        parameters.end()
    else:
        from navarch.registry.clouds import check_parameters

        found["parameters"] = check_parameters(str(found["driver"]), parameters)
    keys.end()
    return found


def parse_address(text: str) -> tuple[str, int]:
    """Host and port of "127.0.0.1:8099", "[::1]:8099", ":8099" (every address), "8099", "localhost".

    Raises SettingsError.
    """
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        host, port = ("127.0.0.1", text) if text.isdecimal() else (text, "8099")
    host = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not port.isascii() or not port.isdecimal() or int(port) > 65535 or any(sign in host for sign in "/ []"):
        raise SettingsError(f'listen should be an address like "127.0.0.1:8099", but is "{text}"')
    return host or "0.0.0.0", int(port)  # noqa: S104 - what ":8099" means


def _tls(keys: Keys) -> Tls:
    found = Tls(keys.text("certificate"), keys.text("key"), keys.text("clientca"))
    for name, value in (("certificate", found.certificate), ("key", found.key)):
        if not value:
            raise SettingsError(f"{keys.at(name)} is missing")
    keys.end()
    return found


def _logs(keys: Keys) -> Logs:
    found = Logs(
        access=_place(keys, "access", "-"),
        audit=_place(keys, "audit", ""),
        form=keys.choice("format", ("text", "json"), "text"),
    )
    keys.end()
    return found


def _place(keys: Keys, key: str, default: str) -> str:
    """A file, "-", or `off`, which YAML reads as false."""
    value = keys.peek(key)
    if value is False or value == "off":
        keys.take(key)
        return ""
    return keys.text(key, default)


def _networks(keys: Keys) -> tuple[str, ...]:
    found = keys.texts("trustedproxies")
    for text in found:
        try:
            ipaddress.ip_network(text)
        except ValueError as error:
            raise SettingsError(f"{keys.at('trustedproxies')}: {error}") from error
    return found
