"""Selectors of labels, of nodes and of fields: their form, and whether labels match."""

from __future__ import annotations

from navarch.cluster.validation.errors import as_json, forbidden, invalid, required
from navarch.cluster.validation.metadata import check_labels
from navarch.cluster.validation.names import add, dns_subdomain, label_key, label_value
from navarch.kube.selectors import object_selector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

__all__ = [
    "check_label_selector",
    "check_node_selector",
    "check_node_term",
    "has_bad_values",
    "is_empty",
    "matches",
    "shown",
    "terms_have_bad_values",
]

_IN = ("In", "NotIn")
_EXISTS = ("Exists", "DoesNotExist")
_VALUES_MISSING = "must be specified when `operator` is 'In' or 'NotIn'"
_VALUES_GIVEN = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
_NO_OPERATOR = "not a valid selector operator"


def shown(selector: dict[str, Any] | None) -> Any:
    """A label selector as messages show it."""
    from navarch.cluster.validation.internal import show_pointer

    return show_pointer("v1.LabelSelector", selector)


def check_label_selector(
    errors: list[FieldError],
    path: str,
    selector: dict[str, Any] | None,
    *,
    bad_values: bool = False,
    unknown_operators: bool = False,
) -> None:
    """ValidateLabelSelector; `bad_values`: values that aren't labels pass, as they were stored before."""
    if not selector:
        return
    check_labels(errors, f"{path}.matchLabels", selector.get("matchLabels"))
    for at, one in enumerate(selector.get("matchExpressions") or ()):
        where = f"{path}.matchExpressions[{at}]"
        operator, values = one.get("operator", ""), one.get("values") or ()
        if not _is_counted(errors, where, operator, values) and not unknown_operators:
            errors.append(invalid(f"{where}.operator", as_json(operator), _NO_OPERATOR))
        add(errors, f"{where}.key", one.get("key", ""), label_key(one.get("key", "")))
        if not bad_values:
            for number, value in enumerate(values):
                add(errors, f"{where}.values[{number}]", value, label_value(value))


def _is_counted(errors: list[FieldError], path: str, operator: str, values: Sequence[str]) -> bool:
    """Whether an operator says how many values there may be; errors tell where there are others."""
    if operator in _IN:
        if not values:
            errors.append(required(f"{path}.values", _VALUES_MISSING))
        return True
    if operator in _EXISTS and values:
        errors.append(forbidden(f"{path}.values", _VALUES_GIVEN))
    return operator in _EXISTS


def has_bad_values(selector: dict[str, Any] | None) -> bool:
    """LabelSelectorHasInvalidLabelValue."""
    expressions = (selector or {}).get("matchExpressions") or ()
    return any(label_value(value) for one in expressions for value in one.get("values") or ())


def is_empty(selector: dict[str, Any]) -> bool:
    """Whether it has no condition at all."""
    return not selector.get("matchLabels") and not selector.get("matchExpressions")


def matches(selector: dict[str, Any] | None, labels: dict[str, str] | None) -> bool | None:
    """Whether labels match (None selects nothing, an empty selector everything); None when the selector is invalid.

    metav1.LabelSelectorAsSelector.
    """
    if selector is None:
        return False
    errors: list[FieldError] = []
    check_label_selector(errors, "", selector)
    if errors:
        return None
    return object_selector(selector).matches(labels or {})


def check_node_selector(
    errors: list[FieldError], path: str, selector: dict[str, Any], *, bad_values: bool = False
) -> None:
    """ValidateNodeSelector."""
    terms = selector.get("nodeSelectorTerms")
    if not terms:
        errors.append(required(f"{path}.nodeSelectorTerms", "must have at least one node selector term"))
        return
    for at, term in enumerate(terms):
        check_node_term(errors, f"{path}.nodeSelectorTerms[{at}]", term, bad_values=bad_values)


def check_node_term(errors: list[FieldError], path: str, term: dict[str, Any], *, bad_values: bool) -> None:
    """ValidateNodeSelectorTerm."""
    for at, one in enumerate(term.get("matchExpressions") or ()):
        _check_node_expression(errors, f"{path}.matchExpressions[{at}]", one, bad_values)
    for at, one in enumerate(term.get("matchFields") or ()):
        _check_node_field(errors, f"{path}.matchFields[{at}]", one)


def _check_node_expression(errors: list[FieldError], path: str, one: dict[str, Any], bad_values: bool) -> None:
    operator, values = one.get("operator", ""), one.get("values") or ()
    if operator in {"Gt", "Lt"}:
        if len(values) != 1:
            detail = "must be specified single value when `operator` is 'Lt' or 'Gt'"
            errors.append(required(f"{path}.values", detail))
    elif not _is_counted(errors, path, operator, values):
        errors.append(invalid(f"{path}.operator", as_json(operator), _NO_OPERATOR))
    add(errors, f"{path}.key", one.get("key", ""), label_key(one.get("key", "")))
    if not bad_values:
        for at, value in enumerate(values):
            add(errors, f"{path}.values[{at}]", value, label_value(value))


def _check_node_field(errors: list[FieldError], path: str, one: dict[str, Any]) -> None:
    operator, values, key = one.get("operator", ""), one.get("values") or (), one.get("key", "")
    if operator in _IN:
        if len(values) != 1:
            detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
            errors.append(required(f"{path}.values", detail))
    else:
        errors.append(invalid(f"{path}.operator", as_json(operator), _NO_OPERATOR))
    if key != "metadata.name":
        errors.append(invalid(f"{path}.key", key, "not a valid field selector key"))
        return
    for at, value in enumerate(values):
        add(errors, f"{path}.values[{at}]", value, dns_subdomain(value))


def terms_have_bad_values(terms: list[dict[str, Any]]) -> bool:
    """HasInvalidLabelValueInNodeSelectorTerms."""
    return any(
        label_value(value)
        for term in terms
        for one in term.get("matchExpressions") or ()
        for value in one.get("values") or ()
    )
