"""Label selectors of objects, as a query asks for them."""

from __future__ import annotations

from navarch.kube.selectors import OBJECT_OPERATORS, equality_selector, object_selector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["label_query"]


def label_query(selector: Any) -> str:
    """What `labelSelector` says for an object's spec.selector: a LabelSelector, or plain labels.

    "" selects everything. Operators that no server would have accepted are left out.
    """
    if type(selector) is not dict:
        return ""
    if "matchLabels" not in selector and "matchExpressions" not in selector:
        return str(equality_selector(selector))
    known = [one for one in selector.get("matchExpressions") or () if one.get("operator") in OBJECT_OPERATORS]
    return str(object_selector({**selector, "matchExpressions": known}))
