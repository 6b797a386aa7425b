"""JSON merge patches: the examples of RFC 7386, and laws. Cases recorded from Go are among those of test_strategic."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.kube.patch.json_merge import apply_merge_patch, merge_patch, three_way_merge_patch


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ('{"a":"b"}', '{"a":"c"}', '{"a":"c"}'),
        ('{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'),
        ('{"a":"b"}', '{"a":null}', "{}"),
        ('{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'),
        ('{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'),
        ('{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'),
        ('{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'),
        ('{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'),
        ('["a","b"]', '["c","d"]', '["c","d"]'),
        ('{"a":"b"}', '["c"]', '["c"]'),
        ('{"a":"foo"}', "null", "null"),
        ('{"a":"foo"}', '"bar"', '"bar"'),
        ('{"e":null}', '{"a":1}', '{"e":null,"a":1}'),
        ("[1,2]", '{"a":"b","c":null}', '{"a":"b"}'),
        ("{}", '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'),
    ],
)
def test_the_examples_of_the_rfc(target, patch, result):
    assert apply_merge_patch(json.loads(target), json.loads(patch)) == json.loads(result)


def test_true_is_not_one():
    assert merge_patch({"a": 1, "b": [0]}, {"a": True, "b": [False]}) == {"a": True, "b": [False]}
    assert merge_patch({"a": 1}, {"a": 1.0}) == {}


SCALARS = st.one_of(st.integers(-2, 2), st.booleans(), st.sampled_from(["x", "y", ""]))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3)
    ),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), VALUES, max_size=4)


def text(value):
    return json.dumps(value, sort_keys=True)


@given(OBJECTS, OBJECTS)
def test_the_patch_makes_the_one_of_the_other(old, new):
    assert text(apply_merge_patch(old, merge_patch(old, new))) == text(new)


@given(OBJECTS)
def test_no_change_no_patch(one):
    assert merge_patch(one, one) == {}
    assert three_way_merge_patch(one, one, one) == {}


@given(OBJECTS, OBJECTS)
def test_three_ways_without_drift_are_two(old, new):
    patch = three_way_merge_patch(old, new, old)
    assert text(apply_merge_patch(old, patch)) == text(apply_merge_patch(old, merge_patch(old, new)))


@given(OBJECTS, OBJECTS, OBJECTS)
def test_what_the_target_says_holds_and_what_others_added_stays(original, target, current):
    current = {**current, "theirs": 1}
    patch = three_way_merge_patch(original, target, current)
    after = apply_merge_patch(current, patch)
    assert after["theirs"] == 1
    for key, value in target.items():
        if not isinstance(value, dict):
            assert text(after[key]) == text(value)
    for key in original:
        if key not in target:
            assert key not in after
