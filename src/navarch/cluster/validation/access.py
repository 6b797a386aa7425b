"""Roles and their bindings."""

from __future__ import annotations

from navarch.cluster.validation.errors import invalid, required, unsupported
from navarch.cluster.validation.metadata import check, check_update
from navarch.cluster.validation.names import add, dns_subdomain, path_segment
from navarch.cluster.validation.selectors import check_label_selector, has_bad_values, matches

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

    Object = dict[str, Any]

__all__ = [
    "creating_binding",
    "creating_cluster_binding",
    "creating_cluster_role",
    "creating_role",
    "updating_binding",
    "updating_cluster_binding",
    "updating_cluster_role",
    "updating_role",
]

_GROUP = "rbac.authorization.k8s.io"


def _name(text: str) -> Sequence[str]:
    """ValidateRBACName: the same for what generated names begin with."""
    return path_segment(text)


def creating_role(errors: list[FieldError], role: Object) -> None:
    """ValidateRole."""
    check(errors, role.get("metadata") or {}, True, _name)
    for at, one in enumerate(role.get("rules") or ()):
        _check_rule(errors, f"rules[{at}]", one, namespaced=True)


def updating_role(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateRoleUpdate."""
    creating_role(errors, new)
    check_update(errors, new.get("metadata") or {}, old.get("metadata") or {})


def creating_cluster_role(errors: list[FieldError], role: Object) -> None:
    """ValidateClusterRole."""
    _check_cluster_role(errors, role, bad_values=False)


def _check_cluster_role(errors: list[FieldError], role: Object, *, bad_values: bool) -> None:
    check(errors, role.get("metadata") or {}, False, _name)
    for at, one in enumerate(role.get("rules") or ()):
        _check_rule(errors, f"rules[{at}]", one, namespaced=False)
    aggregation = role.get("aggregationRule")
    if aggregation is None:
        return
    path, selectors = "aggregationRule.clusterRoleSelectors", aggregation.get("clusterRoleSelectors") or []
    if not selectors:
        detail = "at least one clusterRoleSelector required if aggregationRule is non-nil"
        errors.append(required(path, detail))
    for at, one in enumerate(selectors):
        check_label_selector(errors, f"{path}[{at}]", one, bad_values=bad_values)
        if matches(one, {}) is None:
            errors.append(invalid(f"{path}[{at}]", None, "invalid label selector."))


def updating_cluster_role(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateClusterRoleUpdate."""
    selectors = (old.get("aggregationRule") or {}).get("clusterRoleSelectors") or ()
    _check_cluster_role(errors, new, bad_values=any(has_bad_values(one) for one in selectors))
    check_update(errors, new.get("metadata") or {}, old.get("metadata") or {})


def _check_rule(errors: list[FieldError], path: str, rule: Object, *, namespaced: bool) -> None:
    if not rule.get("verbs"):
        errors.append(required(f"{path}.verbs", "verbs must contain at least one value"))
    urls = rule.get("nonResourceURLs")
    if urls:
        where = f"{path}.nonResourceURLs"
        if namespaced:
            errors.append(invalid(where, urls, "namespaced rules cannot apply to non-resource URLs"))
        if rule.get("apiGroups") or rule.get("resources") or rule.get("resourceNames"):
            detail = "rules cannot apply to both regular resources and non-resource URLs"
            errors.append(invalid(where, urls, detail))
        return
    if not rule.get("apiGroups"):
        errors.append(required(f"{path}.apiGroups", "resource rules must supply at least one api group"))
    if not rule.get("resources"):
        errors.append(required(f"{path}.resources", "resource rules must supply at least one resource"))


def creating_binding(errors: list[FieldError], binding: Object) -> None:
    """ValidateRoleBinding."""
    _check_binding(errors, binding, ("Role", "ClusterRole"), namespaced=True)


def creating_cluster_binding(errors: list[FieldError], binding: Object) -> None:
    """ValidateClusterRoleBinding."""
    _check_binding(errors, binding, ("ClusterRole",), namespaced=False)


def _check_binding(errors: list[FieldError], binding: Object, kinds: tuple[str, ...], *, namespaced: bool) -> None:
    check(errors, binding.get("metadata") or {}, namespaced, _name)
    role = binding.get("roleRef") or {}
    group, kind, name = role.get("apiGroup", ""), role.get("kind", ""), role.get("name", "")
    if group != _GROUP:
        errors.append(unsupported("roleRef.apiGroup", group, [_GROUP]))
    if kind not in kinds:
        errors.append(unsupported("roleRef.kind", kind, kinds))
    if name:
        add(errors, "roleRef.name", name, path_segment(name))
    else:
        errors.append(required("roleRef.name"))
    for at, one in enumerate(binding.get("subjects") or ()):
        _check_subject(errors, f"subjects[{at}]", one, namespaced=namespaced)


def _check_subject(errors: list[FieldError], path: str, subject: Object, *, namespaced: bool) -> None:
    name, kind, group = subject.get("name", ""), subject.get("kind", ""), subject.get("apiGroup", "")
    if not name:
        errors.append(required(f"{path}.name"))
    if kind == "ServiceAccount":
        if name:
            add(errors, f"{path}.name", name, dns_subdomain(name))
        if group:
            errors.append(unsupported(f"{path}.apiGroup", group, [""]))
        if not namespaced and not subject.get("namespace"):
            errors.append(required(f"{path}.namespace"))
    elif kind in {"User", "Group"}:
        if group != _GROUP:
            errors.append(unsupported(f"{path}.apiGroup", group, [_GROUP]))
    else:
        errors.append(unsupported(f"{path}.kind", kind, ["ServiceAccount", "User", "Group"]))


def updating_binding(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateRoleBindingUpdate: what it binds to stays."""
    creating_binding(errors, new)
    _check_role_kept(errors, new, old)


def updating_cluster_binding(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateClusterRoleBindingUpdate."""
    creating_cluster_binding(errors, new)
    _check_role_kept(errors, new, old)


def _check_role_kept(errors: list[FieldError], new: Object, old: Object) -> None:
    check_update(errors, new.get("metadata") or {}, old.get("metadata") or {})
    if (new.get("roleRef") or {}) != (old.get("roleRef") or {}):
        from navarch.cluster.validation.internal import show

        errors.append(invalid("roleRef", show("rbac.RoleRef", new.get("roleRef")), "cannot change roleRef"))
