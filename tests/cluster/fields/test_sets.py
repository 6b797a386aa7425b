"""Sets of fields obey the laws of sets of paths."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.cluster.fields import sets
from navarch.cluster.fields.elements import ElementError

STEPS = ["f:a", "f:b", "f:z", 'k:{"name":"x"}', 'k:{"name":"y","port":80}', 'v:"s"', "v:10", "v:9"]
PATHS = st.lists(st.sampled_from(STEPS), min_size=1, max_size=4).map(tuple)
SETS = st.frozensets(PATHS, max_size=8)


def made(paths):
    found = {}
    for path in sorted(paths):
        sets.insert(found, list(path), {})
    return found


def told(fields):
    return {tuple(path) for path in sets.paths(fields)}


@given(SETS)
def test_a_set_tells_the_paths_it_was_made_of(paths):
    assert told(made(paths)) == paths
    assert all(sets.has(made(paths), list(path)) for path in paths)


@given(SETS, SETS)
def test_operations_are_those_of_sets_of_paths(first, second):
    one, other = made(first), made(second)
    assert told(sets.union(one, other)) == first | second
    assert told(sets.intersection(one, other)) == first & second
    assert told(sets.difference(one, other)) == first - second
    assert sets.union(one, other) == sets.union(other, one)


@given(SETS, SETS)
def test_cutting_takes_what_is_below_too(first, second):
    left = {path for path in first if not any(path[: n + 1] in second for n in range(len(path)))}
    assert told(sets.cut(made(first), made(second))) == left


@given(SETS, SETS)
def test_operations_change_nothing_they_are_given(first, second):
    one, other = made(first), made(second)
    for operation in (sets.union, sets.intersection, sets.difference, sets.cut):
        operation(one, other)
    assert (one, other) == (made(first), made(second))


@given(SETS)
def test_what_is_written_is_read_again(paths):
    written = sets.ordered(made(paths))
    assert sets.read(written) == written == made(paths)
    assert sets.ordered(written) == written


def test_fields_come_by_name_and_items_by_key():
    fields = {step: {} for step in ["v:9", "v:10", 'v:"a"', "f:b", 'k:{"port":443}', 'k:{"port":80}', "f:B"]}
    assert list(sets.ordered({**fields, ".": {}})) == [
        ".", "f:B", "f:b", 'k:{"port":80}', 'k:{"port":443}', "v:9", "v:10", 'v:"a"',
    ]  # fmt: skip
    assert list(sets.ordered(fields, alphabetical=True))[-3:] == ['v:"a"', "v:10", "v:9"]


def test_what_clients_write_is_made_canonical():
    written = {'k:{"b": 1.0,"a":"<"}': {"f:x": {}}, "x:new": {}, "f:n": None, "f:m": {"x:new": {}}, "f:o": {".": {}}}
    assert sets.read(written) == {'k:{"a":"\\u003c","b":1}': {"f:x": {}}, "f:n": {}, "f:m": {}, "f:o": {}}


@pytest.mark.parametrize("wrong", [{"f": {}}, {"fx": {}}, {"k:[1]": {}}, {"k:{": {}}, {"i:x": {}}, {"f:a": 1}, [], "x"])
def test_what_is_no_set_is_refused(wrong):
    with pytest.raises(ElementError):
        sets.read(wrong)


def test_paths_are_shown_as_messages_have_them():
    path = ["f:spec", 'k:{"containerPort":80,"protocol":"TCP"}', 'v:"x\\"y"', "i:3", "v:true", "v:1.5", "v:null"]
    assert sets.text_of(path) == '.spec[containerPort=80,protocol="TCP"][="x\\"y"][3][=true][=1.5][=null]'
