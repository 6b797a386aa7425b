"""Discovery: which groups, versions and resources there are, in the classic form and the aggregated one.

Classic documents are at /api, /apis, /api/v1, /apis/GROUP and /apis/GROUP/VERSION. The aggregated one, all in one, is
at /api (core) and /apis (all other groups) for clients that accept `as=APIGroupDiscoveryList`.
"""

from __future__ import annotations

import base64
import hashlib
import re

from navarch.cluster.forms import Form, dumps, encode
from navarch.cluster.media import clauses
from navarch.cluster.problems import Problem, method_not_allowed, not_acceptable
from navarch.cluster.requests import Answer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from navarch.cluster.requests import Request
    from navarch.cluster.types.catalog import Catalog, Resource, Subresource

__all__ = ["AGGREGATED", "answer", "document", "version_priority"]

JSON = "application/json"
YAML = "application/yaml"
AGGREGATED = f"{JSON};g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

OFFERED = (JSON, YAML)

_AGGREGATED_AT = ("/api", "/api/", "/apis")
_OTHER_PATHS = ("/api", "/apis", "/apis/", "/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version")

_STORED = {
    ("admissionregistration.k8s.io", "mutatingadmissionpolicies"): "admissionregistration.k8s.io/v1beta1",
    ("admissionregistration.k8s.io", "mutatingadmissionpolicybindings"): "admissionregistration.k8s.io/v1beta1",
    ("apiextensions.k8s.io", "customresourcedefinitions"): "apiextensions.k8s.io/v1beta1",
    ("events.k8s.io", "events"): "/v1",
}
"""What a real server stores, where it isn't a version that it serves here; published as a hash alone."""

_VERSION = re.compile(r"v(\d+)(?:(alpha|beta)(\d+))?")
_STAGES = {"alpha": 0, "beta": 1, None: 2}


def answer(catalog: Catalog, request: Request) -> Answer | None:
    """The document at a path, None if there is none. Raises Problem (406) where the wanted form can't be made."""
    if request.path == "/":
        return Answer(200, JSON, encode({"paths": _paths(catalog)}, Form(JSON), pretty=True))
    found = document(catalog, request.path, address=request.headers.get("host", ""))
    if found is None:
        return None
    words = request.path.strip("/").split("/")
    routed = words[0] == "api" or (len(words) == 3 and not _is_custom(catalog, words[1]))
    if routed and request.method not in {"GET", "HEAD"}:  # at other addresses the method isn't looked at
        raise method_not_allowed()
    form = _form(request.headers.get("accept", ""), whole=request.path in _AGGREGATED_AT, routed=routed)
    if form != AGGREGATED:
        return Answer(200, form, encode(found, Form(form), pretty=request.pretty))
    body = dumps(_aggregated(catalog, core=words == ["api"]))
    tag = hashlib.sha512(body).hexdigest().upper()
    if request.headers.get("if-none-match", "").strip('"') == tag:
        return Answer(304, AGGREGATED)
    return Answer(200, AGGREGATED, body, (("Cache-Control", "public"), ("Etag", f'"{tag}"'), ("Vary", "Accept")))


def _is_custom(catalog: Catalog, group: str) -> bool:
    return not any(one.group == group and one.custom is None for one in catalog)


def _paths(catalog: Catalog) -> list[str]:
    """All addresses that are no resource's."""
    versions = {(one.group, one.version) for one in catalog}
    groups = {f"/apis/{group}" for group, _ in versions if group}
    paths = {f"/apis/{group}/{version}" if group else f"/api/{version}" for group, version in versions}
    return sorted({*_OTHER_PATHS, *groups, *paths})


def _form(accept: str, *, whole: bool, routed: bool) -> str:
    asked = clauses(accept)
    for clause in asked:
        told = clause.parameters
        wanted = (told.get("g", ""), told.get("v", ""), told.get("as", ""))
        if wanted != ("", "", ""):
            if whole and wanted == ("apidiscovery.k8s.io", "v2", "APIGroupDiscoveryList") and clause.matches(JSON):
                return AGGREGATED
            continue
        for form in OFFERED:
            if clause.matches(form):
                return form
    every = (*OFFERED, "application/vnd.kubernetes.protobuf")
    if routed and not any(clause.matches(form) for clause in asked for form in every):
        raise not_acceptable(every)
    raise Problem(406, "NotAcceptable", f"only the following media types are accepted: {', '.join(every)}")


def document(catalog: Catalog, path: str, *, address: str) -> dict[str, Any] | None:
    """The classic document at a path; None if there is none."""
    match path.strip("/").split("/"):
        case ["api"]:
            servers = [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}]
            return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": servers}
        case ["apis"]:
            groups = [_group(name, versions) for name, versions in _groups(catalog).items() if name]
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
        case ["api", version]:
            return _resources("", version, catalog)
        case ["apis", group]:
            versions = _groups(catalog).get(group) if group else None
            return {"kind": "APIGroup", "apiVersion": "v1", **_group(group, versions)} if versions else None
        case ["apis", group, version]:
            return _resources(group, version, catalog) if group else None
    return None


def _groups(catalog: Catalog) -> dict[str, dict[str, list[Resource]]]:
    """Resources by group and version: Kubernetes' own groups first, then others by name; the best version first."""
    own: dict[str, dict[str, list[Resource]]] = {}
    custom: dict[str, dict[str, list[Resource]]] = {}
    for one in catalog:
        where = custom if one.custom is not None and one.group not in own else own
        where.setdefault(one.group, {}).setdefault(one.version, []).append(one)
    for group in sorted(custom):
        versions = custom[group]
        own[group] = {
            version: sorted(versions[version], key=lambda one: one.plural)
            for version in sorted(versions, key=version_priority, reverse=True)
        }
    return own


def version_priority(version: str) -> tuple[int, int, int, int, tuple[int, ...]]:
    """What is greater comes first: v2, v1, v1beta2, v1alpha1, then others by name."""
    match = _VERSION.fullmatch(version)
    if not match:
        return (0, 0, 0, 0, (*(-ord(letter) for letter in version), 1))
    major, stage, minor = match.groups()
    return (1, _STAGES[stage], int(major), int(minor or 0), ())


def _group(name: str, versions: Iterable[str]) -> dict[str, Any]:
    told = [{"groupVersion": f"{name}/{version}", "version": version} for version in versions]
    return {"name": name, "versions": told, "preferredVersion": told[0]}


def _resources(group: str, version: str, catalog: Catalog) -> dict[str, Any] | None:
    found = _groups(catalog).get(group, {}).get(version)
    if found is None:
        return None
    told: dict[str, Any] = {"kind": "APIResourceList"}
    if group:
        told["apiVersion"] = "v1"  # the core group's document has none
    told["groupVersion"] = f"{group}/{version}" if group else version
    told["resources"] = [
        entry for one in found for entry in (_resource(one), *(_part(one, part) for part in one.subresources))
    ]
    return told


def _resource(one: Resource) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": one.plural, "singularName": one.singular, "namespaced": one.namespaced}
    entry.update(kind=one.kind, verbs=list(one.verbs), **_names(one))
    if "get" in one.verbs and "watch" in one.verbs:
        entry["storageVersionHash"] = _storage_hash(one)
    return entry


def _part(one: Resource, part: Subresource) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": f"{one.plural}/{part.name}", "singularName": "", "namespaced": one.namespaced}
    if part.version and (one.custom is None or part.group != one.group):
        entry.update(group=part.group, version=part.version)
    entry.update(kind=part.kind, verbs=list(part.verbs))
    return entry


def _names(one: Resource) -> dict[str, list[str]]:
    """Short names and categories, if there are any."""
    named = (("shortNames", one.short_names), ("categories", one.categories))
    return {key: list(names) for key, names in named if names}


def _storage_hash(one: Resource) -> str:
    """As apiserver's discovery.StorageVersionHash."""
    stored = _STORED.get((one.group, one.plural)) or f"{one.group}/{one.storage}"
    digest = hashlib.sha256(f"{stored}/{one.kind}".encode()).digest()
    return base64.b64encode(digest[:8]).decode()


def _aggregated(catalog: Catalog, *, core: bool) -> dict[str, Any]:
    items = [
        {
            "metadata": {"name": group} if group else {},
            "versions": [
                {"version": version, "resources": [_discovered(one) for one in found], "freshness": "Current"}
                for version, found in versions.items()
            ],
        }
        for group, versions in _groups(catalog).items()
        if (group == "") is core
    ]
    head = {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}}
    return {**head, "items": items}


def _discovered(one: Resource) -> dict[str, Any]:
    entry: dict[str, Any] = {"resource": one.plural, "responseKind": _kind(one, None)}
    entry["scope"] = "Namespaced" if one.namespaced else "Cluster"
    entry.update(singularResource=one.singular, verbs=list(one.verbs), **_names(one))
    if one.subresources:
        entry["subresources"] = [
            {"subresource": part.name, "responseKind": _kind(one, part), "verbs": list(part.verbs)}
            for part in one.subresources
        ]
    return entry


def _kind(one: Resource, part: Subresource | None) -> dict[str, str]:
    """The kind of the answers; Kubernetes' own leave out the group and version that are the address' own."""
    if part and part.version:
        return {"group": part.group, "version": part.version, "kind": part.kind}
    own = one.custom is None
    kind = part.kind if part else one.kind
    return {"group": "" if own else one.group, "version": "" if own else one.version, "kind": kind}
