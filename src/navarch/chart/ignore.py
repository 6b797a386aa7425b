"""Which files of a chart folder are left out: the rules of .helmignore, and the one rule that always holds.

    rules = {line}
    line  = blank | "#" comment | ["!"] ["/"] pattern ["/"]

A pattern without a slash is matched against the last part of a path, any other against the whole path from the chart's
folder; `*` never matches a slash. "/" at the end means folders only. A rule that begins with "!" leaves out everything
that does NOT match it (Helm's rule, not git's).
"""

from __future__ import annotations

from navarch.errors import ChartError

TYPE_CHECKING = False

__all__ = ["Rules", "ignored_by_default", "parse_rules"]


def ignored_by_default(path: str) -> bool:
    """Whether the built-in rule `templates/.?*` leaves a file or folder out."""
    return path.startswith("templates/.") and len(path) > 11 and "/" not in path[11:]


def parse_rules(data: bytes) -> Rules:
    """The rules of a .helmignore file. Raises ChartError for `**` and for patterns that can't be read."""
    text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    lines = [line.strip() for line in text.split("\n")]
    return Rules([_Rule(line) for line in lines if line and not line.startswith("#")])


class _Rule:
    """One line: a test of a path, and how to take its answer."""

    __slots__ = ("folder", "literal", "negated", "pattern", "whole")

    def __init__(self, line: str) -> None:
        if "**" in line:
            raise ChartError("double-star (**) syntax is not supported")
        _check_pattern(line)
        self.negated = line.startswith("!")
        pattern = line.removeprefix("!")
        self.folder = pattern.endswith("/")
        pattern = pattern.removesuffix("/")
        self.whole = "/" in pattern
        self.pattern = pattern.removeprefix("/")
        self.literal = not any(char in pattern for char in "*?[\\")

    def matches(self, path: str) -> bool:
        name = path if self.whole else path.rpartition("/")[2]
        if self.literal:
            return name == self.pattern
        from navarch.golang.path import match

        return match(self.pattern, name)


class Rules:
    """The rules of one chart, the built-in one included."""

    __slots__ = ("_affixes", "_folder_names", "_folder_paths", "_names", "_ordered", "_paths", "_rest")

    def __init__(self, rules: list[_Rule]) -> None:
        self._ordered: list[_Rule] = []
        self._names: set[str] = set()
        self._paths: set[str] = set()
        self._folder_names: set[str] = set()
        self._folder_paths: set[str] = set()
        self._affixes: list[tuple[bool, str, str]] = []
        self._rest: list[_Rule] = []
        if any(rule.negated for rule in rules):
            self._ordered = rules
            return
        for rule in rules:
            self._sort(rule)

    def _sort(self, rule: _Rule) -> None:
        """Without negation the order of rules doesn't matter, so that most can be asked at once."""
        prefix, star, suffix = rule.pattern.partition("*")
        if rule.literal:
            names = self._folder_names if rule.folder else self._names
            paths = self._folder_paths if rule.folder else self._paths
            (paths if rule.whole else names).add(rule.pattern)
        elif star and not rule.folder and not any(char in prefix + suffix for char in "*?[\\"):
            self._affixes.append((rule.whole, prefix, suffix))
        else:
            self._rest.append(rule)

    def ignore(self, path: str, *, folder: bool) -> bool:
        """Whether the file or folder at `path` (from the chart's folder, with slashes) is left out."""
        if self._ordered:
            return self._ignore_in_order(path, folder=folder)
        name = path.rpartition("/")[2]
        if name in self._names or path in self._paths:
            return True
        if folder and (name in self._folder_names or path in self._folder_paths):
            return True
        for whole, prefix, suffix in self._affixes:
            text = path if whole else name
            if text.endswith(suffix) and text.startswith(prefix):
                middle = len(text) - len(suffix)
                if middle >= len(prefix) and "/" not in text[len(prefix) : middle]:
                    return True
        for rule in self._rest:
            if (folder or not rule.folder) and rule.matches(path):
                return True
        return ignored_by_default(path)

    def _ignore_in_order(self, path: str, *, folder: bool) -> bool:
        for rule in self._ordered:
            fits = (folder or not rule.folder) and rule.matches(path)
            if fits != rule.negated:
                return True
        return ignored_by_default(path)


def _check_pattern(pattern: str) -> None:
    """Raise ChartError with Go's words for a pattern that path.Match can't read."""
    if not any(char in pattern for char in "[\\"):
        return
    from navarch.golang.path import match

    match(pattern, "abc")
