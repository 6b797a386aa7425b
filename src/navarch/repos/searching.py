"""Charts found by a word or a regular expression, in the indexes of several repositories."""

from __future__ import annotations

from navarch.errors import RepositoryError, VersionError
from navarch.repos.versions import order_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from navarch.repos.index import Index, Listed
    from navarch.repos.summary import Brief, Summary

    Match = Callable[[str], int]
    Searchable = Index | Summary
    Version = Listed | Brief

__all__ = ["MOST_SCORE", "Result", "search"]

MOST_SCORE = 25
"""What scores this much or more is no match."""

_BREAK = "\v"
_VERSION_MARK = "$$"


class Result:
    """A chart that was found: REPOSITORY/NAME, the version, and how well it matched (0 is best)."""

    __slots__ = ("chart", "name", "score")

    def __init__(self, name: str, score: int, chart: Version) -> None:
        self.name = name
        self.score = score
        self.chart = chart

    def __repr__(self) -> str:
        return f"<Result {self.name} {self.chart.version}>"


def search(
    indexes: Mapping[str, Searchable],
    term: str | None = None,
    *,
    regexp: bool = False,
    constraint: str = ">0.0.0",
    versions: bool = False,
) -> list[Result]:
    """The charts of repositories (by their names) that match, the best first; all of them without a term.

    Names, descriptions and keywords are looked at, without regard to case unless `regexp`. Of each chart the newest
    version that fits the constraint is given, with `versions` all that do. Raises RepositoryError for a constraint,
    FunctionError for a regular expression that can't be read.
    """
    match = _matcher(term, regexp=regexp)
    groups: dict[str, list[tuple[int, Version]]] = {}
    for repository, index in indexes.items():
        for chart in index.names():
            _add(groups, repository, chart, index, match)
    fits = _constraint(constraint)
    found: list[Result] = []
    for name, hits in groups.items():
        found += _fitting(name, hits, fits, versions=versions)
    found.sort(key=lambda result: (result.score, result.name))
    return found


def _add(
    groups: dict[str, list[tuple[int, Version]]], repository: str, chart: str, index: Searchable, match: Match
) -> None:
    """Note a chart's versions that match, each version once."""
    from navarch.golang.path import join

    full = join(repository, chart)
    once = {listed.version: listed for listed in index.versions(chart)}
    scores: dict[str, int] = {}
    for version, listed in once.items():
        line = _line(repository, listed)
        score = scores.get(line)
        if score is None:
            score = scores[line] = match(line)
        if score >= 0:
            shown = f"{full}{_VERSION_MARK}{version}".partition(_VERSION_MARK)[0]
            groups.setdefault(shown, []).append((score, listed))


def _line(repository: str, listed: Version) -> str:
    """What is searched of a version."""
    name = listed.name
    return _BREAK.join((name, f"{repository}/{name}", listed.description, " ".join(listed.keywords)))


def _matcher(term: str | None, *, regexp: bool) -> Match:
    """A function that scores a line: how many breaks stand before the match; -1 for none."""
    if term is None:
        return lambda _line: 0
    if regexp:
        return _expression(term)
    wanted = term.lower()

    def literal(line: str) -> int:
        lower = line.lower()
        at = lower.find(wanted)
        return _score(lower, at) if at >= 0 else -1

    return literal


def _expression(term: str) -> Match:
    from navarch.golang.regexp import compile_regexp

    compiled = compile_regexp(term)

    def match(line: str) -> int:
        before = compiled.before(line)
        return -1 if before is None else _score(before, len(before))

    return match


def _score(line: str, at: int) -> int:
    score = line.count(_BREAK, 0, at)
    return score if score < MOST_SCORE else -1


def _constraint(text: str) -> Callable[[Version], bool]:
    """A function that tells whether a version fits."""
    if not text:
        return lambda _listed: True
    from navarch.golang.semver import parse_constraint, parse_version

    try:
        constraint = parse_constraint(text)
    except VersionError as error:
        raise RepositoryError(f"an invalid version/constraint format: {error}") from error
    everything = text in (">0.0.0", ">0.0.0-0")

    def fits(listed: Version) -> bool:
        key = order_key(listed.version)
        if everything and key and any(key):
            return True
        try:
            return constraint.check(parse_version(listed.version))
        except VersionError:
            return False

    return fits


def _fitting(
    name: str, hits: list[tuple[int, Version]], fits: Callable[[Version], bool], *, versions: bool
) -> Iterable[Result]:
    """A chart's results: by score, then the newest first; only the first that fits, unless all are wanted."""
    ranked = sorted(hits, key=lambda hit: hit[0])  # versions come sorted, and this keeps their order
    for score, listed in ranked:
        if fits(listed):
            yield Result(name, score, listed)
            if not versions:
                return
