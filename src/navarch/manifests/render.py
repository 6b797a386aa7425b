"""Render a chart: its dependencies are processed, values merged and checked, every chart of the tree gets its scope.

`render` gives the text of each template, `template` what comes of it: manifests in order, hooks apart, notes.
"""

from __future__ import annotations

import marshal

from navarch.chart.checks import check_kube_version
from navarch.chart.files import Files
from navarch.errors import ManifestError, NavarchError, TemplateError
from navarch.golang.types import Values
from navarch.manifests.sort import sort_manifests
from navarch.templates.engine import Renderer, TemplateSet
from navarch.templates.functions import SIGNATURES
from navarch.values.dependencies import process_dependencies
from navarch.values.render import render_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from navarch.cache import Cache
    from navarch.chart.capabilities import Capabilities, ReleaseInfo
    from navarch.chart.model import Chart
    from navarch.manifests.sort import Hook, Manifest
    from navarch.templates.sourcemap import Origin
    from navarch.values.schema import Inspect

    MoreFunctions = Callable[[], Mapping[str, Callable[..., Any]]]
    PostRender = Callable[[dict[str, str]], dict[str, str]]

__all__ = ["Engine", "Manifests", "render", "template"]

NOTES = "NOTES.txt"
_HIDDEN = "# HIDDEN: The Secret output has been suppressed"


class Engine:
    """How charts are rendered; one engine serves any number of renders, from several threads.

    - `strict`: a missing key is an error.
    - `lint`: `required` and `fail` pass, and `warn` is told their words.
    - `functions`: Python functions that templates can call by name; they hide built-in ones of the same name.
    - `more_functions`: is asked once for more of them, when a template calls a function that isn't there.
    - `lookup`: answers the lookup function: (apiVersion, kind, namespace, name) to an object, or {}.
    - `dns`: lets getHostByName ask the resolver.
    - `skip_schema`: values are not held against the charts' schemas.
    - `fetch_schema`: gets what schemas refer to at http and https addresses; without it that is refused.
    - `warn`: is given the lines that Helm writes to stderr.
    - `cache`: keeps compiled templates between processes.
    """

    __slots__ = (
        "cache",
        "dns",
        "fetch_schema",
        "functions",
        "lint",
        "lookup",
        "more_functions",
        "skip_schema",
        "strict",
        "warn",
    )

    def __init__(
        self,
        *,
        strict: bool = False,
        lint: bool = False,
        functions: Mapping[str, Callable[..., Any]] | None = None,
        more_functions: MoreFunctions | None = None,
        lookup: Callable[[str, str, str, str], dict[str, Any]] | None = None,
        dns: bool = False,
        skip_schema: bool = False,
        fetch_schema: Callable[[str], bytes] | None = None,
        warn: Callable[[str], None] | None = None,
        cache: Cache | None = None,
    ) -> None:
        self.strict = strict
        self.lint = lint
        self.functions = dict(functions or {})
        self.more_functions = more_functions
        self.lookup = lookup
        self.dns = dns
        self.skip_schema = skip_schema
        self.fetch_schema = fetch_schema
        self.warn = warn
        self.cache = cache

    def render(
        self,
        chart: Chart,
        values: Mapping[str, Any] | None = None,
        *,
        release: ReleaseInfo | None = None,
        capabilities: Capabilities | None = None,
    ) -> dict[str, str]:
        """See `navarch.render`."""
        given = dict(values or {})
        tree = process_dependencies(chart, given, warn=self.warn)
        files = self.render_tree(tree, self.scope(tree, given, release=release, capabilities=capabilities))
        return {path: _printable(text) for path, text in files.items()}

    def scope(
        self,
        tree: Chart,
        values: dict[str, Any],
        *,
        release: ReleaseInfo | None = None,
        capabilities: Capabilities | None = None,
    ) -> dict[str, Any]:
        """What the top chart's templates see, for a chart whose dependencies are processed. Raises ValuesError."""
        return render_values(
            tree,
            values,
            release,
            capabilities,
            skip_schema=self.skip_schema,
            fetch=self.fetch_schema,
            inspect=_cached_inspect(self.cache) if self.cache else None,
            warn=self.warn,
        )

    def render_tree(self, tree: Chart, top: Mapping[str, Any]) -> dict[str, str]:
        """Render a chart whose dependencies are processed, with what `render_values` made for it."""
        try:
            return self.renderer().render(self.templates(tree), _scopes(tree, top))
        except TemplateError as error:  # in a text that was given to tpl
            if not self._finds_function(error):
                raise
        return self.render_tree(tree, top)

    def _finds_function(self, error: TemplateError) -> bool:
        """Whether the function that an error misses is among those that `more_functions` knows; they are taken then."""
        _, found, rest = str(error).rpartition('function "')
        name, said, _ = rest.partition('" not defined')
        if self.more_functions is None or not (found and said):
            return False
        more, self.more_functions = self.more_functions(), None
        self.functions = {**{n: f for n, f in more.items() if n not in SIGNATURES}, **self.functions}
        return name in self.functions

    def source_map(
        self,
        chart: Chart,
        values: Mapping[str, Any] | None = None,
        *,
        release: ReleaseInfo | None = None,
        capabilities: Capabilities | None = None,
    ) -> dict[str, list[Origin]]:
        """Where each line of each file of `render` comes from. It renders the chart once more to find out."""
        given = dict(values or {})
        tree = process_dependencies(chart, given)
        return self.trace_tree(tree, self.scope(tree, given, release=release, capabilities=capabilities))

    def trace_tree(self, tree: Chart, top: Mapping[str, Any]) -> dict[str, list[Origin]]:
        """`source_map` for a chart whose dependencies are processed."""
        from navarch.templates.sourcemap import trace_lines

        return trace_lines(self.templates(tree, tracing=True), self.renderer(), _scopes(tree, top))

    def renderer(self) -> Renderer:
        """The template engine with this engine's ways."""
        return Renderer(lint=self.lint, lookup=self.lookup, dns=self.dns, warn=self.warn)

    def templates(self, tree: Chart, *, tracing: bool = False) -> TemplateSet:
        """The parsed templates of a chart and its children, made once for the same files."""
        custom = tuple(self.functions.items())
        sets: dict[Any, TemplateSet] = tree.memo.setdefault("templates", {})
        key = (tracing, self.strict, custom, _shape(tree))
        known = sets.get(key)
        if known is None:
            texts: list[tuple[str, str]] = []
            _texts(tree, texts)
            try:
                known = TemplateSet(texts, strict=self.strict, custom=self.functions, cache=self.cache, tracing=tracing)
            except TemplateError as error:
                if self._finds_function(error):
                    return self.templates(tree, tracing=tracing)
                from navarch.templates.trace import parse_error

                raise parse_error(error) from None
            sets[key] = known
        return known

    def template(
        self,
        chart: Chart,
        values: Mapping[str, Any] | None = None,
        *,
        release: ReleaseInfo | None = None,
        capabilities: Capabilities | None = None,
        sub_notes: bool = False,
    ) -> Manifests:
        """See `navarch.template`; `sub_notes` adds the notes of the children."""
        given = dict(values or {})
        tree = process_dependencies(chart, given, warn=self.warn)
        scope = self.scope(tree, given, release=release, capabilities=capabilities)
        return self.manifests(tree, scope, {}, sub_notes=sub_notes)

    def manifests(
        self,
        tree: Chart,
        scope: dict[str, Any],
        files: dict[str, str],
        *,
        sub_notes: bool = False,
        post_render: PostRender | None = None,
    ) -> Manifests:
        """Render a tree and sort what comes of it, in between handing the texts by path, without notes, through.

        `files` takes the rendered texts, for those who want to see them when they turn out not to be YAML.
        """
        check_kube_version(tree, scope["Capabilities"].KubeVersion)
        files.update(self.render_tree(tree, scope))
        own = f"{tree.name}/templates/{NOTES}"
        notes = [files.pop(path) for path in list(files) if path.endswith(NOTES) and (sub_notes or path == own)]
        for path in [path for path in files if path.endswith(NOTES)]:
            del files[path]
        if post_render:
            rendered = dict(files)
            files.clear()
            files.update(post_render(rendered))
        try:
            hooks, manifests = sort_manifests(files, self.cache, self.warn)
        except ManifestError as error:
            if not post_render:
                error.hint = error.hint or self._origin(tree, scope, files, error)
            raise
        return Manifests(tree, scope["Values"], manifests, hooks, "\n".join(notes))

    def _origin(self, tree: Chart, scope: dict[str, Any], files: Mapping[str, str], error: ManifestError) -> str:
        """A hint which template line is behind a line that is not YAML."""
        try:
            lines = self.trace_tree(tree, scope)[error.path]
        except (NavarchError, RecursionError):  # it rendered before, so this is the clock's or chance's doing
            return ""
        if not 0 < error.line <= len(lines):
            return ""
        shown = files[error.path].split("\n")[error.line - 1].strip()
        return f"line {error.line} of the rendered text, {shown!r}, comes from {lines[error.line - 1]}"


class Manifests:
    """What a chart renders to.

    `chart` is the tree that took part, `values` what its templates saw, `manifests` and `hooks` are in the order of
    installing, `notes` is the text of NOTES.txt.
    """

    __slots__ = ("chart", "hooks", "manifests", "notes", "values")

    def __init__(
        self, chart: Chart, values: dict[str, Any], manifests: list[Manifest], hooks: list[Hook], notes: str
    ) -> None:
        self.chart = chart
        self.values = values
        self.manifests = manifests
        self.hooks = hooks
        self.notes = notes

    def text(self, *, hide_secrets: bool = False) -> str:
        """The manifests as one stream of documents, each under the name of its template, as a release keeps them."""
        hidden = [hide_secrets and m.kind == "Secret" and m.api_version == "v1" for m in self.manifests]
        contents = [_HIDDEN if hide else m.content for m, hide in zip(self.manifests, hidden, strict=True)]
        return "".join(f"---\n# Source: {m.path}\n{text}\n" for m, text in zip(self.manifests, contents, strict=True))


def render(
    chart: Chart,
    values: Mapping[str, Any] | None = None,
    *,
    release: ReleaseInfo | None = None,
    capabilities: Capabilities | None = None,
    strict: bool = False,
) -> dict[str, str]:
    """The text of every template, by its path: {"web/templates/service.yaml": "apiVersion: v1…"}.

    Dependencies, values and schemas are processed as Helm does. Without `capabilities` the chart sees Helm's default
    ones, without `release` a first install of "release-name" in "default". `strict` makes a missing key an error.
    Bytes that are no UTF-8 come out as U+FFFD.
    Raises ValuesError and TemplateError with Helm's messages.
    """
    return Engine(strict=strict).render(chart, values, release=release, capabilities=capabilities)


def template(
    chart: Chart,
    values: Mapping[str, Any] | None = None,
    *,
    release: ReleaseInfo | None = None,
    capabilities: Capabilities | None = None,
    strict: bool = False,
) -> Manifests:
    """What `helm template` makes of a chart: manifests in the order of installing, hooks apart, notes.

    Takes and raises what `render` does, and ManifestError where a template's output is not YAML, ChartError where the
    chart is not for this version of Kubernetes.
    """
    return Engine(strict=strict).template(chart, values, release=release, capabilities=capabilities)


def _cached_inspect(cache: Cache) -> Inspect:
    """What tells about a schema's text, looking in the cache first."""

    def inspect(data: bytes) -> tuple[Any, bool]:
        known = cache.get("schemas", data)
        if known is not None:
            return marshal.loads(known)  # type: ignore[no-any-return]
        from navarch.values.schema import inspect as read

        found = read(data)
        try:
            cache.put("schemas", data, marshal.dumps(found))
        except ValueError:  # nested deeper than can be kept
            pass
        return found

    return inspect


def _printable(text: str) -> str:
    """A text without the lone surrogates that stand for bytes which are no UTF-8; they become U+FFFD."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join(["\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text])
    return text


def _shape(chart: Chart) -> tuple[Any, ...]:
    """What decides which templates there are: the charts of the tree, their places and files."""
    return (chart.full_path, id(chart.templates), *map(_shape, chart.dependencies))


def _texts(chart: Chart, texts: list[tuple[str, str]]) -> None:
    for child in chart.dependencies:
        _texts(child, texts)
    for name, data in chart.templates:
        if chart.is_library and not name[name.rfind("/") + 1 :].startswith("_"):
            continue  # of a library's files only the partials count
        texts.append((f"{chart.full_path}/{name}", data.decode("utf-8", "surrogateescape")))


def _scopes(tree: Chart, top: Mapping[str, Any]) -> dict[str, tuple[dict[str, Any], str]]:
    """The dot of every template of a tree, by the template's name."""
    scopes: dict[str, tuple[dict[str, Any], str]] = {}
    _scope(tree, top, scopes, is_root=True)
    return scopes


def _scope(
    chart: Chart, outer: Mapping[str, Any], scopes: dict[str, tuple[dict[str, Any], str]], *, is_root: bool
) -> dict[str, Any]:
    """The dot of a chart's templates; its values are the part of its parent's that has its name."""
    children: dict[str, Any] = {}
    about = chart.metadata_map()
    about["IsRoot"] = is_root
    scope = Values(
        {
            "Chart": about,
            "Files": Files(chart.files),
            "Release": outer["Release"],
            "Capabilities": outer["Capabilities"],
            "Values": outer["Values"] if is_root else _table(outer["Values"], chart.name),
            "Subcharts": children,
        }
    )
    for child in chart.dependencies:
        children[child.name] = _scope(child, scope, scopes, is_root=False)
    base = f"{chart.full_path}/templates"
    for name, _ in chart.templates:
        scopes[f"{chart.full_path}/{name}"] = (scope, base)
    return scope


def _table(values: Mapping[str, Any], path: str) -> dict[str, Any]:
    """The mapping at a dotted path, an empty one where there is none."""
    found: Any = values
    for name in path.split("."):
        found = found.get(name)
        if not isinstance(found, dict):
            return Values()
    return found  # type: ignore[no-any-return]
