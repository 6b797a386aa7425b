"""The forms that names, labels, ports and paths must have; what a function returns are the rules that are broken.

Rules and words: apimachinery's pkg/util/validation, pkg/api/validate/content and pkg/api/validation.
"""

from __future__ import annotations

from re import ASCII
from re import compile as _compile

from navarch.cluster.validation.errors import invalid, required

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

    NameRule = Callable[[str], Sequence[str]]

__all__ = [
    "add",
    "c_identifier",
    "config_key",
    "decimal_integer",
    "dns_label",
    "dns_label_1035",
    "dns_subdomain",
    "dns_subdomain_underscore",
    "domain_prefixed_key",
    "domain_prefixed_path",
    "fully_qualified",
    "group_id",
    "header_name",
    "label_key",
    "label_value",
    "long_name",
    "path_segment",
    "path_segment_prefix",
    "percent",
    "port_name",
    "port_number",
    "relaxed_variable",
    "signer_name",
    "user_id",
    "wildcard_subdomain",
    "within",
]

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_LABEL_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?"
_LABEL_UNDERSCORE = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
_SUBDOMAIN_UNDERSCORE = rf"{_LABEL_UNDERSCORE}(\.{_LABEL_UNDERSCORE})*"
_WILDCARD = rf"\*\.{_SUBDOMAIN}"
_KEY = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_VALUE = f"({_KEY})?"
_CONFIG_KEY = "[-._a-zA-Z0-9]+"
_PERCENT = "[0-9]+%"
_HEADER = "[-A-Za-z0-9]+"
_HTTP_PATH = r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+"
_IDENTIFIER = "[A-Za-z_][A-Za-z0-9_]*"

_is_label = _compile(_LABEL).fullmatch
_is_subdomain = _compile(_SUBDOMAIN).fullmatch
_is_label_1035 = _compile(_LABEL_1035).fullmatch
_is_subdomain_underscore = _compile(_SUBDOMAIN_UNDERSCORE).fullmatch
_is_wildcard = _compile(_WILDCARD).fullmatch
_is_key = _compile(_KEY).fullmatch
_is_prefixed_key = _compile(f"{_SUBDOMAIN}/{_KEY}").fullmatch
_is_value = _compile(_VALUE).fullmatch
_is_config_key = _compile(_CONFIG_KEY).fullmatch
_is_percent = _compile(_PERCENT).fullmatch
_is_header = _compile(_HEADER).fullmatch
_is_http_path = _compile(_HTTP_PATH).fullmatch
_is_identifier = _compile(_IDENTIFIER).fullmatch
_is_port_charset = _compile("[-a-z0-9]+").fullmatch
_has_letter = _compile("[a-z]").search
_is_relaxed = _compile("[ -<>-~]*", ASCII).fullmatch

_LABEL_WORDS = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    "an alphanumeric character"
)
_SUBDOMAIN_WORDS = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    "end with an alphanumeric character"
)
_UNDERSCORE_WORDS = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must "
    "start and end with an alphanumeric character"
)
_LABEL_1035_WORDS = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    "and end with an alphanumeric character"
)
_WILDCARD_WORDS = (
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of "
    "lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character"
)
_KEY_WORDS = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
)
_VALUE_WORDS = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character"
)
_CONFIG_KEY_WORDS = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
_PERCENT_WORDS = "a valid percent string must be a numeric string followed by an ending '%'"
_HEADER_WORDS = "a valid HTTP header must consist of alphanumeric characters or '-'"
_IDENTIFIER_WORDS = (
    "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters "
    "or '_'"
)
_RELAXED_WORDS = "a valid environment variable name must consist only of printable ASCII characters other than '='"
_DECIMAL_WORDS = "must be a valid decimal integer in canonical form"


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _regex_words(words: str, expression: str, *examples: str) -> str:
    if not examples:
        return f"{words} (regex used for validation is '{expression}')"
    shown = " or ".join([f"'{one}', " for one in examples])
    return f"{words} (e.g. {shown}regex used for validation is '{expression}')"


def _too_long(text: str, most: int, unit: str = "characters") -> list[str]:
    return [f"must be no more than {most} {unit}"] if _size(text) > most else []


def add(errors: list[FieldError], path: str, value: Any, broken: Sequence[str]) -> None:
    """Each broken rule becomes an error."""
    errors.extend([invalid(path, value, one) for one in broken])


def masked(prefix: str) -> str:
    """A generateName as the names that come of it: it may end with a dash."""
    return prefix[:-2] + "a" if len(prefix) > 1 and prefix[-1] == "-" else prefix


def dns_label(text: str) -> Sequence[str]:
    """IsDNS1123Label: namespaces, containers, ports of services."""
    if len(text) <= 63 and _is_label(text):
        return ()
    broken = _too_long(text, 63)
    if not _is_label(text):
        dots = _is_subdomain(text)
        words = _regex_words(_LABEL_WORDS, _LABEL, "my-name", "123-abc")
        broken.append("must not contain dots" if dots else words)
    return broken


def dns_label_1035(text: str) -> Sequence[str]:
    """IsDNS1035Label: starts with a letter."""
    broken = _too_long(text, 63)
    if not _is_label_1035(text):
        broken.append(_regex_words(_LABEL_1035_WORDS, _LABEL_1035, "my-name", "abc-123"))
    return broken


def dns_subdomain(text: str) -> Sequence[str]:
    """IsDNS1123Subdomain: the names of most objects."""
    if len(text) <= 253 and _is_subdomain(text):
        return ()
    return _subdomain(text, "characters")


def long_name(text: str) -> Sequence[str]:
    """`validate.LongName`: the same, in the words of declarative rules."""
    return () if len(text) <= 253 and _is_subdomain(text) else _subdomain(text, "bytes")


def _subdomain(text: str, unit: str) -> list[str]:
    broken = _too_long(text, 253, unit)
    if not _is_subdomain(text):
        broken.append(_regex_words(_SUBDOMAIN_WORDS, _SUBDOMAIN, "example.com"))
    return broken


def dns_subdomain_underscore(text: str) -> Sequence[str]:
    """IsDNS1123SubdomainWithUnderscore: search domains."""
    broken = _too_long(text, 253)
    if not _is_subdomain_underscore(text):
        broken.append(_regex_words(_UNDERSCORE_WORDS, _SUBDOMAIN_UNDERSCORE, "example.com"))
    return broken


def wildcard_subdomain(text: str) -> Sequence[str]:
    """IsWildcardDNS1123Subdomain: "*.example.com"."""
    broken = _too_long(text, 253)
    if not _is_wildcard(text):
        broken.append(_regex_words(_WILDCARD_WORDS, _WILDCARD, "*.example.com"))
    return broken


def label_key(text: str) -> Sequence[str]:
    """IsQualifiedName: a name of up to 63 characters, with a domain and "/" before it or without."""
    if len(text) <= 63 and (_is_key(text) or _is_prefixed_key(text)):
        return ()
    return _broken_key(text)


def _broken_key(text: str) -> list[str]:
    parts = text.split("/")
    words = _regex_words(_KEY_WORDS, _KEY, "MyName", "my.name", "123-abc")
    if len(parts) > 2:
        return [f"a valid label key {words} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"]
    broken: list[str] = []
    if len(parts) == 2:
        if not parts[0]:
            broken.append("prefix part must be non-empty")
        elif len(parts[0]) > 253 or not _is_subdomain(parts[0]):
            broken = [f"prefix part {one}" for one in _subdomain(parts[0], "bytes")]
    name = parts[-1]
    if not name:
        broken.append("name part must be non-empty")
    elif _size(name) > 63:
        broken.append("name part must be no more than 63 bytes")
    if not _is_key(name):
        broken.append(f"name part {words}")
    return broken


def label_value(text: str) -> Sequence[str]:
    """IsValidLabelValue: up to 63 characters, or none."""
    if len(text) <= 63 and _is_value(text):
        return ()
    broken = _too_long(text, 63, "bytes")
    if not _is_value(text):
        broken.append(_regex_words(_VALUE_WORDS, _VALUE, "MyValue", "my_value", "12345"))
    return broken


def path_segment(text: str) -> Sequence[str]:
    """IsPathSegmentName: what can stand in a path."""
    if text in {".", ".."}:
        return [f"may not be '{text}'"]
    return path_segment_prefix(text)


def path_segment_prefix(text: str) -> Sequence[str]:
    """IsPathSegmentPrefix: the start of what can stand in a path."""
    return [f"may not contain '{one}'" for one in "/%" if one in text]


def config_key(text: str) -> Sequence[str]:
    """IsConfigMapKey: a key of a ConfigMap or a Secret."""
    if len(text) <= 253 and _is_config_key(text) and text[0] != ".":
        return ()
    broken = _too_long(text, 253)
    if not _is_config_key(text):
        broken.append(_regex_words(_CONFIG_KEY_WORDS, _CONFIG_KEY, "key.name", "KEY_NAME", "key-name"))
    if text in {".", ".."}:
        broken.append(f"must not be '{text}'")
    elif text.startswith(".."):
        broken.append("must not start with '..'")
    return broken


def relaxed_variable(text: str) -> Sequence[str]:
    """IsRelaxedEnvVarName: printable ASCII without "="."""
    if not text:
        return ["environment variable name must be non-empty"]
    return () if _is_relaxed(text) else [_RELAXED_WORDS]


def within(number: int, least: int, most: int) -> Sequence[str]:
    """IsInRange."""
    return () if least <= number <= most else [f"must be between {least} and {most}, inclusive"]


def port_number(number: int) -> Sequence[str]:
    """IsValidPortNum."""
    return () if 1 <= number <= 65535 else ["must be between 1 and 65535, inclusive"]


def user_id(number: int) -> Sequence[str]:
    """IsValidUserID, of users as of groups."""
    return () if 0 <= number <= 0x7FFFFFFF else ["must be between 0 and 2147483647, inclusive"]


group_id = user_id


def port_name(text: str) -> Sequence[str]:
    """IsValidPortName: up to 15 characters of which one is a letter."""
    broken = _too_long(text, 15)
    if not _is_port_charset(text):
        broken.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not _has_letter(text):
        broken.append("must contain at least one letter (a-z)")
    if "--" in text:
        broken.append("must not contain consecutive hyphens")
    if text and (text[0] == "-" or text[-1] == "-"):
        broken.append("must not begin or end with a hyphen")
    return broken


def percent(text: str) -> Sequence[str]:
    """IsValidPercent: "25%"."""
    return () if _is_percent(text) else [_regex_words(_PERCENT_WORDS, _PERCENT, "1%", "93%")]


def header_name(text: str) -> Sequence[str]:
    """IsHTTPHeaderName."""
    return () if _is_header(text) else [_regex_words(_HEADER_WORDS, _HEADER, "X-Header-Name")]


def c_identifier(text: str) -> Sequence[str]:
    """IsCIdentifier."""
    if _is_identifier(text):
        return ()
    return [_regex_words(_IDENTIFIER_WORDS, _IDENTIFIER, "my_name", "MY_NAME", "MyName")]


def decimal_integer(text: str) -> Sequence[str]:
    """IsDecimalInteger: no sign but "-", no zeros before."""
    if not text:
        return ["must be non-empty"]
    digits = text.removeprefix("-")
    if text == "0" or (digits.isascii() and digits.isdigit() and digits[0] != "0"):
        return ()
    return [_DECIMAL_WORDS]


def fully_qualified(errors: list[FieldError], path: str, text: str) -> None:
    """IsFullyQualifiedName: a domain of three parts at least."""
    if not text:
        errors.append(required(path))
    elif broken := dns_subdomain(text):
        errors.append(invalid(path, text, ",".join(broken)))
    elif text.count(".") < 2:
        errors.append(invalid(path, text, "should be a domain with at least three segments separated by dots"))


def domain_prefixed_path(errors: list[FieldError], path: str, text: str) -> None:
    """IsDomainPrefixedPath: "acme.io/foo"."""
    if not text:
        errors.append(required(path))
        return
    host, slash, rest = text.partition("/")
    if not slash or not host or not rest:
        errors.append(invalid(path, text, 'must be a domain-prefixed path (such as "acme.io/foo")'))
        return
    add(errors, path, host, dns_subdomain(host))
    if not _is_http_path(rest):
        errors.append(invalid(path, rest, _regex_words("Invalid path", _HTTP_PATH)))


def domain_prefixed_key(errors: list[FieldError], path: str, text: str) -> None:
    """IsDomainPrefixedKey: a label key with its domain."""
    if not text:
        errors.append(required(path))
    elif broken := label_key(text):
        add(errors, path, text, broken)
    elif "/" not in text:
        errors.append(invalid(path, text, 'must be a domain-prefixed key (such as "acme.io/foo")'))


def signer_name(errors: list[FieldError], path: str, text: str) -> None:
    """ValidateSignerName of core: "example.com/signer-name"."""
    from navarch.cluster.validation.errors import too_long
    from navarch.golang.strconv import quote

    if not text:
        errors.append(required(path))
        return
    parts = text.split("/")
    if len(parts) != 2:
        detail = "must be a fully qualified domain and path of the form 'example.com/signer-name'"
        errors.append(invalid(path, text, detail))
        return
    if _size(parts[0]) > 253:
        errors.append(too_long(path, 253))
    labels = parts[0].split(".")
    for rule, whole, pieces in ((dns_label, parts[0], labels), (dns_subdomain, parts[1], parts[1].split("."))):
        for piece in pieces:
            if broken := rule(piece):
                add(errors, path, whole, [f"validating label {quote(piece)}: {one}" for one in broken])
                break
        if whole is parts[0] and rule is dns_label and len(labels) < 2:
            errors.append(invalid(path, whole, "should be a domain with at least two segments separated by dots"))
    if _size(text) > 253 + 253 + 63 + 1 + 1:
        errors.append(too_long(path, 253 + 253 + 63 + 1 + 1))
