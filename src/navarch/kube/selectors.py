"""Label selectors: read as `-l` takes them or as objects have them, held against labels, written as queries want them.

    selector    = [requirement {"," requirement}]
    requirement = ["!"] key | key operator value | key ("in" | "notin") "(" values ")"
    operator    = "=" | "==" | "!=" | ">" | "<"
    values      = value {"," value}                     a value may be empty

The rules and messages are those of apimachinery's package labels.
"""

from __future__ import annotations

from typing import NamedTuple

from navarch.errors import UsageError
from navarch.golang.runes import byte_length
from navarch.golang.strconv import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

__all__ = [
    "OBJECT_OPERATORS",
    "Requirement",
    "Selector",
    "equality_selector",
    "label_key_problems",
    "label_value_problems",
    "object_selector",
    "parse_selector",
]

_BLANK = " \t\r\n"
_SYMBOLS = "=!(),><"
_PAIRS = frozenset(("==", "!="))
_WORDS = frozenset(("in", "notin"))
_EQUAL = frozenset(("=", "in", "=="))
_OPERATORS = frozenset(("in", "notin", "=", "==", "!=", ">", "<"))
OBJECT_OPERATORS = {"In": "in", "NotIn": "notin", "Exists": "", "DoesNotExist": "!"}
_MOST_BYTES = 63
_MOST_PREFIX_BYTES = 253
_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
_INNER = _LETTERS | frozenset("-_.")
_DNS_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_CHARACTERS = "alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
_NAME = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_KEY_EXAMPLES = "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is"
_KEY_RULE = f"must consist of {_CHARACTERS} {_KEY_EXAMPLES} '{_NAME}')"
_VALUE_RULE = (
    f"a valid label must be an empty string or consist of {_CHARACTERS} "
    f"(e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '({_NAME})?')"
)
_PREFIX_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)


class Requirement(NamedTuple):
    """What a label must be. `operator` is in, notin, =, ==, !=, >, <, "" (the label is there) or "!" (it isn't)."""

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether labels meet it."""
        found, operator = labels.get(self.key), self.operator
        if operator in _EQUAL:
            return found is not None and found in self.values
        if operator in {"", "!"}:
            return (found is not None) == (operator == "")
        if operator in {"!=", "notin"}:
            return found is None or found not in self.values
        if found is None or operator not in {">", "<"}:
            return False
        number, bound = _int64(found), _int64(self.values[0])
        if number is None or bound is None:
            return False
        return number > bound if operator == ">" else number < bound

    def __str__(self) -> str:
        if self.operator == "!":
            return f"!{self.key}"
        text = ",".join(sorted(self.values))
        return f"{self.key} {self.operator} ({text})" if self.operator in _WORDS else f"{self.key}{self.operator}{text}"


class Selector(NamedTuple):
    """Requirements, all of which must be met; `str` gives what a query's labelSelector says."""

    requirements: tuple[Requirement, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether labels meet all requirements."""
        for requirement in self.requirements:  # noqa: SIM110 - asked for every object at every event
            if not requirement.matches(labels):
                return False
        return True

    def __str__(self) -> str:
        return ",".join([str(requirement) for requirement in self.requirements])


def equality_selector(labels: Mapping[str, str]) -> Selector:
    """The selector of objects with these labels."""
    return Selector(tuple(Requirement(key, "=", (labels[key],)) for key in sorted(labels)))


def object_selector(selector: Mapping[str, Any]) -> Selector:
    """A LabelSelector, as it stands in objects (metav1.LabelSelectorAsSelector).

    An empty one selects everything. With an operator that there isn't, "?" here, it selects nothing.
    """
    found = [Requirement(key, "=", (value,)) for key, value in (selector.get("matchLabels") or {}).items()]
    for one in selector.get("matchExpressions") or ():
        operator = OBJECT_OPERATORS.get(one.get("operator"), "?")
        found.append(Requirement(one.get("key", ""), operator, tuple(one.get("values") or ())))
    return Selector(tuple(sorted(found, key=_key)))


def parse_selector(text: str) -> Selector:
    """Read a selector. Raises UsageError with the message of labels.Parse."""
    found = _Parser(_tokens(text)).requirements()
    return Selector(tuple(sorted(found, key=_key)))


def _key(requirement: Requirement) -> str:
    return requirement.key


def _tokens(text: str) -> list[tuple[str, str]]:
    """Words and symbols with what they are: a token, "word", "error", or "" for the end."""
    found: list[tuple[str, str]] = []
    at = 0
    while True:
        while text[at : at + 1] in _BLANK and at < len(text):
            at += 1
        start = at
        if at == len(text):
            return [*found, ("", "")]
        if text[at] in _SYMBOLS:
            at += 2 if text[at : at + 2] in _PAIRS else 1
            found.append((text[start:at], text[start:at]))
            continue
        while at < len(text) and text[at] not in _SYMBOLS and text[at] not in _BLANK:
            at += 1
        word = text[start:at]
        found.append((word if word in _WORDS else "word", word))


class _Parser:
    """Reads requirements from tokens."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.at = 0

    def peek(self) -> tuple[str, str]:
        """The next token, where in and notin may be words like others."""
        kind, text = self.tokens[min(self.at, len(self.tokens) - 1)]
        return ("word" if kind in _WORDS else kind), text

    def take(self) -> tuple[str, str]:
        found = self.peek()
        self.at += 1
        return found

    def requirements(self) -> list[Requirement]:
        found: list[Requirement] = []
        while True:
            kind, text = self.peek()
            if not kind:
                return found
            if kind not in {"word", "!"}:
                raise UsageError(f"found '{text}', expected: !, identifier, or 'end of string'")
            try:
                found.append(self.requirement())
            except UsageError as error:
                raise UsageError(f"unable to parse requirement: {error}") from None
            kind, text = self.take()
            if not kind:
                return found
            if kind != ",":
                raise UsageError(f"found '{text}', expected: ',' or 'end of string'")
            kind, text = self.peek()
            if kind not in {"word", "!"}:
                raise UsageError(f"found '{text}', expected: identifier after ','")

    def requirement(self) -> Requirement:
        kind, key = self.take()
        operator = ""
        if kind == "!":
            operator = "!"
            kind, key = self.take()
        if kind != "word":
            raise UsageError(f"found '{key}', expected: identifier")
        problems = label_key_problems(key)
        if problems:
            raise UsageError(_invalid("<nil>", key, "; ".join(problems)))
        if operator or self.peek()[0] in {"", ","}:
            return Requirement(key, operator)
        operator = self.tokens[self.at][0]
        text = self.take()[1]
        if operator not in _OPERATORS:
            raise UsageError(f"found '{text}', expected: in, notin, =, ==, !=, gt, lt")
        values = sorted(self.values() if operator in _WORDS else self.value())
        _check_values(key, operator, values)
        return Requirement(key, operator, tuple(values))

    def value(self) -> set[str]:
        if self.peek()[0] in {"", ","}:
            return {""}
        kind, text = self.take()
        if kind != "word":
            raise UsageError(f"found '{text}', expected: identifier")
        return {text}

    def values(self) -> set[str]:
        kind, text = self.take()
        if kind != "(":
            raise UsageError(f"found '{text}' expected: '('")
        kind, text = self.peek()
        if kind == ")":
            self.take()
            return {""}
        if kind not in {"word", ","}:
            raise UsageError(f"found '{text}', expected: ',', ')' or identifier")
        found = self.listed()
        self.take()
        return found

    def listed(self) -> set[str]:
        """What stands between parentheses, up to the closing one."""
        found: set[str] = set()
        while True:
            kind, text = self.take()
            following, next_text = self.peek()
            if kind == "word":
                found.add(text)
                if following not in {",", ")"}:
                    raise UsageError(f"found '{next_text}', expected: ',' or ')'")
            elif kind == ",":
                if not found or following in {",", ")"}:
                    found.add("")
            else:
                raise UsageError(f"found '{text}', expected: ',', or identifier")
            if following == ")":
                return found


def _check_values(key: str, operator: str, values: Sequence[str]) -> None:
    """Raise UsageError with all that is wrong with a requirement's values."""
    problems: list[str] = []
    for at, value in enumerate(values):
        if operator in {">", "<"} and _int64(value) is None:
            rule = "for 'Gt', 'Lt' operators, the value must be an integer"
            problems.append(_invalid(f"values[{at}]", value, rule))
    for at, value in enumerate(values):
        found = label_value_problems(value)
        if found:
            problems.append(_invalid(f"values[{at}][{key}]", value, "; ".join(found)))
    if problems:
        raise UsageError(problems[0] if len(problems) == 1 else f"[{', '.join(problems)}]")


def _invalid(field: str, value: str, detail: str) -> str:
    return f"{field}: Invalid value: {quote(value)}: {detail}"


def _int64(text: str) -> int | None:
    """strconv.ParseInt in base 10."""
    digits = text.removeprefix("-") if text.startswith("-") else text.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()) or len(digits.lstrip("0")) > 19:
        return None
    value = int(text)
    return value if -(1 << 63) <= value < 1 << 63 else None


def label_key_problems(key: str) -> list[str]:
    """What keeps a text from being a label's key, in apimachinery's words."""
    prefix, slash, name = key.rpartition("/")
    if "/" in prefix:
        return [
            f"a valid label key {_KEY_RULE} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        ]
    problems: list[str] = []
    if slash and not prefix:
        problems.append("prefix part must be non-empty")
    elif slash:
        if byte_length(prefix) > _MOST_PREFIX_BYTES:
            problems.append(f"prefix part must be no more than {_MOST_PREFIX_BYTES} bytes")
        if not all(_is_name(part, _DNS_LETTERS, _DNS_LETTERS | {"-"}) for part in prefix.split(".")):
            problems.append(f"prefix part {_PREFIX_RULE}")
    if not name:
        problems.append("name part must be non-empty")
    elif byte_length(name) > _MOST_BYTES:
        problems.append(f"name part must be no more than {_MOST_BYTES} bytes")
    if not _is_name(name, _LETTERS, _INNER):
        problems.append(f"name part {_KEY_RULE}")
    return problems


def label_value_problems(value: str) -> list[str]:
    """What keeps a text from being a label's value, in apimachinery's words."""
    problems: list[str] = []
    if byte_length(value) > _MOST_BYTES:
        problems.append(f"must be no more than {_MOST_BYTES} bytes")
    if value and not _is_name(value, _LETTERS, _INNER):
        problems.append(_VALUE_RULE)
    return problems


def _is_name(text: str, ends: frozenset[str], inner: frozenset[str]) -> bool:
    """Whether a text is not empty, and has only these characters inside and at its ends."""
    return bool(text) and text[0] in ends and text[-1] in ends and inner.issuperset(text)
