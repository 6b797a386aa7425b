"""CertificateSigningRequests."""

from __future__ import annotations

from navarch.cluster.validation.errors import as_json, duplicate, forbidden, invalid, required, unsupported
from navarch.cluster.validation.metadata import check, check_update
from navarch.cluster.validation.names import signer_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

    Object = dict[str, Any]

__all__ = ["creating", "updating", "updating_approval", "updating_status"]

_USAGES = (
    "any",
    "cert sign",
    "client auth",
    "code signing",
    "content commitment",
    "crl sign",
    "data encipherment",
    "decipher only",
    "digital signature",
    "email protection",
    "encipher only",
    "ipsec end system",
    "ipsec tunnel",
    "ipsec user",
    "key agreement",
    "key encipherment",
    "microsoft sgc",
    "netscape sgc",
    "ocsp signing",
    "s/mime",
    "server auth",
    "signing",
    "timestamping",
)
_FINAL = ("Approved", "Denied", "Failed")
_PATH = "status.conditions"


def _any_name(_: str) -> Sequence[str]:
    return ()


def creating(errors: list[FieldError], request: Object) -> None:
    """ValidateCertificateSigningRequestCreate."""
    _check_request(errors, request, {})


def _usages(request: Object) -> list[str]:
    return (request.get("spec") or {}).get("usages") or []


def _types(request: Object) -> list[str]:
    return [one.get("type", "") for one in (request.get("status") or {}).get("conditions") or ()]


def _check_request(errors: list[FieldError], request: Object, old: Object) -> None:
    """What is odd in the old one may stay."""
    check(errors, request.get("metadata") or {}, False, _any_name)
    spec, before = request.get("spec") or {}, _usages(old)
    why = _broken_csr(spec.get("request", ""))
    if why:
        errors.append(invalid("spec.request", as_json(spec.get("request")), why))
    usages = _usages(request)
    if not usages:
        errors.append(required("spec.usages"))
    if {*before} <= {*_USAGES}:
        for at, one in enumerate(usages):
            if one not in _USAGES:
                errors.append(unsupported(f"spec.usages[{at}]", as_json(one), _USAGES))
    if len({*before}) == len(before):
        for at, one in enumerate(usages):
            if one in usages[:at]:
                errors.append(duplicate(f"spec.usages[{at}]", as_json(one)))
    signer, seconds = spec.get("signerName", ""), spec.get("expirationSeconds")
    legacy = "kubernetes.io/legacy-unknown"
    if signer == legacy and (old.get("spec") or {}).get("signerName") != legacy:
        detail = "the legacy signerName is not allowed via this API version"
        errors.append(invalid("spec.signerName", signer, detail))
    else:
        signer_name(errors, "spec.signerName", signer)
    if seconds is not None and seconds < 600:
        detail = "may not specify a duration less than 600 seconds (10 minutes)"
        errors.append(invalid("spec.expirationSeconds", seconds, detail))
    _check_conditions(errors, request, _types(old))


def _broken_csr(encoded: str | None) -> str:
    """Why the request isn't a PEM block with a signed request of a certificate in it."""
    from base64 import b64decode

    text = b64decode(encoded or "")
    start = b"-----BEGIN CERTIFICATE REQUEST-----"
    if start not in text:
        return "PEM block type must be CERTIFICATE REQUEST"
    from cryptography.x509 import load_pem_x509_csr

    try:
        request = load_pem_x509_csr(text[text.index(start) :])
    except ValueError as error:
        return str(error)
    return "" if request.is_signature_valid else "x509: signature verification failed"


def _check_conditions(errors: list[FieldError], request: Object, before: list[str]) -> None:
    seen: set[str] = set()
    for at, one in enumerate((request.get("status") or {}).get("conditions") or ()):
        sort, status, where = one.get("type", ""), one.get("status", ""), f"{_PATH}[{at}]"
        if not sort and "" not in before:
            errors.append(required(f"{where}.type"))
        supported = ("True",) if sort in _FINAL else ("False", "True", "Unknown")
        if not status:
            errors.append(required(f"{where}.status"))
        elif status not in supported:
            errors.append(unsupported(f"{where}.status", as_json(status), supported))
        other = {"Approved": "Denied", "Denied": "Approved"}.get(sort)
        if other in seen and not {"Approved", "Denied"} <= {*before}:
            detail = "Approved and Denied conditions are mutually exclusive"
            errors.append(invalid(_PATH, as_json(sort), detail))
        if sort in seen and len({*before}) == len(before):
            errors.append(duplicate(f"{where}.type", as_json(sort)))
        seen.add(sort)


def updating(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateCertificateSigningRequestUpdate."""
    _check_update(errors, new, old, approval=False, certificate=False)


def updating_status(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateCertificateSigningRequestStatusUpdate."""
    _check_update(errors, new, old, approval=False, certificate=True)


def updating_approval(errors: list[FieldError], new: Object, old: Object) -> None:
    """ValidateCertificateSigningRequestApprovalUpdate."""
    _check_update(errors, new, old, approval=True, certificate=False)


def _check_update(errors: list[FieldError], new: Object, old: Object, *, approval: bool, certificate: bool) -> None:
    _check_request(errors, new, old)
    errors.extend(
        [
            forbidden(_PATH, f'updates may not remove a condition of type "{sort}"')
            for sort in _FINAL
            if len(_conditions(new, sort)) < len(_conditions(old, sort))
        ]
    )
    for sort in () if approval else _FINAL[:2]:
        after, before = _conditions(new, sort), _conditions(old, sort)
        if len(after) > len(before):
            errors.append(forbidden(_PATH, f'updates may not add a condition of type "{sort}"'))
        elif len(after) == len(before) and after != before:
            from navarch.cluster.validation.internal import difference_of_lists

            changed = difference_of_lists("certificates.CertificateSigningRequestCondition", before, after)
            errors.append(forbidden(_PATH, f'updates may not modify a condition of type "{sort}"\n{changed}'))
    issued, before_issued = ((one.get("status") or {}).get("certificate") or "" for one in (new, old))
    if issued != before_issued:
        if not certificate:
            errors.append(forbidden("status.certificate", "updates may not set certificate content"))
        elif before_issued:
            detail = "updates may not modify existing certificate content"
            errors.append(forbidden("status.certificate", detail))
    check_update(errors, new.get("metadata") or {}, old.get("metadata") or {})


def _conditions(request: Object, sort: str) -> list[Object]:
    return [one for one in (request.get("status") or {}).get("conditions") or () if one.get("type") == sort]
