"""Kinds that hold data and limits: ConfigMap, Secret, ServiceAccount, Namespace, LimitRange, ResourceQuota."""

from __future__ import annotations

from navarch.cluster.validation.errors import as_json, forbidden, invalid, required, too_long
from navarch.cluster.validation.metadata import IMMUTABLE, check, check_finalizer, check_update
from navarch.cluster.validation.names import add, config_key, dns_label, dns_subdomain, label_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

    Object = dict[str, Any]

__all__ = [
    "creating_account",
    "creating_map",
    "creating_namespace",
    "creating_secret",
    "updating_account",
    "updating_map",
    "updating_namespace",
    "updating_secret",
]

_MOST = 1024 * 1024
_ACCOUNT = "kubernetes.io/service-account.name"
_SET = "field is immutable when `immutable` is set"
_REDACTED = "<secret contents redacted>"


def _meta(obj: Object) -> Object:
    return obj.get("metadata") or {}


def _decoded_size(text: str) -> int:
    """How many bytes base64 text stands for."""
    return len(text) // 4 * 3 - (text[-2:].count("=") if text else 0)


def creating_map(errors: list[FieldError], one: Object) -> None:
    """ValidateConfigMap."""
    check(errors, _meta(one), True, dns_subdomain)
    size, data, binary = 0, one.get("data") or {}, one.get("binaryData") or {}
    for key, value in data.items():
        if broken := config_key(key):
            add(errors, f"data[{key}]", key, broken)
        if key in binary:
            errors.append(invalid(f"data[{key}]", key, "duplicate of key present in binaryData"))
        size += len(value) if value.isascii() else len(value.encode("utf-8", "surrogatepass"))
    for key, value in binary.items():
        if broken := config_key(key):
            add(errors, f"binaryData[{key}]", key, broken)
        size += _decoded_size(value)
    if size > _MOST:
        errors.append(too_long("[]", _MOST))


def updating_map(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateConfigMapUpdate."""
    check_update(errors, _meta(new), _meta(old))
    _check_frozen(errors, new, old, ("data", "binaryData"))
    creating_map(errors, new)


def _check_frozen(errors: list[FieldError], new: Object, old: Object, keys: tuple[str, ...]) -> None:
    if not old.get("immutable"):
        return
    if not new.get("immutable"):
        errors.append(forbidden("immutable", _SET))
    errors.extend([forbidden(key, _SET) for key in keys if (new.get(key) or {}) != (old.get(key) or {})])


def creating_secret(errors: list[FieldError], secret: Object) -> None:
    """ValidateSecret."""
    check(errors, _meta(secret), True, dns_subdomain)
    size, data, sort = 0, secret.get("data") or {}, secret.get("type", "")
    for key, value in data.items():
        if broken := config_key(key):
            add(errors, f"data[{key}]", key, broken)
        size += _decoded_size(value or "")
    if size > _MOST:
        errors.append(too_long("data", _MOST))
    if sort not in {"Opaque", ""}:
        _check_secret_type(errors, secret, sort, data)


def _check_secret_type(errors: list[FieldError], secret: Object, sort: str, data: dict[str, str]) -> None:
    if sort == "kubernetes.io/service-account-token":
        if not (_meta(secret).get("annotations") or {}).get(_ACCOUNT):
            errors.append(required(f"metadata.annotations[{_ACCOUNT}]"))
    elif sort == "kubernetes.io/dockercfg":
        _check_json(errors, ".dockercfg", data)
    elif sort == "kubernetes.io/dockerconfigjson":
        _check_json(errors, ".dockerconfigjson", data)
    elif sort == "kubernetes.io/basic-auth":
        if "username" not in data and "password" not in data:
            errors.extend([required("data[username]"), required("data[password]")])
    elif sort == "kubernetes.io/ssh-auth":
        if not data.get("ssh-privatekey"):
            errors.append(required("data[ssh-privatekey]"))
    elif sort == "kubernetes.io/tls":
        errors.extend([required(f"data[{key}]") for key in ("tls.crt", "tls.key") if key not in data])


def _check_json(errors: list[FieldError], key: str, data: dict[str, str]) -> None:
    if key not in data:
        errors.append(required(f"data[{key}]"))
        return
    from base64 import b64decode

    from navarch.errors import JsonError
    from navarch.golang.json import loads, mismatch

    try:
        found = loads(b64decode(data[key] or "").decode("utf-8", "surrogateescape"))
    except JsonError as error:
        errors.append(invalid(f"data[{key}]", _REDACTED, str(error)))
        return
    if found is not None and not isinstance(found, dict):
        detail = mismatch(found, "map[string]interface {}")
        errors.append(invalid(f"data[{key}]", _REDACTED, detail))


def updating_secret(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateSecretUpdate."""
    check_update(errors, _meta(new), _meta(old))
    if new.get("type", "") != old.get("type", ""):
        errors.append(invalid("type", as_json(new.get("type", "")), IMMUTABLE))
    _check_frozen(errors, new, old, ("data",))
    creating_secret(errors, new)


def creating_account(errors: list[FieldError], account: Object) -> None:
    """ValidateServiceAccount."""
    check(errors, _meta(account), True, dns_subdomain)


def updating_account(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateServiceAccountUpdate."""
    check_update(errors, _meta(new), _meta(old))
    creating_account(errors, new)


def creating_namespace(errors: list[FieldError], namespace: Object) -> None:
    """ValidateNamespace."""
    check(errors, _meta(namespace), False, dns_label)
    for one in (namespace.get("spec") or {}).get("finalizers") or ():
        _check_spec_finalizer(errors, "spec.finalizers", one)


def _check_spec_finalizer(errors: list[FieldError], path: str, name: str) -> None:
    add(errors, path, name, label_key(name))
    check_finalizer(errors, path, name)


def updating_namespace(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateNamespaceUpdate, after the rules for new ones."""
    creating_namespace(errors, new)
    check_update(errors, _meta(new), _meta(old))


def updating_namespace_status(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateNamespaceStatusUpdate: the phase tells whether it is being deleted."""
    check_update(errors, _meta(new), _meta(old))
    phase, ending = (new.get("status") or {}).get("phase", ""), _meta(new).get("deletionTimestamp") is not None
    if ending and phase != "Terminating":
        detail = "may only be 'Terminating' if `deletionTimestamp` is not empty"
        errors.append(invalid("status.Phase", as_json(phase), detail))
    elif not ending and phase != "Active":
        detail = "may only be 'Active' if `deletionTimestamp` is empty"
        errors.append(invalid("status.Phase", as_json(phase), detail))


def updating_namespace_finalizers(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateNamespaceFinalizeUpdate."""
    check_update(errors, _meta(new), _meta(old))
    for at, one in enumerate((new.get("spec") or {}).get("finalizers") or ()):
        _check_spec_finalizer(errors, f"spec.finalizers[{at}]", one)
