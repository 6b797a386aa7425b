"""What generated code calls: field paths, printing, argument checks, ranges, and the render itself.

Every error raised here is a TemplateError without a place; navarch.templates.trace finds the place from the traceback.
"""

from __future__ import annotations

from types import FunctionType

from navarch.chart.notices import notice
from navarch.errors import FunctionError, NavarchError, TemplateError
from navarch.golang.types import Int, Uint8, type_of
from navarch.templates.functions import load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from types import CodeType
    from typing import Any

    from navarch.templates.engine import TemplateSet

    Body = Callable[[Any, Any, list[str]], None]

__all__ = ["NO_VALUE", "Failure", "Fault", "Render", "bind", "joined", "namespace"]

NO_VALUE = "<no value>"  # what Go prints for nil; Helm takes it out of the finished text
MAX_INCLUDES = 1000  # a name may be included this often in itself
_SHORT_VERBS = frozenset(("%s", "%v"))


class Fault(TemplateError):
    """An error of the template language itself, in Go's words; its place is added later.

    `argument` tells which argument of a method is at fault, where one is.
    """

    def __init__(self, message: str, *, argument: int = -1) -> None:
        super().__init__(message)
        self.argument = argument


class Failure(FunctionError):
    """What `fail` and `required` raise: the chart's own words, which Helm prints without the chain."""


def bad(message: str) -> Any:
    """Raise an error that was known when the template was compiled."""
    raise Fault(message)


# field paths


def g1(x: Any, a: str) -> Any:
    try:
        return x.get(a)
    except AttributeError:
        return walk(x, (a,), False)


def g2(x: Any, a: str, b: str) -> Any:
    try:
        return x[a].get(b)
    except (KeyError, TypeError, AttributeError):
        return walk(x, (a, b), False)


def g3(x: Any, a: str, b: str, c: str) -> Any:
    try:
        return x[a][b].get(c)
    except (KeyError, TypeError, AttributeError):
        return walk(x, (a, b, c), False)


def g4(x: Any, a: str, b: str, c: str, d: str) -> Any:
    try:
        return x[a][b][c].get(d)
    except (KeyError, TypeError, AttributeError):
        return walk(x, (a, b, c, d), False)


def gn(x: Any, names: Sequence[str]) -> Any:
    y = x
    try:
        for name in names[:-1]:
            y = y[name]
        return y.get(names[-1])
    except (KeyError, TypeError, AttributeError):
        return walk(x, names, False)


def h1(x: Any, a: str) -> Any:
    try:
        return x.get(a)
    except AttributeError:
        return walk(x, (a,), True)


def h2(x: Any, a: str, b: str) -> Any:
    return h1(h1(x, a), b)


def h3(x: Any, a: str, b: str, c: str) -> Any:
    return h1(h1(h1(x, a), b), c)


def h4(x: Any, a: str, b: str, c: str, d: str) -> Any:
    return h1(h1(h1(h1(x, a), b), c), d)


def hn(x: Any, names: Sequence[str]) -> Any:
    for name in names:
        x = h1(x, name)
    return x


def gf(x: Any, names: Sequence[str], nilable: bool) -> Any:
    return walk(x, names, nilable)


def walk(x: Any, names: Sequence[str], nilable: bool, strict: bool = False) -> Any:
    """Follow a field path as text/template's evalField does.

    `nilable` tells whether a nil at the root is a nil interface (an error) or no value at all (which gives none).
    Values whose class has `go_typed` never stand in an interface.
    """
    type_ = "interface {}" if nilable and not getattr(type(x), "go_typed", False) else type_of(x)
    for i, name in enumerate(names):
        if x is None and not nilable and not i:
            if strict:
                raise Fault(f'nil data; no entry for key "{name}"')
            return None
        x, type_ = _step(x, name, type_, strict)
    return x


def _step(x: Any, name: str, type_: str, strict: bool) -> tuple[Any, str]:
    """One field of a value, and Go's static type of what it is."""
    if x is None:
        raise Fault(f"nil pointer evaluating {type_}.{name}")
    class_ = type(x)
    methods = getattr(class_, "go_methods", None)
    if methods is not None and name in methods:
        return _call(x, name, (), {}), methods[name][1]
    if isinstance(x, dict):
        if name in x:
            return x[name], getattr(class_, "go_elem", "interface {}")
        if strict:
            raise Fault(f'map has no entry for key "{name}"')
        return x.get(name), getattr(class_, "go_elem", "interface {}")
    if name in getattr(class_, "go_fields", ()):
        value = getattr(x, name)
        return value, type_of(value)
    raise Fault(f"can't evaluate field {name} in type {type_}")


def m(
    x: Any, names: Sequence[str], nilable: bool, args: Sequence[Any], literals: Mapping[int, str], strict: bool = False
) -> Any:
    """The method at the end of a path, called with arguments; `literals` tells which are constants, as written."""
    name = names[-1]
    if len(names) > 1:
        nothing = x is None and not nilable  # of which every field is nothing again
        x, nilable = walk(x, names[:-1], nilable, strict), not nothing
    if x is None:
        if nilable:
            raise Fault(f"nil pointer evaluating interface {{}}.{name}")
        return None
    class_ = type(x)
    if name in getattr(class_, "go_methods", ()):
        return _call(x, name, args, literals)
    if isinstance(x, dict):
        raise Fault(f"{name} is not a method but has arguments")
    if name in getattr(class_, "go_fields", ()):
        raise Fault(f"{name} has arguments but cannot be invoked as function")
    raise Fault(f"can't evaluate field {name} in type {'interface {}' if nilable else type_of(x)}")


def _call(x: Any, name: str, args: Sequence[Any], literals: Mapping[int, str]) -> Any:
    types = type(x).go_methods[name][0].split()
    if len(types) != len(args):
        raise Fault(f"wrong number of args for {name}: want {len(types)} got {len(args)}")
    args = list(args)
    for i, (value, want) in enumerate(zip(args, types, strict=True)):
        if want == "any" or type_of(value) == want:
            continue
        if want == "time.Duration" and i in literals and type(value) is Int:
            from navarch.golang.duration import Duration

            args[i] = Duration(value)
            continue
        if i in literals:
            raise Fault(f"expected {_LITERALS.get(want, want)}; found {literals[i]}", argument=i)
        raise _wrong(value, want, False)
    return getattr(x, name)(*args)


_LITERALS = {"int": "integer", "int64": "integer", "float64": "float"}


def lv(value: Any) -> Any:
    """What len is given: it has other words for no value at all than for a nil."""
    if value is None:
        raise FunctionError("reflect: call of reflect.Value.Type on zero Value")
    return value


def _strict_paths() -> dict[str, Any]:
    """The paths of strict mode, where a missing key is an error."""

    def path(nilable: bool) -> Callable[..., Any]:
        return lambda x, *names: walk(x, names, nilable, True)

    def long_path(nilable: bool) -> Callable[..., Any]:
        return lambda x, names: walk(x, names, nilable, True)

    paths: dict[str, Any] = {f"{letter}{n}": path(letter == "h") for letter in "gh" for n in (1, 2, 3, 4)}
    return {
        **paths,
        "gn": long_path(False),
        "hn": long_path(True),
        "gf": lambda x, names, nilable: walk(x, names, nilable, True),
        "m": lambda x, names, nilable, args, literals: m(x, names, nilable, args, literals, True),
    }


# printing


def P(v: Any) -> str:  # noqa: N802
    """What an action prints of a value."""
    t = type(v)
    if t is str:
        return v  # type: ignore[no-any-return]
    if v is None:
        return NO_VALUE
    if t is bool:
        return "true" if v else "false"
    if t is Int or t is int:
        return int.__repr__(v)
    if isinstance(v, str):  # one that knows where it comes from
        return v
    if getattr(v, "go_stringer", "") == "pointer":  # a field that Go can take the address of
        return v.String()  # type: ignore[no-any-return]
    from navarch.golang.fmt import text

    return text(v)


def fv(verb: str, value: Any) -> str:
    """One verb of printf."""
    t = type(value)
    if verb == "%d" and (t is Int or t is int):
        return int.__repr__(value)
    if t is str and verb in _SHORT_VERBS:
        return value  # type: ignore[no-any-return]
    from navarch.golang.fmt import sprintf

    return sprintf(verb, value)


# argument checks


def _wrong(value: Any, want: str, nilable: bool) -> Fault:
    if value is None and not nilable:
        return Fault(f"invalid value; expected {want}")
    return Fault(f"wrong type for value; expected {want}; got {'interface {}' if value is None else type_of(value)}")


def cs(value: Any, nilable: bool) -> str:
    if isinstance(value, str):
        return value
    raise _wrong(value, "string", nilable)


def cb(value: Any, nilable: bool) -> bool:
    if type(value) is bool:
        return value
    raise _wrong(value, "bool", nilable)


def ci(value: Any, nilable: bool) -> Int:
    if type(value) is Int:
        return value
    raise _wrong(value, "int", nilable)


def cl(value: Any, nilable: bool) -> int:
    if type(value) is int:
        return value
    raise _wrong(value, "int64", nilable)


def cf(value: Any, nilable: bool) -> float:
    if type(value) is float:
        return value
    raise _wrong(value, "float64", nilable)


_VALUES = frozenset(("time.Time", "time.Duration", "sprig.certificate", "uint32"))


def ct(value: Any, want: str, nilable: bool) -> Any:
    """Any other type, by Go's name of it. nil is the zero value of maps, slices and pointers."""
    if value is None:
        if nilable or want in _VALUES:
            raise _wrong(value, want, nilable)
        return None
    type_ = type_of(value)
    if type_ == want or (want == "map[string]interface {}" and getattr(type(value), "go_base", "") == want):
        return value
    raise _wrong(value, want, nilable)


# ranges

_ints: list[Int] = []


def _indexes(count: int) -> list[Int]:
    """At least `count` of Go's ints, from 0. Kept for the next time; a list once handed out never changes."""
    global _ints
    ints = _ints
    if len(ints) < count:
        ints = _ints = [Int(i) for i in range(max(count, 2 * len(ints)))]
    return ints


def rng(value: Any) -> Sequence[Any]:
    """The elements that a range walks: a map's in the order of its keys."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return [value[k] for k in sorted(value)]
    if value is None:
        return ()
    if type(value) is Int:
        return _indexes(value)[:value] if value > 0 else ()
    if type(value) is int:
        return range(value)
    if type(value) is bytes:
        return [Uint8(byte) for byte in value]
    if isinstance(value, int) and type(value) is not bool:  # a duration, an unsigned number
        return [type(value)(i) for i in range(value)]
    raise _no_range(value)


def rng2(value: Any) -> Sequence[tuple[Any, Any]]:
    """Indexes with elements, or keys with values."""
    if isinstance(value, list):
        return list(zip(_indexes(len(value)), value, strict=False))
    if isinstance(value, dict):
        return [(k, value[k]) for k in sorted(value)]
    if value is None:
        return ()
    if isinstance(value, int) and type(value) is not bool:
        from navarch.golang.fmt import text

        raise Fault(f"can't use {text(value)} to iterate over more than one variable")
    if type(value) is bytes:
        return list(zip(_indexes(len(value)), map(Uint8, value), strict=False))
    raise _no_range(value)


def _no_range(value: Any) -> Fault:
    from navarch.golang.fmt import text

    return Fault(f"range can't iterate over {text(value)}")


# binding

_NAMES = (bad, g1, g2, g3, g4, gn, h1, h2, h3, h4, hn, gf, m, P, fv, cs, cb, ci, cl, cf, ct, lv, rng, rng2)


def namespace(strict: bool, custom: Mapping[str, Callable[..., Any]]) -> dict[str, Any]:
    """The globals of generated code; functions come in as `bind` finds them used."""
    names: dict[str, Any] = {f.__name__: f for f in _NAMES}
    if strict:
        names |= _strict_paths()
    for name, function in custom.items():
        names[f"c_{name}"] = _guarded(function)
    return names


def _guarded(function: Callable[..., Any]) -> Callable[..., Any]:
    """A caller's function, whose exceptions become template errors."""

    def call(*args: Any) -> Any:
        try:
            return function(*args)
        except TemplateError:
            raise
        except Exception as error:
            raise FunctionError(str(error)) from error

    return call


def bind(code: CodeType, names: dict[str, Any]) -> Body:
    """Make a body's function, after bringing in what its code names."""
    for name in code.co_names:
        if name not in names:
            if name.startswith("f_"):
                names[name] = load(name[2:])
            elif name.startswith("i_"):
                names[name] = Int(name[2:].replace("m", "-"))
    return FunctionType(code, names)


class Render:
    """One rendering: what the functions that depend on it need. Generated code calls it `R`."""

    __slots__ = ("bodies", "engine", "included", "templates")

    def __init__(self, templates: TemplateSet, engine: Any) -> None:
        self.templates = templates
        self.engine = engine
        self.bodies: dict[str, Body] = templates.functions
        self.included: list[str] = []

    def include(self, name: str, data: Any) -> str:
        body = self.bodies.get(name)
        if body is None:
            body = self.templates.function(name)
            if body is None:
                from navarch.golang.strconv import quote

                raise FunctionError(f'template: no template {quote(name)} associated with template "gotpl"')
        included = self.included
        if len(included) > MAX_INCLUDES and included.count(name) > MAX_INCLUDES:
            raise FunctionError(f"rendering template has a nested reference name: {name}: unable to execute template")
        included.append(name)
        out: list[str] = []
        body(self, data, out)
        included.pop()
        return "".join(out)

    def template(self, name: str) -> Body:
        """The body that a template action runs; its caller hands it the data."""
        body = self.bodies.get(name) or self.templates.function(name)
        if body is None:
            from navarch.golang.strconv import quote

            raise Fault(f"template {quote(name)} not defined")
        return body

    def tpl(self, text: str, data: Any) -> str:
        if "{{" not in text:
            return text.replace(NO_VALUE, "")
        body, defined = self.templates.inline(text)
        render = self.within(defined) if defined else self
        out: list[str] = []
        body(render, data, out)
        return "".join(out).replace(NO_VALUE, "")

    def within(self, defined: Mapping[str, tuple[Body, bool]]) -> Render:
        """The render that a tpl text with definitions of its own sees. An empty definition replaces nothing."""
        inner = Render(self.templates, self.engine)
        inner.included = self.included
        inner.bodies = dict(self.bodies)
        for name, (body, empty) in defined.items():
            if not empty or (name not in inner.bodies and self.templates.function(name) is None):
                inner.bodies[name] = body
        return inner

    def required(self, message: str, value: Any) -> Any:
        if value is None or value == "":
            if not self.engine.lint:
                raise Failure(message)
            self.engine.warn(notice("WARN", "missing required value" + ("s" if value == "" else ""), message=message))
            return ""
        return value

    def fail(self, message: str) -> str:
        if not self.engine.lint:
            raise Failure(message)
        self.engine.warn(notice("INFO", "funcMap fail", message=message))
        return ""

    def lookup(self, version: str, kind: str, namespace: str, name: str) -> dict[str, Any]:
        found = self.engine.lookup
        if found is None or self.engine.lint:
            return {}
        try:
            return found(version, kind, namespace, name)  # type: ignore[no-any-return]
        except TemplateError:
            raise
        except NavarchError as error:
            raise FunctionError(str(error)) from error

    def getHostByName(self, name: str) -> str:  # noqa: N802
        if not self.engine.dns:
            return ""
        from navarch.templates.functions.network import get_host_by_name

        return get_host_by_name(name)


def joined(pieces: Iterable[str]) -> str:
    """The finished text of a template."""
    text = "".join(pieces)
    return text.replace(NO_VALUE, "") if NO_VALUE in text else text
