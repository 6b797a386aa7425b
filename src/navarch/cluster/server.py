"""The API over HTTP: sockets, TLS, a thread for each connection. What is said on them is decided in `handle`."""

from __future__ import annotations

import contextlib
import http.server
import select
import socket
import socketserver
import threading

from navarch.cluster.handle import handle
from navarch.cluster.requests import Answer, Request
from navarch.cluster.users import ADMIN, ANONYMOUS, User

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from typing import Any

    from navarch.cluster.api import Api
    from navarch.cluster.certificates import Certificates

__all__ = ["Server"]

_MOST_BODY = 3 * 1024 * 1024
_IDLE_SECONDS = 300.0
_HANDSHAKE_SECONDS = 10.0
_TOO_LARGE = f"Request entity too large: limit is {_MOST_BODY}"


class Server:
    """Serves `api` on `host`:`port` (0 picks a free port). With `tls`, clients show a certificate of the cluster's CA.

    Without `tls` there is no telling who asks: plain HTTP is for tests. Raises OSError if the port is taken.
    """

    def __init__(self, api: Api, host: str = "127.0.0.1", port: int = 0, tls: Certificates | None = None) -> None:
        self._server = _Listener((host, port), _Handler, bind_and_activate=True)
        self._server.api = api
        self._server.context = None if tls is None else tls.server_context()
        self.host = host
        self.port: int = self._server.server_address[1]
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where clients find it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'http' if self._server.context is None else 'https'}://{host}:{self.port}"

    def start(self) -> None:
        """Begin to serve, in threads of its own."""
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop serving and end all connections, watches too."""
        if self._thread is None:  # it never served, and can't be told to stop
            self._server.server_close()
            return
        self._server.close_all()
        self._thread.join(timeout=5)


class _Listener(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    allow_reuse_address = True

    api: Api
    context: ssl.SSLContext | None

    def __init__(self, address: tuple[str, int], handler: type[_Handler], *, bind_and_activate: bool) -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self._connections: set[socket.socket] = set()
        super().__init__(address, handler, bind_and_activate)

    def server_bind(self) -> None:
        # HTTPServer would look up the host's name, which may take seconds
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._connections.discard(request)

    def finish_request(self, request: Any, client_address: Any) -> None:
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.context is None:
            super().finish_request(request, client_address)
            return
        # here and not in the accepting thread: a client that says nothing must hold up nobody else
        request.settimeout(_HANDSHAKE_SECONDS)
        with self.context.wrap_socket(request, server_side=True, suppress_ragged_eofs=True) as secure:
            super().finish_request(secure, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke off is the client's affair."""

    def close_all(self) -> None:
        ending = threading.Thread(target=self.shutdown, daemon=True)
        ending.start()
        # the accepting thread looks whether to end only now and then, and after each connection: let one come
        with contextlib.suppress(OSError), socket.create_connection((self.server_name, self.server_port), timeout=1):
            pass
        ending.join()
        self.server_close()
        for one in list(self._connections):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


def _user_of(connection: Any) -> User:
    """Who is at the other end: name and groups in the certificate, nobody without one."""
    name, groups = "", []
    for part in (connection.getpeercert() or {}).get("subject", ()):
        for field, value in part:
            if field == "commonName":
                name = str(value)
            elif field == "organizationName":
                groups.append(str(value))
    return User(name, (*groups, "system:authenticated")) if name else ANONYMOUS


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    server: _Listener
    rbufsize = 64 * 1024

    def log_message(self, *_: Any) -> None:
        """Nothing: who wants to know asks the client."""

    def _do(self) -> None:
        body = self._body()
        if body is None:
            return
        path, _, query = self.path.partition("?")
        repeated: dict[str, list[str]] = {}
        if query:
            from urllib.parse import parse_qs

            repeated = parse_qs(query, keep_blank_values=True)
        headers: dict[str, str] = {}
        for name, value in self.headers.items():
            before = headers.get(name.lower())
            headers[name.lower()] = value if before is None else f"{before}, {value}"
        first = {name: values[0] for name, values in repeated.items()}
        self._send(handle(self.server.api, Request(self.command, path, first, headers, body, self._user, repeated, [])))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _do  # noqa: N815 - http.server's names

    def setup(self) -> None:
        super().setup()
        self._user = ADMIN if self.server.context is None else _user_of(self.connection)

    def _body(self) -> bytes | None:
        """The request's body; None where it was refused already."""
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return self._chunked()
        text = self.headers.get("Content-Length", "0")
        length = int(text) if text.isdigit() else 0
        if length > _MOST_BODY:
            self._refuse()
            return None
        return self.rfile.read(length) if length else b""

    def _chunked(self) -> bytes | None:
        parts: list[bytes] = []
        total = 0
        while True:
            try:
                size = int(self.rfile.readline(1024).partition(b";")[0], 16)
            except ValueError:
                self.close_connection = True
                return None
            total += size
            if total > _MOST_BODY:
                self._refuse()
                return None
            if not size:
                while self.rfile.readline(1024) not in {b"\r\n", b"\n", b""}:
                    pass
                return b"".join(parts)
            parts.append(self.rfile.read(size))
            self.rfile.readline(16)

    def _refuse(self) -> None:
        from navarch.cluster.forms import dumps
        from navarch.cluster.problems import Problem

        self.close_connection = True
        problem = Problem(413, "RequestEntityTooLarge", _TOO_LARGE)
        self._send(Answer(413, "application/json", dumps(problem.status())))

    def _send(self, answer: Answer) -> None:
        head = [f"HTTP/1.1 {answer.code} {self.responses.get(answer.code, ('',))[0]}"]
        if answer.content_type:
            head.append(f"Content-Type: {answer.content_type}")
        head.extend(f"{name}: {value}" for name, value in answer.headers)
        head.append(f"Date: {self.date_time_string()}")
        if self.close_connection:
            head.append("Connection: close")
        if answer.stream is not None:
            self._stream(head, answer)
            return
        head.append(f"Content-Length: {len(answer.body)}")
        text = "\r\n".join(head).encode("utf-8", "replace") + b"\r\n\r\n"
        self.wfile.write(text if self.command == "HEAD" else text + answer.body)

    def _stream(self, head: list[str], answer: Answer) -> None:
        head.append("Transfer-Encoding: chunked")
        self.connection.settimeout(None)
        stream = answer.stream
        assert stream is not None
        try:
            self.wfile.write("\r\n".join(head).encode() + b"\r\n\r\n")
            for piece in stream:
                if piece:
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                elif self._left():
                    return
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.close_connection = True
        finally:
            stream.close()

    def _left(self) -> bool:
        """Whether the client of a stream is gone: it has nothing to say, so whatever can be read is its end."""
        self.close_connection = bool(select.select([self.connection], [], [], 0)[0])
        return self.close_connection
