"""The list of all kinds that a server serves: fetching it, keeping it on disk, and looking things up in it.

Servers tell it in two requests (aggregated discovery), or, if they are old, in one for each version of each group.
The file lies beside those that kubectl and Helm keep for the same server, and is as old as they may be: six hours.
"""

from __future__ import annotations

import json
import os
import time
from typing import NamedTuple

from navarch.errors import ApiError, KubernetesError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.kube.transport import Response, Transport

    Resource = list[Any]
    """[plural, kind, namespaced, verbs]; "pods/log" is a subresource's plural."""
    Version = tuple[str, list[Resource] | None]
    """A version and its resources; None where the server couldn't tell them."""
    Group = tuple[str, str, list[Version]]
    """A group's name ("" for the core), its preferred version, and its versions, preferred ones first."""

__all__ = ["Catalog", "Kind", "cache_folder", "fetch", "load", "save"]

SECONDS_KEPT = 6 * 3600
_AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
_ACCEPT = f"{_AGGREGATED},application/json"
_TIMEOUT = {"timeout": "32s"}
_SECONDS = 32.0
_FORMAT = 1
_FILE = "navarch.json"
_SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_/.()")


class Kind(NamedTuple):
    """What a server says of a kind in one version of a group: where it is, and what can be done with its objects."""

    plural: str
    namespaced: bool
    verbs: frozenset[str]


class Catalog:
    """Groups with their versions and resources.

    `failures` holds what kept versions from being listed, by name; `tags` the ETags of the server's answers, by path.
    """

    def __init__(
        self, groups: list[Group], *, failures: dict[str, str] | None = None, tags: dict[str, str] | None = None
    ) -> None:
        self.groups = groups
        self.failures = failures or {}
        self.tags = tags or {}
        self._groups = {group[0]: group for group in groups}
        self._kinds: dict[tuple[str, str], dict[str, Kind]] = {}
        self._mappings: dict[tuple[str, str], dict[str, tuple[str, bool]]] = {}

    def versions(self, group: str) -> list[str]:
        """A group's versions, the preferred one first."""
        if group not in self._groups:
            return []
        _, preferred, versions = self._groups[group]
        return sorted([name for name, _ in versions], key=lambda name: name != preferred)

    def _resources(self, group: str, version: str) -> list[Resource]:
        if group not in self._groups:
            return []
        return next((resources or [] for name, resources in self._groups[group][2] if name == version), [])

    def kinds(self, group: str, version: str) -> dict[str, Kind]:
        """The kinds of a version of a group by their names, without subresources; the first of a name counts."""
        known = self._kinds.get((group, version))
        if known is None:
            known = {}
            for plural, kind, namespaced, verbs in self._resources(group, version):
                if "/" not in plural:
                    known.setdefault(kind, Kind(plural, namespaced, frozenset(verbs)))
            self._kinds[group, version] = known
        return known

    def mappings(self, group: str, version: str) -> dict[str, tuple[str, bool]]:
        """Plural and scope by all names that client-go's mapper takes for a kind; the last of a name counts."""
        known = self._mappings.get((group, version))
        if known is None:
            known = {}
            for plural, kind, namespaced, _ in self._resources(group, version):
                if "/" not in plural:
                    known[kind.lower()] = known[kind] = (plural, namespaced)
                    known[f"{kind}List"] = (_guessed_plural(f"{kind}List"), namespaced)
            if version in self.versions(group):
                known["List"] = ("lists", False)
            self._mappings[group, version] = known
        return known

    def api_versions(self) -> list[str]:
        """Helm's GetVersionSet: all versions of groups, and behind each of them its kinds, subresources' too."""
        found: set[str] = set()
        for group, _, versions in self.groups:
            for version, resources in versions:
                name = f"{group}/{version}" if group else version
                found.add(name)
                found.update([f"{name}/{kind}" if kind else name for _, kind, _, _ in resources or []])
        return sorted(found)


def _guessed_plural(kind: str) -> str:
    """client-go's guess at a kind's plural."""
    name = kind.lower()
    if name.endswith("endpoints"):
        return name
    if name.endswith("s"):
        return f"{name}es"
    return f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"


def fetch(transport: Transport, known: Catalog | None = None) -> Catalog:
    """Ask the server; what hasn't changed since `known` isn't sent again.

    Gives `known` itself where nothing has changed. Raises KubernetesError where the server doesn't answer.
    """
    groups: list[Group] = []
    tags: dict[str, str] = {}
    changed = classic = False
    for path, read in (("/api", _classic_core), ("/apis", _classic_groups)):
        tag = known.tags.get(path, "") if known else ""
        answer = _ask(transport, path, tag)
        if known is not None and answer.status == 304:
            groups += [group for group in known.groups if (not group[0]) == (path == "/api")]
        else:
            changed = True
            found = answer.json()
            if not isinstance(found, dict):
                raise KubernetesError(f"the server's list of API groups under {path} is no object")
            aggregated = _is_aggregated(answer)
            try:
                groups += _aggregated_groups(found) if aggregated else read(found)
            except (AttributeError, TypeError) as error:
                raise KubernetesError(f"the server's list of API groups under {path} can't be read") from error
            classic = classic or not aggregated
            tag = answer.headers.get("etag", "")
        if tag:
            tags[path] = tag
    if classic:
        return _with_resources(transport, groups)
    return Catalog(groups, tags=tags) if changed or known is None else known


def _ask(transport: Transport, path: str, tag: str) -> Response:
    """What a server says under a path, if that isn't what `tag` stands for. There may be no core group."""
    headers = [("If-None-Match", tag)] if tag else []
    try:
        return transport.request("GET", path, query=_TIMEOUT, accept=_ACCEPT, timeout=_SECONDS, headers=headers)
    except ApiError as error:
        if path == "/api" and error.is_not_found:
            from navarch.kube.transport import Response

            return Response(200, {"content-type": _AGGREGATED}, b"{}")
        raise


def _is_aggregated(answer: Response) -> bool:
    parameters = {part.strip() for part in answer.headers.get("content-type", "").split(";")}
    return parameters.issuperset(_AGGREGATED.split(";"))


def _aggregated_groups(found: dict[str, Any]) -> list[Group]:
    """The groups of an APIGroupDiscoveryList; versions whose servers don't answer ("Stale") are left out."""
    groups: list[Group] = []
    for item in found.get("items") or []:
        versions: list[Version] = [
            (version.get("version") or "", _aggregated_resources(version.get("resources") or []))
            for version in item.get("versions") or []
            if version.get("freshness") != "Stale"
        ]
        name = (item.get("metadata") or {}).get("name") or ""
        groups.append((name, versions[0][0] if versions else "", versions))
    return groups


def _aggregated_resources(found: list[dict[str, Any]]) -> list[Resource]:
    resources: list[Resource] = []
    for item in found:
        plural = item.get("resource") or ""
        namespaced = item.get("scope") == "Namespaced"
        parts = [(plural, item)]
        parts += [(f"{plural}/{part.get('subresource') or ''}", part) for part in item.get("subresources") or []]
        for name, part in parts:
            answer = part.get("responseKind") or {}
            if any(answer.values()):
                resources.append([name, answer.get("kind") or "", namespaced, part.get("verbs") or []])
    return resources


def _classic_core(found: dict[str, Any]) -> list[Group]:
    versions: list[Version] = [(version, None) for version in found.get("versions") or []]
    return [("", versions[0][0] if versions else "", versions)]


def _classic_groups(found: dict[str, Any]) -> list[Group]:
    groups: list[Group] = []
    for item in found.get("groups") or []:
        versions: list[Version] = [(version.get("version") or "", None) for version in item.get("versions") or []]
        groups.append((item.get("name") or "", (item.get("preferredVersion") or {}).get("version") or "", versions))
    return groups


def _with_resources(transport: Transport, groups: list[Group]) -> Catalog:
    """Ask for the resources of each version on its own, some at a time."""
    from concurrent.futures import ThreadPoolExecutor

    wanted = [(group, version) for group, _, versions in groups for version, _ in versions]
    with ThreadPoolExecutor(8) as pool:
        answers = dict(zip(wanted, pool.map(lambda place: _classic_resources(transport, *place), wanted), strict=True))
    failures: dict[str, str] = {}
    complete: list[Group] = []
    for group, preferred, versions in groups:
        listed: list[Version] = []
        for version, _ in versions:
            resources, problem = answers[group, version]
            listed.append((version, resources))
            if problem:
                failures[f"{group}/{version}" if group else version] = problem
        complete.append((group, preferred, listed))
    return Catalog(complete, failures=failures)


def _classic_resources(transport: Transport, group: str, version: str) -> tuple[list[Resource] | None, str]:
    """The resources of a version of a group, or what the server says instead."""
    path = f"/apis/{group}/{version}" if group else f"/api/{version}"
    try:
        found = transport.request("GET", path, query=_TIMEOUT, timeout=_SECONDS).json()
    except KubernetesError as error:
        if path == "/api/v1" and isinstance(error, ApiError) and error.is_not_found:
            return [], ""
        return None, str(error)
    return [
        [item.get("name") or "", item.get("kind") or "", bool(item.get("namespaced")), item.get("verbs") or []]
        for item in found.get("resources") or []
    ], ""


def cache_folder(server: str) -> str | None:
    """Where what is known of a server is kept: client-go's folder for it. None where nothing shall be kept.

    `server` is the address without a scheme: "127.0.0.1:6443", "host/prefix".
    """
    env = os.environ
    if env.get("NAVARCH_CACHE", "").lower() in ("off", "0", "false", "no"):
        return None
    base = env.get("KUBECACHEDIR") or os.path.join(env.get("HOME", ""), ".kube", "cache")
    safe = "".join([char if char in _SAFE else "_" for char in server])
    return os.path.join(base, "discovery", *[part for part in safe.split("/") if part not in ("", ".", "..")])


def load(folder: str, *, any_age: bool = False) -> Catalog | None:
    """What was kept, if it is whole, and young enough to be used without a question."""
    try:
        with open(os.path.join(folder, _FILE), encoding="utf-8") as file:
            if not (any_age or -60 < time.time() - os.fstat(file.fileno()).st_mtime < SECONDS_KEPT):
                return None
            kept = json.load(file)
        if kept["format"] != _FORMAT:
            return None
        groups: list[Group] = [
            (name, preferred, [(version, resources) for version, resources in versions])
            for name, preferred, versions in kept["groups"]
        ]
        catalog = Catalog(groups, tags=kept["tags"])
        catalog.api_versions()  # goes over all of it
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return catalog


def save(catalog: Catalog, folder: str, *, changed: bool = True) -> None:
    """Keep a catalog, all of it or nothing; one with gaps is not kept. Where nothing can be written, nothing is.

    With `changed` false, what is kept is only as good as new.
    """
    if catalog.failures or not catalog.groups:
        return
    from navarch.files import write_file

    path = os.path.join(folder, _FILE)
    try:
        if not changed:
            os.utime(path)
            return
        os.makedirs(folder, mode=0o750, exist_ok=True)
        kept = {"format": _FORMAT, "tags": catalog.tags, "groups": catalog.groups}
        write_file(path, json.dumps(kept, separators=(",", ":")).encode(), 0o600)
    except OSError:
        return
