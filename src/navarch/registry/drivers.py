"""From the configuration to storage and locks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from navarch.registry.keys import Keys, SettingsError
from navarch.registry.locks import FileLocker, MemoryLocker
from navarch.registry.names import Names
from navarch.registry.store.filesystem import LOCKS
from navarch.registry.store.store import Store

if TYPE_CHECKING:
    from navarch.registry.config import Config
    from navarch.registry.locks import Locker
    from navarch.registry.store.objects import Objects

__all__ = ["open_locker", "open_objects", "open_store"]


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
        return _bucket(config)
    except ImportError as error:
        raise SettingsError(f"storage driver {config.driver} needs the extra navarch[server]: {error}") from error
    except Exception as error:
        first = str(error).partition("\n")[0]
        raise SettingsError(f"manager.parameters: storage driver {config.driver}: {first}") from error


def _bucket(config: Config) -> Objects:
    if config.driver != "inmemory":
        from navarch.registry.clouds import open_bucket

        return open_bucket(config.driver, config.parameters)
    from obstore.store import MemoryStore

    from navarch.registry.store.bucket import Bucket

    return Bucket(MemoryStore(), "memory")


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
