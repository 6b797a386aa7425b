"""Projected volumes: what several sources together put into one folder."""

from __future__ import annotations

from navarch.cluster.validation.errors import (
    forbidden,
    invalid,
    required,
    unsupported,
)
from navarch.cluster.validation.names import dns_subdomain, signer_name
from navarch.cluster.validation.references import check_downward_file
from navarch.cluster.validation.selectors import check_label_selector, shown
from navarch.cluster.validation.sources import (
    check_key_path,
    check_mode,
    check_relative,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

    Check = Callable[[list[FieldError], str, dict[str, Any]], None]

__all__ = ["check_projected"]


_TWICE = "conflicting duplicate paths"


_KEYS = ("RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519")


def check_projected(
    errors: list[FieldError], path: str, volume: dict[str, Any], *, any_token_path: bool = False
) -> None:
    check_mode(errors, f"{path}.defaultMode", volume.get("defaultMode"))
    seen: set[str] = set()
    for at, source in enumerate(volume.get("sources") or ()):
        where = f"{path}.sources[{at}]"
        found = 0
        for kind in ("secret", "configMap"):
            one = source.get(kind)
            if one is not None:
                found += 1
                _check_projected_keys(errors, path, f"{where}.{kind}", one, seen)
        for kind, check in _PROJECTIONS:
            one = source.get(kind)
            if one is not None:
                found += 1
                check(errors, path, f"{where}.{kind}", one, seen, any_token_path)
        if found > 1:
            errors.append(forbidden(where, "may not specify more than 1 volume type per source"))


def _take(errors: list[FieldError], path: str, name: str, seen: set[str], shown_as: Any = None) -> None:
    if name in seen:
        errors.append(invalid(path, name if shown_as is None else shown_as, _TWICE))
    else:
        seen.add(name)


def _check_projected_keys(
    errors: list[FieldError], volume: str, path: str, source: dict[str, Any], seen: set[str]
) -> None:
    if not source.get("name"):
        errors.append(required(f"{path}.name"))
    for at, one in enumerate(source.get("items") or ()):
        check_key_path(errors, f"{path}.items[{at}]", one)
        if one.get("path"):
            _take(errors, volume, one["path"], seen, source.get("name", ""))


def _check_projected_downward(
    errors: list[FieldError], volume: str, path: str, source: dict[str, Any], seen: set[str], _: bool
) -> None:
    for one in source.get("items") or ():
        check_downward_file(errors, path, one)
        if one.get("path"):
            _take(errors, volume, one["path"], seen)


def _check_token(
    errors: list[FieldError], volume: str, path: str, source: dict[str, Any], _: set[str], any_path: bool
) -> None:
    seconds, where = source.get("expirationSeconds") or 0, source.get("path", "")
    if seconds < 600:
        detail = "may not specify a duration less than 10 minutes"
        errors.append(invalid(f"{path}.expirationSeconds", seconds, detail))
    if seconds > 1 << 32:
        detail = "may not specify a duration larger than 2^32 seconds"
        errors.append(invalid(f"{path}.expirationSeconds", seconds, detail))
    if not where:
        errors.append(required(f"{volume}.path"))
    elif not any_path:
        check_relative(errors, f"{volume}.path", where)


def _check_trust_bundle(
    errors: list[FieldError], volume: str, path: str, source: dict[str, Any], seen: set[str], _: bool
) -> None:
    name, signer, where = source.get("name"), source.get("signerName"), source.get("path", "")
    if name is not None and signer is not None:
        from navarch.cluster.validation.internal import show

        bundle = show("core.ClusterTrustBundleProjection", source)
        errors.append(invalid(path, bundle, "only one of name and signerName may be used"))
    elif name is not None:
        _check_bundle_name(errors, path, name)
        if source.get("labelSelector") is not None:
            detail = "labelSelector must be unset if name is specified"
            errors.append(invalid(f"{path}.labelSelector", shown(source["labelSelector"]), detail))
    elif signer is not None:
        if not signer:
            errors.append(required(f"{path}.signerName", "must be a valid signer name"))
        signer_name(errors, f"{path}.signerName", signer)
        check_label_selector(errors, f"{path}.labelSelector", source.get("labelSelector"))
    else:
        errors.append(required(path, "either name or signerName must be specified"))
    if not where:
        errors.append(required(f"{path}.path"))
    check_relative(errors, f"{path}.path", where)
    _take(errors, volume, where, seen)


def _check_bundle_name(errors: list[FieldError], path: str, name: str) -> None:
    if not name:
        errors.append(required(f"{path}.name", "must be a valid object name"))
    errors.extend(
        [
            invalid(f"{path}.name", name, f"not a valid clustertrustbundlename: {one}")
            for one in _broken_bundle_name(name)
        ]
    )


def _broken_bundle_name(name: str) -> Any:
    """ValidateClusterTrustBundleName for the signer that the name itself has before its last colon."""
    signer, colon, rest = name.rpartition(":")
    if not colon:
        return dns_subdomain(name)
    return dns_subdomain(rest) if signer else ['ClusterTrustBundle without signer name must not have ":" in its name']


def _check_certificate(
    errors: list[FieldError], volume: str, path: str, source: dict[str, Any], seen: set[str], _: bool
) -> None:
    signer = source.get("signerName", "")
    signer_name(errors, f"{path}.signerName", signer)
    if source.get("userAnnotations") is not None:
        _check_user_annotations(errors, f"{path}.userAnnotations", source["userAnnotations"])
    if source.get("keyType", "") not in _KEYS:
        errors.append(unsupported(f"{path}.keyType", source.get("keyType", ""), _KEYS))
    seconds = source.get("maxExpirationSeconds")
    if seconds is not None:
        host = signer.partition("/")[0]
        most = 86400 if f".{host}".endswith(".kubernetes.io") else 91 * 86400
        where = f"{path}.maxExpirationSeconds"
        if seconds < 3600:
            errors.append(invalid(where, seconds, "if provided, maxExpirationSeconds must be >= 3600"))
        if seconds > most:
            errors.append(invalid(where, seconds, f"if provided, maxExpirationSeconds must be <= {most}"))
    given = [key for key in ("credentialBundlePath", "keyPath", "certificateChainPath") if source.get(key)]
    for key in given:
        check_relative(errors, f"{path}.{key}", source[key])
        _take(errors, volume, source[key], seen)
    if not given:
        detail = "specify at least one of credentialBundlePath, keyPath, and certificateChainPath"
        errors.append(required(path, detail))


def _check_user_annotations(errors: list[FieldError], path: str, annotations: dict[str, str]) -> None:
    from navarch.cluster.validation.errors import too_long
    from navarch.cluster.validation.names import domain_prefixed_key

    for key in annotations:
        domain_prefixed_key(errors, path, key.lower())
    if sum(len(key) + len(value.encode("utf-8", "surrogatepass")) for key, value in annotations.items()) > 256 * 1024:
        errors.append(too_long(path, 256 * 1024))


_PROJECTIONS = (
    ("downwardAPI", _check_projected_downward),
    ("serviceAccountToken", _check_token),
    ("clusterTrustBundle", _check_trust_bundle),
    ("podCertificate", _check_certificate),
)
