"""The package's own NamedTuple, beside that of `typing`: the same class text must make the same."""

from __future__ import annotations

import copy
import inspect
import pickle
import typing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch import tuples


class Ours(tuples.NamedTuple):
    """Three fields."""

    left: int
    right: str = "r"
    third: float | None = None

    @property
    def both(self) -> str:
        return f"{self.left}{self.right}"


class Theirs(typing.NamedTuple):
    """Three fields."""

    left: int
    right: str = "r"
    third: float | None = None

    @property
    def both(self) -> str:
        return f"{self.left}{self.right}"


class Child(Ours):
    """A class that only adds a method."""

    def twice(self) -> int:
        return self.left * 2


class Empty(tuples.NamedTuple):
    """No fields at all."""


FIELDS = ("left", "right", "third", "other")


def outcome(make, *values, **named):
    """What a call makes, as a plain tuple, or that it is refused."""
    try:
        return tuple(make(*values, **named))
    except TypeError:
        return TypeError


def parameters(cls):
    return [(one.name, one.kind, one.default) for one in inspect.signature(cls).parameters.values()]


@given(st.lists(st.integers(), max_size=4), st.dictionaries(st.sampled_from(FIELDS), st.integers(), max_size=4))
def test_calls(values, named):
    assert outcome(Ours, *values, **named) == outcome(Theirs, *values, **named)


@given(st.lists(st.integers(), max_size=4))
def test_making_of_a_list(values):
    assert outcome(Ours._make, values) == outcome(Theirs._make, values)


@given(st.dictionaries(st.sampled_from(FIELDS), st.integers(), max_size=2))
def test_replacing(changed):
    def replaced(value):
        try:
            return tuple(value._replace(**changed))
        except (TypeError, ValueError):
            return "refused"

    assert replaced(Ours(1)) == replaced(Theirs(1))


def test_the_same_surface():
    ours, theirs = Ours(1, third=2.5), Theirs(1, third=2.5)
    assert ours == theirs
    assert hash(ours) == hash(theirs)
    assert repr(ours) == repr(theirs).replace("Theirs", "Ours")
    assert ours._asdict() == theirs._asdict()
    assert ours.both == theirs.both
    assert ours._fields == theirs._fields
    assert Ours._field_defaults == Theirs._field_defaults
    assert parameters(Ours) == parameters(Theirs)
    assert typing.get_type_hints(Ours) == typing.get_type_hints(Theirs)
    match ours:
        case Ours(left, right, third):
            assert (left, right, third) == tuple(theirs)


def test_nothing_can_be_set():
    with pytest.raises(AttributeError):
        setattr(Ours(1), "left", 2)  # noqa: B010
    with pytest.raises(AttributeError):
        setattr(Ours(1), "another", 2)  # noqa: B010
    assert not hasattr(Ours(1), "__dict__")


@pytest.mark.parametrize("value", [Ours(1, "b"), Child(3)])
def test_copies(value):
    for one in (pickle.loads(pickle.dumps(value)), copy.copy(value), copy.deepcopy(value)):
        assert one == value
        assert type(one) is type(value)


def test_a_child_keeps_the_fields():
    assert Child(4, third=1.0).twice() == 8
    assert repr(Child(4)) == "Child(left=4, right='r', third=None)"


def test_a_class_without_fields():
    assert Empty() == ()
    with pytest.raises(TypeError):
        Empty(*[1])


@pytest.mark.parametrize("body", ["a: int = 1\n    b: int", "_a: int"])
def test_classes_that_are_refused(body):
    for module in ("navarch.tuples", "typing"):
        text = (
            f"from __future__ import annotations\nfrom {module} import NamedTuple\nclass X(NamedTuple):\n    {body}\n"
        )
        with pytest.raises((TypeError, ValueError)):
            exec(text, {"__name__": "x"})
