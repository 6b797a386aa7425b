"""The names that Kubernetes lets objects have, by kind, and its words for those that it doesn't."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["name_faults"]

_LOWER = frozenset("abcdefghijklmnopqrstuvwxyz")
_LOWER_OR_DIGIT = _LOWER | frozenset("0123456789")
_INSIDE = _LOWER_OR_DIGIT | {"-"}
_LONGEST_LABEL = 63
_LONGEST_SUBDOMAIN = 253

_LABEL_PATTERN = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    rf"end with an alphanumeric character (e.g. 'example.com', regex used for validation is '{_LABEL_PATTERN}"
    rf"(\.{_LABEL_PATTERN})*')"
)
_LABEL_RULE = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    f"an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '{_LABEL_PATTERN}')"
)
_SERVICE_RULE = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    "and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
    "'[a-z]([-a-z0-9]*[a-z0-9])?')"
)


def name_faults(kind: str, name: str) -> list[str]:
    """What is wrong with an object's name; kinds without a rule of their own are held to that for subdomains."""
    return _RULES.get(kind.lower(), _subdomain)(name)


def _subdomain(name: str) -> list[str]:
    faults = _too_long(name, _LONGEST_SUBDOMAIN)
    return faults if _is_subdomain(name) else [*faults, _SUBDOMAIN_RULE]


def _is_subdomain(name: str) -> bool:
    return all(map(_is_label, name.split(".")))


def _is_label(name: str) -> bool:
    return bool(name) and name[0] in _LOWER_OR_DIGIT and name[-1] in _LOWER_OR_DIGIT and _INSIDE.issuperset(name)


def _label(name: str) -> list[str]:
    faults = _too_long(name, _LONGEST_LABEL)
    if _is_label(name):
        return faults
    return [*faults, "must not contain dots" if _is_subdomain(name) else _LABEL_RULE]


def _service(name: str) -> list[str]:
    faults = _too_long(name, _LONGEST_LABEL)
    return faults if _is_label(name) and name[0] in _LOWER else [*faults, _SERVICE_RULE]


def _path_segment(name: str) -> list[str]:
    if name in (".", ".."):
        return [f"may not be '{name}'"]
    return [f"may not contain '{mark}'" for mark in "/%" if mark in name]


def _anything(_name: str) -> list[str]:
    return []


def _too_long(name: str, longest: int) -> list[str]:
    size = len(name.encode("utf-8", "surrogateescape"))
    return [f"must be no more than {longest} characters"] if size > longest else []


_RULES: dict[str, Callable[[str], list[str]]] = {
    "certificatesigningrequest": _anything,
    "clusterrole": _path_segment,
    "clusterrolebinding": _path_segment,
    "namespace": _label,
    "role": _path_segment,
    "rolebinding": _path_segment,
    "service": _service,
}
