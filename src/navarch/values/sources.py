"""The values that a user gives, from files and from the command line, merged in Helm's order.

-f, --values   files, "-" for standard input, addresses; several documents each; later over earlier
--set-json     objects are merged, path=JSON pairs assigned
--set          path=value, with types
--set-string   path=text
--set-file     path=file
--set-literal  path=anything
"""

from __future__ import annotations

from navarch.chart.documents import load_values, merge_maps, parse_yaml
from navarch.errors import FunctionError, JsonError, NavarchError, ValuesError
from navarch.values import strvals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from navarch.chart.documents import Parse

    Map = dict[str, Any]
    Fetch = Callable[[str], bytes | None]
    """Gets what lies at an address; None where nobody is for its scheme: then it is the name of a file."""

__all__ = ["ValueOptions", "parse_values"]


def parse_values(data: str | bytes) -> Map:
    """A text read as Helm's ReadValues reads one: the first document, a mapping or nothing. Raises YamlError."""
    from navarch.golang.yaml import load_map

    return load_map(data, "common.Values")


class ValueOptions:
    """What a user has given, each kind in its order."""

    __slots__ = ("files", "set", "set_file", "set_json", "set_literal", "set_string")

    def __init__(
        self,
        files: Iterable[str] = (),
        set: Iterable[str] = (),  # noqa: A002 - the flag's name
        set_string: Iterable[str] = (),
        set_file: Iterable[str] = (),
        set_json: Iterable[str] = (),
        set_literal: Iterable[str] = (),
    ) -> None:
        self.files = tuple(files)
        self.set = tuple(set)
        self.set_string = tuple(set_string)
        self.set_file = tuple(set_file)
        self.set_json = tuple(set_json)
        self.set_literal = tuple(set_literal)

    def merge(self, *, parse: Parse | None = None, fetch: Fetch | None = None, stdin: bytes | None = None) -> Map:
        """All of it in one mapping. Raises ValuesError with Helm's words.

        `fetch` is asked for what has a scheme (see Fetch); without it web addresses are refused. `stdin` stands for
        standard input. What `fetch` raises passes, its message as Helm has it.
        """
        reader = _Reader(fetch, stdin)
        values: Map = {}
        for path in self.files:
            data = reader.read(path)
            try:
                values = merge_maps(values, load_values(data, parse or parse_yaml))
            except ValuesError as error:
                raise ValuesError(f"failed to parse {path}: {error}", hint=error.hint) from error
        for text in self.set_json:
            values = _merge_json(values, text)

        def parse_file(line: str, into: Map) -> Map:
            return strvals.parse_file(line, reader.read_text, into)

        kinds: tuple[tuple[str, tuple[str, ...], Callable[[str, Map], Map]], ...] = (
            ("--set", self.set, strvals.parse_set),
            ("--set-string", self.set_string, strvals.parse_string),
            ("--set-file", self.set_file, parse_file),
            ("--set-literal", self.set_literal, strvals.parse_literal),
        )
        for flag, lines, assign in kinds:
            for line in lines:
                try:
                    assign(line, values)
                except ValuesError as error:
                    raise ValuesError(f"failed parsing {flag} data: {error}", hint=error.hint) from error
                except NavarchError as error:  # of `fetch`
                    raise error.within(f"failed parsing {flag} data") from error.__cause__
        return values


def _merge_json(values: Map, text: str) -> Map:
    """One --set-json: an object, or pairs."""
    if not text.strip().startswith("{"):
        try:
            return strvals.parse_json(text, values)
        except ValuesError as error:
            raise ValuesError(f"failed parsing --set-json data {text}", hint=str(error)) from error
    from navarch.golang.json import loads

    try:
        given = loads(text.strip())
    except JsonError as error:
        raise ValuesError(f"failed parsing --set-json data JSON: {text}", hint=str(error)) from error
    return merge_maps(values, given)


class _Reader:
    """Where the contents come from that values name."""

    __slots__ = ("fetch", "stdin")

    def __init__(self, fetch: Fetch | None, stdin: bytes | None) -> None:
        self.fetch = fetch
        self.stdin = stdin

    def read(self, path: str) -> bytes:
        """The content of a file, of standard input ("-"), or at an address. Raises ValuesError, what `fetch` raises."""
        if path.strip() == "-":
            return self._standard_input()
        if not _UNUSUAL.isdisjoint(path) or path.startswith("//") or not path.isprintable():
            found = self._fetched(path)
            if found is not None:
                return found
        try:
            with open(path, "rb") as file:
                return file.read()
        except (OSError, ValueError) as error:
            from navarch.chart.load import reason

            raise ValuesError(f"{_operation(error)} {path}: {reason(error)}") from error

    def _fetched(self, path: str) -> bytes | None:
        """What lies at an address; None for what is none. Raises ValuesError for what looks like one and is wrong."""
        from navarch.golang.url import parse_url

        try:
            scheme = parse_url(path).scheme
        except FunctionError as error:
            raise ValuesError(str(error)) from error
        if scheme and self.fetch is not None:
            return self.fetch(path)
        if scheme in _SCHEMES:
            raise ValuesError(f"can't read {path}: URLs are not available here")
        return None

    def read_text(self, path: str) -> str:
        return self.read(path).decode("utf-8", "surrogateescape")

    def _standard_input(self) -> bytes:
        """Read once; a second "-" finds it empty."""
        data, self.stdin = self.stdin, b""
        if data is not None:
            return data
        import sys

        return sys.stdin.buffer.read()


def _operation(error: OSError | ValueError) -> str:
    """What Go was doing when it met an error: a folder can be opened, but not read."""
    return "read" if isinstance(error, IsADirectoryError) else "open"


_SCHEMES = ("http", "https", "oci")
_UNUSUAL = frozenset(":%")
"""What makes a path something that Helm takes for an address, or for a wrong one; so does a control character."""
