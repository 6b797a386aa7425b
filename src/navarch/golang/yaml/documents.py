"""Several YAML documents in one text, cut apart as k8s.io/apimachinery's YAMLReader does it for values files."""

from __future__ import annotations

from navarch.errors import YamlError
from navarch.golang.runes import SPACE, from_bytes

__all__ = ["split_documents"]


def split_documents(text: str | bytes) -> list[str]:
    """The documents between lines that begin with "---"; such a line stays only where it comes first in a document.

    Line breaks become plain line feeds, and the last line gets one. Raises YamlError where anything but a comment
    follows the dashes.
    """
    if isinstance(text, bytes):
        text = from_bytes(text)
    if "\r\n" in text:
        text = text.replace("\r\n", "\n")
    if text and text[-1] != "\n":
        text += "\n"
    if text[:3] != "---" and "\n---" not in text:
        return [text] if text else []
    documents: list[str] = []
    lines: list[str] = []
    for line in text.removesuffix("\n").split("\n"):
        if line[:3] == "---":
            rest = line[3:].strip(SPACE)
            if rest and rest[0] != "#":
                raise YamlError(f"error reading yaml document: invalid Yaml document separator: {rest}")
            if lines:
                documents.append("\n".join(lines) + "\n")
                lines = []
                continue
        lines.append(line)
    if lines:
        documents.append("\n".join(lines) + "\n")
    return documents
