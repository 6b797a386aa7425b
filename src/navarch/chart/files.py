"""What templates see as .Files: a chart's files by name, without templates and what else has a place of its own."""

from __future__ import annotations

from navarch.golang.types import Strings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    _Dict = dict[str, bytes]
else:
    _Dict = dict

__all__ = ["Files"]


class Files(_Dict):
    """Content by path. A file that isn't there is empty."""

    __slots__ = ()
    go_type = "engine.files"
    go_kind = "map"
    go_methods = {  # noqa: RUF012 - a table
        "Get": ("string", "string"),
        "GetBytes": ("string", "[]uint8"),
        "Glob": ("string", "engine.files"),
        "Lines": ("string", "[]string"),
        "AsConfig": ("", "string"),
        "AsSecrets": ("", "string"),
    }

    go_elem = "[]uint8"

    def get(self, key: str, default: Any = b"") -> Any:
        """A file's content; Go's zero value, no bytes, where there is none."""
        return dict.get(self, key, default)

    def Get(self, name: str) -> str:  # noqa: N802 - Go's name
        """The file as text; bytes that aren't UTF-8 are kept as surrogates."""
        return _text(self.get(name, b""))

    def GetBytes(self, name: str) -> bytes:  # noqa: N802 - Go's name
        return bytes(self.get(name))

    def Glob(self, pattern: str) -> Files:  # noqa: N802 - Go's name
        """The files whose paths fit a pattern of gobwas/glob with "/" as separator; all where it can't be read."""
        from navarch.errors import NavarchError
        from navarch.golang.glob import compile_glob

        try:
            fits = compile_glob(pattern)
        except NavarchError:
            return Files(self)
        return Files((name, self[name]) for name in self if fits(name))

    def Lines(self, name: str) -> Strings:  # noqa: N802 - Go's name
        """The lines of a file, without the empty one after a last line break."""
        data = self.get(name)
        if not data:
            return Strings()
        return Strings(_text(data.removesuffix(b"\n")).split("\n"))

    def AsConfig(self) -> str:  # noqa: N802 - Go's name
        """The files by the last part of their paths, as the `data` of a ConfigMap."""
        return _dump({name.rpartition("/")[2]: _text(self[name]) for name in sorted(self)})

    def AsSecrets(self) -> str:  # noqa: N802 - Go's name
        """The same in base64, as the `data` of a Secret."""
        from binascii import b2a_base64

        return _dump({name.rpartition("/")[2]: b2a_base64(self[name], newline=False).decode() for name in sorted(self)})


def files_of(files: Iterable[tuple[str, bytes]]) -> Files:
    """.Files for a chart's `files`."""
    return Files(files)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _dump(mapping: dict[str, str]) -> str:
    """YAML as toYaml writes it: without the last line break, empty where it can't be written."""
    from navarch.errors import NavarchError
    from navarch.golang import yaml

    try:
        return yaml.dump(mapping).removesuffix("\n")
    except NavarchError:
        return ""
