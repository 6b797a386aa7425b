"""What must hold of a chart before it is used."""

from __future__ import annotations

import pytest

from navarch.chart.capabilities import KubeVersion
from navarch.chart.checks import check_dependencies, check_installable, check_kube_version, sanitize
from navarch.chart.model import Chart, Dependency, Metadata
from navarch.errors import ChartError


def test_library_charts_cannot_be_installed() -> None:
    check_installable(Chart(Metadata("a", "1.0.0", type="application")))
    with pytest.raises(ChartError, match="library charts are not installable"):
        check_installable(Chart(Metadata("a", "1.0.0", type="library")))


def test_dependencies_must_be_there() -> None:
    wanted = [Dependency("b"), Dependency("c"), Dependency("d")]
    chart = Chart(Metadata("a", "1", dependencies=wanted), dependencies=[Chart(Metadata("c", "1"))])
    with pytest.raises(ChartError) as caught:
        check_dependencies(chart)
    assert str(caught.value) == "found in Chart.yaml, but missing in charts/ directory: b, d"


@pytest.mark.parametrize(
    ("constraint", "version", "fits"),
    [
        ("", "v1.37.0", True),
        (">=1.20.0-0", "v1.37.0", True),
        (">=1.20.0", "v1.33.4-gke.1", True),  # what follows the numbers doesn't count
        ("<1.20", "v1.37.0", False),
        ("nonsense", "v1.37.0", False),
    ],
)
def test_kube_version(constraint: str, version: str, fits: bool) -> None:
    chart = Chart(Metadata("a", "1", kube_version=constraint))
    if fits:
        check_kube_version(chart, KubeVersion.parse(version))
        return
    with pytest.raises(ChartError) as caught:
        check_kube_version(chart, KubeVersion.parse(version))
    message = f"chart requires kubeVersion: {constraint} which is incompatible with Kubernetes {version}"
    assert str(caught.value) == message


def test_texts_are_put_right() -> None:
    assert sanitize("plain text") == "plain text"
    assert sanitize("a\tb\nc\u2003d\u200be\x00f\u00e9") == "a b c def\u00e9"
