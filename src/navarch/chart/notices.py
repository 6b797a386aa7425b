"""What Helm says on stderr while it works: a line of key=value pairs, handed to whoever wants to show it."""

from __future__ import annotations

__all__ = ["notice"]


def notice(level: str, message: str, /, **attributes: str) -> str:
    """A line as log/slog's text handler writes it: level=WARN msg="returned non-bool value" path=sub.enabled."""
    pairs = {"level": level, "msg": message, **attributes}
    return " ".join(f"{key}={_quoted(value)}" for key, value in pairs.items())


def _quoted(text: str) -> str:
    if text and text.isprintable() and not any(char in ' ="' for char in text):
        return text
    from navarch.golang.strconv import quote

    return quote(text)
