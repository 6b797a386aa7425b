"""From a Python traceback to the template's place, and to the words in which Helm tells it."""

from __future__ import annotations

from navarch.errors import FunctionError, TemplateError
from navarch.golang.strconv import quote
from navarch.templates.compile import Mark, marks
from navarch.templates.runtime import Failure, Fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType

    from navarch.templates.engine import TemplateSet
    from navarch.templates.parse import Body, Source

__all__ = ["explain", "parse_error"]

_TOO_DEEP = "exceeded maximum template depth (100000)"  # text/template's words; our own limit is lower


class _Place:
    """A call on the way to the error."""

    __slots__ = ("action", "call", "column", "line", "name", "origin", "template", "text")

    def __init__(self, source: Source, body: Body, mark: Mark) -> None:
        self.origin = (source, body, mark)
        offset = mark.base + mark.node.pos
        before = source.text[:offset]
        self.template = source.name
        self.name = body.name
        self.line = before.count("\n") + 1
        self.column = len(before[before.rfind("\n") + 1 :].encode("utf-8", "surrogateescape"))
        self.action = str(mark.node)
        self.call = mark.call
        self.text = source.text

    def of_argument(self, index: int) -> _Place:
        """The place of an argument of the method that is called here."""
        source, body, mark = self.origin
        return _Place(source, body, Mark(mark.args[index], mark.base, mark.call))

    def __str__(self) -> str:
        at = f"{self.template}:{self.line}:{self.column}"
        return f"template: {at}: executing {quote(self.name)} at <{self.action}>: "


def explain(error: BaseException, templates: TemplateSet, *, whole: bool = False) -> TemplateError:
    """The error that Helm would print for what went wrong in a render; `whole` keeps Go's one line."""
    places = _places(error, templates)
    if not places:
        return error if isinstance(error, TemplateError) else TemplateError(str(error))
    inner = places[-1]
    if isinstance(error, Fault) and error.argument >= 0:
        inner = places[-1] = inner.of_argument(error.argument)
    message = error.message if isinstance(error, TemplateError) else _TOO_DEEP
    if isinstance(error, FunctionError):
        chain = [f"{inner}error calling {inner.call}: {message}", message]
    else:
        chain = [f"{inner}{message}"]
    for place in reversed(places[:-1]):
        if place.call == "tpl":
            text = place_text(place, places)
            chain.insert(0, f"error during tpl function execution for {quote(text)}: {chain[0]}")
        if place.call != "{{template}}":
            chain.insert(0, f"{place}error calling {place.call}: {chain[0]}")
    if whole:
        told = chain[0]
    elif isinstance(error, Failure):
        shown = next(p for p in places if p.call != "{{template}}" or p is inner)
        told = f"execution error at ({shown.template}:{shown.line}:{shown.column}): {message}"
    else:
        told = _told(chain)
    return TemplateError(
        told,
        template=inner.template,
        line=inner.line,
        column=inner.column + 1,
        chain=tuple((p.template, p.line, p.column + 1, p.action) for p in places),
    )


def place_text(place: _Place, places: list[_Place]) -> str:
    """The text that a tpl call rendered: that of the next place's source."""
    return places[places.index(place) + 1].text


def parse_error(error: TemplateError) -> TemplateError:
    """Helm's words for a template that can't be parsed: where, and the last part of Go's message."""
    tokens = error.message.split(": ")
    message = f"parse error at ({tokens[1]}): {tokens[-1]}" if len(tokens) > 1 else error.message
    return TemplateError(message, template=error.template, line=error.line)


def _places(error: BaseException, templates: TemplateSet) -> list[_Place]:
    found: list[_Place] = []
    traceback = error.__traceback__
    seen: dict[tuple[int, int], _Place | None] = {}
    while traceback is not None:
        code = traceback.tb_frame.f_code
        key = (id(code), traceback.tb_lasti)
        if key not in seen:
            known = templates.place(code)
            mark = _mark(code, traceback.tb_lasti, marks(known[1], templates.custom)) if known else None
            seen[key] = _Place(*known, mark) if known and mark else None
        place = seen[key]
        if place is not None:
            found.append(place)
        traceback = traceback.tb_next
    return found


def _mark(code: CodeType, instruction: int, known: list[Mark]) -> Mark | None:
    """The mark behind an instruction; without columns (python -X no_debug_ranges) the line's first."""
    positions = list(code.co_positions())[instruction // 2]
    line, _, start, end = positions
    on_line = [m for m in known if m.line == line]
    if start is None or end is None:
        return on_line[0] if on_line else None
    around = [m for m in on_line if m.start <= start and end <= m.end]
    return min(around, key=lambda m: m.end - m.start, default=None)


def _told(chain: list[str]) -> str:
    """Helm's several lines for a chain of errors, outermost first; the first message itself where one is not Go's."""
    lines: list[str] = []
    for message in chain:
        block = _block(message)
        if block is None:
            return chain[0]
        if not lines or lines[-1] != block:
            lines.append(block)
    return "".join(lines).strip()


def _block(message: str) -> str | None:
    """One error of the chain: its place, what was executed, what went wrong."""
    if not message.startswith("template: "):
        return None
    rest = message[len("template: ") :]
    if rest.startswith("no template "):
        return f"{message}\n"
    where, found, after = rest.partition(": executing ")
    if not found:
        where, found, fault = rest.rpartition(": ")
        return f"{where}\n  {fault.partition(' template:')[0]}\n" if found else None
    name, found, after = after[1:].partition('"')
    if not found or not after.startswith(" at <"):
        return None
    action, found, fault = after[len(" at <") :].partition(">: ")
    if not found:
        return None
    return f'{where}\n  executing "{name}" at <{action}>:\n    {fault.partition(" template:")[0]}\n'
