"""Render a chart for a release, without a cluster: what `nav template` does before it prints."""

from __future__ import annotations

import marshal
import os

from navarch.chart.checks import check_dependencies, check_installable
from navarch.chart.documents import parse_yaml
from navarch.chart.load import load_chart
from navarch.chart.notices import notice
from navarch.errors import ChartError, NavarchError, UsageError, ValuesError
from navarch.values.dependencies import process_dependencies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from navarch.cache import Cache
    from navarch.chart.capabilities import Capabilities, ReleaseInfo
    from navarch.chart.documents import Parse
    from navarch.chart.model import Chart
    from navarch.manifests.render import Engine, Manifests, PostRender

__all__ = [
    "UnrenderedError",
    "cached_parse",
    "check_labels",
    "check_ready_to_install",
    "check_ready_to_upgrade",
    "check_release_name",
    "failed_name_check",
    "is_release_name",
    "load_installable",
    "load_upgradable",
    "name_and_chart",
    "render_chart",
    "render_tree",
    "taking_part",
]

SYSTEM_LABELS = ("name", "owner", "status", "version", "createdAt", "modifiedAt")
_NAME_LENGTH = 53
_BAD_NAME = (
    r"invalid release name, must match regex ^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$ "
    f"and the length must not be longer than {_NAME_LENGTH}"
)


class UnrenderedError(NavarchError):
    """A chart whose templates failed. `files` holds what was rendered, where the fault is in the rendered text."""

    reference = "unrendered"

    def __init__(self, message: str, files: Mapping[str, str], *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.files = files


def name_and_chart(
    words: Sequence[str], *, default: str = "", generate: bool = False, name_template: str = ""
) -> tuple[str, str]:
    """The release's name and the chart's reference out of a command's arguments. Raises UsageError."""
    if len(words) > 2:
        raise UsageError(f"expected at most two arguments, unexpected arguments: {', '.join(words[2:])}")
    if len(words) == 2:
        for given, flag in ((generate, "--generate-name"), (name_template, "--name-template")):
            if given:
                raise UsageError(f"cannot set {flag} and also specify a name")
        return words[0], words[1]
    if name_template:
        return _rendered_name(name_template), words[0]
    if default:
        return default, words[0]
    if not generate:
        raise UsageError("must either provide a name or specify --generate-name")
    return _generated_name(words[0]), words[0]


def _rendered_name(template: str) -> str:
    from navarch.templates.engine import render_text

    return render_text("name-template", template, None)


def _generated_name(chart: str) -> str:
    from time import time

    base = os.path.basename(chart.rstrip("/"))
    base = "chart" if base in ("", ".") else base.partition(".")[0]
    return f"{base}-{int(time())}"


def check_release_name(name: str, *, warn: Callable[[str], None] | None = None) -> None:
    """Refuse what can't be a release's name. Raises ChartError with Helm's words."""
    if not is_release_name(name):
        from navarch.golang.strconv import quote

        words = _BAD_NAME if name else "no name provided"
        raise failed_name_check(f"release name {quote(name)}: {words}", warn)


def failed_name_check(fault: str, warn: Callable[[str], None] | None) -> ChartError:
    """The error that refuses a name, after `warn` was told of it."""
    if warn:
        warn(notice("ERROR", "release name check failed", error=fault))
    return ChartError(f"release name check failed: {fault}")


def is_release_name(name: str) -> bool:
    """Whether a release can have this name: that of a DNS subdomain, not too long."""
    return len(name) <= _NAME_LENGTH and all(map(_is_label, name.split(".")))


def _is_label(text: str) -> bool:
    letters = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
    return bool(text) and text[0] in letters and text[-1] in letters and letters.issuperset(text.replace("-", ""))


def check_labels(labels: Mapping[str, str]) -> None:
    """Refuse labels that a release's record uses itself."""
    if any(label in labels for label in SYSTEM_LABELS):
        raise UsageError(
            f"user supplied labels contains system reserved label name. System labels: [{' '.join(SYSTEM_LABELS)}]",
        )


def load_installable(
    path: str,
    *,
    warn: Callable[[str], None],
    cache: Cache | None = None,
    fetch_missing: Callable[[str], None] | None = None,
) -> Chart:
    """A chart that can be rendered for a first install: complete, and no library. Raises ChartError otherwise.

    `fetch_missing` is called with the path of a chart that lacks dependencies, to bring them into charts/.
    """
    load = _loader(path, warn, cache)
    chart = load()
    check_installable(chart)
    _tell_deprecated(chart, warn)
    return _complete(chart, path, load, fetch_missing)


def check_ready_to_install(chart: Chart, *, warn: Callable[[str], None]) -> None:
    """Refuse a chart that `load_installable` would refuse. Raises ChartError."""
    check_installable(chart)
    _tell_deprecated(chart, warn)
    _check_complete(chart)


def load_upgradable(
    path: str,
    *,
    warn: Callable[[str], None],
    cache: Cache | None = None,
    fetch_missing: Callable[[str], None] | None = None,
) -> Chart:
    """A chart that a release can be upgraded to: complete. Raises ChartError otherwise; see `load_installable`."""
    load = _loader(path, warn, cache)
    found = load()
    chart = _complete(found, path, load, fetch_missing)
    _tell_deprecated(found, warn)
    return chart


def check_ready_to_upgrade(chart: Chart, *, warn: Callable[[str], None]) -> None:
    """Refuse a chart that `load_upgradable` would refuse. Raises ChartError."""
    _check_complete(chart)
    _tell_deprecated(chart, warn)


def _loader(path: str, warn: Callable[[str], None], cache: Cache | None) -> Callable[[], Chart]:
    """What loads the chart at a path, as often as it is called."""
    return lambda: load_chart(path, parse=cached_parse(cache) if cache else None, warn=warn)


def _complete(chart: Chart, path: str, load: Callable[[], Chart], fetch_missing: Callable[[str], None] | None) -> Chart:
    """The chart, loaded anew where dependencies had to be fetched. Raises NavarchError."""
    if fetch_missing is None or not _lacks(chart):
        _check_complete(chart)
        return chart
    fetch_missing(path)
    try:
        chart = load()
    except ChartError as error:
        raise error.within("failed reloading chart after repo update") from error.__cause__
    _check_version(chart)
    return chart


def _lacks(chart: Chart) -> bool:
    """Whether dependencies are missing."""
    try:
        check_dependencies(chart)
    except ChartError:
        return True
    return False


def _tell_deprecated(chart: Chart, warn: Callable[[str], None]) -> None:
    if chart.metadata.deprecated:
        warn(notice("WARN", "this chart is deprecated"))


def _check_complete(chart: Chart) -> None:
    """Refuse a chart that lacks children, or whose API version can't be rendered. Raises ChartError."""
    if chart.metadata.dependencies:
        try:
            check_dependencies(chart)
        except ChartError as error:
            raise ChartError(
                "an error occurred while checking for chart dependencies. You may need to run 'helm dependency build' "
                f"to fetch missing dependencies: {error}",
            ) from error
    _check_version(chart)


def _check_version(chart: Chart) -> None:
    if chart.metadata.api_version == "v3":
        raise ChartError("invalid chart apiVersion", hint="charts of API version v3 can't be rendered yet, only shown")


def cached_parse(cache: Cache) -> Parse:
    """A reader of YAML that looks in the cache first; what it answers may be changed by its caller."""

    def parse(data: bytes, /, *, exact: bool = False) -> Any:
        section = "exact yaml" if exact else "yaml"
        known = cache.get(section, data)
        if known is not None:
            return marshal.loads(known)
        value = parse_yaml(data, exact=exact)
        try:
            cache.put(section, data, marshal.dumps(value))
        except ValueError:  # nested deeper than can be kept
            pass
        return value

    return parse


def render_chart(
    chart: Chart,
    values: Mapping[str, Any],
    *,
    release: ReleaseInfo,
    capabilities: Capabilities,
    engine: Engine,
    labels: Mapping[str, str] | None = None,
    debug: Callable[[str], None] | None = None,
    post_render: PostRender | None = None,
) -> Manifests:
    """What a chart renders to for a first install; `debug` is told what Helm says with --debug.

    Raises NavarchError; UnrenderedError where the chart's templates are at fault.
    """
    given = dict(values)
    tree = taking_part(chart, given, warn=engine.warn)
    return render_tree(
        tree,
        given,
        release=release,
        capabilities=capabilities,
        engine=engine,
        labels=labels,
        debug=debug,
        post_render=post_render,
    )


def taking_part(chart: Chart, values: dict[str, Any], *, warn: Callable[[str], None] | None) -> Chart:
    """The chart with those children that take part in an install. Raises ValuesError."""
    try:
        return process_dependencies(chart, values, warn=warn)
    except NavarchError as error:
        if warn:
            warn(notice("ERROR", "chart dependencies processing failed", error=str(error)))
        raise ValuesError(f"chart dependencies processing failed: {error}") from error


def render_tree(
    tree: Chart,
    values: dict[str, Any],
    *,
    release: ReleaseInfo,
    capabilities: Capabilities,
    engine: Engine,
    labels: Mapping[str, str] | None = None,
    sub_notes: bool = False,
    debug: Callable[[str], None] | None = None,
    post_render: PostRender | None = None,
) -> Manifests:
    """What a chart whose dependencies are processed renders to; `post_render` may change texts before they are sorted.

    Raises NavarchError; UnrenderedError where the chart's templates are at fault.
    """
    try:
        scope = engine.scope(tree, values, release=release, capabilities=capabilities)
    finally:
        if debug and not engine.skip_schema:
            _tell_schemas(tree, debug)
    check_labels(labels or {})
    files: dict[str, str] = {}
    try:
        return engine.manifests(tree, scope, files, sub_notes=sub_notes, post_render=post_render)
    except NavarchError as error:
        raise UnrenderedError(str(error), files, hint=error.hint) from error


def _tell_schemas(chart: Chart, debug: Callable[[str], None]) -> None:
    """What Helm notes of each chart whose schema it looks for."""
    if chart.schema is not None:
        debug(notice("DEBUG", "chart name", **{"chart-name": chart.name}))
        schema = chart.schema.decode("utf-8", "surrogateescape")
        debug(notice("DEBUG", "unmarshalled JSON schema", schema=schema))
    count = str(len(chart.dependencies))
    debug(notice("DEBUG", "number of dependencies in the chart", chart=chart.name, dependencies=count))
    for child in chart.dependencies:
        _tell_schemas(child, debug)
