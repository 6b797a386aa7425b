"""Go's path and (as on Unix) path/filepath: names with slashes taken apart, put together and matched.

The template functions base, dir, clean, ext, isAbs and os*, the chart loader and .helmignore go by it.
"""

from __future__ import annotations

from navarch.errors import ChartError

__all__ = ["base", "clean", "dirname", "ext", "is_abs", "join", "match", "split"]

_BAD_PATTERN = "syntax error in pattern"


def clean(path: str) -> str:
    """The shortest equivalent path, by its text alone: no empty or "." elements, ".." only at the very start."""
    rooted = path.startswith("/")
    kept: list[str] = []
    for element in path.split("/"):
        if element in {"", "."}:
            continue
        if element != "..":
            kept.append(element)
        elif kept and kept[-1] != "..":
            kept.pop()
        elif not rooted:
            kept.append(element)
    return "/" + "/".join(kept) if rooted else "/".join(kept) or "."


def split(path: str) -> tuple[str, str]:
    """What ends with the last slash, and what follows it."""
    at = path.rfind("/") + 1
    return path[:at], path[at:]


def join(*elements: str) -> str:
    """The elements that aren't empty with slashes between them, cleaned; "" for none."""
    parts = [element for element in elements if element]
    return clean("/".join(parts)) if parts else ""


def base(path: str) -> str:
    """The last element; "." of nothing, "/" of nothing but slashes."""
    if not path:
        return "."
    return path.rstrip("/").rpartition("/")[2] or "/"


def dirname(path: str) -> str:
    """All but the last element, cleaned."""
    return clean(split(path)[0])


def ext(path: str) -> str:
    """The last element from its last dot on; "" where it has none."""
    name = split(path)[1]
    at = name.rfind(".")
    return name[at:] if at >= 0 else ""


def is_abs(path: str) -> bool:
    return path.startswith("/")


def match(pattern: str, name: str) -> bool:
    """Whether a shell pattern (* ? [a-z] [^x] and backslashes) matches all of a name, as filepath.Match.

    Neither * nor ? nor a class's negation is kept from a slash by anything but * and ? themselves. Raises ChartError
    for a malformed pattern, where matching gets as far as the fault.
    """
    if not any(special in pattern for special in "*?[\\"):
        return pattern == name
    pattern, name = _bytewise(pattern), _bytewise(name)
    while pattern:
        star, chunk, pattern = _next_chunk(pattern)
        if star and not chunk:
            return "/" not in name
        rest = _match_chunk(chunk, name)
        if rest is None or (rest and not pattern):
            if not star:
                return False
            rest = _match_later(chunk, name, last=not pattern)
            if rest is None:
                return False
        name = rest
    return not name


def _bytewise(text: str) -> str:
    """A character for each byte, as Go has it: * may stop within a character."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("latin-1")


def _next_chunk(pattern: str) -> tuple[bool, str, str]:
    """Whether stars come first, the pattern up to the next star, and the rest."""
    stripped = pattern.lstrip("*")
    in_class, at = False, 0
    while at < len(stripped):
        char = stripped[at]
        if char == "\\":
            at += 1
        elif char == "[":
            in_class = True
        elif char == "]":
            in_class = False
        elif char == "*" and not in_class:
            break
        at += 1
    return stripped is not pattern and stripped != pattern, stripped[:at], stripped[at:]


def _match_later(chunk: str, name: str, *, last: bool) -> str | None:
    """The rest of the name after the first place, not beyond a slash, where the chunk fits; None where there's none."""
    for at, char in enumerate(name):
        if char == "/":
            return None
        rest = _match_chunk(chunk, name[at + 1 :])
        if rest is not None and not (last and rest):
            return rest
    return None


def _match_chunk(chunk: str, text: str) -> str | None:
    """The rest of the text where it begins as the chunk (which has no stars) wants it; None where it doesn't."""
    failed, at, place = False, 0, 0
    while at < len(chunk):
        failed = failed or place >= len(text)
        char = chunk[at]
        if char == "[":
            rune, width = (-1, 0) if failed else _rune(text, place)
            fits, at = _match_class(chunk, at + 1, rune)
            failed, place = failed or not fits, place + width
            continue
        if char == "?":
            if not failed:
                failed = text[place] == "/"
                place += _rune(text, place)[1]
        else:
            if char == "\\":
                at += 1
                if at == len(chunk):
                    raise ChartError(_BAD_PATTERN)
            if not failed:
                failed = chunk[at] != text[place]
                place += 1
        at += 1
    return None if failed else text[place:]


def _match_class(chunk: str, at: int, rune: int) -> tuple[bool, int]:
    """Whether a rune is in the class that starts at `at`, and where the pattern goes on."""
    negated = chunk[at : at + 1] == "^"
    if negated:
        at += 1
    found, ranges = False, 0
    while not ranges or chunk[at] != "]":
        low, at = _class_rune(chunk, at)
        high = low
        if chunk[at] == "-":
            high, at = _class_rune(chunk, at + 1)
        found = found or low <= rune <= high
        ranges += 1
    return found != negated, at + 1


def _class_rune(chunk: str, at: int) -> tuple[int, int]:
    """A character of a class, perhaps escaped, and where the next is; there must be one."""
    if chunk[at : at + 1] in {"", "-", "]"}:
        raise ChartError(_BAD_PATTERN)
    if chunk[at] == "\\":
        at += 1
    if at == len(chunk):
        raise ChartError(_BAD_PATTERN)
    rune, width = _rune(chunk, at)
    at += width
    if at == len(chunk) or (rune == 0xFFFD and width == 1):
        raise ChartError(_BAD_PATTERN)
    return rune, at


def _rune(text: str, at: int) -> tuple[int, int]:
    """The code point whose UTF-8 bytes stand at `at`, and how many they are; U+FFFD and 1 for what's no UTF-8."""
    first = ord(text[at])
    if first < 0x80:
        return first, 1
    for width in (2, 3, 4):
        try:
            return ord(text[at : at + width].encode("latin-1").decode()), width
        except (UnicodeDecodeError, TypeError):
            continue
    return 0xFFFD, 1
