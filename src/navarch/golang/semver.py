"""Semantic versions and constraints on them, as Masterminds/semver 3.5 has them.

Charts' versions, their dependencies' ranges, kubeVersion and the functions semver and semverCompare go by it. Parsed by
hand: most renderings need a constraint or two, which is over before `re` would be imported.
"""

from __future__ import annotations

from navarch.errors import FunctionError, VersionError
from navarch.golang.types import Uint64

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Constraint", "Version", "parse_constraint", "parse_strict", "parse_version", "satisfies"]

_MAX_VERSION = 256
_MAX_CONSTRAINT = 512
_MAX_GROUPS = 32
_MAX_NUMBER = (1 << 64) - 1
_DIGITS = frozenset("0123456789")
_IDENTIFIER = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-")
_WILD = frozenset("0123456789|xX*")  # what Masterminds' expression takes for a number or a wildcard
_SPACE = "\t\n\f\r "

_INVALID = "invalid semantic version"
_TOO_LONG = f"version string is too long (max {_MAX_VERSION} bytes)"
_ZERO = "version segment starts with 0"

_VALUE_METHODS = {
    "IncMajor": ("", "semver.Version"),
    "IncMinor": ("", "semver.Version"),
    "IncPatch": ("", "semver.Version"),
    "Major": ("", "uint64"),
    "MarshalJSON": ("", "[]uint8"),
    "MarshalText": ("", "[]uint8"),
    "Metadata": ("", "string"),
    "Minor": ("", "uint64"),
    "Patch": ("", "uint64"),
    "Prerelease": ("", "string"),
    "SetMetadata": ("string", "semver.Version"),
    "SetPrerelease": ("string", "semver.Version"),
    "String": ("", "string"),
    "Value": ("", "interface {}"),
}


class Version:
    """A version, parsed; `original` is its text as given.

    Ordered by precedence: metadata does not count. Equality is that of all parts (Go's DeepEqual).
    """

    __slots__ = ("major", "metadata", "minor", "original", "patch", "pre")
    go_type = "*semver.Version"
    go_kind = "ptr"
    go_methods = {  # noqa: RUF012
        **_VALUE_METHODS,
        "Compare": ("*semver.Version", "int"),
        "Equal": ("*semver.Version", "bool"),
        "GreaterThan": ("*semver.Version", "bool"),
        "GreaterThanEqual": ("*semver.Version", "bool"),
        "LessThan": ("*semver.Version", "bool"),
        "LessThanEqual": ("*semver.Version", "bool"),
        "Original": ("", "string"),
    }

    def __init__(
        self, major: int, minor: int, patch: int, pre: str = "", metadata: str = "", original: str | None = None
    ) -> None:
        self.major = major
        self.minor = minor
        self.patch = patch
        self.pre = pre
        self.metadata = metadata
        self.original = str(self) if original is None else original

    def __str__(self) -> str:
        text = f"{self.major}.{self.minor}.{self.patch}"
        if self.pre:
            text += "-" + self.pre
        return f"{text}+{self.metadata}" if self.metadata else text

    def __repr__(self) -> str:
        return f"<Version {self}>"

    def go_json(self) -> str:
        return str(self)

    def _parts(self) -> tuple[int, int, int, str, str, str]:
        return self.major, self.minor, self.patch, self.pre, self.metadata, self.original

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash(self._parts())

    def compare(self, other: Version) -> int:
        """-1, 0 or 1 by precedence."""
        mine, others = (self.major, self.minor, self.patch), (other.major, other.minor, other.patch)
        if mine != others:
            return -1 if mine < others else 1
        return _compare_prereleases(self.pre, other.pre)

    def __lt__(self, other: Version) -> bool:
        return self.compare(other) < 0

    def next_major(self) -> Version:
        return self._next(_increment(self.major, "major"), 0, 0)

    def next_minor(self) -> Version:
        return self._next(self.major, _increment(self.minor, "minor"), 0)

    def next_patch(self) -> Version:
        """The next patch version; for a prerelease, the version that it leads to."""
        return self._next(self.major, self.minor, self.patch if self.pre else _increment(self.patch, "patch"))

    def with_prerelease(self, pre: str) -> Version:
        if pre:
            _check_prerelease(pre)
        return self._next(self.major, self.minor, self.patch, pre, self.metadata)

    def with_metadata(self, metadata: str) -> Version:
        if metadata and not _are_identifiers(metadata):
            raise VersionError("invalid metadata string")
        return self._next(self.major, self.minor, self.patch, self.pre, metadata)

    def _next(self, major: int, minor: int, patch: int, pre: str = "", metadata: str = "") -> Version:
        made = _Value(major, minor, patch, pre, metadata)
        made.original = ("v" if self.original.startswith("v") else "") + made.original
        return made


class _Value(Version):
    """A Go Version that is not pointed to, as the methods that make one give it: it lacks a pointer's methods."""

    __slots__ = ()
    go_type = "semver.Version"
    go_kind = "struct"
    go_methods = _VALUE_METHODS


def _in_template(method: Callable[..., Version]) -> Callable[..., Version]:
    """The method with the errors that the template engine expects of functions."""

    def call(*args: object) -> Version:
        try:
            return method(*args)
        except VersionError as error:
            raise FunctionError(error.message) from None

    return call


# what Go calls the methods of `Version.go_methods`
for _name, _method in {
    "Compare": lambda self, other: _int(self.compare(other)),
    "Equal": lambda self, other: self.compare(other) == 0,
    "GreaterThan": lambda self, other: self.compare(other) > 0,
    "GreaterThanEqual": lambda self, other: self.compare(other) >= 0,
    "IncMajor": _in_template(Version.next_major),
    "IncMinor": _in_template(Version.next_minor),
    "IncPatch": _in_template(Version.next_patch),
    "LessThan": lambda self, other: self.compare(other) < 0,
    "LessThanEqual": lambda self, other: self.compare(other) <= 0,
    "Major": lambda self: Uint64(self.major),
    "MarshalJSON": lambda self: f'"{self}"'.encode(),
    "MarshalText": lambda self: str(self).encode(),
    "Metadata": lambda self: self.metadata,
    "Minor": lambda self: Uint64(self.minor),
    "Original": lambda self: self.original,
    "Patch": lambda self: Uint64(self.patch),
    "Prerelease": lambda self: self.pre,
    "SetMetadata": _in_template(Version.with_metadata),
    "SetPrerelease": _in_template(Version.with_prerelease),
    "String": Version.__str__,
    "Value": Version.__str__,
}.items():
    setattr(Version, _name, _method)


def _int(number: int) -> int:
    from navarch.golang.types import Int

    return Int(number)


def _increment(number: int, name: str) -> int:
    if number == _MAX_NUMBER:
        raise VersionError(f"{name} version increment would overflow uint64")
    return number + 1


# versions


def parse_version(text: str) -> Version:
    """A version, loosely: a leading v, missing minor and patch and leading zeros are let pass. Raises VersionError."""
    if _too_long(text, _MAX_VERSION):
        raise VersionError(_TOO_LONG)
    rest, _, metadata = text.partition("+")
    core, dash, pre = rest.removeprefix("v").partition("-")
    numbers = core.split(".")
    if len(numbers) > 3 or not all(number and _DIGITS.issuperset(number) for number in numbers):
        raise VersionError(_INVALID)
    if (dash and not _are_identifiers(pre)) or (len(rest) < len(text) and not _are_identifiers(metadata)):
        raise VersionError(_INVALID)
    values = [_number(number, "error parsing version segment: ") for number in numbers]
    if pre:
        _check_prerelease(pre)
    minor, patch = [*values[1:], 0, 0][:2]
    return Version(values[0], minor, patch, pre, metadata, text)


def parse_strict(text: str) -> Version:
    """A version that is just what semver.org asks for. Raises VersionError."""
    if not text:
        raise VersionError("version string empty")
    if _too_long(text, _MAX_VERSION):
        raise VersionError(_TOO_LONG)
    numbers = text.split(".", 2)
    if len(numbers) != 3:
        raise VersionError(_INVALID)
    rest, plus, metadata = numbers[2].partition("+")
    if plus and not _are_identifiers(metadata):
        raise VersionError("invalid metadata string")
    numbers[2], dash, pre = rest.partition("-")
    if dash:
        _check_prerelease(pre)
    for number in numbers:
        if not _DIGITS.issuperset(number):
            raise VersionError("invalid characters in version")
        if len(number) > 1 and number[0] == "0":
            raise VersionError(_ZERO)
    major, minor, patch = (_number(number, "") for number in numbers)
    return Version(major, minor, patch, pre, metadata, text)


def _too_long(text: str, limit: int) -> bool:
    if len(text) > limit:
        return True
    return not text.isascii() and len(text.encode("utf-8", "surrogateescape")) > limit


def _number(digits: str, prefix: str) -> int:
    reason = "value out of range"
    if digits:
        value = int(digits)
        if value <= _MAX_NUMBER:
            return value
    else:
        reason = "invalid syntax"
    raise VersionError(f'{prefix}strconv.ParseUint: parsing "{digits}": {reason}')


def _are_identifiers(text: str) -> bool:
    """Whether a text is identifiers joined by dots, none of them empty."""
    return all(part and _IDENTIFIER.issuperset(part) for part in text.split("."))


def _check_prerelease(pre: str) -> None:
    for part in pre.split("."):
        if part and _DIGITS.issuperset(part):
            if len(part) > 1 and part[0] == "0":
                raise VersionError(_ZERO)
        elif not part or not _IDENTIFIER.issuperset(part):
            raise VersionError("invalid prerelease string")


def _compare_prereleases(one: str, other: str) -> int:
    """-1, 0 or 1; a version without a prerelease comes after all that have one."""
    if one == other:
        return 0
    if not one or not other:
        return -1 if one else 1
    ones, others = one.split("."), other.split(".")
    for mine, theirs in zip(ones, others, strict=False):
        if mine != theirs:
            return _compare_identifiers(mine, theirs)
    return -1 if len(ones) < len(others) else 1


def _compare_identifiers(one: str, other: str) -> int:
    """Two different identifiers: numbers by value and before all else, the rest as texts."""
    is_number, other_is_number = _is_number(one), _is_number(other)
    if is_number != other_is_number:
        return -1 if is_number else 1
    if is_number:
        return 1 if int(one) > int(other) else -1
    return 1 if one > other else -1


def _is_number(text: str) -> bool:
    return _DIGITS.issuperset(text) and int(text) <= _MAX_NUMBER


# constraints


class _Clause:
    """One comparison, ">= 1.2": the operator, the version compared with, and where that had wildcards or gaps."""

    __slots__ = ("any_minor", "any_patch", "dirty", "operator", "original", "version")

    def __init__(self, operator: str, original: str) -> None:
        """Read the version of a clause, in which x, X and * stand for any number. Raises VersionError."""
        numbers, pre = _split_pattern(original)
        wild = [number in {"", "x", "X", "*"} for number in numbers]
        text = original
        self.any_minor = self.any_patch = False
        self.dirty = any(wild)
        if wild[0]:
            text = "0.0.0" + pre
        elif wild[1]:
            self.any_minor = True
            text = f"{numbers[0]}.0.0{pre}"
        elif wild[2]:
            self.any_patch = True
            text = f"{numbers[0]}.{numbers[1]}.0{pre}"
        try:
            self.version = parse_version(text)
        except VersionError:
            raise VersionError("constraint parser error") from None
        self.operator = operator
        self.original = original


class Constraint:
    """Which versions will do: groups of clauses, of which one group must hold whole."""

    __slots__ = ("groups",)

    def __init__(self, groups: list[list[_Clause]]) -> None:
        self.groups = groups

    def check(self, version: Version) -> bool:
        """Whether a version satisfies it. A prerelease only satisfies groups in which a prerelease is named."""
        for group in self.groups:
            if version.pre and not any(clause.version.pre for clause in group):
                continue
            if all(_CHECKS[clause.operator](version, clause) for clause in group):
                return True
        return False

    def __str__(self) -> str:
        return " || ".join(" ".join(clause.operator + clause.original for clause in group) for group in self.groups)


def parse_constraint(text: str) -> Constraint:
    """A constraint from its text, such as ">= 1.2, < 3.0.0 || ~4.1" or "1.2 - 2.3.4". Raises VersionError.

    groups = clauses { "||" clauses }        clauses = clause { blanks | "," clause }
    clause = [ operator ] pattern            pattern = [ "v" ] part [ "." part [ "." part ]] [ "-" pre ] [ "+" meta ]
    """
    if _too_long(text, _MAX_CONSTRAINT):
        raise VersionError(f"constraint string is too long (max {_MAX_CONSTRAINT} bytes)")
    groups = _rewrite_ranges(text).split("||")
    if len(groups) > _MAX_GROUPS:
        raise VersionError(f"too many constraint groups (max {_MAX_GROUPS})")
    return Constraint([_parse_group(group) for group in groups])


def _parse_group(text: str) -> list[_Clause]:
    found: list[tuple[str, str]] = []
    at = _skip_space(text, 0)
    while True:
        operator = _operator_at(text, at)
        start = _skip_space(text, at + len(operator))
        end = _pattern_end(text, start)
        if end == start:
            raise _improper(text)
        found.append((operator, text[start:end]))
        at = _skip_space(text, end)
        if at == len(text):
            break
        if text[at] == ",":
            at = _skip_space(text, at + 1)
        elif at == end:
            raise _improper(text)
    return [_Clause(operator, pattern) for operator, pattern in found]


def _improper(text: str) -> VersionError:
    from navarch.golang.strconv import quote

    return VersionError(f"improper constraint: {quote(text)}")


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def _operator_at(text: str, at: int) -> str:
    for length in (2, 1):
        if text[at : at + length] in _CHECKS:
            return text[at : at + length]
    return ""


def _pattern_end(text: str, at: int) -> int:
    """Where the version pattern that starts at `at` ends; `at` itself where none does."""
    end = _run(text, at + 1 if text[at : at + 1] == "v" else at, _WILD)
    if end is None:
        return at
    for _ in range(2):
        if text[end : end + 1] == ".":
            end = _run(text, end + 1, _WILD) or end
    for mark in "-+":
        if text[end : end + 1] == mark:
            end = _identifiers_end(text, end)
    return end


def _identifiers_end(text: str, at: int) -> int:
    """Where the mark at `at` and the dotted identifiers after it end."""
    end = _run(text, at + 1, _IDENTIFIER)
    if end is None:
        return at
    while text[end : end + 1] == ".":
        longer = _run(text, end + 1, _IDENTIFIER)
        if longer is None:
            break
        end = longer
    return end


def _run(text: str, at: int, allowed: frozenset[str]) -> int | None:
    """The end of a run of one or more of the characters; None where there's none."""
    end = at
    while end < len(text) and text[end] in allowed:
        end += 1
    return end if end > at else None


def _split_pattern(text: str) -> tuple[list[str], str]:
    """A pattern's three numbers ("" where missing), and its prerelease with the dash."""
    core, dash, pre = text.partition("+")[0].partition("-")
    numbers = core.removeprefix("v").split(".")
    return [*numbers, "", ""][:3], dash + pre


def _rewrite_ranges(text: str) -> str:
    """Ranges with a hyphen between blanks, "1.2 - 2.3", as two clauses."""
    result, start, at = text, 0, text.find("-")
    while at >= 0:
        before, after = _trailing_space(text, at, start), _skip_space(text, at + 1)
        end = _pattern_end(text, after)
        first = _pattern_before(text, before, start) if before < at and after > at + 1 and end > after else None
        if first is not None:
            space = _trailing_space(text, first, start)
            rest = _skip_space(text, end)
            result = result.replace(text[space:rest], f">= {text[first:before]}, <= {text[after:end]} ", 1)
            start = at = rest
        else:
            at += 1
        at = text.find("-", at)
    return result


def _trailing_space(text: str, at: int, start: int) -> int:
    """Where the blanks before `at` begin."""
    while at > start and text[at - 1] in _SPACE:
        at -= 1
    return at


def _pattern_before(text: str, end: int, start: int) -> int | None:
    """Where the longest pattern that ends at `end` begins, not before `start`."""
    first = end
    while first > start and text[first - 1] not in _SPACE:
        first -= 1
    while first < end:
        if _pattern_end(text, first) == end:
            return first
        first += 1
    return None


# the operators; a prerelease has been sorted out before where the group names none


def _not_equal(v: Version, c: _Clause) -> bool:
    con = c.version
    if c.dirty:
        if con.major != v.major:
            return True
        if c.any_minor:
            return False
        if con.minor != v.minor:
            return True
        if c.any_patch:
            return bool(v.pre or con.pre) and _compare_prereleases(v.pre, con.pre) != 0
        if con.patch != v.patch:
            return True
    return v.compare(con) != 0


def _greater(v: Version, c: _Clause) -> bool:
    con = c.version
    if c.dirty:
        if v.major != con.major:
            return v.major > con.major
        if c.any_minor:
            return False  # 11.1.0 is not > 11
        if c.any_patch:
            return v.minor > con.minor
    return v.compare(con) > 0


def _less(v: Version, c: _Clause) -> bool:
    return v.compare(c.version) < 0


def _greater_equal(v: Version, c: _Clause) -> bool:
    return v.compare(c.version) >= 0


def _less_equal(v: Version, c: _Clause) -> bool:
    con = c.version
    if not c.dirty:
        return v.compare(con) <= 0
    if v.major > con.major:
        return False
    return not (v.major == con.major and v.minor > con.minor and not c.any_minor)


def _tilde(v: Version, c: _Clause) -> bool:
    """~1.2.3 is >=1.2.3 <1.3.0, ~1.2 is >=1.2.0 <1.3.0, ~1 is >=1.0.0 <2.0.0; ~0.0.0 and ~* take everything."""
    con = c.version
    if v.compare(con) < 0:
        return False
    if con.major == con.minor == con.patch == 0 and not c.any_minor and not c.any_patch:
        return True
    return v.major == con.major and (v.minor == con.minor or c.any_minor)


def _equal(v: Version, c: _Clause) -> bool:
    return _tilde(v, c) if c.dirty else v.compare(c.version) == 0


def _caret(v: Version, c: _Clause) -> bool:
    """^1.2.3 is >=1.2.3 <2.0.0, ^0.2.3 is >=0.2.3 <0.3.0, ^0.0.3 is that patch alone."""
    con = c.version
    if v.compare(con) < 0:
        return False
    if con.major > 0 or c.any_minor:
        return v.major == con.major
    if v.major > 0:
        return False
    if con.minor > 0 or c.any_patch:
        return v.minor == con.minor
    return v.minor == 0 and v.patch == con.patch


_CHECKS: dict[str, Callable[[Version, _Clause], bool]] = {
    "": _equal,
    "=": _equal,
    "!=": _not_equal,
    ">": _greater,
    "<": _less,
    ">=": _greater_equal,
    "=>": _greater_equal,
    "<=": _less_equal,
    "=<": _less_equal,
    "~": _tilde,
    "~>": _tilde,
    "^": _caret,
}

_answers: dict[tuple[str, str], bool] = {}


def satisfies(constraint: str, version: str) -> bool:
    """Whether a version satisfies a constraint, both as texts; recent answers are kept. Raises VersionError."""
    answer = _answers.get((constraint, version))
    if answer is None:
        answer = parse_constraint(constraint).check(parse_version(version))
        if len(_answers) >= 1024:
            _answers.clear()
        _answers[constraint, version] = answer
    return answer
