"""A proxy in front of an API server that records requests and injects faults.

It ends TLS with a certificate of its own, so a client uses it by `Proxy.kubeconfig`. Rules apply in the order they were
added; each is asked for every request until it has been used up.
"""

from __future__ import annotations

import http.client
import os
import re
import socket
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, NamedTuple, Self

from support.control_plane import ADMIN_TOKEN, certificate, write_kubeconfig

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Broken", "Call", "Proxy", "answer", "delay", "drop_after", "drop_before"]

_READING = frozenset(["GET", "HEAD", "OPTIONS"])
_HOP_HEADERS = frozenset(["connection", "keep-alive", "transfer-encoding", "content-length", "host", "upgrade"])


class Call(NamedTuple):
    """A request as it came. `path` is without the query."""

    method: str
    path: str
    query: str
    body: bytes

    @property
    def mutates(self) -> bool:
        """Whether it asks for a change."""
        return self.method not in _READING and "dryRun=" not in self.query

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class Answered(NamedTuple):
    """An answer that the proxy gives itself."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


class Broken(Exception):
    """The connection to the client is to be broken off, without an answer."""


class Fault(NamedTuple):
    """What is done before a request is forwarded (it may be answered there), and after its answer has come."""

    before: Callable[[Call], Answered | None] | None = None
    after: Callable[[Call], None] | None = None


class _Rule:
    """A fault with the requests it is for."""

    def __init__(self, fault: Fault, method: str, path: str, skip: int, times: int) -> None:
        self.fault = fault
        self.used = 0
        self._method, self._path = re.compile(method), re.compile(path)
        self._skip, self._left = skip, times

    def takes(self, call: Call) -> bool:
        """Whether this request is one of those; it is counted."""
        if not self._left or not self._method.fullmatch(call.method) or not self._path.search(call.path):
            return False
        if self._skip:
            self._skip -= 1
            return False
        self._left -= 1
        self.used += 1
        return True


def answer(status: int, message: str = "injected", *, reason: str = "", retry_after: int | None = None) -> Fault:
    """Answer with a Status object instead of forwarding."""
    text = (
        f'{{"kind":"Status","apiVersion":"v1","metadata":{{}},"status":"Failure",'
        f'"message":"{message}","reason":"{reason}","code":{status}}}'
    )
    headers = [("Content-Type", "application/json")]
    if retry_after is not None:
        headers.append(("Retry-After", str(retry_after)))
    return Fault(before=lambda _: Answered(status, headers, text.encode()))


def drop_before() -> Fault:
    """Break the connection off without forwarding."""
    return Fault(before=_break)


def drop_after() -> Fault:
    """Forward, then break the connection off without an answer."""
    return Fault(after=_break)


def delay(seconds: float) -> Fault:
    """Forward late."""

    def wait(_: Call) -> None:
        time.sleep(seconds)

    return Fault(before=wait)


def _break(_: Call) -> None:
    raise Broken


class Proxy:
    """The proxy, running as long as the context is entered.

    `calls` are all requests so far in the order they came, `mutations` those that ask for changes.
    `on_mutation(number, call)`, if set, is called after the server has carried out the number-th change and before the
    client learns of it.
    """

    def __init__(self, server: str, folder: str) -> None:
        os.makedirs(folder, exist_ok=True)
        self.kubeconfig = os.path.join(folder, "kubeconfig")
        self.calls: list[Call] = []
        self.mutations: list[Call] = []
        self.on_mutation: Callable[[int, Call], None] | None = None
        self._host, self._port = server.removeprefix("https://").rsplit(":", 1)
        self._rules: list[_Rule] = []
        self._lock = threading.Condition()
        self._under_way = 0
        crt, key = certificate(folder)
        self._http = _Server(("127.0.0.1", 0), _handler_of(self))
        self._http.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._http.context.load_cert_chain(crt, key)
        self.url = f"https://127.0.0.1:{self._http.server_port}"
        write_kubeconfig(self.kubeconfig, self.url, authority=crt)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def rule(self, fault: Fault, method: str = ".*", path: str = "", *, skip: int = 0, times: int = 1) -> _Rule:
        """Apply `fault` to `times` (-1: all) requests of these methods and paths (regular expressions), after `skip`."""
        one = _Rule(fault, method, path, skip, times)
        with self._lock:
            self._rules.append(one)
        return one

    def forget(self) -> None:
        """Drop all rules and what was recorded."""
        with self._lock:
            self._rules.clear()
            self.calls.clear()
            self.mutations.clear()
        self.on_mutation = None

    def settle(self, seconds: float = 120.0) -> None:
        """Wait until no request is under way: what a client that was killed had sent has been carried out."""
        with self._lock:
            assert self._lock.wait_for(lambda: not self._under_way, seconds), "requests are still under way"

    def arrived(self, call: Call) -> list[Fault]:
        """Record a request; the faults that are for it."""
        with self._lock:
            self._under_way += 1
            self.calls.append(call)
            return [rule.fault for rule in self._rules if rule.takes(call)]

    def left(self) -> None:
        """A request has been dealt with."""
        with self._lock:
            self._under_way -= 1
            self._lock.notify_all()

    def done(self, call: Call) -> None:
        """Record a change that the server has carried out."""
        with self._lock:
            self.mutations.append(call)
            number = len(self.mutations)
        if self.on_mutation is not None:
            self.on_mutation(number, call)

    def connect(self) -> http.client.HTTPSConnection:
        """A connection to the server."""
        unchecked = ssl._create_unverified_context()
        return http.client.HTTPSConnection(self._host, int(self._port), context=unchecked, timeout=120)


class _Server(ThreadingHTTPServer):
    """TLS is shaken hands on in the connection's own thread, so that a client that dies then holds up nobody."""

    daemon_threads = True
    request_queue_size = 128
    context: ssl.SSLContext

    def process_request_thread(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: object
    ) -> None:
        assert isinstance(request, socket.socket)
        try:
            secured = self.context.wrap_socket(request, server_side=True)
        except OSError:
            self.shutdown_request(request)
            return
        super().process_request_thread(secured, client_address)

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that go away are what the tests are about."""


def _handler_of(proxy: Proxy) -> type[BaseHTTPRequestHandler]:
    class Handler(_Handler):
        pass

    Handler.proxy = proxy
    return Handler


class _Handler(BaseHTTPRequestHandler):
    """One client's connection, with one of its own to the server."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    proxy: Proxy
    _upstream: http.client.HTTPSConnection | None = None

    def handle_any(self) -> None:
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        call = Call(self.command, path, query, body)
        faults = self.proxy.arrived(call)
        try:
            self._serve(call, faults)
        except (Broken, OSError, http.client.HTTPException):
            self.close_connection = True
            self._close_upstream()
        finally:
            self.proxy.left()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = handle_any  # noqa: N815

    def finish(self) -> None:
        self._close_upstream()
        super().finish()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Silence."""

    def _serve(self, call: Call, faults: list[Fault]) -> None:
        for fault in faults:
            answered = fault.before(call) if fault.before else None
            if answered is not None:
                self._send(answered)
                return
        response = self._forward(call)
        if call.mutates and response.status < 400:
            self.proxy.done(call)
        for fault in faults:
            if fault.after:
                fault.after(call)
        self._pass_on(response)

    def _send(self, answered: Answered) -> None:
        self.send_response(answered.status)
        for name, value in [*answered.headers, ("Content-Length", str(len(answered.body)))]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answered.body)

    def _forward(self, call: Call) -> http.client.HTTPResponse:
        if self._upstream is None:
            self._upstream = self.proxy.connect()
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP_HEADERS}
        headers.setdefault("Authorization", f"Bearer {ADMIN_TOKEN}")
        self._upstream.request(call.method, self.path, body=call.body or None, headers=headers)
        return self._upstream.getresponse()

    def _pass_on(self, response: http.client.HTTPResponse) -> None:
        """Hand an answer on as it comes, so that watches are live."""
        self.send_response(response.status)
        for name, value in response.getheaders():
            if name.lower() not in _HOP_HEADERS:
                self.send_header(name, value)
        length = response.getheader("Content-Length")
        self.send_header(*(("Content-Length", length) if length else ("Transfer-Encoding", "chunked")))
        self.end_headers()
        if self.command == "HEAD" or response.status in {204, 304}:
            response.read()
            return
        while piece := response.read1(65536):
            self.wfile.write(piece if length else b"%x\r\n%s\r\n" % (len(piece), piece))
        response.close()  # read1 leaves that to us; the connection is free for the next request only then
        if not length:
            self.wfile.write(b"0\r\n\r\n")

    def _close_upstream(self) -> None:
        if self._upstream is not None:
            self._upstream.close()
            self._upstream = None
