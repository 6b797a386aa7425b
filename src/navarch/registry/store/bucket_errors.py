"""What obstore says when a request fails, in a sentence: the server's own words, or why it can't be reached."""

from __future__ import annotations

import re

__all__ = ["explain", "is_without_bucket"]

_WITHOUT = re.compile("<Code>(?:NoSuchBucket|ContainerNotFound|ContainerBeingDeleted|ContainerDisabled)</Code>")
_CODE = re.compile("<Code>([^<]*)</Code>")
_MESSAGE = re.compile("<Message>([^<]*)")
_STATUS = re.compile(r"status code: (\d{3} [A-Za-z -]+)")
_REQUEST = re.compile(r"Error performing ([A-Z]+ \S+) in .*? - (?:HTTP error: )?(.*)")
_KIND = re.compile(r"^Generic \w+ error: ")
_QUERY = re.compile(r"(https?://[^\s?]+)\?\S*")
_WHY = (
    re.compile(r"InvalidCertificate\(\s*(\w+)"),
    re.compile('message: "([^"]+)"'),  # the system's
    re.compile('error: "([^"]+)"'),
    re.compile(r"(TimedOut|BadScheme),$", re.MULTILINE),
)
_WORDS = {"TimedOut": "no answer in time", "BadScheme": "plain HTTP isn't allowed"}
_MOST = 300


def is_without_bucket(text: str) -> bool:
    """Whether the server said that not only the key but the whole bucket is missing."""
    return _WITHOUT.search(text) is not None


def explain(text: str) -> str:
    """One line, like "403 Forbidden: AccessDenied: No." or "GET http://127.0.0.1:1/x: Connection refused".

    Queries of addresses are left out: they may be signatures.
    """
    said, _, details = text.partition("\n\nDebug source:")
    status, code, message = _STATUS.search(said), _CODE.search(said), _MESSAGE.search(said)
    if code is not None:
        words = (status and status[1].strip(), code[1], message and message[1].partition("\n")[0])
        return ": ".join(word for word in words if word)[:_MOST]
    first = _QUERY.sub(r"\1", said.partition("\n")[0]).strip().rstrip(":")
    request = _REQUEST.search(first)
    why = next((found[1] for one in _WHY if (found := one.search(details))), "")
    if request is None:
        return _KIND.sub("", first)[:_MOST]
    why = f"certificate: {why}" if "InvalidCertificate" in details else _WORDS.get(why, why)
    return f"{request[1]}: {why or request[2]}"[:_MOST]
