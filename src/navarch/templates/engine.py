"""Templates of one chart, ready to render, and the engine that renders them.

The way of a text: `parse` → `compile` → `runtime.bind` → called by `Renderer.render`. A body is compiled when it is
first called. What was compiled can be kept in a `navarch.cache.Cache`, by the content of the template's text.
"""

from __future__ import annotations

import marshal
import os
import sys

from navarch.errors import FunctionError, TemplateError
from navarch.golang.types import Values
from navarch.templates.functions import SIGNATURES
from navarch.templates.runtime import Render, bind, joined, namespace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping
    from types import CodeType
    from typing import Any

    from navarch.cache import Cache
    from navarch.templates.parse import Body as ParsedBody
    from navarch.templates.parse import Source
    from navarch.templates.runtime import Body

__all__ = ["Renderer", "TemplateSet", "render_text"]

# Includes nest at most 1,000 deep for a name, each a few Python frames; these live on the heap.
_RECURSION_LIMIT = 25_000
_INLINE_LIMIT = 4096  # texts given to tpl that a set keeps


class _Text:
    """One template text: its names, and its bodies once they are asked for."""

    __slots__ = ("_source", "codes", "names", "stored", "templates", "text")

    def __init__(self, name: str, text: str, templates: TemplateSet) -> None:
        self.text = text
        self.templates = templates
        self.codes: dict[int, Body] = {}
        cache = templates.cache
        stored = cache.get("templates", text) if cache else None
        self._source: Source | None = None
        if stored is None:
            self._source = self.parse(name)
            stored = ([(b.name, b.empty) for b in self._source.bodies[1:]], self._source.bodies[0].empty, {})
            if cache:
                cache.put("templates", text, stored)
        self.stored: dict[int, bytes] = stored[2]
        # the file itself first; its name is not in the cache, since another file may have the same text
        self.names: list[tuple[str, bool]] = [(name, stored[1]), *stored[0]]

    def parse(self, name: str) -> Source:
        from navarch.templates.parse import parse

        return parse(name, self.text, self.templates.known)

    @property
    def source(self) -> Source:
        if self._source is None:
            self._source = self.parse(self.names[0][0])
        return self._source

    def body(self, index: int) -> Body:
        """The function of the file itself (0) or of one of its definitions."""
        function = self.codes.get(index)
        if function is None:
            stored = self.stored.get(index)
            code: CodeType
            if stored is None:
                from navarch.templates.compile import compile_body

                code = compile_body(self.source.bodies[index], self.templates.custom)
                if self.templates.cache:
                    self.stored[index] = marshal.dumps(code)
                    self.templates.cache.touch()
            else:
                code = marshal.loads(stored)
            function = self.codes[index] = bind(code, self.templates.namespace)
            self.templates.places[id(function.__code__)] = (self, index, code)
        return function


class TemplateSet:
    """The templates of a chart and its subcharts: one namespace of names, in which the last definition wins.

    `texts` are (name, text), in any order; `custom` are functions of the caller, by name. Raises TemplateError, with
    Go's message, when a text can't be parsed. Serves any number of renders, from several threads. `tracing` makes a set
    for navarch.templates.sourcemap; `known` are the functions that may be called, if not all.
    """

    def __init__(
        self,
        texts: Iterable[tuple[str, str]],
        *,
        strict: bool = False,
        custom: Mapping[str, Callable[..., Any]] | None = None,
        cache: Cache | None = None,
        tracing: bool = False,
        known: Container[str] | None = None,
    ) -> None:
        self.custom = frozenset(custom or ())
        self.known = known or (SIGNATURES.keys() | self.custom if custom else SIGNATURES)
        if tracing:
            from navarch.templates.sourcemap import tracing_namespace

            self.namespace = tracing_namespace(strict, custom or {})
        else:
            self.namespace = namespace(strict, custom or {})
        self.cache = None if custom else cache
        self.functions: dict[str, Body] = {}
        self.places: dict[int, tuple[_Text, int, CodeType]] = {}
        self.inlined: dict[str, tuple[Body, dict[str, tuple[Body, bool]]]] = {}
        self.names: dict[str, tuple[_Text, int, bool]] = {}
        ordered = sorted(texts, key=lambda t: (t[0].count("/"), t[0]), reverse=True)
        self.files = [name for name, _ in ordered]
        for name, text in ordered:
            self._define(_Text(name, text, self))

    def _define(self, text: _Text) -> None:
        for index, (name, empty) in enumerate(text.names):
            known = self.names.get(name)
            if known is None or not empty:
                self.names[name] = (text, index, empty)

    def function(self, name: str) -> Body | None:
        """The function of a template's name; None where there is no such template."""
        function = self.functions.get(name)
        if function is None:
            known = self.names.get(name)
            if known is None:
                return None
            function = self.functions[name] = known[0].body(known[1])
        return function

    def inline(self, text: str) -> tuple[Body, dict[str, tuple[Body, bool]]]:
        """The function of a text given to tpl, and those of its own definitions (with whether they are empty)."""
        known = self.inlined.get(text)
        if known is None:
            try:
                parsed = _Text("gotpl", text, self)
            except TemplateError as error:
                from navarch.golang.strconv import quote

                raise FunctionError(f"cannot parse template {quote(text)}: {error}") from None
            defined = {name: (parsed.body(i), empty) for i, (name, empty) in enumerate(parsed.names) if i}
            if len(self.inlined) >= _INLINE_LIMIT:
                self.inlined.clear()
            known = self.inlined[text] = (parsed.body(0), defined)
        return known

    def place(self, code: CodeType) -> tuple[Source, ParsedBody] | None:
        """Where a code object comes from, when it is one of this set's."""
        known = self.places.get(id(code))
        if known is None:
            return None
        source = known[0].source
        return source, source.bodies[known[1]]


def _make_room() -> None:
    """Let templates nest as deep as Go's do. Never lowers the process's limit."""
    if sys.getrecursionlimit() < _RECURSION_LIMIT:
        sys.setrecursionlimit(_RECURSION_LIMIT)


class Renderer:
    """Renders sets of templates. The attributes are what may differ between renders of the same set.

    `lint` lets `required` and `fail` pass (`warn` is told their words), `lookup` answers the lookup function
    (apiVersion, kind, namespace, name → object or {}), `dns` lets getHostByName ask the resolver.
    """

    __slots__ = ("dns", "lint", "lookup", "warn")

    def __init__(
        self,
        *,
        lint: bool = False,
        lookup: Callable[[str, str, str, str], Any] | None = None,
        dns: bool = False,
        warn: Callable[[str], None] | None = None,
    ) -> None:
        self.lint = lint
        self.lookup = lookup
        self.dns = dns
        self.warn = warn or _silent

    def render(self, templates: TemplateSet, scopes: Mapping[str, tuple[dict[str, Any], str]]) -> dict[str, str]:
        """Render the files of a set; partials (`_name`) give no output of their own.

        `scopes` holds each file's dot, in which .Template is set in turn, and its base path.

        Raises TemplateError with Helm's message.
        """
        _make_room()
        rendered: dict[str, str] = {}
        render = Render(templates, self)
        for name in templates.files:
            if name[name.rfind("/") + 1 :].startswith("_"):
                continue
            out: list[str] = []
            scope, base = scopes[name]
            scope["Template"] = Values({"Name": name, "BasePath": base})
            try:
                body = templates.function(name)
                assert body is not None  # a file's own name is always defined
                body(render, scope, out)
            except (TemplateError, RecursionError) as error:
                from navarch.templates.trace import explain

                raise explain(error, templates) from error
            rendered[name] = joined(out)
        return rendered


def _silent(_line: str) -> None:
    pass


def render_text(name: str, text: str, data: Any) -> str:
    """Render one text by itself, outside of any chart, with sprig's functions, `env` and `expandenv` included.

    Raises TemplateError with Go's own message, on one line.
    """
    templates = TemplateSet([(name, text)], custom={"env": _env, "expandenv": os.path.expandvars})
    out: list[str] = []
    body = templates.function(name)
    assert body is not None  # it was just defined
    try:
        body(Render(templates, Renderer()), data, out)
    except (TemplateError, RecursionError) as error:
        from navarch.templates.trace import explain

        raise explain(error, templates, whole=True) from error
    return "".join(out)


def _env(name: str) -> str:
    return os.environ.get(name, "")
