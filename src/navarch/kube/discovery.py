"""Which kinds a server serves, and under which paths: what turns an object's apiVersion and kind into an address.

The first step of every way to the cluster: `Discovery.mapping` is asked for each kind of a manifest, `api_versions`
fills `.Capabilities.APIVersions`. What a server said is kept for six hours (kube/catalog.py), as client-go keeps it;
a kind that isn't found there is looked for on the server before anyone is told that it doesn't exist.
"""

from __future__ import annotations

from threading import RLock
from time import monotonic
from typing import NamedTuple

from navarch.errors import KubernetesError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.kube.catalog import Catalog, Kind
    from navarch.kube.transport import Transport

__all__ = ["Discovery", "Mapping", "NoMatchError"]

_TIMEOUT = {"timeout": "32s"}
_SECONDS = 32.0
_LIVE_SECONDS = 60.0
_ANY_VERSION = ("", "__internal")


class Mapping(NamedTuple):
    """A kind as manifests name it, and where its objects are: group ("" for the core), version, kind, plural in paths.

    `namespaced` tells whether its objects belong to a namespace. `base` is where requests go instead of the version's
    own place; nothing is served there.
    """

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool
    base: str = ""

    @property
    def api_version(self) -> str:
        """What manifests write: "v1", "apps/v1"."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def gvk(self) -> str:
        """The kind as client-go prints it in messages: "apps/v1, Kind=Deployment", "/v1, Kind=Pod"."""
        return f"{self.group}/{self.version}, Kind={self.kind}"

    @property
    def root(self) -> str:
        """Where the kind's group and version begin: "/api/v1", "/apis/apps/v1"."""
        return self.base or (f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}")

    def path(self, namespace: str = "", name: str | None = None) -> str:
        """The address of one object, or without `name` of all objects (of `namespace`, if it isn't "").

        The namespace of kinds that have none is ignored. Raises KubernetesError, as client-go words it, for names that
        can't stand in a path: empty ones, ".", "..", and those with "/" or "%".
        """
        parts = [self.root]
        if self.namespaced and (namespace or name is not None):
            check_segment(namespace, "namespace")
            if namespace:
                parts.append(f"namespaces/{namespace}")
        parts.append(self.plural.lower())
        if name is not None:
            if not name:
                raise KubernetesError("resource name may not be empty")
            check_segment(name, "resource name")
            if self.namespaced and not namespace:
                raise KubernetesError("an empty namespace may not be set when a resource name is provided")
            parts.append(name)
        return "/".join(parts)


def check_segment(name: str, what: str) -> None:
    """Raise KubernetesError for a name that can't be one segment of a path, as client-go words it."""
    if name in {".", ".."}:
        problems = [f"may not be '{name}'"]
    else:
        problems = [f"may not contain '{char}'" for char in "/%" if char in name]
    if problems:
        from navarch.golang.strconv import quote

        raise KubernetesError(f"invalid {what} {quote(name)}: [{' '.join(problems)}]")


class NoMatchError(KubernetesError):
    """A kind that the server doesn't serve; client-go's message."""

    reference = "no-match"

    def __init__(self, group: str, version: str, kind: str) -> None:
        from navarch.golang.strconv import quote

        api_version = f"{group}/{version}" if group else version
        super().__init__(f"no matches for kind {quote(kind)} in version {quote(api_version)}")


class Discovery:
    """What a server serves. `cache_dir` is where answers are kept between runs; without one, only in memory."""

    def __init__(self, transport: Transport, cache_dir: str | None = None) -> None:
        self.transport = transport
        self.cache_dir = cache_dir
        self._lock = RLock()
        self._catalog: Catalog | None = None
        self._last: Catalog | None = None  # what the server said last, if only to be told that it still holds
        self._asked = -_LIVE_SECONDS  # when that was
        self._distrusted = False  # whether what is on disk may be older than what is wanted
        self._version: dict[str, Any] = {}
        self._version_heard = -_LIVE_SECONDS

    def version(self) -> dict[str, Any]:
        """What /version says (gitVersion, major, minor, …); asked for at most once a minute. Raises KubernetesError."""
        with self._lock:
            if monotonic() - self._version_heard >= _LIVE_SECONDS:
                self.learn_version(self.transport.request("GET", "/version", query=_TIMEOUT, timeout=_SECONDS).json())
            return self._version

    def learn_version(self, version: dict[str, Any]) -> None:
        """Take over what somebody else has heard from /version."""
        if not isinstance(version, dict):
            raise KubernetesError("the server's version is no object")
        self._version = version
        self._version_heard = monotonic()

    def catalog(self, *, live: bool = False) -> Catalog:
        """All that the server serves; with `live`, what it serves now, or did less than a minute ago.

        Raises KubernetesError where the server can't be asked.
        """
        with self._lock:
            if self._catalog is None and not live:
                self._catalog = self._kept()
            if self._catalog is None or (live and monotonic() - self._asked >= _LIVE_SECONDS):
                self._catalog = self._fetched()
                self._asked = monotonic()
            return self._catalog

    def refresh(self) -> Catalog:
        """All that the server serves, asked for again whatever is known."""
        with self._lock:
            self.invalidate()
            return self.catalog()

    def invalidate(self) -> None:
        """Trust no earlier answer: the next question asks the server."""
        with self._lock:
            self._catalog = None
            self._asked = -_LIVE_SECONDS
            self._distrusted = True

    def _kept(self) -> Catalog | None:
        if self.cache_dir is None or self._distrusted:
            return None
        from navarch.kube.catalog import load

        return load(self.cache_dir)

    def _fetched(self) -> Catalog:
        from navarch.kube.catalog import fetch, load, save

        known = self._last
        if known is None and self.cache_dir is not None:
            known = load(self.cache_dir, any_age=True)
        catalog = self._last = fetch(self.transport, known)
        if self.cache_dir is not None:
            save(catalog, self.cache_dir, changed=catalog is not known)
        return catalog

    def mapping(self, group: str, version: str, kind: str) -> Mapping:
        """Where objects of a kind live; without a version, in the one that the server prefers.

        A kind that isn't known is looked for on the server again. Raises NoMatchError where it isn't served, and other
        KubernetesErrors where the server can't be asked.
        """
        found = self.find(group, version, kind)
        if found is None:
            self.refresh()
            found = self.find(group, version, kind)
        if found is None:
            raise NoMatchError(group, version, kind)
        return found

    def find(self, group: str, version: str, kind: str) -> Mapping | None:
        """The mapping of a kind by what is known already; None where it isn't there.

        As in client-go, a kind's name in small letters will do, and each kind has a list kind, even if it isn't served.
        """
        catalog = self.catalog()
        base = ""
        versions = [version]
        if (
            version in _ANY_VERSION
        ):  # client-go finds the kind, and then sends requests to the version that was asked for
            base = f"/apis/{group}/{version}" if group else f"/api/{version}"
            versions = catalog.versions(group)
        for candidate in versions:
            known = catalog.mappings(group, candidate).get(kind)
            if known is not None:
                return Mapping(group, candidate, kind, *known, base.rstrip("/"))
        return None

    def kind(self, group: str, version: str, kind: str) -> Kind | None:
        """What is known of a kind that is served under exactly this name; None where it isn't."""
        return self.catalog().kinds(group, version).get(kind)

    def serves(self, group: str, version: str) -> bool:
        """Whether there is such a version of such a group, by what is known."""
        return version in self.catalog().versions(group)

    def api_versions(self) -> list[str]:
        """What `.Capabilities.APIVersions` holds, sorted: "apps/v1", "apps/v1/Deployment", "v1", …"""
        return self.catalog(live=True).api_versions()
