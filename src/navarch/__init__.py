"""Navarch: Helm, the package manager of Kubernetes, as a Python package.

    chart = navarch.load_chart("path or .tgz")
    files = navarch.render(chart, {"replicas": 3}, release=navarch.ReleaseInfo(name="web"))

The names below are the public API. Each is imported when it is first asked for, so that `import navarch` costs nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.chart.capabilities import Capabilities, KubeVersion, ReleaseInfo
    from navarch.chart.load import load_chart
    from navarch.chart.model import Chart
    from navarch.errors import (
        ChartError,
        FunctionError,
        JsonError,
        ManifestError,
        NavarchError,
        TemplateError,
        TomlError,
        UsageError,
        ValuesError,
        VersionError,
        YamlError,
    )
    from navarch.manifests.render import Engine, Manifests, render, template
    from navarch.manifests.sort import Hook, Manifest
    from navarch.templates.sourcemap import Origin
    from navarch.values.coalesce import coalesce_values
    from navarch.values.render import render_values
    from navarch.values.schema import validate_schema
    from navarch.values.sources import ValueOptions, parse_values
    from navarch.values.strvals import parse_set

__version__ = "0.1.0"

_HOMES = {
    "chart.capabilities": ("Capabilities", "KubeVersion", "ReleaseInfo"),
    "chart.load": ("load_chart",),
    "chart.model": ("Chart",),
    "errors": (
        "ChartError",
        "FunctionError",
        "JsonError",
        "ManifestError",
        "NavarchError",
        "TemplateError",
        "TomlError",
        "UsageError",
        "ValuesError",
        "VersionError",
        "YamlError",
    ),
    "manifests.render": ("Engine", "Manifests", "render", "template"),
    "manifests.sort": ("Hook", "Manifest"),
    "templates.sourcemap": ("Origin",),
    "values.coalesce": ("coalesce_values",),
    "values.render": ("render_values",),
    "values.schema": ("validate_schema",),
    "values.sources": ("ValueOptions", "parse_values"),
    "values.strvals": ("parse_set",),
}

__all__ = [
    "Capabilities",
    "Chart",
    "ChartError",
    "Engine",
    "FunctionError",
    "Hook",
    "JsonError",
    "KubeVersion",
    "Manifest",
    "ManifestError",
    "Manifests",
    "NavarchError",
    "Origin",
    "ReleaseInfo",
    "TemplateError",
    "TomlError",
    "UsageError",
    "ValueOptions",
    "ValuesError",
    "VersionError",
    "YamlError",
    "coalesce_values",
    "load_chart",
    "parse_set",
    "parse_values",
    "render",
    "render_values",
    "template",
    "validate_schema",
]


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            value: object = getattr(__import__(f"navarch.{home}", fromlist=(name,)), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module 'navarch' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__all__]
