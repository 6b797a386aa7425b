"""Label selectors of objects, as a query asks for them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["label_query"]

_WORDS = {"In": "in", "NotIn": "notin"}


def label_query(selector: Any) -> str:
    """What `labelSelector` says for an object's spec.selector: a LabelSelector, or plain labels.

    "" selects everything. Operators that no server would have accepted are left out.
    """
    if type(selector) is not dict:
        return ""
    labels: dict[str, Any] = selector
    expressions: list[dict[str, Any]] = []
    if "matchLabels" in selector or "matchExpressions" in selector:
        labels, expressions = selector.get("matchLabels") or {}, selector.get("matchExpressions") or []
    terms = [(str(key), f"{key}={value}") for key, value in labels.items()]
    terms += [(str(one.get("key")), _expression(one)) for one in expressions]
    return ",".join(term for _, term in sorted(terms) if term)


def _expression(one: dict[str, Any]) -> str:
    key, operator = one.get("key"), one.get("operator")
    if operator in _WORDS:
        return f"{key} {_WORDS[operator]} ({','.join(sorted(one.get('values') or []))})"
    return {"Exists": f"{key}", "DoesNotExist": f"!{key}"}.get(str(operator), "")
