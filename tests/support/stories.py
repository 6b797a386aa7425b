"""Stories: requests in turn to an API server, and what it answered, with what a server makes up evened out.

A story is a YAML file in tests/cluster/stories: a list of steps, each a mapping with `do` ("PATCH /api/v1/…", where $NS
is a namespace of the story's own), and as needed `body` (what is sent as JSON, or text as it is) or `bytes` (in base64),
`type` (its media type), `accept`, `agent`, `headers`, `ignore` (fields that aren't compared) and `wait` (seconds for a
real server to get ready; where the answer is known, as long as it takes). The answers of a real API server are recorded beside it as NAME.jsonl.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import time
import uuid
from base64 import b64decode
from glob import glob
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import yaml

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["STORIES", "answers", "names", "play", "read", "tell", "unlike"]

STORIES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cluster", "stories")
_PREFIX = "story-"
_SECONDS = 120.0
_MADE_UP = [
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "<time>"),
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<uid>"),
    (r'(\\*"?resourceVersion\\*"?: ?\\*")\d+(\\*")', r"\1<rv>\2"),
    (r"in record \(\d+\)", "in record (<rv>)"),
    (r"\b10\.\d+\.\d+\.\d+\b", "<ip>"),
    (r'("continue": ?)"[^"]+"', r'\1"<token>"'),
    (r'("(nodePort|healthCheckNodePort)": ?)3\d{4}\b', r'\1"<port>"'),
    (r":3\d{4}/", ":<port>/"),
    (r"(too old resource version: \d+ )\(\d+\)", r"\1(<rv>)"),
    (r"\b\d+[smhd](\d+[smh])?(?=\")", "<age>"),
]


def names() -> list[str]:
    """All stories."""
    return sorted(os.path.basename(path)[:-5] for path in glob(os.path.join(STORIES, "*.yaml")))


def read(name: str) -> list[dict[str, Any]]:
    """The steps of a story."""
    with open(os.path.join(STORIES, name + ".yaml"), encoding="utf-8") as file:
        return yaml.safe_load(file)


def answers(name: str) -> list[dict[str, Any]]:
    """What a real API server answered."""
    with open(os.path.join(STORIES, name + ".jsonl"), encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def play(
    name: str,
    server: str,
    context: ssl.SSLContext | None,
    token: str = "",
    *,
    expected: list[dict[str, Any]] | None = None,
) -> list[dict[str, Any]]:
    """Tell a story to a server; its answers, evened out. The namespace is made before and deleted afterwards."""
    return tell(name, read(name), server, context, token, expected=expected)


def tell(
    name: str,
    steps: list[dict[str, Any]],
    server: str,
    context: ssl.SSLContext | None,
    token: str = "",
    *,
    expected: list[dict[str, Any]] | None = None,
) -> list[dict[str, Any]]:
    """The same for steps that no file has; `name` begins the namespace's."""
    place = urlsplit(server)
    if place.scheme == "https":
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(place.netloc, context=context, timeout=300)
    else:
        connection = http.client.HTTPConnection(place.netloc, timeout=300)
    namespace = f"{_PREFIX}{name}-{uuid.uuid4().hex[:8]}"
    try:
        made = {"do": "POST /api/v1/namespaces", "body": {"metadata": {"name": namespace}}}
        _ask(connection, made, namespace, token)
        told: dict[str, str] = {}
        known: Sequence[dict[str, Any] | None] = expected if expected is not None else [None] * len(steps)
        found = []
        for step, wanted in zip(steps, known, strict=True):
            if "wait" in step and token:  # a real server hears of new kinds, limits and labels a while later
                _wait(lambda step=step: _ask(connection, _dry(step), namespace, token, {**told}), step, wanted)
            found.append(_ask(connection, step, namespace, token, told))
        return found
    finally:
        _ask(connection, {"do": f"DELETE /api/v1/namespaces/{namespace}"}, namespace, token)
        connection.close()


def _wait(ask: Callable[[], dict[str, Any]], step: dict[str, Any], wanted: dict[str, Any] | None) -> None:
    """Until a step would be answered as it should, or until it is clear that it never will."""
    if wanted is None:
        time.sleep(step["wait"])
        return
    end = time.monotonic() + _SECONDS
    while _unversioned(ask()) != _unversioned(wanted) and time.monotonic() < end:
        time.sleep(0.1)


def _dry(step: dict[str, Any]) -> dict[str, Any]:
    """The same step, but nothing is changed by it."""
    mark = "&" if "?" in step["do"] else "?"
    return step if step["do"].startswith("GET ") else {**step, "do": f"{step['do']}{mark}dryRun=All"}


def _unversioned(value: Any) -> Any:
    """Without what isn't there in a dry run."""
    if type(value) is dict:
        return {key: _unversioned(one) for key, one in value.items() if key != "resourceVersion"}
    return [_unversioned(one) for one in value] if type(value) is list else value


def _ask(
    connection: http.client.HTTPConnection,
    step: dict[str, Any],
    namespace: str,
    token: str,
    told: dict[str, str] | None = None,
) -> dict[str, Any]:
    told = told if told is not None else {}
    method, _, path = step["do"].partition(" ")
    body = step.get("body")
    headers = {"Accept": step.get("accept", "application/json"), "User-Agent": step.get("agent", "story/1")}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None
    if body is not None:
        data = _filled(body if type(body) is str else json.dumps(body), namespace, told).encode()
        headers["Content-Type"] = step.get("type", "application/json")
    elif "bytes" in step:
        data = b64decode(step["bytes"])
        headers["Content-Type"] = step["type"]
    headers.update(step.get("headers", {}))
    connection.request(method, _filled(path, namespace, told), body=data, headers=headers)
    response = connection.getresponse()
    text = response.read().decode()
    _remember(text, told)
    warnings = [value.replace(namespace, "<ns>") for key, value in response.getheaders() if key.lower() == "warning"]
    answer = {"code": response.status, "body": _even(text, namespace, step)}
    if warnings:
        answer["warnings"] = warnings
    return answer


def _filled(text: str, namespace: str, told: dict[str, str]) -> str:
    """$NS, $UID, $RV and $CONTINUE: the namespace, and what the last answer that had them said."""
    for key, value in {"NS": namespace, **told}.items():
        text = text.replace(f"${key}", value)
    return text


def _remember(text: str, told: dict[str, str]) -> None:
    try:
        meta = json.loads(text)["metadata"]
    except (ValueError, KeyError, TypeError):
        return
    for key, name in (("uid", "UID"), ("resourceVersion", "RV"), ("continue", "CONTINUE")):
        if type(meta) is dict and meta.get(key):
            told[name] = meta[key]


def _even(text: str, namespace: str, step: dict[str, Any]) -> Any:
    text = text.replace(namespace, "<ns>")
    for pattern, word in _MADE_UP:
        text = re.sub(pattern, word, text)
    try:
        found = json.loads(text)
    except ValueError:
        lines = text.split("\n")
        return (
            [_without(json.loads(line), []) for line in lines if line]
            if text.startswith("{") and len(lines) > 2
            else text
        )
    return _without(found, step.get("ignore", []))


def _without(value: Any, ignored: list[str]) -> Any:
    """Without the fields that a step says are not compared, and owners in an order that doesn't depend on the second."""
    if type(value) is dict:
        made = {key: _without(one, ignored) for key, one in value.items() if key not in ignored}
        for column in made.get("columnDefinitions") or ():
            column.pop("description", None)  # texts of its own, which nobody sees
        if type(made.get("managedFields")) is list:
            made["managedFields"].sort(key=lambda one: (one["manager"], one["operation"], one.get("subresource", "")))
        return made
    return [_without(one, ignored) for one in value] if type(value) is list else value


def unlike(name: str, expected: list[dict[str, Any]], found: list[dict[str, Any]]) -> Iterator[str]:
    """What differs, a text a step."""
    import difflib

    for number, (step, wanted, got) in enumerate(zip(read(name), expected, found, strict=True), 1):
        if wanted != got:
            first, second = (json.dumps(one, indent=1, sort_keys=True).splitlines() for one in (wanted, got))
            lines = difflib.unified_diff(first, second, "API server", "embedded", lineterm="", n=3)
            yield f"step {number} ({step['do']}):\n" + "\n".join(lines)
