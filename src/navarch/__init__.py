"""Navarch: Helm, the package manager of Kubernetes, as a Python package.

    chart = navarch.load_chart("path or .tgz")
    files = navarch.render(chart, {"replicas": 3}, release=navarch.ReleaseInfo(name="web"))
    release = navarch.Client(namespace="shop").install("web", chart, {"replicas": 3}, wait=True)

The names below are the public API. Each is imported when it is first asked for, so that `import navarch` costs nothing.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from navarch import cluster, kube, oci, plugins, provenance, registry, releases
    from navarch.actions.get import Metadata
    from navarch.actions.uninstall import UninstallResult
    from navarch.chart.capabilities import Capabilities, KubeVersion, ReleaseInfo
    from navarch.chart.load import load_chart
    from navarch.chart.model import Chart
    from navarch.client import Client
    from navarch.errors import (
        ApiError,
        ChartError,
        ClusterError,
        ConfigError,
        FunctionError,
        JsonError,
        KubernetesError,
        LeaseHeldError,
        ManifestError,
        NavarchError,
        NoDeployedReleasesError,
        PendingError,
        PluginError,
        PluginExitError,
        ProvenanceError,
        RecordError,
        RegistryError,
        ReleaseError,
        ReleaseExistsError,
        ReleaseNotFoundError,
        TemplateError,
        TomlError,
        UnreachableError,
        UsageError,
        ValuesError,
        VersionError,
        WaitError,
        YamlError,
    )
    from navarch.following import Following, follow
    from navarch.manifests.render import Engine, Manifests, render, template
    from navarch.manifests.sort import Hook, Manifest
    from navarch.releases.drivers.base import Summary
    from navarch.releases.model import Release, Status
    from navarch.releases.storage import Storage
    from navarch.templates.sourcemap import Origin
    from navarch.values.coalesce import coalesce_values
    from navarch.values.render import render_values
    from navarch.values.schema import validate_schema
    from navarch.values.sources import ValueOptions, parse_values
    from navarch.values.strvals import parse_set

__version__ = "0.1.0"

_HOMES = {
    "actions.get": ("Metadata",),
    "actions.uninstall": ("UninstallResult",),
    "chart.capabilities": ("Capabilities", "KubeVersion", "ReleaseInfo"),
    "chart.load": ("load_chart",),
    "chart.model": ("Chart",),
    "client": ("Client",),
    "errors": (
        "ApiError",
        "ChartError",
        "ClusterError",
        "ConfigError",
        "FunctionError",
        "JsonError",
        "KubernetesError",
        "LeaseHeldError",
        "ManifestError",
        "NavarchError",
        "NoDeployedReleasesError",
        "PendingError",
        "PluginError",
        "PluginExitError",
        "ProvenanceError",
        "RecordError",
        "RegistryError",
        "ReleaseError",
        "ReleaseExistsError",
        "ReleaseNotFoundError",
        "TemplateError",
        "TomlError",
        "UnreachableError",
        "UsageError",
        "ValuesError",
        "VersionError",
        "WaitError",
        "YamlError",
    ),
    "following": ("Following", "follow"),
    "manifests.render": ("Engine", "Manifests", "render", "template"),
    "manifests.sort": ("Hook", "Manifest"),
    "releases.drivers.base": ("Summary",),
    "releases.model": ("Release", "Status"),
    "releases.storage": ("Storage",),
    "templates.sourcemap": ("Origin",),
    "values.coalesce": ("coalesce_values",),
    "values.render": ("render_values",),
    "values.schema": ("validate_schema",),
    "values.sources": ("ValueOptions", "parse_values"),
    "values.strvals": ("parse_set",),
}

_PACKAGES = ("cluster", "kube", "oci", "plugins", "provenance", "registry", "releases")

__all__ = [
    "ApiError",
    "Capabilities",
    "Chart",
    "ChartError",
    "Client",
    "ClusterError",
    "ConfigError",
    "Engine",
    "Following",
    "FunctionError",
    "Hook",
    "JsonError",
    "KubeVersion",
    "KubernetesError",
    "LeaseHeldError",
    "Manifest",
    "ManifestError",
    "Manifests",
    "Metadata",
    "NavarchError",
    "NoDeployedReleasesError",
    "Origin",
    "PendingError",
    "PluginError",
    "PluginExitError",
    "ProvenanceError",
    "RecordError",
    "RegistryError",
    "Release",
    "ReleaseError",
    "ReleaseExistsError",
    "ReleaseInfo",
    "ReleaseNotFoundError",
    "Status",
    "Storage",
    "Summary",
    "TemplateError",
    "TomlError",
    "UninstallResult",
    "UnreachableError",
    "UsageError",
    "ValueOptions",
    "ValuesError",
    "VersionError",
    "WaitError",
    "YamlError",
    "cluster",
    "coalesce_values",
    "follow",
    "kube",
    "load_chart",
    "oci",
    "parse_set",
    "parse_values",
    "plugins",
    "provenance",
    "registry",
    "releases",
    "render",
    "render_values",
    "template",
    "validate_schema",
]


def later(package: str, homes: dict[str, tuple[str, ...]]) -> Callable[[str], Any]:
    """A package's `__getattr__`, which imports names when they are first asked for.

    `homes` says from which modules: of the package, or with their whole names.
    """

    def resolve(name: str) -> Any:
        for home, names in homes.items():
            if name in names:
                module = home if home.startswith("navarch.") else f"{package}.{home}"
                value = getattr(__import__(module, fromlist=(name,)), name)
                setattr(sys.modules[package], name, value)
                return value
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return resolve


_resolve = later(__name__, _HOMES)


def __getattr__(name: str) -> Any:
    if name in _PACKAGES:
        return __import__(f"navarch.{name}", fromlist=(name,))
    return _resolve(name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
