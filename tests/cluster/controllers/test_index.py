"""Indexes answer what looking at everything would."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from navarch.cluster.controllers.index import LabelIndex, Owners, SelectorIndex
from navarch.cluster.controllers.objects import matches

_LABELS = st.dictionaries(st.sampled_from("abc"), st.sampled_from("12"), max_size=3)
_EXPRESSION = st.fixed_dictionaries(
    {
        "key": st.sampled_from("abc"),
        "operator": st.sampled_from(["In", "NotIn", "Exists", "DoesNotExist"]),
        "values": st.lists(st.sampled_from("12"), max_size=2),
    }
)
_SELECTOR = st.fixed_dictionaries({"matchLabels": _LABELS, "matchExpressions": st.lists(_EXPRESSION, max_size=2)})
_NAMES = st.sampled_from(["one", "two", "three", "four"])
_SPACES = st.sampled_from(["x", "y"])


@given(st.lists(st.tuples(_SPACES, _NAMES, _LABELS | st.none()), max_size=30), _SELECTOR)
def test_objects_by_labels(steps: list[tuple[str, str, dict[str, str] | None]], selector: Any) -> None:
    index, known = LabelIndex(), {}
    for namespace, name, labels in steps:
        if labels is None:
            index.remove(namespace, name)
            known.pop((namespace, name), None)
        else:
            index.put(namespace, name, labels)
            known[namespace, name] = labels
    expected = {name for (namespace, name), labels in known.items() if namespace == "x" and matches(selector, labels)}
    assert set(index.select("x", selector)) == expected


@given(st.lists(st.tuples(_SPACES, _NAMES, _SELECTOR | st.none()), max_size=30), _LABELS)
def test_selectors_by_labels(steps: list[tuple[str, str, Any]], labels: dict[str, str]) -> None:
    index, known = SelectorIndex(), {}
    for namespace, name, selector in steps:
        index.put(namespace, name, selector)
        known[namespace, name] = selector
    expected = sorted(name for (space, name), one in known.items() if space == "x" and one and matches(one, labels))
    assert sorted(index.selecting("x", labels)) == expected


def _object(uid: str, *owners: str, controller: bool = True) -> dict[str, Any]:
    references = [{"uid": owner, "controller": controller} for owner in owners]
    return {"metadata": {"uid": uid, "namespace": "x", "name": uid, "ownerReferences": references}}


def test_owners() -> None:
    owners, pods = Owners(), ("", "pods")
    owners.put(("apps", "replicasets"), _object("set"))
    for uid in ("one", "two"):
        owners.put(pods, _object(uid, "set"))
    owners.put(pods, _object("three", "set", controller=False))
    assert [place.name for place in owners.owned("set", pods)] == ["one", "two", "three"]
    assert [place.name for place in owners.free(pods, "x")] == ["three"]
    owners.put(pods, _object("one"))
    owners.remove(_object("two", "set"))
    assert [place.name for place in owners.owned("set")] == ["three"]
    assert [place.name for place in owners.free(pods, "x")] == ["three", "one"]
    assert [place.name for place in owners.owners_of("three")] == ["set"]
