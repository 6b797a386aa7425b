"""The XML API of Google's storage in front of fake-gcs-server, which has the JSON API only.

Clients in Rust, and so ours, speak the XML API (https://cloud.google.com/storage/docs/xml-api). fake-gcs-server 1.56 can't
take a PUT of an object, nor list in pages, by it (its issue 331). What is here only puts requests into other words:
generations, their conditions and what is listed when are the emulator's.
"""

from __future__ import annotations

import http.client
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, unquote, urlsplit
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    Answer = tuple[int, dict[str, str], bytes]

__all__ = ["Front"]

_BOUNDARY = "4c2f6d6e5a"
_PASSED_ON = ("etag", "last-modified", "content-range", "x-goog-generation", "content-type")
_CODES = {401: "AuthenticationRequired", 404: "NoSuchKey", 412: "PreconditionFailed"}


class Front:
    """Runs while it is a context. With `token`, only who brings it is let in. `asked` are requests, as they came."""

    def __init__(self, target: int) -> None:
        front = self

        class Handler(_Handler):
            site = front

        self.target = target
        self.token = ""
        self.asked: list[str] = []
        self.parts: dict[str, dict[int, bytes]] = {}
        self.lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), Handler)
        self.port = int(self._server.server_address[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that die are no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    site: Front

    def setup(self) -> None:
        super().setup()
        self._inner = http.client.HTTPConnection("127.0.0.1", self.site.target, timeout=120)

    def finish(self) -> None:
        self._inner.close()
        super().finish()

    def log_message(self, *args: object) -> None:
        """Nothing is said of requests."""

    def do_GET(self) -> None:
        self._answer(self._list if self._where()[1] == "" else self._get)

    def do_HEAD(self) -> None:
        self._answer(self._get)

    def do_DELETE(self) -> None:
        self._answer(self._abort if "uploadId" in self._query() else self._delete)

    def do_PUT(self) -> None:
        if "partNumber" in self._query():
            self._answer(self._part)
        else:
            self._answer(self._copy if "x-goog-copy-source" in self.headers else self._put)

    def do_POST(self) -> None:
        self._answer(self._complete if "uploadId" in self._query() else self._begin)

    def _answer(self, make: Any) -> None:
        self._body = self.rfile.read(int(self.headers.get("content-length", "0")))
        self.site.asked.append(f"{self.command} {self.path}")
        if self.site.token and self.headers.get("authorization") != f"Bearer {self.site.token}":
            found: Answer = _refused(401)
        else:
            found = make(*self._where())
        status, headers, body = found
        self.send_response(status)
        length = headers.pop("Content-Length", str(len(body)))
        for name, value in {**headers, "Content-Length": length}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else body)

    def _where(self) -> tuple[str, str]:
        bucket, _, name = unquote(urlsplit(self.path).path).lstrip("/").partition("/")
        return bucket, name

    def _query(self) -> dict[str, str]:
        return {key: values[0] for key, values in parse_qs(urlsplit(self.path).query, keep_blank_values=True).items()}

    def _ask(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Answer:
        self._inner.request(method, path, body or None, headers or {})
        found = self._inner.getresponse()
        return found.status, dict(found.headers.items()), found.read()

    def _get(self, bucket: str, name: str) -> Answer:
        headers = {"Range": self.headers["range"]} if "range" in self.headers else {}
        status, found, body = self._ask(self.command, f"{_path(bucket, name)}?alt=media", headers=headers)
        if status == 404:
            return self._missing(bucket)
        kept = {key: value for key, value in found.items() if key.lower() in _PASSED_ON}
        if self.command == "HEAD":
            kept["Content-Length"] = found["Content-Length"]
        return status, kept, body

    def _missing(self, bucket: str) -> Answer:
        there = self._ask("GET", f"/storage/v1/b/{bucket}")[0] == 200
        return _refused(404, "NoSuchKey" if there else "NoSuchBucket")

    def _put(self, bucket: str, name: str) -> Answer:
        return self._written(bucket, name, self._body)

    def _written(self, bucket: str, name: str, data: bytes) -> Answer:
        given = self.headers.get("x-goog-if-generation-match", "")
        condition = f"&ifGenerationMatch={given}" if given else ""
        head = f"--{_BOUNDARY}\r\nContent-Type: application/json\r\n\r\n{json.dumps({'name': name})}\r\n"
        body = f"{head}--{_BOUNDARY}\r\nContent-Type: application/octet-stream\r\n\r\n".encode() + data
        status, _, told = self._ask(
            "POST",
            f"/upload/storage/v1/b/{bucket}/o?uploadType=multipart&name={quote(name, safe='')}{condition}",
            body + f"\r\n--{_BOUNDARY}--\r\n".encode(),
            {"Content-Type": f"multipart/related; boundary={_BOUNDARY}"},
        )
        if status != 200:
            return self._missing(bucket) if status == 404 else _refused(status)
        found = json.loads(told)
        return 200, {"ETag": f'"{found["etag"]}"', "x-goog-generation": found["generation"]}, b""

    def _copy(self, bucket: str, name: str) -> Answer:
        source, _, key = unquote(self.headers["x-goog-copy-source"]).lstrip("/").partition("/")
        path = f"{_path(source, key)}/rewriteTo/b/{bucket}/o/{quote(name, safe='')}"
        status, _, told = self._ask("POST", path, b"{}", {"Content-Type": "application/json"})
        if status != 200:
            return self._missing(bucket) if status == 404 else _refused(status)
        found = json.loads(told)["resource"]
        return _xml("CopyObjectResult", f'<ETag>"{found["etag"]}"</ETag>')

    def _delete(self, bucket: str, name: str) -> Answer:
        status, _, _ = self._ask("DELETE", _path(bucket, name))
        return self._missing(bucket) if status == 404 else (204, {}, b"")

    def _list(self, bucket: str, _: str) -> Answer:
        asked = self._query()
        after = asked.get("start-after", "")
        words = {"prefix": asked.get("prefix"), "delimiter": asked.get("delimiter"), "startOffset": after}
        words |= {"pageToken": asked.get("continuation-token"), "maxResults": asked.get("max-keys", "1000")}
        query = "&".join(f"{key}={quote(value, safe='')}" for key, value in words.items() if value)
        status, _, told = self._ask("GET", f"/storage/v1/b/{bucket}/o?{query}")
        if status != 200:
            return self._missing(bucket) if status == 404 else _refused(status)
        found = json.loads(told)
        items = "".join(_item(one) for one in found.get("items", ()) if one["name"] != after)
        items += "".join(
            f"<CommonPrefixes><Prefix>{escape(one)}</Prefix></CommonPrefixes>" for one in found.get("prefixes", ())
        )
        more = found.get("nextPageToken", "")
        items += f"<NextContinuationToken>{escape(more)}</NextContinuationToken>" if more else ""
        return _xml("ListBucketResult", items)

    def _begin(self, bucket: str, name: str) -> Answer:
        with self.site.lock:
            number = f"upload{len(self.site.parts)}"
            self.site.parts[number] = {}
        return _xml("InitiateMultipartUploadResult", f"<UploadId>{number}</UploadId>")

    def _part(self, bucket: str, name: str) -> Answer:
        asked = self._query()
        self.site.parts[asked["uploadId"]][int(asked["partNumber"])] = self._body
        return 200, {"ETag": f'"{asked["partNumber"]}"'}, b""

    def _complete(self, bucket: str, name: str) -> Answer:
        parts = self.site.parts.pop(self._query()["uploadId"])
        numbers = [int(one) for one in re.findall(rb"<PartNumber>(\d+)</PartNumber>", self._body)]
        status, headers, told = self._written(bucket, name, b"".join(parts[number] for number in numbers))
        if status != 200:
            return status, headers, told
        _, _, body = _xml("CompleteMultipartUploadResult", f"<ETag>{escape(headers['ETag'])}</ETag>")
        return 200, headers, body

    def _abort(self, bucket: str, name: str) -> Answer:
        self.site.parts.pop(self._query()["uploadId"], None)
        return 204, {}, b""


def _path(bucket: str, name: str) -> str:
    return f"/storage/v1/b/{bucket}/o/{quote(name, safe='')}"


def _item(one: dict[str, Any]) -> str:
    return (
        f"<Contents><Key>{escape(one['name'])}</Key><LastModified>{one['updated']}</LastModified>"
        f'<ETag>"{one["etag"]}"</ETag><Size>{one["size"]}</Size></Contents>'
    )


def _xml(name: str, content: str) -> Answer:
    body = f"<?xml version='1.0' encoding='UTF-8'?><{name}>{content}</{name}>".encode()
    return 200, {"Content-Type": "application/xml"}, body


def _refused(status: int, code: str = "") -> Answer:
    code = code or _CODES.get(status, "InternalError")
    _, headers, body = _xml("Error", f"<Code>{code}</Code><Message>It is refused.</Message>")
    return status, headers, body
