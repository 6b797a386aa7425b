"""Configurations of admission webhooks.

The expressions of match conditions aren't compiled: there is nothing here that evaluates CEL.
"""

from __future__ import annotations

from navarch.cluster.validation.errors import as_json, duplicate, invalid, required, too_many, unsupported
from navarch.cluster.validation.metadata import check
from navarch.cluster.validation.names import (
    add,
    dns_label_1035,
    dns_subdomain,
    fully_qualified,
    label_key,
    port_number,
)
from navarch.cluster.validation.selectors import check_label_selector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

    Object = dict[str, Any]

__all__ = ["check_choice", "check_conditions", "check_rule", "creating", "updating"]

_REVIEWS = ("v1", "v1beta1")
_OPERATIONS = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")
_SCOPES = ("*", "Cluster", "Namespaced")
_NO_EFFECTS = ("None", "NoneOnDryRun")
_EFFECTS = ("None", "NoneOnDryRun", "Some", "Unknown")
_FORM = "; desired format: https://host[/path]"


class _Allowed:
    """What the old configuration had, and may stay."""

    __slots__ = ("bad_values", "conditions", "effects", "names", "reviews")

    def __init__(self, hooks: list[Object], new: list[Object]) -> None:
        names = [one.get("name", "") for one in hooks]
        reviews = [one.get("admissionReviewVersions") or [] for one in hooks]
        self.names = len(set(names)) < len(names)
        self.reviews = any(one and not {*_REVIEWS} & {*one} for one in reviews)
        self.effects = any(one.get("sideEffects") not in _NO_EFFECTS for one in hooks)
        self.bad_values = any(_is_bad(one.get(key)) for one in hooks for key in ("namespaceSelector", "objectSelector"))
        before = [one.get("matchConditions") for one in hooks]
        self.conditions = bool(hooks) and before == [one.get("matchConditions") for one in new]


def _is_bad(selector: Object | None) -> bool:
    found: list[FieldError] = []
    check_label_selector(found, "", selector)
    return bool(found)


def creating(errors: list[FieldError], one: Object) -> None:
    """ValidateValidatingWebhookConfiguration, and the same of mutating ones."""
    _check_all(errors, one, _Allowed([], []))


def updating(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateValidatingWebhookConfigurationUpdate, and the same of mutating ones."""
    _check_all(errors, new, _Allowed(old.get("webhooks") or [], new.get("webhooks") or []))


def _check_all(errors: list[FieldError], one: Object, allowed: _Allowed) -> None:
    check(errors, one.get("metadata") or {}, False, dns_subdomain, core=False)
    mutating = one.get("kind", "").startswith("Mutating")
    seen: set[str] = set()
    for at, hook in enumerate(one.get("webhooks") or ()):
        path, name = f"webhooks[{at}]", hook.get("name", "")
        _check_hook(errors, path, hook, allowed, mutating)
        versions = hook.get("admissionReviewVersions") or []
        _check_reviews(errors, f"{path}.admissionReviewVersions", versions, allowed)
        if name and name in seen and not allowed.names:
            errors.append(duplicate(f"{path}.name", name))
        seen.add(name)


def check_choice(errors: list[FieldError], path: str, value: str | None, supported: tuple[str, ...]) -> None:
    """A value of those, if there is one."""
    if value is not None and value not in supported:
        errors.append(unsupported(path, as_json(value), supported))


def _check_hook(errors: list[FieldError], path: str, hook: Object, allowed: _Allowed, mutating: bool) -> None:
    get = hook.get
    fully_qualified(errors, f"{path}.name", get("name", ""))
    for at, one in enumerate(get("rules") or ()):
        check_rule(errors, f"{path}.rules[{at}]", one)
    check_choice(errors, f"{path}.failurePolicy", get("failurePolicy"), ("Fail", "Ignore"))
    check_choice(errors, f"{path}.matchPolicy", get("matchPolicy"), ("Equivalent", "Exact"))
    effects = _EFFECTS if allowed.effects else _NO_EFFECTS
    if get("sideEffects") is None:
        errors.append(required(f"{path}.sideEffects", f"must specify one of {', '.join(effects)}"))
    check_choice(errors, f"{path}.sideEffects", get("sideEffects"), effects)
    seconds = get("timeoutSeconds")
    if seconds is not None and not 1 <= seconds <= 30:
        detail = "the timeout value must be between 1 and 30 seconds"
        errors.append(invalid(f"{path}.timeoutSeconds", seconds, detail))
    for key in ("namespaceSelector", "objectSelector"):
        check_label_selector(errors, f"{path}.{key}", get(key), bad_values=allowed.bad_values)
    if mutating:
        check_choice(errors, f"{path}.reinvocationPolicy", get("reinvocationPolicy"), ("IfNeeded", "Never"))
    _check_client(errors, f"{path}.clientConfig", get("clientConfig") or {})
    if not allowed.conditions:
        check_conditions(errors, f"{path}.matchConditions", get("matchConditions") or [])


def _check_client(errors: list[FieldError], path: str, config: Object) -> None:
    url, service = config.get("url"), config.get("service")
    if (url is None) == (service is None):
        errors.append(required(path, "exactly one of url or service is required"))
    elif url is not None:
        _check_url(errors, f"{path}.url", url)
    elif service is not None:
        _check_service(errors, f"{path}.service", service)


def _check_url(errors: list[FieldError], path: str, text: str) -> None:
    from navarch.errors import NavarchError
    from navarch.golang.url import parse_url

    try:
        url = parse_url(text)
    except NavarchError as error:
        errors.append(required(path, f"url must be a valid URL: {error}{_FORM}"))
        return
    if url.scheme != "https":
        errors.append(invalid(path, url.scheme, f"'https' is the only allowed URL scheme{_FORM}"))
    if not url.host:
        errors.append(invalid(path, url.host, f"host must be specified{_FORM}"))
    if url.user is not None:
        errors.append(
            invalid(
                path,
                ":".join([one for one in url.user if one is not None]),
                "user information is not permitted in the URL",
            )
        )
    if url.fragment:
        errors.append(invalid(path, url.fragment, "fragments are not permitted in the URL"))
    if url.query:
        errors.append(invalid(path, url.query, "query parameters are not permitted in the URL"))


def _check_service(errors: list[FieldError], path: str, service: Object) -> None:
    # The API server hands name and namespace over in the wrong order, and both are reported so.
    if not service.get("namespace"):
        errors.append(required(f"{path}.name"))
    if not service.get("name"):
        errors.append(required(f"{path}.namespace"))
    port, where = service.get("port", 0), service.get("path")
    if broken := port_number(port):
        errors.append(invalid(f"{path}.port", port, f"port is not valid: {', '.join(broken)}"))
    if not where or where == "/":
        return
    path = f"{path}.path"
    if where == "//":
        errors.append(invalid(path, where, "segment[0] may not be empty"))
        return
    if not where.startswith("/"):
        errors.append(invalid(path, where, "must start with a '/'"))
    for at, step in enumerate(where[1:].removesuffix("/").split("/")):
        broken = [f": {one}" for one in dns_subdomain(step)] if step else [" may not be empty"]
        add(errors, path, where, [f"segment[{at}]{one}" for one in broken])


def check_rule(errors: list[FieldError], path: str, rule: Object) -> None:
    """Which requests are meant."""
    operations = rule.get("operations") or []
    if not operations:
        errors.append(required(f"{path}.operations"))
    if len(operations) > 1 and "*" in operations:
        detail = "if '*' is present, must not specify other operations"
        errors.append(invalid(f"{path}.operations", operations, detail))
    for at, one in enumerate(operations):
        check_choice(errors, f"{path}.operations[{at}]", one, _OPERATIONS)
    for key, what in (("apiGroups", "API groups"), ("apiVersions", "API versions")):
        found = rule.get(key) or []
        if not found:
            errors.append(required(f"{path}.{key}"))
        if len(found) > 1 and "*" in found:
            detail = f"if '*' is present, must not specify other {what}"
            errors.append(invalid(f"{path}.{key}", found, detail))
        if key == "apiVersions":
            errors.extend([required(f"{path}.{key}[{at}]") for at, one in enumerate(found) if not one])
    _check_resources(errors, f"{path}.resources", rule.get("resources") or [])
    check_choice(errors, f"{path}.scope", rule.get("scope"), _SCOPES)


def _check_resources(errors: list[FieldError], path: str, resources: list[str]) -> None:
    if not resources:
        errors.append(required(path))
    whole: set[str] = set()
    parts: set[str] = set()
    plain = False
    for at, one in enumerate(resources):
        if not one:
            errors.append(required(f"{path}[{at}]"))
            continue
        resource, slash, part = one.partition("/")
        if not slash:
            plain = one != "*"
            continue
        if resource in whole:
            detail = f"if '{resource}/*' is present, must not specify {one}"
            errors.append(invalid(f"{path}[{at}]", one, detail))
        if part in parts:
            detail = f"if '*/{part}' is present, must not specify {one}"
            errors.append(invalid(f"{path}[{at}]", one, detail))
        if part == "*":
            whole.add(resource)
        if resource == "*":
            parts.add(part)
    if len(resources) > 1 and "*/*" in resources:
        errors.append(invalid(path, resources, "if '*/*' is present, must not specify other resources"))
    if "*" in resources and plain:
        detail = "if '*' is present, must not specify other resources without subresources"
        errors.append(invalid(path, resources, detail))


def _check_reviews(errors: list[FieldError], path: str, versions: list[str], allowed: _Allowed) -> None:
    if not versions:
        errors.append(required(path, "must specify one of v1, v1beta1"))
        return
    for at, one in enumerate(versions):
        if one in versions[:at]:
            errors.append(invalid(f"{path}[{at}]", one, "duplicate version"))
        else:
            add(errors, f"{path}[{at}]", one, dns_label_1035(one))
    if not allowed.reviews and not {*_REVIEWS} & {*versions}:
        errors.append(invalid(path, versions, "must include at least one of v1, v1beta1"))


def check_conditions(errors: list[FieldError], path: str, conditions: list[Object]) -> None:
    """Conditions of requests: all but their expressions."""
    if len(conditions) > 64:
        errors.append(too_many(path, len(conditions), 64))
    seen: set[str] = set()
    for at, one in enumerate(conditions):
        name, where = one.get("name", ""), f"{path}[{at}]"
        if not one.get("expression", "").strip():
            errors.append(required(f"{where}.expression"))
        if not name:
            errors.append(required(f"{where}.name"))
            continue
        add(errors, f"{where}.name", name, label_key(name))
        if name in seen:
            errors.append(duplicate(f"{where}.name", name))
        seen.add(name)
