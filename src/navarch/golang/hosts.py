"""Names of hosts as Go's net and net/http packages take them: which can be looked up, and their ASCII form.

The ASCII form is that of golang.org/x/net/idna's profile Lookup: UTS 46 without its transitional mapping. Python's own
codec follows IDNA 2003, for which faß.de is fass.de.
"""

from __future__ import annotations

__all__ = ["is_domain_name", "to_ascii"]

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
_DIGITS = frozenset("0123456789")
_STD3 = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")
_KEPT = frozenset("\u00df\u03c2\u200c\u200d")  # what the transitional mapping would change
_JOINERS = "\u200c\u200d"
_IGNORED = frozenset("\u00ad\u034f\u200b\u2060\u2064\ufeff") | {chr(code) for code in range(0xFE00, 0xFE10)}
_NEVER = ("C", "Z")  # categories of characters that no name has: not assigned, control, private, spaces
_VIRAMA = 9  # the combining class of the signs after which a joiner may stand
_MOST = 253
_MOST_LABEL = 63


def is_domain_name(name: str) -> bool:
    """Whether a resolver is asked for a name at all; numbers alone are none, and a dot at the end is fine."""
    body = name.removesuffix(".")
    if not body or len(body) > _MOST:
        return name == "."
    if not any(char in _LETTERS or char == "-" for char in name):
        return False
    return all(map(_is_label, body.split(".")))


def _is_label(label: str) -> bool:
    if not label or len(label) > _MOST_LABEL or label[0] == "-" or label[-1] == "-":
        return False
    return all(char in _LETTERS or char in _DIGITS or char == "-" for char in label)


def to_ascii(host: str) -> str:
    """The ASCII form of a host's name; the name itself where it has none, which then can't be looked up."""
    if host.isascii():
        return host
    labels = _mapped(host).split(".")
    try:
        bare = [_decoded(label) for label in labels]
        if _is_bidi("".join(bare)) and not all(map(_follows_bidi_rule, bare)):
            return host
        return ".".join(map(_encoded, bare))
    except UnicodeError:
        return host


def _mapped(host: str) -> str:
    """A name in small letters, of characters that look alike the plain one, with dots that are dots."""
    from unicodedata import normalize

    text = "".join(
        char if char in _KEPT else normalize("NFKC", normalize("NFKC", char).casefold())
        for char in host
        if char not in _IGNORED
    )
    return normalize("NFC", text).replace("\u3002", ".").replace("\uff0e", ".").replace("\uff61", ".")


def _decoded(label: str) -> str:
    """A label in its own letters, checked. Raises UnicodeError."""
    if label.startswith("xn--"):
        label = label[4:].encode("ascii").decode("punycode")
        if label.isascii() or _mapped(label) != label:
            raise UnicodeError
    if label[:1] == "-" or label[-1:] == "-" or label[2:4] == "--":
        raise UnicodeError
    _check_characters(label)
    return label


def _check_characters(label: str) -> None:
    from unicodedata import category, combining

    for at, char in enumerate(label):
        if char in _JOINERS:
            fine = at > 0 and combining(label[at - 1]) == _VIRAMA
        elif char.isascii():
            fine = char in _STD3
        else:
            kind = category(char)
            fine = kind[0] not in _NEVER and (at > 0 or kind[0] != "M")
        if not fine:
            raise UnicodeError


def _encoded(label: str) -> str:
    return label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")


def _is_bidi(text: str) -> bool:
    from unicodedata import bidirectional

    return any(bidirectional(char) in ("R", "AL", "AN") for char in text)


def _follows_bidi_rule(label: str) -> bool:
    """RFC 5893, section 2."""
    from unicodedata import bidirectional

    if not label:
        return True
    kinds = [bidirectional(char) for char in label]
    known = set(kinds)
    ends = [kind for kind in kinds if kind != "NSM"][-1:]
    shared = {"EN", "ES", "CS", "ET", "ON", "BN", "NSM"}
    if kinds[0] == "L":
        return known <= shared | {"L"} and ends[0] in ("L", "EN")
    if kinds[0] not in ("R", "AL"):
        return False
    both_numbers = {"EN", "AN"} <= known
    return known <= shared | {"R", "AL", "AN"} and ends[0] in ("R", "AL", "EN", "AN") and not both_numbers
