"""What is wrong with a field, in words."""

from __future__ import annotations

import pytest

from navarch.cluster.validation import errors
from navarch.cluster.validation.errors import OMITTED, Literal, as_json

SAID = [
    (errors.required("a.b"), "FieldValueRequired", "Required value"),
    (errors.required("a.b", "why"), "FieldValueRequired", "Required value: why"),
    (errors.invalid("a.b", "x", "why"), "FieldValueInvalid", 'Invalid value: "x": why'),
    (errors.invalid("a.b", "é\n", ""), "FieldValueInvalid", 'Invalid value: "é\\n"'),
    (errors.invalid("a.b", Literal("<x>"), "why"), "FieldValueInvalid", "Invalid value: <x>: why"),
    (errors.invalid("a.b", as_json("<x>"), "why"), "FieldValueInvalid", 'Invalid value: "\\u003cx\\u003e": why'),
    (errors.invalid("a.b", OMITTED, "why"), "FieldValueInvalid", "Invalid value: why"),
    (errors.invalid("a.b", 5, "why"), "FieldValueInvalid", "Invalid value: 5: why"),
    (errors.invalid("a.b", False, "why"), "FieldValueInvalid", "Invalid value: false: why"),
    (errors.invalid("a.b", None, "why"), "FieldValueInvalid", "Invalid value: null: why"),
    (errors.invalid("a.b", ["x", {"y": 1}], "why"), "FieldValueInvalid", 'Invalid value: ["x",{"y":1}]: why'),
    (errors.type_invalid("a.b", "x", "why"), "FieldValueTypeInvalid", 'Invalid value: "x": why'),
    (errors.duplicate("a.b", "x"), "FieldValueDuplicate", 'Duplicate value: "x"'),
    (errors.not_found("a.b", "x"), "FieldValueNotFound", 'Not found: "x"'),
    (errors.forbidden("a.b", "why"), "FieldValueForbidden", "Forbidden: why"),
    (errors.internal("a.b", "why"), "InternalError", "Internal error: why"),
    (
        errors.unsupported("a", "x", ["b", "a"]),
        "FieldValueNotSupported",
        'Unsupported value: "x": supported values: "b", "a"',
    ),
    (errors.unsupported("a", "x", []), "FieldValueNotSupported", 'Unsupported value: "x"'),
    (errors.too_long("a", 1), "FieldValueTooLong", "Too long: may not be more than 1 byte"),
    (errors.too_long("a", 63), "FieldValueTooLong", "Too long: may not be more than 63 bytes"),
    (errors.too_long("a", -1), "FieldValueTooLong", "Too long: value is too long"),
    (errors.too_long_characters("a", 1), "FieldValueTooLong", "Too long: may not be more than 1 character"),
    (errors.too_short("a", "", 1), "FieldValueTooShort", "Too short: must be at least 1 character"),
    (errors.too_many("a", 9, 8), "FieldValueTooMany", "Too many: 9: must have at most 8 items"),
    (errors.too_many("a", 9, 1), "FieldValueTooMany", "Too many: 9: must have at most 1 item"),
    (errors.too_many("a", -1, -1), "FieldValueTooMany", "Too many: has too many items"),
    (errors.too_few("a", 0, 1), "FieldValueTooFew", "Too few: 0: must have at least 1 item"),
]


@pytest.mark.parametrize(("error", "reason", "message"), SAID)
def test_what_is_said(error, reason, message):
    assert error.cause() == (error.field, reason, message)


def test_all_are_listed():
    found = [errors.required("a"), errors.required("b")]
    assert [one.field for one in errors.causes(found)] == ["a", "b"]
