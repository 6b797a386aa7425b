"""Field numbers of Kubernetes' types."""

from __future__ import annotations

from navarch.cluster.decode.messages import message
from navarch.cluster.types.builtin import definition
from navarch.cluster.types.table import lines

CORE = "io.k8s.api.core.v1."


def numbers(name: str) -> dict[str, int]:
    return {slot.field.name: number for number, slot in message(definition(name)).slots.items()}


def count(found) -> int:
    return len(found.slots) + sum(map(count, found.embedded.values()))


def test_no_two_fields_share_a_number():
    for name in lines():
        if not lines().letter(name):
            fields = set(definition(name).fields)
            assert count(message(definition(name))) in (len(fields), len(fields - {"kind", "apiVersion"})), name


def test_numbers_are_those_of_the_published_files():
    assert numbers(CORE + "Secret") == {"metadata": 1, "data": 2, "type": 3, "stringData": 4, "immutable": 5}
    assert numbers(CORE + "ObjectReference") == {
        "kind": 1, "namespace": 2, "name": 3, "uid": 4, "apiVersion": 5, "resourceVersion": 6, "fieldPath": 7,
    }  # fmt: skip


def test_structs_within_structs_are_messages_of_their_own():
    volume = message(definition(CORE + "Volume"))
    assert (numbers(CORE + "Volume"), volume.embedded[2].name) == ({"name": 1}, "VolumeSource")
    assert volume.embedded[2].slots[19].field.name == "configMap"


def test_go_calls_fields_by_other_names():
    assert message(definition(CORE + "Pod")).known[1][0] == "ObjectMeta"
    assert message(definition(CORE + "PodSpec")).known[9][0] == "DeprecatedServiceAccount"
