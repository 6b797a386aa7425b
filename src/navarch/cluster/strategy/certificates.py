"""The strategy of CertificateSigningRequests: who asks is the server's to say, and nothing asked for changes."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.context import Context

    Object = dict[str, Any]

__all__ = ["CREATE", "UPDATE"]

_GROUPS = ("system:masters", "system:authenticated")
_DECISIONS = ("Approved", "Denied")


def _create(context: Context, obj: Object) -> None:
    spec = obj["spec"]
    for name in ("uid", "extra"):
        spec.pop(name, None)
    spec["username"], spec["groups"] = context.user, list(_GROUPS)


def _update(context: Context, new: Object, old: Object, subresource: str) -> None:
    status = new.get("status", {})
    new["spec"] = old["spec"]
    if subresource == "":
        return
    conditions = status.get("conditions", [])
    if subresource == "approval":
        new["status"] = {**old.get("status", {}), **({"conditions": conditions} if conditions else {})}
    else:
        decided = [one for one in old.get("status", {}).get("conditions", []) if one["type"] in _DECISIONS]
        conditions = [*decided, *(one for one in conditions if one["type"] not in _DECISIONS)]
        if conditions:
            status["conditions"] = conditions
        new["status"] = status
    for one in conditions:
        if one.get("lastTransitionTime") is None:
            one["lastTransitionTime"] = context.now
        if one.get("lastUpdateTime") is None:
            one["lastUpdateTime"] = context.now


CREATE = {"CertificateSigningRequest": _create}
UPDATE = {"CertificateSigningRequest": _update}
