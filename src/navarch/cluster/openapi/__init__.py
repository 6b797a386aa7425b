"""OpenAPI: what the types and addresses of the server are, for explaining and checking objects.

/openapi/v3 lists documents, one for each version of a group; each is told under /openapi/v3/NAME. /openapi/v2 has
everything at once, as JSON or as protobuf. All is made when it is asked for; nothing is kept but fingerprints.
"""

from __future__ import annotations

import hashlib
import json
import time

from navarch.cluster.forms import dumps
from navarch.cluster.media import clauses
from navarch.cluster.requests import Answer
from navarch.cluster.types.table import fingerprint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from navarch.cluster.requests import Request
    from navarch.cluster.types.catalog import Catalog, Resource

__all__ = ["answer"]

JSON = "application/json"
TEXT = "text/plain; charset=utf-8"  # what a server with aggregation calls its list of documents
PROTOBUF_V2 = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
_ALSO_PROTOBUF_V2 = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"

_YEAR = 365 * 86400  # seconds: as long as an address with a fingerprint may be kept
_FORM = "1"  # counts up when documents change though the types don't, so that clients fetch them anew


def answer(catalog: Catalog, request: Request) -> Answer | None:
    """What is at a path below /openapi, None if there is nothing."""
    path = request.path
    if path == "/openapi/v3":
        tag = _digest(_fingerprints(catalog).values())
        return Answer(304, TEXT) if _unchanged(request, tag) else _whole(TEXT, _index(catalog), tag)
    if path == "/openapi/v2":
        return _everything(catalog, request)
    if not path.startswith("/openapi/v3/"):
        return None
    name = path.removeprefix("/openapi/v3/")
    return _group(catalog, request, name) if name in _fingerprints(catalog) else Answer(404, "")


def _whole(content_type: str, body: bytes, tag: str) -> Answer:
    headers = (("Cache-Control", "no-cache, private"), ("Etag", f'"{tag}"'), ("Vary", "Accept"))
    return Answer(200, content_type, body, headers)


def _unchanged(request: Request, tag: str) -> bool:
    return request.headers.get("if-none-match", "").removeprefix("W/").strip('"') == tag


def _index(catalog: Catalog) -> bytes:
    paths = {
        name: {"serverRelativeURL": f"/openapi/v3/{name}?hash={tag}"} for name, tag in _fingerprints(catalog).items()
    }
    return dumps({"paths": paths})


def _everything(catalog: Catalog, request: Request) -> Answer:
    from navarch.cluster.openapi.swagger import swagger_json, swagger_protobuf

    offered: dict[str, tuple[str, Callable[[Catalog], bytes]]] = {
        JSON: (JSON, swagger_json),
        _ALSO_PROTOBUF_V2: (PROTOBUF_V2, swagger_protobuf),
        PROTOBUF_V2: (PROTOBUF_V2, swagger_protobuf),
    }
    for clause in clauses(request.headers.get("accept", "")):
        for wanted, (content_type, make) in offered.items():
            if clause.matches(wanted):
                tag = _digest(_fingerprints(catalog).values())
                if _unchanged(request, tag):
                    return Answer(304, content_type)
                return _whole(content_type, make(catalog), tag)
    return Answer(406, "", headers=(("Vary", "Accept"),))


def _group(catalog: Catalog, request: Request, name: str) -> Answer | None:
    from navarch.cluster.openapi.documents import group_document

    if not any(clause.matches(JSON) for clause in clauses(request.headers.get("accept", ""))):
        return Answer(406, "", headers=(("Vary", "Accept"),))
    tag, asked = _fingerprints(catalog)[name], request.query.get("hash", "")
    if asked and asked != tag:
        place = f"/openapi/v3/{name}?hash={tag}"
        return Answer(301, JSON, headers=(("Location", place), ("Etag", f'"{tag}"'), ("Vary", "Accept")))
    if _unchanged(request, tag):
        return Answer(304, JSON)
    document = group_document(catalog, name)
    if document is None:
        return None
    headers = [("Etag", f'"{tag}"'), ("Vary", "Accept"), ("Cache-Control", "no-cache, private")]
    if asked:
        until = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + _YEAR))
        headers[-1:] = [("Cache-Control", "public, immutable"), ("Expires", until)]
    return Answer(200, JSON, dumps(document), tuple(headers))


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha512("\n".join([_FORM, fingerprint(), *parts]).encode()).hexdigest().upper()


def _fingerprints(catalog: Catalog) -> dict[str, str]:
    """The names of all documents of OpenAPI 3 with what changes whenever the document does."""
    made = catalog.made  # taken first: a change of the catalog meanwhile replaces it
    found: dict[str, str] | None = made.get("openapi")
    if found is None:
        from navarch.cluster.openapi.documents import groups

        found = {name: _digest([name, *map(_told, resources)]) for name, resources in groups(catalog).items()}
        made["openapi"] = found
    return found


def _told(one: Resource) -> str:
    """All that a document tells of a custom resource. What is told of others is in the table of types."""
    if one.custom is None:
        return one.kind
    return json.dumps([one.kind, one.list_kind, one.namespaced, one.verbs, one.subresources, one.custom], default=str)
