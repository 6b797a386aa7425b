"""A repository of a registry over the distribution API: manifests, blobs, uploads, tags.

What comes is checked against the digest it is asked for by; error messages are oras-go's.
"""

from __future__ import annotations

from navarch.errors import IntegrityError, RegistryError
from navarch.oci.address import parse_address
from navarch.oci.listing import next_page, pages
from navarch.oci.manifest import IMAGE_INDEX, IMAGE_MANIFEST, MANIFESTS, Descriptor, describe, read_descriptors
from navarch.oci.problems import refusal
from navarch.oci.transport import METADATA_LIMIT, LostError, Request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from navarch.oci.auth import Authenticator
    from navarch.oci.reference import Reference
    from navarch.oci.transport import Answer, Sink

    Told = Callable[[int, int], object]

    Progress = Callable[[str, int, int], object]
    """Is told a reference, how many bytes of it came or went, and how many it has."""

__all__ = ["BLOB_LIMIT", "ContentError", "Repository", "catalog", "ping"]

BLOB_LIMIT = 1 << 30
"""How many bytes a blob may have."""

_ACCEPT = {"Accept": ", ".join(MANIFESTS)}
_TRIES = 3
_MOST_PAGES = 1000
_CHUNK = 8 << 20
_WORTH_TELLING = 1 << 16  # bytes of a blob that is told of
_BINARY = {"Content-Type": "application/octet-stream"}


class ContentError(IntegrityError):
    """What came is not what its descriptor says. (Of answers that say so themselves it is an IntegrityError.)"""


def ping(authenticator: Authenticator, host: str, *, plain_http: bool) -> None:
    """Ask a registry whether it is one and lets us in. Raises RegistryError."""
    answer = authenticator.send(Request("GET", f"{_scheme(plain_http)}://{host}/v2/"))
    if answer.status == 404:
        raise RegistryError("not found", url=answer.url, status=404)
    if answer.status != 200:
        raise refusal(answer)


def catalog(authenticator: Authenticator, host: str, *, plain_http: bool) -> Iterator[str]:
    """The repositories that a registry lists; many don't. Raises RegistryError."""

    def send(request: Request) -> Answer:
        return authenticator.send(request, scopes=("registry:catalog:*",))

    return pages(send, f"{_scheme(plain_http)}://{host}/v2/_catalog", "repositories")


def _scheme(plain_http: bool) -> str:
    return "http" if plain_http else "https"


class Repository:
    """One repository. With `pushing`, tokens are asked for that are good for uploads from the start."""

    def __init__(
        self,
        reference: Reference,
        authenticator: Authenticator,
        *,
        plain_http: bool = False,
        pushing: bool = False,
        progress: Progress | None = None,
    ) -> None:
        self.reference = reference
        self.base = f"{_scheme(plain_http)}://{reference.host}/v2/{reference.repository}"
        self.progress = progress
        self._authenticator = authenticator
        self._scopes = (f"repository:{reference.repository}:{'pull,push' if pushing else 'pull'}",)

    def _tell(self, done: int, size: int) -> None:
        """Say how far a blob is, if anybody wants to know."""
        if self.progress and size > _WORTH_TELLING:
            self.progress(str(self.reference), done, size)

    def _send(self, request: Request, *, sink: Sink | None = None, expect: int | None = None) -> Answer:
        return self._authenticator.send(request, scopes=self._scopes, sink=sink, expect=expect)

    # manifests

    def resolve(self, target: str) -> Descriptor:
        """The descriptor of the manifest that a tag or digest names. Raises RegistryError (status 404: none)."""
        answer = self._send(Request("HEAD", f"{self.base}/manifests/{target}", dict(_ACCEPT)))
        self._refuse(answer, target)
        announced = answer.headers.get("docker-content-digest", "") or (target if ":" in target else "")
        if not announced:
            raise RegistryError('HTTP HEAD request missing required header "Docker-Content-Digest"', url=answer.url)
        _compare(answer, announced, target)
        size = answer.headers.get("content-length", "")
        return Descriptor(_media_type(answer), announced, int(size) if size.isdigit() else 0)

    def manifest(self, target: str) -> tuple[Descriptor, bytes]:
        """The manifest that a tag or digest names, checked against what it is asked for by, and against its digest.

        Raises RegistryError (status 404: there is none), IntegrityError.
        """
        answer = self._send(Request("GET", f"{self.base}/manifests/{target}", dict(_ACCEPT)))
        self._refuse(answer, target)
        kind = _media_type(answer)
        found = describe(kind, answer.body)
        if answer.size > METADATA_LIMIT:
            raise IntegrityError(
                f"content size {answer.size} exceeds MaxMetadataBytes {METADATA_LIMIT}", url=answer.url
            )
        announced = answer.headers.get("docker-content-digest", "")
        if announced:
            _compare(answer, announced, target)
        expected = announced or (target if ":" in target else found.digest)
        check_content(answer.body, expected)
        return found._replace(digest=expected), answer.body

    def has_manifest(self, digest: str) -> bool:
        """Whether the registry has a manifest already."""
        try:
            self.resolve(digest)
        except RegistryError as error:
            if error.status == 404:
                return False
            raise
        return True

    def referrers(self, digest: str) -> list[Descriptor]:
        """The manifests that say that one with this digest is their subject.

        A registry that can't tell may have them listed at a tag, as the specification wants it. Raises RegistryError.
        """
        found: list[Descriptor] = []
        url = f"{self.base}/referrers/{digest}"
        seen: set[str] = set()
        while url and url not in seen and len(seen) < _MOST_PAGES:
            seen.add(url)
            answer = self._send(Request("GET", url, {"Accept": IMAGE_INDEX}))
            if answer.status != 200 or _media_type(answer) != IMAGE_INDEX:
                if answer.status in (200, 400, 404, 405):
                    return self._tagged_referrers(digest)
                raise refusal(answer)
            found += read_descriptors(answer.body, IMAGE_INDEX)
            url = next_page(answer)
        return found

    def _tagged_referrers(self, digest: str) -> list[Descriptor]:
        algorithm, _, encoded = digest.partition(":")
        try:
            listed, data = self.manifest(f"{algorithm[:32]}-{encoded[:64]}")
        except RegistryError as error:
            if error.status == 404:
                return []
            raise
        return read_descriptors(data, IMAGE_INDEX) if listed.media_type == IMAGE_INDEX else []

    def put_manifest(self, target: str, data: bytes) -> None:
        """Keep a manifest, under its digest or a tag. Raises RegistryError."""
        answer = self._send(Request("PUT", f"{self.base}/manifests/{target}", {"Content-Type": IMAGE_MANIFEST}, data))
        if answer.status != 201:
            raise refusal(answer)
        announced = answer.headers.get("docker-content-digest", "")
        if announced:
            _compare(answer, announced, describe("", data).digest)

    def _refuse(self, answer: Answer, target: str) -> None:
        """Raise what an answer about a manifest says, unless it is fine."""
        if answer.status == 404:
            shown = f"{self.reference.name}{'@' if ':' in target else ':'}{target}"
            raise RegistryError(f"{shown}: not found", url=answer.url, status=404)
        if answer.status != 200:
            raise refusal(answer)

    # blobs

    def has_blob(self, descriptor: Descriptor) -> bool:
        """Whether the registry has a blob already. Raises RegistryError."""
        answer = self._send(Request("HEAD", f"{self.base}/blobs/{descriptor.digest}"))
        if answer.status == 404:
            return False
        if answer.status != 200:
            raise refusal(answer)
        return True

    def blob(self, descriptor: Descriptor, write: Callable[[bytes], object], rewind: Callable[[], object]) -> None:
        """Hand on a blob in pieces. Where its connection breaks it is begun anew, after `rewind`.

        Nothing of it may be used before this returns. Raises RegistryError, IntegrityError.
        """
        if descriptor.size > BLOB_LIMIT:
            raise IntegrityError(f"{descriptor.digest} has {descriptor.size} bytes; no more than {BLOB_LIMIT} are read")
        for left in reversed(range(_TRIES)):
            try:
                self._blob(descriptor, write)
            except LostError as error:
                if not left:
                    raise ContentError(str(error), url=error.url, timeout=error.timeout) from error
                rewind()
            else:
                return

    def _blob(self, descriptor: Descriptor, write: Callable[[bytes], object]) -> None:
        receiver = _Receiver(descriptor, write, self._tell)
        request = Request("GET", f"{self.base}/blobs/{descriptor.digest}")
        try:
            answer = self._send(request, sink=receiver.take, expect=descriptor.size)
        except LostError as error:
            raise receiver.lost(str(error)) from error
        if answer.status == 404:
            raise RegistryError(f"{descriptor.digest}: not found", url=answer.url, status=404)
        if answer.status != 200:
            raise refusal(answer)
        length = answer.headers.get("content-length")
        if length is not None and int(length) != descriptor.size:
            raise IntegrityError(f"{answer.where}: mismatch Content-Length", url=answer.url)
        announced = answer.headers.get("docker-content-digest", "")
        if announced:
            _compare(answer, announced, descriptor.digest)
        receiver.finish()

    def put_blob(self, data: bytes, descriptor: Descriptor, *, chunk: int = 0) -> None:
        """Upload a blob: whole, or in chunks of so many bytes. An upload that breaks is begun anew.

        Raises RegistryError.
        """
        for left in reversed(range(_TRIES)):
            try:
                answer = self._upload(data, descriptor, chunk)
            except RegistryError as error:
                if not left or error.status:
                    raise
                continue
            if answer.status == 413 and not chunk and len(data) > _CHUNK:
                chunk = _CHUNK
                continue
            if answer.status == 201:
                return
            if not left or answer.status < 500:
                raise refusal(answer)

    def _upload(self, data: bytes, descriptor: Descriptor, chunk: int) -> Answer:
        """One try of an upload; the last answer."""
        answer = self._send(Request("POST", f"{self.base}/blobs/uploads/"))
        if answer.status != 202:
            raise refusal(answer)
        place = self._place(answer)
        rest = data
        if chunk:
            least = answer.headers.get("oci-chunk-min-length", "")
            chunk = max(chunk, int(least)) if least.isdigit() else chunk
            for start in range(0, len(data), chunk):
                part = data[start : start + chunk]
                headers = {**_BINARY, "Content-Range": f"{start}-{start + len(part) - 1}"}
                answer = self._send(Request("PATCH", place, headers, part, hurried=True))
                if answer.status != 202:
                    return answer
                self._tell(start + len(part), len(data))
                place = self._place(answer)
            rest = b""
        place += f"{'&' if '?' in place else '?'}digest={descriptor.digest.replace(':', '%3A')}"
        sent = None if chunk else self._tell
        return self._send(Request("PUT", place, dict(_BINARY), rest, hurried=True, sent=sent))

    def _place(self, answer: Answer) -> str:
        """Where an upload goes on. Raises RegistryError for another host: it would be shown our credentials."""
        from urllib.parse import urljoin

        from navarch.golang.strconv import quote

        location = answer.headers.get("location", "")
        if not location:
            raise RegistryError("http: no Location header in response", url=answer.url, status=answer.status)
        asked, place = parse_address(self.base), parse_address(urljoin(answer.url, location))
        if place.hostname() == asked.hostname() and asked.host.endswith(":443") and place.host == place.hostname():
            place.host = asked.host
        own, theirs = (f"{url.hostname()}:{_port(url.host, url.scheme)}" for url in (asked, place))
        if own != theirs:
            told = f"blob upload Location {quote(place.host)} is on a different host than the registry"
            raise RegistryError(f"{told} {quote(asked.host)}", url=answer.url, status=answer.status)
        if asked.scheme == "https" and place.scheme != "https":
            told = f"blob upload Location {quote(place.host)} downgrades scheme from https"
            raise RegistryError(told, url=answer.url, status=answer.status)
        return str(place)

    # tags

    def tags(self) -> Iterator[str]:
        """The tags there are, page by page. Raises RegistryError."""
        return pages(self._send, f"{self.base}/tags/list", "tags")


class _Receiver:
    """Takes a blob in pieces, passes them on, and knows whether it is what it should be."""

    def __init__(self, descriptor: Descriptor, write: Callable[[bytes], object], progress: Told) -> None:
        import hashlib

        from navarch.oci.reference import check_digest

        check_digest(descriptor.digest)
        self._descriptor = descriptor
        self._write = write
        self._progress = progress
        self._hash = hashlib.new(descriptor.digest.partition(":")[0])
        self._size = 0

    def take(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > self._descriptor.size:
            raise ContentError("trailing data")
        self._hash.update(piece)
        self._write(piece)
        self._progress(self._size, self._descriptor.size)

    def lost(self, reason: str) -> LostError:
        """The error that a blob is which breaks off."""
        size, digest = self._descriptor.size, self._descriptor.digest
        return LostError(
            f"read failed: expected content size of {size}, got {self._size}, for digest {digest}: {reason}"
        )

    def finish(self) -> None:
        """Raise IntegrityError unless all of it came, and it is what its digest says."""
        if self._size < self._descriptor.size:
            raise self.lost("unexpected EOF")
        if self._hash.hexdigest() != self._descriptor.digest.partition(":")[2]:
            raise ContentError("mismatched digest")


def check_content(data: bytes, digest: str) -> None:
    """Raise IntegrityError unless data has a digest, RegistryError for a digest of a kind that we can't check."""
    import hashlib

    from navarch.oci.reference import check_digest

    check_digest(digest)
    algorithm, _, expected = digest.partition(":")
    if hashlib.new(algorithm, data).hexdigest() != expected:
        raise ContentError("mismatched digest")


def _compare(answer: Answer, announced: str, expected: str) -> None:
    """Refuse an answer that says itself that it is another content than the one asked for; tags name any."""
    if ":" not in expected or announced == expected:
        return
    from navarch.golang.strconv import quote

    told = f"digest mismatch in Docker-Content-Digest: received {quote(announced)} when expecting {quote(expected)}"
    raise IntegrityError(f"{answer.where}: invalid response; {told}", url=answer.url)


def _media_type(answer: Answer) -> str:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not kind:
        problem = "invalid response `Content-Type` header; mime: no media type"
        raise RegistryError(f"{answer.where}: {problem}", url=answer.url)
    return kind


def _port(host: str, scheme: str) -> str:
    port = host.rpartition("]")[2].rpartition(":")[2] if ":" in host.rpartition("]")[2] else ""
    return port or ("443" if scheme == "https" else "80")
