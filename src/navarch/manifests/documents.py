"""Rendered text cut into documents, as Helm cuts it."""

from __future__ import annotations

__all__ = ["SPACE", "split_documents"]

# unicode.IsSpace; Python's own str.strip takes four control characters more
SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)


def split_documents(text: str) -> list[str]:
    """The documents of a text, without the empty ones.

    A line that begins with `---` separates, whatever follows the dashes; blanks after them, and blank space before a
    document's first character, are dropped (SplitManifests in Helm's release utilities).
    """
    pieces = ("\n" + text.lstrip(SPACE)).split("\n---")
    documents: list[str] = []
    last = len(pieces) - 1
    for i, piece in enumerate(pieces):
        document = piece.lstrip(SPACE)
        if document:
            documents.append(document if i == last else document + "\n")
    return documents
