"""One request to a server that is no API server: where a cluster's users get their tokens."""

from __future__ import annotations

import time

from navarch.errors import ConfigError
from navarch.kube.config import Config
from navarch.kube.net.address import server_address
from navarch.kube.net.dial import Dialer, DialError
from navarch.kube.net.http1 import BrokenError, Connection

__all__ = ["fetch"]

_SECONDS = 30.0


def fetch(
    method: str,
    url: str,
    *,
    body: bytes | None = None,
    authorization: str = "",
    ca_data: bytes = b"",
    ca_file: str = "",
) -> tuple[int, str, bytes]:
    """Status, reason and body of an answer. A body is a form. Raises ConfigError in the words of Go's HTTP client."""
    plain, _, query = url.partition("?")
    server = server_address(plain, default_tls=True)
    config = Config(plain)
    config.ca_data, config.ca_file = ca_data, ca_file
    dialer = Dialer(server, config)
    lines = [f"{method} {dialer.absolute}{server.path or '/'}{f'?{query}' if query else ''} HTTP/1.1"]
    lines += [f"Host: {server.shown}", "User-Agent: navarch", "Accept: application/json", "Connection: close"]
    if authorization:
        lines.append(f"Authorization: {authorization}")
    if body is not None:
        lines.append(f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}")
    deadline = time.monotonic() + _SECONDS
    try:
        dialer.prepare(None)
        connection = Connection(dialer.open(deadline))
        connection.deadline = deadline
        try:
            connection.send(("\r\n".join(lines) + "\r\n\r\n").encode() + (body or b""))
            head = connection.head()
            return head.status, head.reason, connection.body(head, method)
        finally:
            connection.sock.close()
    except (DialError, BrokenError, OSError) as error:
        raise ConfigError(f'{method.capitalize()} "{url}": {error or "context deadline exceeded"}') from error
