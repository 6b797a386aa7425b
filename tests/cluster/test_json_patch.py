"""JSON patches: examples of RFC 6902, and that nothing that was handed in is changed."""

from __future__ import annotations

import copy

import pytest

from navarch.cluster.problems import Problem
from navarch.cluster.verbs.json_patch import apply_json_patch

# appendix A of the RFC
EXAMPLES = [
    ({"foo": "bar"}, [{"op": "add", "path": "/baz", "value": "qux"}], {"baz": "qux", "foo": "bar"}),
    ({"foo": ["bar", "baz"]}, [{"op": "add", "path": "/foo/1", "value": "qux"}], {"foo": ["bar", "qux", "baz"]}),
    ({"baz": "qux", "foo": "bar"}, [{"op": "remove", "path": "/baz"}], {"foo": "bar"}),
    ({"foo": ["bar", "qux", "baz"]}, [{"op": "remove", "path": "/foo/1"}], {"foo": ["bar", "baz"]}),
    ({"baz": "qux"}, [{"op": "replace", "path": "/baz", "value": "boo"}], {"baz": "boo"}),
    (
        {"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}},
        [{"op": "move", "from": "/foo/waldo", "path": "/qux/thud"}],
        {"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}},
    ),
    (
        {"foo": ["all", "grass", "cows", "eat"]},
        [{"op": "move", "from": "/foo/1", "path": "/foo/3"}],
        {"foo": ["all", "cows", "eat", "grass"]},
    ),
    ({"baz": "qux"}, [{"op": "test", "path": "/baz", "value": "qux"}], {"baz": "qux"}),
    ({"foo": "bar"}, [{"op": "add", "path": "/child", "value": {"g": {}}}], {"foo": "bar", "child": {"g": {}}}),
    ({"/": 9, "~1": 10}, [{"op": "test", "path": "/~01", "value": 10}], {"/": 9, "~1": 10}),
    ({"foo": ["bar"]}, [{"op": "add", "path": "/foo/-", "value": ["abc", "def"]}], {"foo": ["bar", ["abc", "def"]]}),
    ({"a": {"b": 1}}, [{"op": "copy", "from": "/a", "path": "/c"}], {"a": {"b": 1}, "c": {"b": 1}}),
]


@pytest.mark.parametrize(("document", "patch", "expected"), EXAMPLES)
def test_examples(document, patch, expected):
    before = copy.deepcopy((document, patch))
    assert apply_json_patch(document, patch) == expected
    assert (document, patch) == before


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "add", "path": "/a/b/c", "value": 1},
        {"op": "remove", "path": "/nothing"},
        {"op": "remove", "path": "/list/3"},
        {"op": "remove", "path": "/list/x"},
        {"op": "replace", "path": "/list/3", "value": 1},
        {"op": "add", "path": "/list/9", "value": 1},
        {"op": "add", "path": "/list/x", "value": 1},
        {"op": "test", "path": "/list/0", "value": "other"},
        {"op": "test", "path": "/text", "value": None},
        {"op": "move", "from": "/nothing/at/all", "path": "/text"},
        {"op": "copy", "path": "/text"},
        {"op": "add"},
        {"op": "add", "path": 7},
        {"op": "jump", "path": "/text"},
        {"path": "/text"},
        {},
    ],
)
def test_what_does_not_fit_is_refused(operation):
    with pytest.raises(Problem) as problem:
        apply_json_patch({"list": [1], "text": "x"}, [operation])
    assert problem.value.code == 422


@pytest.mark.parametrize("patch", [{}, "text", None, 5, ["text"], [[]]])
def test_what_is_no_patch_is_refused(patch):
    with pytest.raises(Problem) as problem:
        apply_json_patch({}, patch)
    assert problem.value.code == 400


def test_too_many_operations_are_refused():
    with pytest.raises(Problem) as problem:
        apply_json_patch({}, [{"op": "test", "path": "", "value": {}}] * 10_001)
    assert problem.value.code == 413
