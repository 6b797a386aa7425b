"""The names that Kubernetes lets objects have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.chart.lint.names import name_faults

SUBDOMAIN = "a lowercase RFC 1123 subdomain must consist of"
LABEL = "a lowercase RFC 1123 label must consist of"
SERVICE = "a DNS-1035 label must consist of"


@pytest.mark.parametrize(
    ("kind", "name", "faults"),
    [
        ("ConfigMap", "a", []),
        ("ConfigMap", "a.b-c.1", []),
        ("ConfigMap", "A", [SUBDOMAIN]),
        ("ConfigMap", "", [SUBDOMAIN]),
        ("ConfigMap", "a..b", [SUBDOMAIN]),
        ("ConfigMap", "-a", [SUBDOMAIN]),
        ("ConfigMap", "x" * 253, []),
        ("ConfigMap", "x" * 254, ["must be no more than 253 characters"]),
        ("Foo", "a_b", [SUBDOMAIN]),
        ("service", "a", []),
        ("Service", "1a", [SERVICE]),
        ("Service", "a.b", [SERVICE]),
        ("Service", "x" * 64, ["must be no more than 63 characters"]),
        ("Namespace", "1a", []),
        ("Namespace", "a.b", ["must not contain dots"]),
        ("Namespace", "a_b", [LABEL]),
        ("Role", "system:a B", []),
        ("ClusterRole", "..", ["may not be '..'"]),
        ("RoleBinding", "a/b%c", ["may not contain '/'", "may not contain '%'"]),
        ("CertificateSigningRequest", "Any/Thing", []),
    ],
)
def test_faults(kind, name, faults):
    found = name_faults(kind, name)
    assert len(found) == len(faults)
    assert all(told.startswith(fault) for told, fault in zip(found, faults, strict=True))


@given(st.from_regex(r"[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?){0,4}", fullmatch=True))
def test_what_fits_the_pattern_is_a_name(name):
    assert name_faults("Pod", name) == []
