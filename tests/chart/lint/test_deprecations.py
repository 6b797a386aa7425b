"""API versions that Kubernetes has given up."""

import pytest

from navarch.chart.lint.deprecations import deprecation

OLD = "extensions/v1beta1 Ingress is deprecated in v1.14+, unavailable in v1.22+; use networking.k8s.io/v1 Ingress"


@pytest.mark.parametrize(
    ("api_version", "kind", "kubernetes", "told"),
    [
        ("extensions/v1beta1", "Ingress", (1, 37), OLD),
        ("extensions/v1beta1", "Ingress", (1, 14), OLD),
        ("extensions/v1beta1", "Ingress", (2, 0), OLD),
        ("extensions/v1beta1", "Ingress", (0, 0), OLD),
        ("extensions/v1beta1", "Ingress", (1, 13), None),
        ("networking.k8s.io/v1", "Ingress", (1, 37), None),
        ("extensions/v1beta1", "Foo", (1, 37), None),
        ("", "", (1, 37), None),
        (
            "apps/v1beta1",
            "DeploymentList",
            (1, 20),
            "apps/v1beta1 DeploymentList is deprecated in v1.8+, unavailable in v1.16+; use apps/v1 DeploymentList",
        ),
        (
            "apps/v1beta1",
            "Scale",
            (1, 20),
            "apps/v1beta1 Scale is deprecated in v1.8+, unavailable in v1.16+; use autoscaling/v1 Scale",
        ),
        ("apps/v1beta1", "ScaleList", (1, 20), None),
        (
            "events.k8s.io/v1beta1",
            "EventList",
            (1, 30),
            "events.k8s.io/v1beta1 EventList is deprecated in v1.22+, unavailable in v1.25+",
        ),
        (
            "networking.k8s.io/v1beta1",
            "IngressClass",
            (1, 30),
            (
                "networking.k8s.io/v1beta1 IngressClass is deprecated in v1.19+, unavailable in v1.22+; "
                "use networking.k8s.io/v1 IngressClassList"
            ),  # a slip of Kubernetes' own
        ),
    ],
)
def test_deprecation(api_version, kind, kubernetes, told):
    assert deprecation(api_version, kind, kubernetes) == told
