"""Whether a chart may be used: its metadata at load, its kind and its needs before it is rendered.

Each check raises ChartError with Helm's words and answers nothing.
"""

from __future__ import annotations

from navarch.errors import ChartError, VersionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.chart.capabilities import KubeVersion
    from navarch.chart.model import Chart, Dependency, Maintainer, Metadata

__all__ = [
    "check_dependencies",
    "check_installable",
    "check_kube_version",
    "check_metadata",
    "compatible",
    "is_version",
]

_WIDE_BLANKS = (0x2028, 0x2029, 0x202F, 0x205F, 0x3000)
_SANITIZED = ("name", "description", "home", "icon", "condition", "tags", "app_version", "kube_version")


def check_metadata(data: Metadata) -> None:
    """What must hold of every Chart.yaml; blanks and unprintable characters in its texts are put right."""
    for field in _SANITIZED:
        setattr(data, field, sanitize(getattr(data, field)))
    data.sources[:] = map(sanitize, data.sources)
    data.keywords[:] = map(sanitize, data.keywords)
    _check_names(data)
    maintainers: list[Maintainer | None] = [*data.maintainers]
    for maintainer in maintainers:
        if maintainer is None:
            raise _invalid("maintainers must not contain empty or null nodes")
        maintainer.name = sanitize(maintainer.name)
        maintainer.email = sanitize(maintainer.email)
        maintainer.url = sanitize(maintainer.url)
    _check_dependency_names([*data.dependencies])


def _check_names(data: Metadata) -> None:
    if not data.api_version:
        raise _invalid("chart.metadata.apiVersion is required")
    if not data.name:
        raise _invalid("chart.metadata.name is required")
    if data.name in {".", ".."}:
        raise _invalid(f"chart.metadata.name {_quote(data.name)} is not allowed")
    if "/" in data.name:
        raise _invalid(f"chart.metadata.name {_quote(data.name)} is invalid")
    if not data.version:
        raise _invalid("chart.metadata.version is required")
    if not is_version(data.version):
        raise _invalid(f"chart.metadata.version {_quote(data.version)} is invalid")
    if data.type not in {"", "application", "library"}:
        raise _invalid("chart.metadata.type must be application or library")


def _check_dependency_names(dependencies: list[Dependency | None]) -> None:
    seen: set[str] = set()
    for dependency in dependencies:
        if dependency is None:
            raise _invalid("dependencies must not contain empty or null nodes")
        for field in ("name", "version", "repository", "condition"):
            setattr(dependency, field, sanitize(getattr(dependency, field)))
        dependency.tags[:] = map(sanitize, dependency.tags)
        if dependency.alias and not _is_alias(dependency.alias):
            raise _invalid(f"dependency {_quote(dependency.name)} has disallowed characters in the alias")
        key = dependency.alias or dependency.name
        if key in seen:
            raise _invalid(f"more than one dependency with name or alias {_quote(key)}")
        seen.add(key)


def sanitize(text: str) -> str:
    """Blanks of all kinds become spaces, characters that can't be printed are dropped (Go's unicode.IsPrint)."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(" " if char in _BLANKS else char for char in text if char in _BLANKS or char.isprintable())


_BLANKS = frozenset(map(chr, (*range(9, 14), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), *_WIDE_BLANKS)))


def check_installable(chart: Chart) -> None:
    """Only application charts can be installed."""
    if chart.metadata.type not in {"", "application"}:
        raise ChartError(f"{chart.metadata.type} charts are not installable")


def check_dependencies(chart: Chart) -> None:
    """Every chart that Chart.yaml names must lie in charts/."""
    present = {child.name for child in chart.dependencies}
    missing = [wanted.name for wanted in chart.metadata.dependencies if wanted.name not in present]
    if missing:
        raise ChartError(
            f"found in Chart.yaml, but missing in charts/ directory: {', '.join(missing)}",
            hint="fetch them with `nav dependency build`",
        )


def check_kube_version(chart: Chart, kube_version: KubeVersion) -> None:
    """The chart's constraint on the version of Kubernetes must hold."""
    wanted = chart.metadata.kube_version
    if wanted and not compatible(wanted, str(kube_version)):
        raise ChartError(
            f"chart requires kubeVersion: {wanted} which is incompatible with Kubernetes {kube_version.Version}"
        )


def compatible(constraint: str, version: str) -> bool:
    """Whether a version fulfils a constraint; False where either can't be read."""
    from navarch.golang.semver import satisfies

    try:
        return satisfies(constraint, version)
    except VersionError:
        return False


def is_version(text: str) -> bool:
    """Whether Masterminds' NewVersion takes a text; the usual 1.2.3 is seen without importing anything."""
    parts = text.split(".")
    if len(parts) == 3 and all(
        part.isascii() and part.isdigit() and len(part) < 19 and (part[0] != "0" or part == "0") for part in parts
    ):
        return True
    from navarch.golang.semver import parse_version

    try:
        parse_version(text)
    except VersionError:
        return False
    return True


def _is_alias(text: str) -> bool:
    return text.isascii() and all(char.isalnum() or char in "_-" for char in text)


def _invalid(message: str) -> ChartError:
    return ChartError(f"validation: {message}")


def _quote(text: str) -> str:
    from navarch.golang.strconv import quote

    return quote(text)
