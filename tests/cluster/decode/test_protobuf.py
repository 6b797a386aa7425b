"""Bodies in protobuf. protobuf.jsonl has objects in both forms, as Kubernetes' own encoders write them."""

from __future__ import annotations

import json
import os
from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.cluster.decode import convert, read
from navarch.cluster.problems import Problem
from navarch.cluster.types.builtin import builtin

MEDIA = "application/vnd.kubernetes.protobuf"
with open(os.path.join(os.path.dirname(__file__), "protobuf.jsonl"), encoding="utf-8") as _file:
    PAIRS = [json.loads(_line) for _line in _file]
BODIES = [b64decode(pair["protobuf"]) for pair in PAIRS]
RESOURCES = {(one.api_version, one.kind): one for one in builtin()}
WORDS = [f"{pair['object']['apiVersion']} {pair['object']['kind']}" for pair in PAIRS]


def part(tag: bytes, data: bytes) -> bytes:
    """A field with its length: seven bits a byte, the lowest first."""
    length, size = [], len(data)
    while size > 0x7F:
        length.append(size & 0x7F | 0x80)
        size >>= 7
    return tag + bytes([*length, size]) + data


def body(version: str, kind: str, raw: bytes) -> bytes:
    """The bytes of a message under the name of a kind."""
    meta = part(b"\x0a", version.encode()) + part(b"\x12", kind.encode())
    return b"k8s\0" + part(b"\x0a", meta) + part(b"\x12", raw)


def refusal(data: bytes, kind: str = "ConfigMap", version: str = "v1") -> str:
    with pytest.raises(Problem) as caught:
        read(data, MEDIA, kind, version)
    assert caught.value.code == 400
    return caught.value.message


def attempt(data: bytes) -> object:
    """What comes of a body: the object, or the Status that refuses it."""
    try:
        return read(data, MEDIA, "Pod", "v1").object
    except Problem as problem:
        return problem.status()


@pytest.mark.parametrize("pair", PAIRS, ids=WORDS)
def test_the_object_is_that_of_json(pair):
    assert read(b64decode(pair["protobuf"]), MEDIA).object == pair["object"]


@pytest.mark.parametrize("pair", PAIRS, ids=WORDS)
def test_nothing_is_left_to_convert(pair):
    resource = RESOURCES.get((pair["object"]["apiVersion"], pair["object"]["kind"]))
    if resource is not None:
        found = read(b64decode(pair["protobuf"]), MEDIA).object
        made, warnings = convert(found, resource, validation="Warn")
        assert (made, warnings) == (convert(pair["object"], resource)[0], [])


def test_kind_and_version_are_the_expected_ones_where_none_are_told():
    data = b"k8s\0\x12\x05\x0a\x03\x0a\x01z"
    found = read(data, MEDIA, "Secret", "v1").object
    assert (found["apiVersion"], found["kind"], found["metadata"]["name"]) == ("v1", "Secret", "z")


def test_a_version_with_two_slashes_is_none():
    assert read(body("a/b/c", "ConfigMap", b""), MEDIA, "ConfigMap", "v1").object["apiVersion"] == "v1"


def test_of_unknown_kinds_only_the_name_is_told():
    assert read(body("v1", "Secrit", b"\x08\x05"), MEDIA, "ConfigMap", "v1").object == {
        "apiVersion": "v1",
        "kind": "Secrit",
    }


def test_custom_resources_have_no_form_in_protobuf():
    with pytest.raises(Problem) as caught:
        read(body("example.org/v1", "Thing", b""), MEDIA, "Thing", "example.org/v1")
    assert caught.value.code == 415


def test_delete_options_belong_to_every_group():
    found = read(body("example.org/v9", "DeleteOptions", b"\x08\x05"), MEDIA, "DeleteOptions", "v1").object
    assert found["gracePeriodSeconds"] == 5


def test_bytes_that_are_no_text_are_replaced_one_by_one():
    data = body("v1", "ConfigMap", b"\x12\x09\x0a\x01k\x12\x04a\xff\xe2\x82")
    assert read(data, MEDIA).object["data"] == {"k": "a\ufffd\ufffd\ufffd"}


def test_messages_that_come_twice_are_merged_and_scalars_replaced():
    first, second = b"\x0a\x06\x0a\x01a\x12\x01b", b"\x0a\x03\x0a\x01c"  # metadata: name and generateName; name
    meta = read(body("v1", "ConfigMap", first + second), MEDIA).object["metadata"]
    assert (meta["name"], meta["generateName"]) == ("c", "b")


def test_numbers_may_be_packed():
    raw = b"\x12\x09\x72\x07\x22\x05\x01\x02\xac\x02\x03"  # spec.securityContext.supplementalGroups
    assert read(body("v1", "Pod", raw), MEDIA).object["spec"]["securityContext"]["supplementalGroups"] == [1, 2, 300, 3]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty data (<empty>)"),
        (b"k8s\0", "empty body (6b387300)"),
        (
            b'{"a":1}',
            'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] ({"a":1})',
        ),
        (b"k8s\0\xff", "unexpected EOF (6b387300ff)"),
    ],
)
def test_bodies_of_which_not_even_the_kind_is_known(data, message):
    assert refusal(data) == f"the object provided is unrecognized (must be of type ConfigMap): {message}"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (body("v1", "ConfigMap", b"\x0a\x05"), "unexpected EOF"),
        (body("v1", "ConfigMap", b"\x08\x05"), "proto: wrong wireType = 0 for field ObjectMeta"),
        (body("v1", "ConfigMap", b"\x0c"), "proto: ConfigMap: wiretype end group for non-group"),
        (body("v1", "ConfigMap", b"\x00"), "proto: ConfigMap: illegal tag 0 (wire type 0)"),
        (
            body("v1", "Pod", b"\x12\x06\x0a\x04\x12\x02\x0c\x00"),
            "proto: VolumeSource: wiretype end group for non-group",
        ),
        (body("v1", "Pod", b"\x12\x06\x0a\x04\x12\x02\x08\x01"), "proto: wrong wireType = 0 for field HostPath"),
        (body("v1", "Pod", b"\x12\x04\x0a\x02\x10\x01"), "proto: wrong wireType = 0 for field VolumeSource"),
        (
            body("v1", "ResourceQuota", b"\x0a\x03\x0a\x01z\x12\x0b\x0a\x09\x0a\x01a\x12\x04\x0a\x02xx"),
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        ),
    ],
)
def test_messages_of_kubernetes_decoder(data, message):
    kind = read_kind(data)
    assert refusal(data) == f'{kind} in version "v1" cannot be handled as a ConfigMap: {message}'


def read_kind(data: bytes) -> str:
    return next(kind for kind in ("ConfigMap", "ResourceQuota", "Pod") if kind.encode() in data)


def test_objects_that_would_fill_the_memory_are_refused():
    containers = b"\x12\x00" * 1_500_000
    assert "too many values" in refusal(body("v1", "Pod", part(b"\x12", containers)), "Pod")


def test_nesting_has_an_end():
    raw = b""
    for _ in range(2000):  # JSONSchemaProps.not, one in the other
        raw = part(b"\xe2\x01", raw)
    for tag in (b"\x0a", b"\x22", b"\x3a", b"\x12"):  # openAPIV3Schema, schema, versions, spec
        raw = part(tag, raw)
    kind = "CustomResourceDefinition"
    assert "exceeded max depth" in refusal(body("apiextensions.k8s.io/v1", kind, raw), kind)


@given(st.sampled_from(BODIES), st.data())
def test_damaged_bodies_are_problems_at_worst(data, draw):
    at = draw.draw(st.integers(4, len(data) - 1))
    cut = draw.draw(st.booleans())
    made = data[:at] if cut else data[:at] + draw.draw(st.binary(min_size=1, max_size=3)) + data[at + 1 :]
    json.dumps(attempt(made))


@given(st.binary())
def test_any_bytes_are_problems_at_worst(data):
    json.dumps(attempt(b"k8s\0" + data))
