"""What fetches from addresses that are not HTTP: getters, which plugins offer by the scheme of an address.

A getter is any function from a GetterRequest to bytes. Whoever makes a Fetcher hands in `getters`, a function from a
scheme to its getter, None for a scheme that nobody is for.
"""

from __future__ import annotations

from navarch.errors import DownloadError, IntegrityError
from navarch.repos.request import is_for, parse
from navarch.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from navarch.kube.net.access import Access

    Getter = Callable[["GetterRequest"], bytes]
    Getters = Callable[[str], Getter | None]

__all__ = ["BUILT_IN", "GetterRequest", "get", "request_for"]

BUILT_IN = ("http", "https", "oci")
"""Schemes that no plugin is asked about."""


class GetterRequest(NamedTuple):
    """What a getter is asked for. What is "" is not known.

    `url` is the address, `scheme` its scheme. `owner` is the address that credentials and certificates are for: of the
    repository, or the same. User and password are there only if they are meant for the server of `url`. Files are PEM:
    a client certificate, its key, the authorities. `accept` is what HTTP would be told about media types, `timeout` is
    in seconds.
    """

    url: str
    scheme: str
    owner: str = ""
    username: str = ""
    password: str = ""
    pass_credentials: bool = False
    cert_file: str = ""
    key_file: str = ""
    ca_file: str = ""
    insecure_skip_tls_verify: bool = False
    plain_http: bool = False
    accept: str = ""
    timeout: float = 0.0


def request_for(url: str, access: Access, owner: str, *, accept: str = "", timeout: float = 0.0) -> GetterRequest:
    """The request for an address. Raises DownloadError for what is no address."""
    parsed = parse(url)
    known = is_for(access, owner, parsed)
    return GetterRequest(
        url,
        parsed.scheme,
        owner,
        username=access.username if known else "",
        password=access.password if known else "",
        pass_credentials=access.pass_credentials,
        cert_file=access.cert_file,
        key_file=access.key_file,
        ca_file=access.ca_file,
        insecure_skip_tls_verify=access.insecure_skip_tls_verify,
        plain_http=access.plain_http,
        accept=accept,
        timeout=timeout,
    )


def get(getters: Getters | None, request: GetterRequest, limit: int) -> bytes:
    """What the getter for an address answers. Raises DownloadError, IntegrityError, and what the getter raises."""
    getter = getters(request.scheme) if getters and request.scheme not in BUILT_IN else None
    if getter is None:
        raise DownloadError(f'scheme "{request.scheme}" not supported', url=request.url)
    data = getter(request)
    if len(data) > limit:
        raise IntegrityError(f"{request.url} has {len(data)} bytes; no more than {limit} are read", url=request.url)
    return data
