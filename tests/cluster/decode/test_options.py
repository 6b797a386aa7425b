"""DeleteOptions in bodies. The words are those of a real API server."""

from __future__ import annotations

import pytest

from navarch.cluster.decode.options import read_options
from navarch.cluster.problems import Problem

POLICY = "DeleteOptions.propagationPolicy of type v1.DeletionPropagation"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"kind":"ConfigMap","apiVersion":"v1"}',
         'no kind "ConfigMap" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"'),
        (b'{"apiVersion":"v1/x/y"}', "unexpected GroupVersion string: v1/x/y"),
        (b"x", "couldn't get version/kind; json parse error: invalid character 'x' looking for beginning of value"),
        (b'{"gracePeriodSeconds":1.5}',
         "json: cannot unmarshal number 1.5 into Go struct field DeleteOptions.gracePeriodSeconds of type int64"),
        (b'{"propagationPolicy":3}',
         f"json: cannot unmarshal number into Go struct field {POLICY}"),
        (b'{"preconditions":"a"}',
         "json: cannot unmarshal string into Go struct field DeleteOptions.preconditions of type v1.Preconditions"),
        (b'{"dryRun":"All"}', "json: cannot unmarshal string into Go struct field DeleteOptions.dryRun of type []string"),
    ],
)  # fmt: skip
def test_what_is_no_delete_options(body, message):
    with pytest.raises(Problem) as caught:
        read_options(body)
    assert (caught.value.code, caught.value.message) == (400, message)


def test_unknown_fields_and_versions_are_taken():
    assert read_options(b'{"apiVersion":"foo/v1","gracePeriodSeconds":0,"what":"ever"}')["gracePeriodSeconds"] == 0


def test_null_asks_for_nothing():
    assert not any(read_options(b"null").values())


def test_in_protobuf():
    assert read_options(b"k8s\0\x12\x02\x08\x05", "application/vnd.kubernetes.protobuf")["gracePeriodSeconds"] == 5


def test_in_yaml():
    assert read_options(b"gracePeriodSeconds: 7\n", "application/yaml")["gracePeriodSeconds"] == 7
