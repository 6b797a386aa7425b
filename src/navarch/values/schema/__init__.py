"""Values held to the JSON schemas of charts (values.schema.json), drafts 4 to 2020-12.

The words for what is wrong are those of santhosh-tekuri/jsonschema, which Helm uses. What schemas refer to outside
themselves is got by a `fetch` that is handed in; without one, remote references are refused.
"""

from __future__ import annotations

from navarch.errors import NavarchError, ValuesError
from navarch.values.schema.document import read_json
from navarch.values.schema.quick import Quick

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeVar

    from navarch.chart.model import Chart
    from navarch.values.schema.compiler import Load, Node

    T = TypeVar("T")
    Fetch = Callable[[str], bytes]
    Warn = Callable[[str], None]
    # what is known of a schema's text: the document, and whether it is proven to be a plain schema
    Inspect = Callable[[bytes], tuple[Any, bool]]

__all__ = ["Schema", "check_values", "inspect", "validate_schema"]

_URL = "file:///values.schema.json"


def validate_schema(
    chart: Chart,
    values: dict[str, Any],
    *,
    fetch: Fetch | None = None,
    inspect: Inspect | None = None,
    warn: Warn | None = None,
    touched: Iterable[str] | None = None,
) -> None:
    """Raise ValuesError, with Helm's words, where values don't fit the schema of a chart or of a child of it.

    `fetch` gets a schema behind an http or https URL; `inspect` may answer from a cache. `touched` names the values at
    the top that differ from values that were found to fit before; none of them is a child's or `global`.
    """
    found = _problems(chart, values, _Loader(fetch, warn), inspect or _inspect, touched)
    if found:
        raise ValuesError(f"values don't meet the specifications of the schema(s) in the following chart(s):\n{found}")


def check_values(
    values: dict[str, Any], schema: bytes, *, fetch: Fetch | None = None, warn: Warn | None = None
) -> None:
    """Raise ValuesError where values don't fit the text of a schema, in the words that Helm's lint has for it."""
    found = _schema(schema, _inspect, _Loader(fetch, warn))
    problem = found if isinstance(found, str) else found.problem(values)
    if problem:
        raise ValuesError(problem)


def _problems(
    chart: Chart, values: dict[str, Any], load: Load, inspect: Inspect, touched: Iterable[str] | None = None
) -> str:
    """What is told of a chart's values and of its children's, "" where all is well."""
    found = ""
    if chart.schema is not None:
        problem = _schema(chart.schema, inspect, load)
        told = problem if isinstance(problem, str) else problem.problem(values, touched)
        if told:
            found = f"{chart.name}:\n{told}"
    for child in chart.dependencies if touched is None else ():
        inner = values.get(child.name)
        if isinstance(inner, dict):
            found += _problems(child, inner, load, inspect)
        elif inner is not None:
            from navarch.golang.types import type_of

            wrong = f"invalid type for values: expected object (map), got {type_of(inner)}"
            found += f"{child.name}:\n{wrong}\n"
    return found


_schemas: dict[bytes, Schema] = {}


def _schema(data: bytes, inspect: Inspect, load: Load) -> Schema | str:
    """The schema in a file, the last few hundred kept; or what is wrong with it."""
    schema = _schemas.get(data)
    if schema is None:
        try:
            schema = _call(lambda: Schema(*inspect(data), load=load))
        except ValuesError as error:
            return str(error)
        if len(_schemas) >= 256:
            _schemas.clear()
        _schemas[data] = schema
    return schema


def inspect(data: bytes) -> tuple[Any, bool]:
    """A schema's document, and whether it is plain: well formed, and closed in itself. Both can be marshalled.

    Raises ValuesError where the text isn't JSON.
    """
    from navarch.values.schema.proof import is_plain

    document = read_json(data)
    return document, is_plain(document)


_inspect = inspect


def _call(run: Callable[[], T]) -> T:
    try:
        return run()
    except RecursionError:
        from navarch.values.coalesce import deep

        return deep(run)


class Schema:
    """A schema ready to be used many times, from several threads."""

    __slots__ = ("_node", "_quick", "document", "plain")

    def __init__(self, document: Any, plain: bool, *, load: Load | None = None) -> None:
        """Raises ValuesError where the document isn't a schema, or refers to what can't be had."""
        self.document = document
        self.plain = plain
        self._node: Node | None = None if plain else _compiled(document, load)
        self._quick = Quick(document, self._complete).check() if plain else None

    def problem(self, values: dict[str, Any], touched: Iterable[str] | None = None) -> str:
        """What is wrong with values, a line each; "" where they fit."""
        try:
            if self._quick is not None and self._quick(values, touched):
                return ""
        except RecursionError:
            pass  # a schema that goes round in a ring: the complete check knows
        try:
            return _call(lambda: self._told(values))
        except NavarchError as error:
            return str(error)

    def _told(self, values: dict[str, Any]) -> str:
        """What the complete check says."""
        from navarch.values.schema.validator import findings

        found = findings(self._top(), values)
        return "".join(f"{line}\n" for finding in found or () for line in finding.lines())

    def _top(self) -> Node:
        if self._node is None:
            self._node = _compiled(self.document, None, trusted=True)
        return self._node

    def _complete(self, place: str) -> Callable[[Any], bool]:
        """The complete check of the subschema at a place."""

        def check(value: Any) -> bool:
            from navarch.values.schema.validator import findings

            return findings(self._top().at_place(place), value) is None

        return check


def _compiled(document: Any, load: Load | None, *, trusted: bool = False) -> Node:
    from navarch.values.schema.compiler import Compiler

    compiler = Compiler(load)
    compiler.add(_URL, document)
    node = compiler.node(_URL, trusted=trusted)
    if not trusted:
        compiler.compile_all()
    return node


class _Loader:
    """Gets the documents that schemas refer to, each URL's scheme in its way."""

    __slots__ = ("_fetch", "_warn")

    def __init__(self, fetch: Fetch | None, warn: Warn | None) -> None:
        self._fetch = fetch
        self._warn = warn

    def __call__(self, url: str) -> bytes | None:
        scheme = url.partition(":")[0]
        if scheme in {"http", "https"}:
            if self._fetch is None:
                raise ValuesError("remote schemas are not fetched here")
            return self._fetch(url)
        if scheme == "file":
            return _read_file(url.removeprefix("file://"))
        if scheme == "urn":
            self._tell_of_urn(url)
            return None
        from navarch.golang.strconv import quote

        raise ValuesError(f"no URLLoader registered for {quote(url)}")

    def _tell_of_urn(self, url: str) -> None:
        if self._warn:
            from navarch.chart.notices import notice

            message = "unresolved URN reference ignored; using permissive schema"
            self._warn(notice("WARN", message, urn=url))


def _read_file(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except (OSError, ValueError) as error:
        from navarch.chart.load import reason

        verb = "read" if isinstance(error, IsADirectoryError) else "open"
        raise ValuesError(f"{verb} {path}: {reason(error)}") from error
