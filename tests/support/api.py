"""An API server of canned answers on loopback, for tests of what is asked of it and what is made of its answers."""

from __future__ import annotations

import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from navarch.kube.client import Client
from navarch.kube.config import Config
from navarch.kube.discovery import Discovery
from navarch.kube.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

__all__ = ["AGGREGATED", "Asked", "FakeApi", "kubernetes", "status"]

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
_HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Asked(NamedTuple):
    """A request as it came. `query` has the last value of each key."""

    method: str
    path: str
    query: dict[str, str]
    accept: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def status(code: int, reason: str, message: str) -> tuple[int, dict[str, Any]]:
    """The answer of a server that says no."""
    return code, {"kind": "Status", "status": "Failure", "code": code, "reason": reason, "message": message}


def kubernetes() -> dict[str, Any]:
    """Answers recorded from Kubernetes 1.36: its version, its kinds, and the OpenAPI definitions of some of them."""
    with open(os.path.join(_HERE, "kube", "server-1.36.json"), encoding="utf-8") as file:
        answers: dict[str, Any] = json.load(file)
    return answers


class FakeApi:
    """Serves `answers`: by path a JSON value, (code, value), or a function of the request that gives one of these.

    `tags` are ETags by path; whoever knows an answer by its tag is told that it hasn't changed (304). What isn't there
    is not found. Lists of API groups are served in the aggregated form, unless `classic`.
    """

    def __init__(self, answers: dict[str, Any] | None = None, *, classic: bool = False) -> None:
        self.answers = kubernetes() if answers is None else answers
        self.classic = classic
        self.tags: dict[str, str] = {}
        self.asked: list[Asked] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._clients: list[Client] = []
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for client in self._clients:
            client.close()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def client(self, namespace: str = "default", *, cache_dir: str | None = None, say: Any = None) -> Client:
        config = Config(self.url, namespace=namespace)
        transport = Transport(config)
        client = Client(config, transport, Discovery(transport, cache_dir), say=say)
        self._clients.append(client)
        return client

    def lines(self) -> list[str]:
        """The requests until now, "GET /path" each; they are forgotten."""
        found = [str(asked) for asked in self.asked]
        self.asked.clear()
        return found

    def answer(self, asked: Asked) -> tuple[int, Any]:
        found = self.answers.get(asked.path)
        if callable(found):
            found = found(asked)
        if found is None:
            return status(404, "NotFound", "the server could not find the requested resource")
        return found if isinstance(found, tuple) else (200, found)


def _handler(api: FakeApi) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {key: values[-1] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
            asked = Asked(self.command, parts.path, query, self.headers.get("Accept", ""))
            api.asked.append(asked)
            code, value = api.answer(asked)
            body = json.dumps(value).encode()
            tag = api.tags.get(parts.path, "")
            if tag and self.headers.get("If-None-Match") == tag:
                code, body = 304, b""
            aggregated = parts.path in ("/api", "/apis") and not api.classic and code == 200
            self.send_response(code)
            self.send_header("Content-Type", AGGREGATED if aggregated else "application/json")
            if tag:
                self.send_header("ETag", tag)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
