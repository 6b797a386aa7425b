"""Schemas at web addresses: fetched with care."""

from __future__ import annotations

import pytest

from navarch.errors import DownloadError, IntegrityError, ValuesError
from navarch.manifests.render import Engine
from navarch.repos import schemas
from navarch.repos.schemas import fetch_schema
from support.httpd import Httpd, Request, answer


def respond(request: Request) -> bytes | None:
    where = {"/away": "/s.json", "/file": "file:///etc/passwd", "/loop": "/loop"}.get(request.target)
    if where:
        return answer(302, reason="Found", location=where)
    if request.target == "/cut":
        request.sock.sendall(answer(body=b"{", content_length="10"))
        return None
    if request.target == "/s.json":
        return answer(body=b'{"type": "integer"}')
    return answer(422, reason="Whatever")


def test_what_is_fetched() -> None:
    with Httpd(respond) as web:
        assert fetch_schema(f"{web.url}/away") == b'{"type": "integer"}'
        assert [request.headers.get("authorization") for request in web.requests] == [None, None]


@pytest.mark.parametrize(
    ("path", "error", "message"),
    [
        ("/x", DownloadError, r"^HTTP request to http://.*/x returned status 422 \(Unprocessable Entity\)$"),
        ("/file", DownloadError, r'^HTTP request failed for http://.*: unsupported protocol scheme "file"$'),
        ("/loop", DownloadError, r"^HTTP request failed for http://.*: stopped after 10 redirects$"),
        ("/cut", IntegrityError, r"^unexpected EOF$"),
    ],
)
def test_what_can_not_be_had(path: str, error: type[Exception], message: str) -> None:
    with Httpd(respond) as web, pytest.raises(error, match=message):
        fetch_schema(f"{web.url}{path}")


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schemas, "LIMIT", 10)
    with Httpd(respond) as web, pytest.raises(IntegrityError, match="no more than 10 are read"):
        fetch_schema(f"{web.url}/s.json")


def test_the_library_fetches_only_what_it_is_told_to() -> None:
    from navarch import Chart

    with Httpd(respond) as web:
        schema = f'{{"properties": {{"a": {{"$ref": "{web.url}/s.json"}}}}}}'.encode()
        chart = Chart.from_files(
            {"Chart.yaml": b"apiVersion: v2\nname: c\nversion: 1.0.0\n", "values.schema.json": schema}
        )
        with pytest.raises(ValuesError, match="remote schemas are not fetched here"):
            Engine().render(chart, {"a": "x"})
        assert web.requests == []
        with pytest.raises(ValuesError, match="got string, want integer"):
            Engine(fetch_schema=fetch_schema).render(chart, {"a": "x"})
        assert Engine(fetch_schema=fetch_schema).render(chart, {"a": 1}) == {}
