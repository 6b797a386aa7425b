"""Admission policies and their bindings.

Their expressions aren't compiled: there is nothing here that evaluates CEL.
"""

from __future__ import annotations

from re import ASCII as _ASCII
from re import compile as _compile

from navarch.cluster.validation.equality import same
from navarch.cluster.validation.errors import as_json, duplicate, forbidden, invalid, required, unsupported
from navarch.cluster.validation.metadata import check, parts
from navarch.cluster.validation.names import add, dns_label_1035, dns_subdomain, label_key, path_segment
from navarch.cluster.validation.scaling import check_conditions as check_status_conditions
from navarch.cluster.validation.selectors import check_label_selector
from navarch.cluster.validation.webhooks import check_choice, check_conditions, check_rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

    Object = dict[str, Any]

__all__ = [
    "creating_mutating",
    "creating_mutating_binding",
    "creating_validating",
    "creating_validating_binding",
    "updating_mutating",
    "updating_mutating_binding",
    "updating_status",
    "updating_validating",
    "updating_validating_binding",
]

_is_identifier = _compile(r"[_a-zA-Z][_a-zA-Z0-9]*", _ASCII).fullmatch
_RESERVED = frozenset(
    """true false null in as break const continue else for function if import let loop package namespace return var
    void while""".split()
)
_REASONS = ("Forbidden", "Invalid", "RequestEntityTooLarge")
_ACTIONS = ("Audit", "Deny", "Warn")
_MUTABLE = ("*", "CONNECT", "CREATE", "UPDATE")
_MOST_ANNOTATIONS = 20
_LONGEST_VALUE = 5 * 1024
_NOTHING = "validations or auditAnnotations must contain at least one item"
_BOTH_TOLD = (
    "must not contain both Deny and Warn (repeating the same validation failure information in the API response and "
    "headers serves no purpose)"
)


def _same_conditions(new: Object, old: Object) -> bool:
    """What was stored with these conditions keeps them."""
    before, after = parts(old)[1], parts(new)[1]
    return all(same(after.get(key), before.get(key)) for key in ("paramKind", "matchConditions"))


def creating_validating(errors: list[FieldError], policy: Object) -> None:
    """ValidateValidatingAdmissionPolicy."""
    _check_validating(errors, policy, old=None)


def updating_validating(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateValidatingAdmissionPolicyUpdate."""
    _check_validating(errors, new, old)


def _check_validating(errors: list[FieldError], policy: Object, old: Object | None) -> None:
    meta, spec = parts(policy)
    check(errors, meta, False, dns_subdomain, core=False)
    _check_start(errors, spec)
    if old is None or not _same_conditions(policy, old):
        check_conditions(errors, "spec.matchConditions", spec.get("matchConditions") or [])
    _check_variables(errors, spec)
    validations, annotations = spec.get("validations") or [], spec.get("auditAnnotations") or []
    if not validations and not annotations:
        errors.extend([required("spec.validations", _NOTHING), required("spec.auditAnnotations", _NOTHING)])
    for at, one in enumerate(validations):
        _check_validation(errors, f"spec.validations[{at}]", one)
    _check_annotations(errors, "spec.auditAnnotations", annotations, meta.get("name", ""))


def _check_start(errors: list[FieldError], spec: Object, *, mutating: bool = False) -> None:
    """What both kinds of policies begin with."""
    if spec.get("failurePolicy") is None:
        errors.append(required("spec.failurePolicy"))
    check_choice(errors, "spec.failurePolicy", spec.get("failurePolicy"), ("Fail", "Ignore"))
    if spec.get("paramKind") is not None:
        _check_kind(errors, "spec.paramKind", spec["paramKind"])
    path, match = "spec.matchConstraints", spec.get("matchConstraints")
    if match is None:
        errors.append(required(path))
        return
    _check_match(errors, path, match)
    if not match.get("resourceRules"):
        errors.append(required(f"{path}.resourceRules"))
    if mutating:
        _check_operations(errors, path, match)


def _check_operations(errors: list[FieldError], path: str, match: Object) -> None:
    for rule in match.get("resourceRules") or ():
        for one in rule.get("operations") or ():
            check_choice(errors, f"{path}.resourceRules.operations", one, _MUTABLE)


def _check_kind(errors: list[FieldError], path: str, one: Object) -> None:
    text, kind, where = one.get("apiVersion", ""), one.get("kind", ""), f"{path}.apiVersion"
    if not text:
        errors.append(required(where))
    elif text.count("/") > 1:
        errors.append(invalid(where, text, f"unexpected GroupVersion string: {text}"))
    else:
        group, _, version = text.rpartition("/")
        if group and (broken := dns_subdomain(group)):
            errors.append(invalid(where, group, ",".join(broken)))
        if not version:
            errors.append(invalid(where, text, "version must be specified"))
        elif broken := dns_label_1035(version):
            errors.append(invalid(where, version, ",".join(broken)))
    if not kind:
        errors.append(required(f"{path}.kind"))
    elif broken := dns_label_1035(kind.lower()):
        detail = f"may have mixed case, but should otherwise match: {','.join(broken)}"
        errors.append(invalid(f"{path}.kind", kind, detail))


def _check_match(errors: list[FieldError], path: str, match: Object | None) -> None:
    if match is None:
        return
    if match.get("matchPolicy") is None:
        errors.append(required(f"{path}.matchPolicy"))
    check_choice(errors, f"{path}.matchPolicy", match.get("matchPolicy"), ("Equivalent", "Exact"))
    for key in ("namespaceSelector", "objectSelector"):
        if match.get(key) is None:
            errors.append(required(f"{path}.{key}"))
        check_label_selector(errors, f"{path}.{key}", match.get(key))
    for key in ("resourceRules", "excludeResourceRules"):
        for at, rule in enumerate(match.get(key) or ()):
            where, names = f"{path}.{key}[{at}]", rule.get("resourceNames") or []
            for number, name in enumerate(names):
                add(errors, f"{where}.resourceNames[{number}]", name, path_segment(name))
                if name in names[:number]:
                    errors.append(duplicate(f"{where}.resourceNames[{number}]", name))
            check_rule(errors, where, rule)


def _check_variables(errors: list[FieldError], spec: Object) -> None:
    for at, one in enumerate(spec.get("variables") or ()):
        path, name = f"spec.variables[{at}]", one.get("name", "")
        if not name.strip():
            errors.append(required(f"{path}.name", "name is not specified"))
        elif not _is_identifier(name) or name in _RESERVED:
            errors.append(invalid(f"{path}.name", name, "must be a valid CEL identifier"))
        if not one.get("expression", "").strip():
            errors.append(required(f"{path}.expression", "expression is not specified"))


def _check_validation(errors: list[FieldError], path: str, one: Object) -> None:
    said, message = one.get("messageExpression", ""), one.get("message", "")
    if not one.get("expression", "").strip():
        errors.append(required(f"{path}.expression", "expression is not specified"))
    if said and not said.strip():
        errors.append(invalid(f"{path}.messageExpression", said, "must be non-empty if specified"))
    if message and not message.strip():
        errors.append(invalid(f"{path}.message", message, "must be non-empty if specified"))
    elif "\n" in message.strip() or "\r" in message.strip():
        errors.append(invalid(f"{path}.message", message, "must not contain line breaks"))
    check_choice(errors, f"{path}.reason", one.get("reason"), _REASONS)


def _check_annotations(errors: list[FieldError], path: str, annotations: list[Object], name: str) -> None:
    if len(annotations) > _MOST_ANNOTATIONS:
        shown = as_json(
            [{"Key": one.get("key", ""), "ValueExpression": one.get("valueExpression", "")} for one in annotations]
        )
        errors.append(invalid(path, shown, f"must not have more than {_MOST_ANNOTATIONS} auditAnnotations"))
    seen: set[str] = set()
    for at, one in enumerate(annotations):
        key, value, where = one.get("key", ""), one.get("valueExpression", "").strip(), f"{path}[{at}]"
        if name:
            add(errors, f"{where}.key", f"{name}/{key}", label_key(f"{name}/{key}"))
        else:
            errors.append(invalid(f"{where}.key", key, "requires metadata.name be non-empty"))
        if not value:
            errors.append(required(f"{where}.valueExpression", "valueExpression is not specified"))
        elif len(value.encode()) > _LONGEST_VALUE:
            detail = f"must not exceed {_LONGEST_VALUE} bytes in length"
            errors.append(required(f"{where}.valueExpression", detail))
        if key in seen:
            errors.append(duplicate(f"{where}.key", key))
        seen.add(key)


def creating_mutating(errors: list[FieldError], policy: Object) -> None:
    """ValidateMutatingAdmissionPolicy."""
    _check_mutating(errors, policy, old=None)


def updating_mutating(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateMutatingAdmissionPolicyUpdate."""
    _check_mutating(errors, new, old)


def _check_mutating(errors: list[FieldError], policy: Object, old: Object | None) -> None:
    meta, spec = parts(policy)
    check(errors, meta, False, dns_subdomain, core=False)
    _check_start(errors, spec, mutating=True)
    if old is None or not _same_conditions(policy, old):
        check_conditions(errors, "spec.matchConditions", spec.get("matchConditions") or [])
    _check_variables(errors, spec)
    mutations, again = spec.get("mutations") or [], spec.get("reinvocationPolicy", "")
    if not mutations:
        errors.append(required("spec.mutations", "mutations must contain at least one item"))
    for at, one in enumerate(mutations):
        _check_mutation(errors, f"spec.mutations[{at}]", one)
    if not again:
        errors.append(required("spec.reinvocationPolicy"))
    else:
        check_choice(errors, "spec.reinvocationPolicy", again, ("IfNeeded", "Never"))


_PATCHES = {"JSONPatch": ("jsonPatch", "applyConfiguration"), "ApplyConfiguration": ("applyConfiguration", "jsonPatch")}


def _check_mutation(errors: list[FieldError], path: str, one: Object) -> None:
    sort = one.get("patchType", "")
    if not sort:
        errors.append(required(f"{path}.patchType"))
        return
    if sort not in _PATCHES:
        check_choice(errors, f"{path}.patchType", sort, tuple(sorted(_PATCHES)))
        return
    key, other = _PATCHES[sort]
    if one.get(key) is None:
        errors.append(required(f"{path}.{key}", f"must be specified when patchType is {sort}"))
    elif not one[key].get("expression", "").strip():
        errors.append(required(f"{path}.{key}.expression"))
    if one.get(other) is not None:
        detail = f"must not be specified when patchType is {sort}"
        errors.append(invalid(f"{path}.{other}", f"{{{other}}}", detail))


def creating_validating_binding(errors: list[FieldError], binding: Object) -> None:
    """ValidateValidatingAdmissionPolicyBinding."""
    _check_binding(errors, binding)
    actions, path = parts(binding)[1].get("validationActions") or [], "spec.validationActions"
    for at, one in enumerate(actions):
        check_choice(errors, f"{path}[{at}]", one, _ACTIONS)
        if one in actions[:at]:
            errors.append(duplicate(f"{path}[{at}]", as_json(one)))
    if {"Deny", "Warn"} <= {*actions}:
        errors.append(invalid(path, actions, _BOTH_TOLD))
    if not actions:
        errors.append(required(path, "at least one validation action is required"))


def updating_validating_binding(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateValidatingAdmissionPolicyBindingUpdate."""
    del old
    creating_validating_binding(errors, new)


def creating_mutating_binding(errors: list[FieldError], binding: Object) -> None:
    """ValidateMutatingAdmissionPolicyBinding."""
    _check_binding(errors, binding)
    _check_operations(errors, "spec.matchResources", parts(binding)[1].get("matchResources") or {})


def updating_mutating_binding(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateMutatingAdmissionPolicyBindingUpdate."""
    del old
    creating_mutating_binding(errors, new)


def _check_binding(errors: list[FieldError], binding: Object) -> None:
    meta, spec = parts(binding)
    check(errors, meta, False, dns_subdomain, core=False)
    policy, reference = spec.get("policyName", ""), spec.get("paramRef")
    if not policy:
        errors.append(required("spec.policyName"))
    else:
        add(errors, "spec.policyName", policy, dns_subdomain(policy))
    if reference is not None:
        _check_reference(errors, "spec.paramRef", reference)
    _check_match(errors, "spec.matchResources", spec.get("matchResources"))


def _check_reference(errors: list[FieldError], path: str, one: Object) -> None:
    name, selector, action = one.get("name", ""), one.get("selector"), one.get("parameterNotFoundAction")
    both = "name and selector are mutually exclusive"
    if name:
        add(errors, f"{path}.name", name, path_segment(name))
        if selector is not None:
            errors.append(forbidden(f"{path}.name", both))
    if selector is not None:
        check_label_selector(errors, f"{path}.selector", selector)
        if name:
            errors.append(forbidden(f"{path}.selector", both))
    if not name and selector is None:
        errors.append(required(path, "one of name or selector must be specified"))
    if not action:
        errors.append(required(f"{path}.parameterNotFoundAction"))
    elif action not in {"Deny", "Allow"}:
        errors.append(unsupported(f"{path}.parameterNotFoundAction", as_json(action), ["Deny", "Allow"]))


def updating_status(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateValidatingAdmissionPolicyStatusUpdate."""
    del old
    status, path = new.get("status") or {}, "status.typeChecking.expressionWarnings"
    for at, one in enumerate((status.get("typeChecking") or {}).get("expressionWarnings") or ()):
        if not one.get("warning"):
            errors.append(required(f"{path}[{at}].warning"))
        _check_field(errors, f"{path}[{at}].fieldRef", one.get("fieldRef", "").strip())
    check_status_conditions(errors, "status.conditions", status.get("conditions"))


def _check_field(errors: list[FieldError], path: str, text: str) -> None:
    from navarch.errors import NavarchError
    from navarch.kube.jsonpath import Path

    if not text:
        errors.append(required(path))
        return
    try:
        Path(f"{{{text}}}")
    except NavarchError as error:
        errors.append(invalid(path, text, f"invalid JSONPath: {error}"))
