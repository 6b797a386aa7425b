"""Reading a table of settings key by key; what is wrong is told with the path of its key ("limits.charts")."""

from __future__ import annotations

from navarch.errors import NavarchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["Keys", "SettingsError"]

_KINDS = {dict: "a mapping", list: "a list", str: "text", bool: "true or false", int: "a number", float: "a number"}


class SettingsError(NavarchError):
    """A configuration that the registry can't be started with."""

    reference = "registry-settings"


class Keys:
    """A mapping of which every key has to be asked for before `end`. All methods raise SettingsError."""

    def __init__(self, value: object, path: str = "") -> None:
        self.path = path
        if value is None:
            value = {}
        if not isinstance(value, dict):
            raise SettingsError(f"{path or 'the configuration'} should be a mapping, but is {_kind(value)}")
        self._left: dict[str, Any] = dict(value)

    def at(self, key: str) -> str:
        """The path of a key."""
        return f"{self.path}.{key}" if self.path else key

    def has(self, key: str) -> bool:
        """Whether there is a value under a key that was not asked for yet."""
        return self._left.get(key) is not None

    def peek(self, key: str) -> Any:
        """Any value, which has to be asked for all the same."""
        return self._left.get(key)

    def take(self, key: str) -> Any:
        """Any value, None where there is none."""
        return self._left.pop(key, None)

    def text(self, key: str, default: str = "") -> str:
        """A text that isn't empty; numbers are taken as they are written."""
        value = self.take(key)
        if value is None:
            return default
        if isinstance(value, bool | dict | list):
            raise self.wrong(key, "should be text", value)
        if not str(value):
            raise SettingsError(f"{self.at(key)} is empty")
        return str(value)

    def number(self, key: str, default: float = 0, *, least: float = 0, most: float = 1 << 53) -> float:
        """A number in bounds, which may be written as text."""
        value = self.take(key)
        if value is None:
            return default
        try:
            found = float("" if isinstance(value, bool | dict | list) else value)
        except ValueError:
            raise self.wrong(key, "should be a number", value) from None
        if not least <= found <= most:
            raise SettingsError(f"{self.at(key)} should be a number from {least:g} to {most:g}, but is {found:g}")
        return found

    def whole(self, key: str, default: int = 0, *, least: int = 0, most: int = 1 << 53) -> int:
        """A whole number in bounds, which may be written as text."""
        found = self.number(key, default, least=least, most=most)
        if found != int(found):
            raise SettingsError(f"{self.at(key)} should be a whole number, but is {found:g}")
        return int(found)

    def switch(self, key: str, *, default: bool = False) -> bool:
        """True or false."""
        value = self.take(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.wrong(key, "should be true or false", value)
        return value

    def choice(self, key: str, choices: tuple[str, ...], default: str) -> str:
        """One of some words."""
        found = self.text(key, default)
        if found not in choices:
            raise SettingsError(f"{self.at(key)} should be {_either(choices)}, but is {found}")
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        value = self.take(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
            raise self.wrong(key, "should be a list of texts", value)
        return tuple(value)

    def table(self, key: str) -> Keys:
        """A mapping in the mapping; an empty one where there is none."""
        return Keys(self.take(key), self.at(key))

    def tables(self, key: str) -> list[Keys]:
        """A list of mappings."""
        value = self.take(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.wrong(key, "should be a list", value)
        return [Keys(one, f"{self.at(key)}[{number}]") for number, one in enumerate(value)]

    def names(self) -> list[str]:
        """The keys that were not asked for yet."""
        return list(self._left)

    def wrong(self, key: str, should: str, value: object) -> SettingsError:
        """The error for a value of a wrong kind."""
        return SettingsError(f"{self.at(key)} {should}, but is {_kind(value)}")

    def end(self) -> None:
        """That was all: what is left is unknown."""
        for key in self._left:
            raise SettingsError(f"{self.at(key)} is an unknown key")


def rest(keys: Keys) -> Mapping[str, Any]:
    """All that was not asked for."""
    return {name: keys.take(name) for name in keys.names()}


def _kind(value: object) -> str:
    return "empty" if value is None else _KINDS.get(type(value), type(value).__name__)


def _either(choices: tuple[str, ...]) -> str:
    return " or ".join(filter(None, (", ".join(choices[:-1]), choices[-1])))
