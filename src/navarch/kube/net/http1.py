"""HTTP/1.1 on one connection: requests are written, answers read. Pools, retries and credentials are others' work.

Made for speed: a small answer is one `recv`, one split and one slice. Understands what servers and proxies send:
lengths, chunks, bodies that end with the connection, 1xx answers, HTTP/1.0.
"""

from __future__ import annotations

import time

from navarch.kube.net.dial import ends, read_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from navarch.kube.net.dial import Socket

__all__ = ["BrokenError", "Connection", "Head"]

_READ = 32768
_MOST_HEAD = 1 << 20
_MOST_LINE = 4096
_HEX = b"0123456789abcdefABCDEF"


class BrokenError(Exception):
    """A connection that ended, or an answer that is not HTTP. The message is Go's.

    `received` tells whether some of the answer had come, `rest` is what came last and belongs to no whole piece.
    """

    def __init__(self, message: str, *, received: bool = False, rest: bytes = b"") -> None:
        super().__init__(message)
        self.received = received
        self.rest = rest


class Head:
    """The first part of an answer. Names of headers are in small letters; repeated ones are joined by ", "."""

    __slots__ = ("headers", "keep", "reason", "status")

    def __init__(self, status: int, reason: str, headers: dict[str, str], *, keep: bool) -> None:
        self.status = status
        self.reason = reason
        self.headers = headers
        self.keep = keep


class Connection:
    """A socket and what has been read from it too early.

    `used` counts the answers that came over it, `since` is when the last of them ended, `deadline` bounds reading and
    writing (times of time.monotonic()); `ends` names both ends for errors.
    """

    __slots__ = ("_at", "_buffer", "deadline", "ends", "since", "sock", "used")

    def __init__(self, sock: Socket) -> None:
        self.sock = sock
        self._buffer = b""
        self._at = 0
        self.used = 0
        self.since = 0.0
        self.deadline: float | None = None
        self.ends = ends(sock)

    def send(self, data: bytes) -> None:
        """Write a request. Raises OSError."""
        self._arm()
        self.sock.sendall(data)

    def _arm(self) -> None:
        if self.deadline is not None:
            left = self.deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self.sock.settimeout(left)

    def _receive(self) -> bytes:
        if self.deadline is not None:
            self._arm()
        return self.sock.recv(_READ)

    def words(self, error: Exception) -> str:
        """An error on this connection as Go's net, net/http and crypto/tls tell it."""
        if type(error).__module__ == "ssl":
            from navarch.kube.net.tls import tls_words

            return tls_words(error)  # type: ignore[arg-type]
        return read_words(self.ends, error) if isinstance(error, OSError) else str(error)

    def unbind(self) -> None:
        """Let the rest take as long as it takes."""
        self.deadline = None
        self.sock.settimeout(None)

    def head(self) -> Head:
        """The next answer's status and headers; 1xx answers are passed over. Raises BrokenError and OSError."""
        while True:
            head = _parse_head(self._until_blank_line())
            if head.status >= 200 or head.status == 101:
                self.used += 1
                return head

    def body(self, head: Head, method: str) -> bytes:
        """The rest of the answer."""
        return b"".join(self.pieces(head, method))

    def pieces(self, head: Head, method: str, *, most: int = 0) -> Iterator[bytes]:
        """The rest of the answer as it comes; `head.keep` turns false where it ends with the connection.

        A body of known length comes in one piece; no piece is over `most` bytes, unless that is 0.
        """
        if method == "HEAD" or head.status in (101, 204, 304):
            return
        if "chunked" in head.headers.get("transfer-encoding", "").lower():
            yield from self._chunks(most)
            return
        length = head.headers.get("content-length")
        if length is None:
            head.keep = False
            yield from self._rest()
        else:
            left = int(length)
            while most and left > most:
                yield self._take(most)
                left -= most
            yield self._take(left)

    def _fill(self) -> bool:
        """Read more; False at the end."""
        data = self._receive()
        self._buffer = self._buffer[self._at :] + data
        self._at = 0
        return bool(data)

    def _until_blank_line(self) -> bytes:
        self._buffer, self._at = self._buffer[self._at :], 0
        while True:
            end = self._buffer.find(b"\r\n\r\n")
            if end >= 0:
                self._at = end + 4
                return self._buffer[:end]
            end = self._buffer.find(b"\n\n")
            if end >= 0:
                self._at = end + 2
                return self._buffer[:end]
            if len(self._buffer) > _MOST_HEAD:
                exceeded = f"server response headers exceeded {_MOST_HEAD} bytes; aborted"
                raise BrokenError(f"net/http: {exceeded}", received=True)
            had = bool(self._buffer)
            if not self._fill():
                _check_start(self._buffer)
                raise BrokenError("unexpected EOF" if had else "EOF", received=had)
            if b"\n" in self._buffer:
                _check_start(self._buffer)

    def _line(self) -> bytes:
        while True:
            end = self._buffer.find(b"\n", self._at)
            if end >= 0:
                line = self._buffer[self._at : end]
                self._at = end + 1
                return line.rstrip(b"\r")
            if len(self._buffer) - self._at > _MOST_LINE:
                raise BrokenError("header line too long", received=True)
            if not self._fill():
                raise BrokenError("unexpected EOF", received=True)

    def _take(self, size: int) -> bytes:
        """Exactly so many bytes."""
        end = self._at + size
        if end <= len(self._buffer):
            data = self._buffer[self._at : end]
            self._at = end
            return data
        parts = [self._buffer[self._at :]]
        missing = size - len(parts[0])
        self._buffer, self._at = b"", 0
        while missing > 0:
            data = self._receive()
            if not data:
                raise BrokenError("unexpected EOF", received=True, rest=b"".join(parts))
            if len(data) > missing:
                self._buffer = data[missing:]
                data = data[:missing]
            parts.append(data)
            missing -= len(data)
        return b"".join(parts)

    def _rest(self) -> Iterator[bytes]:
        yield self._buffer[self._at :]
        self._buffer, self._at = b"", 0
        while data := self._receive():
            yield data

    def _chunks(self, most: int) -> Iterator[bytes]:
        while True:
            digits = self._line().partition(b";")[0].strip()
            if not digits or digits.strip(_HEX):
                raise BrokenError("invalid byte in chunk length", received=True)
            size = int(digits, 16)
            if size == 0:
                break
            while most and size > most:
                yield self._take(most)
                size -= most
            yield self._take(size)
            if self._take(2) != b"\r\n":
                raise BrokenError("malformed chunked encoding", received=True)
        while self._line():  # trailers
            pass


def _check_start(data: bytes) -> None:
    """Raise BrokenError unless this may be the start of an HTTP/1 answer."""
    if data and not data.startswith(b"HTTP/"[: len(data)]):
        raise _malformed("HTTP response", data.partition(b"\n")[0])


def _malformed(what: str, shown: bytes) -> BrokenError:
    text = shown.rstrip(b"\r").decode("utf-8", "surrogateescape")
    return _broken(f"malformed {what} {_quote(text)}")


def _broken(why: str) -> BrokenError:
    return BrokenError(f"net/http: HTTP/1.x transport connection broken: {why}", received=True)


def _quote(text: str) -> str:
    from navarch.golang.strconv import quote

    return quote(text)


def _parse_head(data: bytes) -> Head:
    lines = data.decode("latin-1").split("\n")
    version, _, rest = lines[0].rstrip("\r").partition(" ")
    code, _, reason = rest.lstrip().partition(" ")
    if not rest:
        raise _malformed("HTTP response", data.partition(b"\n")[0])
    if len(code) != 3 or not (code.isascii() and code.isdigit()):
        raise _malformed("HTTP status code", code.encode("latin-1"))
    if version not in ("HTTP/1.1", "HTTP/1.0"):
        raise _malformed("HTTP version", version.encode("latin-1"))
    headers = _parse_headers(lines)
    connection = headers.get("connection", "").lower()
    keep = "close" not in connection and (version != "HTTP/1.0" or "keep-alive" in connection)
    return Head(int(code), reason, headers, keep=keep)


def _parse_headers(lines: list[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    name = ""
    for line in lines[1:]:
        if line[:1] in (" ", "\t"):
            headers[name] = f"{headers.get(name, '')} {line.strip()}"
            continue
        name, colon, value = line.partition(":")
        if not colon:
            raise _malformed("MIME header: missing colon:", line.encode("latin-1"))
        name = name.lower()
        value = value.strip()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        headers["content-length"] = _one_length(length)
    if headers.get("transfer-encoding", "chunked").lower() != "chunked":
        raise _broken(f"unsupported transfer encoding: {_quote(headers['transfer-encoding'])}")
    return headers


def _one_length(text: str) -> str:
    """The length that several equal headers tell. Raises BrokenError for anything else."""
    lengths = text.split(", ")
    if len(lengths) > 1 and len(set(lengths)) > 1:
        shown = " ".join(_quote(length) for length in lengths)
        raise _broken(f"http: message cannot contain multiple Content-Length headers; got [{shown}]")
    if not (lengths[0].isascii() and lengths[0].isdigit()):
        raise _broken(f"bad Content-Length {_quote(lengths[0])}")
    return lengths[0]
