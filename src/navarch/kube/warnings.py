"""The Warning header of the API: what the server wants its user to know."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["texts"]


def texts(header: str) -> Iterator[str]:
    """The texts of the warnings (code 299) in a header: `299 - "text" "date", 299 - "text"`.

    Stops at what can't be read, as apimachinery's ParseWarningHeaders does.
    """
    rest = header.strip()
    while rest:
        code, _, rest = rest.partition(" ")
        agent, _, rest = rest.partition(" ")
        if len(code) != 3 or not (code.isascii() and code.isdigit()) or not agent:
            return
        text, rest, complete = _quoted(rest)
        if complete and rest.startswith('"'):
            _, rest, complete = _quoted(rest)
        if not complete or (rest and not rest.startswith(",")):
            return
        try:
            text = text.encode("latin-1").decode()
        except (UnicodeDecodeError, UnicodeEncodeError):
            return
        if code == "299" and text:
            yield text
        rest = rest[1:].strip()


def _quoted(rest: str) -> tuple[str, str, bool]:
    """A text in quotes, what follows it, and whether it was one."""
    if not rest.startswith('"'):
        return "", rest, False
    found: list[str] = []
    escaped = False
    for at, char in enumerate(rest[1:], 1):
        if char == '"' and not escaped:
            return "".join(found), rest[at + 1 :].strip(), True
        if char == "\\" and not escaped:
            escaped = True
            continue
        escaped = False
        found.append(char)
    return "", "", False
