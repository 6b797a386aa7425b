"""Bodies in YAML: apply patches, and objects that clients send as YAML. Most of them are JSON all the same."""

from __future__ import annotations

from json.decoder import JSONDecoder

from navarch.errors import YamlError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from navarch.cluster.problems import Problem

__all__ = ["read_yaml"]

_WHOLE = 1e21  # from here on Go writes floats with an exponent


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError
    return made


def _float(text: str) -> Any:
    number = float(text)
    return int(number) if number.is_integer() and abs(number) < _WHOLE else number


def _constant(text: str) -> Any:
    raise ValueError(text)


_decode = JSONDecoder(object_pairs_hook=_object, parse_float=_float, parse_constant=_constant).decode


def read_yaml(body: bytes, refuse: Callable[[str], Problem]) -> tuple[Any, tuple[str, ...]]:
    """The value of a YAML text, and a line for each repeated key. Raises what `refuse` makes of goyaml's message."""
    if body.startswith(b"{") and b"\\u" not in body and b"\t" not in body:
        try:
            return _decode(body.decode()), ()
        except (ValueError, RecursionError):
            pass  # not JSON, or something is repeated, which YAML's reader tells by lines
    return _read_completely(body, refuse)


def _read_completely(body: bytes, refuse: Callable[[str], Problem]) -> tuple[Any, tuple[str, ...]]:
    from navarch.golang.yaml import load
    from navarch.golang.yaml.compose import compose
    from navarch.golang.yaml.reader import open_source
    from navarch.golang.yaml.repeats import repeated_keys

    try:
        value = load(body, exact=True)
        root = compose(open_source(body))
    except YamlError as error:
        raise refuse(error.message) from None
    return _json_numbers(value), tuple(repeated_keys(root)) if root is not None else ()


def _json_numbers(value: Any) -> Any:
    """Whole floats as ints: on their way through JSON they lose their point."""
    if type(value) is float:
        return int(value) if value.is_integer() and abs(value) < _WHOLE else value
    if type(value) is list:
        return [_json_numbers(item) for item in value]
    if type(value) is dict:
        return {name: _json_numbers(item) for name, item in value.items()}
    return value
