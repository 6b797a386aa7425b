"""From the configuration to storage and locks. The parameters of a driver are named as Docker's registry names them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from navarch.registry.keys import Keys, SettingsError
from navarch.registry.locks import FileLocker, MemoryLocker
from navarch.registry.names import Names
from navarch.registry.store.filesystem import LOCKS
from navarch.registry.store.store import Store

if TYPE_CHECKING:
    from typing import Any

    from navarch.registry.config import Config
    from navarch.registry.locks import Locker
    from navarch.registry.store.objects import Objects

__all__ = ["check_parameters", "open_locker", "open_objects", "open_store"]

_TIMEOUT = timedelta(seconds=30)
_CONNECT = timedelta(seconds=5)
_RETRIES = {"max_retries": 4, "retry_timeout": timedelta(seconds=20)}

# A driver's parameters: (name, kind, whether it must be there, obstore's name for it).
_PARAMETERS: dict[str, tuple[tuple[str, str, bool, str], ...]] = {
    "inmemory": (),
    "s3": (
        ("bucket", "text", True, "bucket"),
        ("region", "text", False, "region"),
        ("regionendpoint", "text", False, "endpoint"),
        ("accesskey", "text", False, "access_key_id"),
        ("secretkey", "text", False, "secret_access_key"),
        ("sessiontoken", "text", False, "session_token"),
        ("rootdirectory", "text", False, "prefix"),
        ("forcepathstyle", "switch", False, ""),
        ("secure", "switch", False, ""),
        ("skipverify", "switch", False, ""),
    ),
    "gcs": (
        ("bucket", "text", True, "bucket"),
        ("keyfile", "text", False, "service_account_path"),
        ("endpoint", "text", False, "url"),
        ("rootdirectory", "text", False, "prefix"),
        ("secure", "switch", False, ""),
        ("skipverify", "switch", False, ""),
    ),
    "azure": (
        ("container", "text", True, "container_name"),
        ("accountname", "text", True, "account_name"),
        ("accountkey", "text", False, "account_key"),
        ("endpoint", "text", False, "endpoint"),
        ("rootdirectory", "text", False, "prefix"),
        ("secure", "switch", False, ""),
        ("skipverify", "switch", False, ""),
    ),
}


def check_parameters(driver: str, keys: Keys) -> dict[str, Any]:
    """The parameters of a driver. Raises SettingsError."""
    found: dict[str, Any] = {}
    for name, kind, needed, _ in _PARAMETERS[driver]:
        if keys.has(name):
            found[name] = keys.text(name) if kind == "text" else keys.switch(name)
        elif needed:
            raise SettingsError(f"{keys.at(name)} is missing")
    keys.end()
    return found


def open_store(config: Config) -> Store:
    """The store that the configuration describes. Raises SettingsError, StorageError."""
    return Store(
        open_objects(config),
        locks=open_locker(config),
        names=Names(strict=config.strict_names),
        limits=config.limits,
        create_spaces=config.create_spaces,
    )


def open_objects(config: Config) -> Objects:
    """Where the bytes are."""
    if config.driver == "filesystem":
        from navarch.registry.store.filesystem import Filesystem

        return Filesystem(str(config.parameters["rootdirectory"]))
    try:
        from navarch.registry.store.bucket import Bucket

        return Bucket(_OPEN[config.driver](config))
    except ImportError as error:
        raise SettingsError(f"storage driver {config.driver} needs the extra navarch[server]: {error}") from error
    except Exception as error:
        first = str(error).partition("\n")[0]
        raise SettingsError(f"manager.parameters: storage driver {config.driver}: {first}") from error


def _memory(config: Config) -> Any:  # noqa: ARG001 - as the others
    from obstore.store import MemoryStore

    return MemoryStore()


def _s3(config: Config) -> Any:
    from obstore.store import S3Store

    options = _options(config)
    options.setdefault("region", "us-east-1")
    return S3Store(
        **options,
        virtual_hosted_style_request=not config.parameters.get("forcepathstyle", "regionendpoint" in config.parameters),
        **_connection(config, str(options.get("endpoint", ""))),
    )


def _gcs(config: Config) -> Any:
    from obstore.store import GCSStore

    options = _options(config)
    return GCSStore(**options, **_connection(config, str(options.get("url", ""))))


def _azure(config: Config) -> Any:
    from obstore.store import AzureStore

    options = _options(config)
    return AzureStore(**options, **_connection(config, str(options.get("endpoint", ""))))


_OPEN = {"inmemory": _memory, "s3": _s3, "gcs": _gcs, "azure": _azure}


def _options(config: Config) -> dict[str, Any]:
    given = config.parameters
    found = {theirs: given[name] for name, _, _, theirs in _PARAMETERS[config.driver] if theirs and name in given}
    if "prefix" in found:
        found["prefix"] = str(found["prefix"]).strip("/")
    return found


def _connection(config: Config, endpoint: str) -> dict[str, Any]:
    secure = config.parameters.get("secure", not endpoint.startswith("http://"))
    client: dict[str, Any] = {"timeout": _TIMEOUT, "connect_timeout": _CONNECT, "allow_http": not secure}
    if config.parameters.get("skipverify"):
        client["allow_invalid_certificates"] = True
    return {"client_options": client, "retry_config": _RETRIES}


def open_locker(config: Config) -> Locker:
    """What orders long work. Raises SettingsError, StorageError."""
    keys = Keys(dict(config.locker_parameters), "manager.parameters.lockerparameters")
    if config.locker == "memory":
        return MemoryLocker(config.lock_seconds)  # the first server took any parameters, and so its files may have some
    found = _file_locker(keys, config) if config.locker == "file" else _postgres_locker(keys, config)
    keys.end()
    return found


def _file_locker(keys: Keys, config: Config) -> Locker:
    folder = keys.text("directory")
    if not folder and config.driver != "filesystem":
        raise SettingsError(f"{keys.at('directory')} is missing")
    return FileLocker(folder or f"{config.parameters['rootdirectory']}/{LOCKS}", config.lock_seconds)


def _postgres_locker(keys: Keys, config: Config) -> Locker:
    try:
        from navarch.registry.locks_postgres import PostgresLocker, check_dsn
    except ImportError as error:
        raise SettingsError(f"locker postgres needs the extra navarch[sql]: {error}") from error
    dsn = keys.text("dsn")
    if not dsn:
        raise SettingsError(f"{keys.at('dsn')} is missing")
    try:
        check_dsn(dsn)
    except ValueError as error:
        raise SettingsError(f"{keys.at('dsn')}: {error}") from None
    return PostgresLocker(dsn, config.lock_seconds)
