"""repositories.yaml: the repositories that were added, with their credentials.

    with Repositories.edit("~/.config/helm/repositories.yaml") as repositories:
        repositories.add(Entry("stable", "https://charts.example.com"))

The file is Helm's, its lock too: both programs can use it at the same time.
"""

from __future__ import annotations

import os
from contextlib import contextmanager

from navarch.errors import RepositoryError, YamlError
from navarch.kube.net.access import Access
from navarch.repos.entry import Decoder
from navarch.repos.files import folder_of, locked, write_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Self

__all__ = ["Entry", "Repositories"]

_FIELDS = {
    "name": "name",
    "url": "url",
    "username": "username",
    "password": "password",
    "certFile": "cert_file",
    "keyFile": "key_file",
    "caFile": "ca_file",
    "insecure_skip_tls_verify": "insecure_skip_tls_verify",
    "pass_credentials_all": "pass_credentials",
}
_BOOLS = ("insecure_skip_tls_verify", "pass_credentials_all")
_TOP = ("apiVersion", "generated", "repositories")


class Entry:
    """A repository: the name it was given, its address, and how its server is talked to."""

    __slots__ = ("access", "name", "url")

    def __init__(self, name: str, url: str, access: Access | None = None) -> None:
        self.name = name
        self.url = url
        self.access = access or Access()

    def fields(self) -> dict[str, Any]:
        """What the file has of it."""
        found: dict[str, Any] = {"name": self.name, "url": self.url}
        for key, attribute in _FIELDS.items():
            if key not in found:
                found[key] = getattr(self.access, attribute)
        return found

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Entry) and self.fields() == other.fields()

    def __hash__(self) -> int:
        return hash((self.name, self.url))

    def __repr__(self) -> str:
        return f"<Entry {self.name} {self.url}>"


class Repositories:
    """The repositories of a file, in its order."""

    __slots__ = ("_changed", "api_version", "entries", "generated", "path")

    def __init__(self, path: str = "") -> None:
        self.path = path
        self._changed = False
        self.api_version = ""
        self.generated = ""
        self.entries: list[Entry] = []

    @classmethod
    def load(cls, path: str, *, missing: bool = False) -> Self:
        """The repositories in a file; with `missing`, none where there is no file.

        Raises RepositoryError: a file that can't be read, or that is no list of repositories.
        """
        try:
            with open(path, "rb") as file:
                data = file.read()
        except FileNotFoundError as error:
            if missing:
                return cls(path)
            raise _unreadable(path, error) from error
        except OSError as error:
            raise _unreadable(path, error) from error
        return cls.parse(data, path)

    @classmethod
    def parse(cls, data: bytes, path: str = "") -> Self:
        """The repositories in a text. Raises RepositoryError with the message of Helm's reader."""
        from navarch.golang.yaml import load

        try:
            document = load(data, exact=True)
        except YamlError as error:
            raise RepositoryError(str(error)) from error
        made = cls(path)
        decoder = Decoder(strict=True, closed=False)
        made._fill(document, decoder)
        decoder.finish()
        return made

    def _fill(self, document: Any, decoder: Decoder) -> None:
        if document is None:
            return
        if type(document) is not dict:
            decoder.refuse(document, "", "repo.File")
            return
        for key, name in decoder.keys(document, _TOP):
            value = document[key]
            if value is None:
                continue
            if name == "apiVersion":
                self.api_version = decoder.string(value, "File.apiVersion", lenient=True)
            elif name == "generated":
                self.generated = decoder.time(value)
            elif type(value) is not list:
                decoder.refuse(value, "File.repositories", "[]*repo.Entry")
            else:
                self.entries = [_entry(item, decoder) for item in value if item is not None]

    @classmethod
    @contextmanager
    def edit(cls, path: str) -> Iterator[Self]:
        """The repositories of a file that nobody else changes in this block. Changes are written when it ends well."""
        stem, extension = os.path.splitext(path)
        with locked(f"{stem if extension and stem else path}.lock"):
            found = cls.load(path, missing=True)
            yield found
            if found._changed:  # noqa: SLF001 - our own
                found.save()

    def save(self) -> None:
        """Write the file, for nobody else to read. Raises RepositoryError."""
        folder_of(self.path)
        write_file(self.path, self.to_yaml().encode("utf-8", "surrogateescape"), 0o600)
        self._changed = False

    def to_yaml(self) -> str:
        """The file's text as Helm writes it."""
        from navarch.chart.metadata import normal_time
        from navarch.golang.yaml import dump

        repositories = [entry.fields() for entry in self.entries]
        fields = {"apiVersion": self.api_version, "generated": normal_time(self.generated)}
        text: str = dump({**fields, "repositories": repositories})
        return text

    def get(self, name: str) -> Entry | None:
        """The repository of a name."""
        return next((entry for entry in self.entries if entry.name == name), None)

    def __getitem__(self, name: str) -> Entry:
        found = self.get(name)
        if found is None:
            raise KeyError(name)
        return found

    def __contains__(self, name: object) -> bool:
        return any(entry.name == name for entry in self.entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def add(self, entry: Entry) -> None:
        """Add a repository, in the place of one of the same name if there is one."""
        self._changed = True
        for index, known in enumerate(self.entries):
            if known.name == entry.name:
                self.entries[index] = entry
                return
        self.entries.append(entry)

    def remove(self, name: str) -> bool:
        """Take a repository out; False if there is none of that name."""
        kept = [entry for entry in self.entries if entry.name != name]
        removed = len(kept) < len(self.entries)
        self.entries = kept
        self._changed = self._changed or removed
        return removed


def _entry(document: Any, decoder: Decoder) -> Entry:
    if type(document) is not dict:
        decoder.refuse(document, "File.repositories", "repo.Entry")
        return Entry("", "")
    found: dict[str, Any] = {}
    for key, name in decoder.keys(document, tuple(_FIELDS)):
        value = document[key]
        if value is None:
            continue
        place = f"Entry.repositories.{name}"
        read = decoder.boolean(value, place) if name in _BOOLS else decoder.string(value, place, lenient=True)
        found[_FIELDS[name]] = read
    name, url = found.pop("name", ""), found.pop("url", "")
    return Entry(name, url, Access(**found))


def _unreadable(path: str, error: OSError) -> RepositoryError:
    from navarch.chart.load import reason

    verb = "read" if isinstance(error, IsADirectoryError) else "open"
    return RepositoryError(f"couldn't load repositories file ({path}): {verb} {path}: {reason(error)}")
