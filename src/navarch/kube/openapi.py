"""Validation before anything is sent: what Helm checks of objects whose server wouldn't check their fields itself.

A step of `objects.build`. Servers that know the query parameter `fieldValidation` do it better, so for kinds that take
it (all but a few of Kubernetes' own, and those of custom resource definitions) nothing is done here, and nothing is
asked of the server. What is left (`kind: List`, kinds that can't be patched, extension API servers) is checked against
the server's OpenAPI definitions by the rules of kubectl's validation, with its messages.
"""

from __future__ import annotations

import json

from navarch.chart.capabilities import API_VERSIONS
from navarch.errors import KubernetesError
from navarch.golang.strconv import quote
from navarch.kube.metadata import group_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from navarch.kube.catalog import Kind
    from navarch.kube.discovery import Discovery
    from navarch.kube.documents import Document
    from navarch.kube.transport import Transport

    Gvk = tuple[str, str, str]

__all__ = ["Validation", "model_errors"]

_TIMEOUT = {"timeout": "32s"}
_SECONDS = 32.0
_LIST = ("", "v1", "List")
_NAMESPACE = ("", "v1", "Namespace")
_GVK = "x-kubernetes-group-version-kind"
_PARAMETER = "fieldValidation"
_CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_METADATA = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json"
_BUILT_IN = frozenset(name.rpartition("/")[0] for name in API_VERSIONS) | {"apiregistration.k8s.io"}
"""The groups that only the API server itself serves."""
_SINCE = (1, 27)
"""The first version of Kubernetes whose servers all check fields."""


class Validation:
    """Checks the documents of a manifest. What it has asked the server is remembered for the next document."""

    def __init__(self, transport: Transport, discovery: Discovery) -> None:
        self.transport = transport
        self.discovery = discovery
        self._supported: dict[Gvk, bool] = {}
        self._answers: dict[str, dict[str, Any]] = {}
        self._models: dict[Gvk, str] = {}

    def check(self, document: Document) -> str:
        """What is wrong with a document, as Helm says it behind "error validating data: "; "" if nothing is.

        Raises KubernetesError where the server has to be asked and doesn't answer.
        """
        if document.problem:
            return document.problem
        gvk, problems = _kind_of(document.value)
        if problems:
            return _aggregate(problems)
        try:
            if self.is_supported(gvk):
                return ""
            problems = self._list_errors(document.value) if gvk == _LIST else self._object_errors(document.value, gvk)
        except (AttributeError, LookupError, TypeError) as error:
            raise KubernetesError("the server's OpenAPI documents can't be read") from error
        return _aggregate(problems + _double_keys(document))

    def is_supported(self, gvk: Gvk) -> bool:
        """Whether the server checks the fields of objects of a kind."""
        known = self._supported.get(gvk)
        if known is None:
            known = self._supported[gvk] = gvk != _LIST and (self._is_surely_supported(gvk) or self._has_parameter(gvk))
        return known

    def _is_surely_supported(self, gvk: Gvk) -> bool:
        """Whether it is clear without the server's documents: a known group, or a custom resource definition."""
        group, version, name = gvk
        kind = self.discovery.kind(group, version, name)
        if kind is None or "patch" not in kind.verbs or not self._is_recent():
            return False
        return group in _BUILT_IN or self._is_custom(group, kind)

    def _is_recent(self) -> bool:
        version = self.discovery.version()
        try:
            numbers = int(str(version.get("major"))), int(str(version.get("minor")).rstrip("+"))
        except ValueError:
            return False
        return numbers >= _SINCE

    def _is_custom(self, group: str, kind: Kind) -> bool:
        """Whether a kind comes from a custom resource definition, which the API server itself serves."""
        try:
            self.transport.request("GET", f"{_CRDS}/{kind.plural}.{group}", accept=_METADATA, timeout=_SECONDS)
        except KubernetesError:
            return False
        return True

    def _has_parameter(self, gvk: Gvk) -> bool:
        """Whether patches of a kind take the parameter, by the server's documents (cli-runtime's verifiers)."""
        group, version, _ = gvk
        if not self.discovery.serves(group, version):
            return False
        found: bool | None = None
        try:
            document = self._version_document(group, version)
            if document is None:
                return self._is_listed(gvk) and bool(self._patch_takes_it(_NAMESPACE))
            found = _takes_parameter(document, gvk)
        except KubernetesError:
            pass
        return found if found is not None else self._has_parameter_in_old_form(gvk)

    def _patch_takes_it(self, gvk: Gvk) -> bool | None:
        document = self._version_document(gvk[0], gvk[1])
        return None if document is None else _takes_parameter(document, gvk)

    def _has_parameter_in_old_form(self, gvk: Gvk) -> bool:
        document = self._definitions()
        found = _takes_parameter(document, gvk)
        if found is None:
            found = bool(_takes_parameter(document, _NAMESPACE)) and self._is_listed(gvk)
        return found

    def _is_listed(self, gvk: Gvk) -> bool:
        """Whether there is a custom resource definition for a kind."""
        try:
            found = self._ask(_CRDS)
        except KubernetesError:
            return False
        for item in found.get("items") or []:
            spec = item.get("spec") or {}
            if (spec.get("group"), (spec.get("names") or {}).get("kind")) == (gvk[0], gvk[2]):
                return True
        return False

    def _ask(self, path: str) -> dict[str, Any]:
        """An answer of the server, remembered."""
        if path not in self._answers:
            found = self.transport.request("GET", path, query=_TIMEOUT, timeout=_SECONDS).json()
            self._answers[path] = found if isinstance(found, dict) else {}
        return self._answers[path]

    def _version_document(self, group: str, version: str) -> dict[str, Any] | None:
        """The OpenAPI v3 document of a version of a group; None where the server has none."""
        name = f"apis/{group}/{version}" if group else f"api/{version}"
        place = (self._ask("/openapi/v3").get("paths") or {}).get(name)
        if place is None:
            return None
        return self._ask(str(place.get("serverRelativeURL")).partition("?")[0])

    def _definitions(self) -> dict[str, Any]:
        """The OpenAPI v2 document."""
        return self._ask("/openapi/v2")

    def _list_errors(self, value: dict[str, Any]) -> list[str]:
        items = value.get("items")
        if type(items) is not list:
            return ["invalid object to validate"]
        problems: list[str] = []
        for item in items:
            gvk, found = _kind_of(item)
            problems += found or self._object_errors(item, gvk)
        return problems

    def _object_errors(self, value: dict[str, Any], gvk: Gvk) -> list[str]:
        """What is wrong with an object by its kind's definition; nothing where there is none."""
        if not self.discovery.serves(gvk[0], gvk[1]):
            return []
        document = self._definitions()
        definitions: dict[str, Any] = document.get("definitions") or {}
        if not self._models:
            self._models = dict(_models(definitions))
        model = self._models.get(gvk)
        return [] if model is None else model_errors(definitions, model, value, gvk[2])


def _kind_of(value: Any) -> tuple[Gvk, list[str]]:
    """The kind of what is to be validated, or what is wrong with its apiVersion and kind."""
    if type(value) is not dict:
        return _LIST, ["invalid object to validate"]
    problems: list[str] = []
    found: tuple[str, str] | None = ("", "")
    api_version, kind = value.get("apiVersion"), value.get("kind")
    if api_version is None:
        problems.append("apiVersion not set")
    elif type(api_version) is not str:
        problems.append("apiVersion isn't string type")
    else:
        found = group_version(api_version)
        if found is None:
            problems.append(f"unexpected GroupVersion string: {api_version}")
    if kind is None:
        problems.append("kind not set")
    elif type(kind) is not str:
        problems.append("kind isn't string type")
    return (*(found or ("", "")), str(kind)), problems


def _aggregate(problems: list[str]) -> str:
    from navarch.kube.objects import aggregate

    return aggregate(problems) if problems else ""


def _double_keys(document: Document) -> list[str]:
    """A key that labels or annotations have twice, in a document that came as JSON (YAML's are settled by now)."""
    if not document.text:
        return []
    problems: list[str] = []
    for place in ("labels", "annotations"):
        pairs: Any = json.loads(document.text, object_pairs_hook=_Pairs)
        for name in ("metadata", place):
            pairs = next((value for key, value in pairs if key == name), None) if type(pairs) is _Pairs else None
        keys = [key for key, _ in pairs] if type(pairs) is _Pairs else []
        problems += [f"duplicate key: {key}" for at, key in enumerate(keys) if key in keys[:at]][:1]
    return problems


class _Pairs(list):  # type: ignore[type-arg]
    """An object's pairs, as they came."""


def _takes_parameter(document: dict[str, Any], gvk: Gvk) -> bool | None:
    """Whether a kind's PATCH takes the parameter, by an OpenAPI document; None where the kind has no PATCH in it."""
    wanted = dict(zip(("group", "version", "kind"), gvk, strict=True))
    shared = document.get("parameters") or (document.get("components") or {}).get("parameters") or {}
    for path in (document.get("paths") or {}).values():
        patch = path.get("patch")
        if patch is None or patch.get(_GVK) != wanted:
            continue
        for parameter in patch.get("parameters") or []:
            reference = str(parameter.get("$ref", "")).rpartition("/")[2]
            found = shared.get(reference, {}) if reference else parameter
            if found.get("name") == _PARAMETER and found.get("in") == "query":
                return True
        return False
    return None


def _models(definitions: dict[str, Any]) -> Iterator[tuple[Gvk, str]]:
    """Kinds and the names of their definitions; of several definitions of a kind the last by name counts."""
    for name in sorted(definitions):
        for gvk in definitions[name].get(_GVK) or []:
            if gvk.get("kind"):
                yield (gvk.get("group", ""), gvk.get("version", ""), gvk["kind"]), name


def model_errors(definitions: dict[str, Any], model: str, value: Any, name: str) -> list[str]:
    """What is wrong with a value by a definition of an OpenAPI v2 document: kube-openapi's ValidateModel.

    `name` stands for the value at the beginning of paths: "ValidationError(Pod.spec): unknown field …".
    """
    errors: list[str] = []
    if value is None:
        return [f'unknown object type "nil" in {name}']
    _Model(definitions, errors).check(value, definitions[model], name, model)
    return errors


class _Model:
    """Walks over a value and its definition. `at` is the value's path, `place` the definition's."""

    def __init__(self, definitions: dict[str, Any], errors: list[str]) -> None:
        self.definitions = definitions
        self.errors = errors

    def refuse(self, at: str, problem: str) -> None:
        self.errors.append(f"ValidationError({at}): {problem}")

    def mistyped(self, at: str, place: str, actual: str, expected: str) -> None:
        self.refuse(at, f"invalid type for {place}: got {quote(actual)}, expected {quote(expected)}")

    def check(self, value: Any, schema: dict[str, Any], at: str, place: str) -> None:
        reference = schema.get("$ref")
        while reference:
            place = reference.removeprefix("#/definitions/")
            schema = self.definitions.get(place) or {}
            reference = schema.get("$ref")
        expected = schema.get("type")
        if "properties" in schema:
            expected = "fields"
        elif expected is None:
            return
        if type(value) is dict:
            self.check_map(value, schema, at, place, expected)
        elif type(value) is list:
            self.check_list(value, schema, at, place, expected)
        else:
            self.check_scalar(value, at, place, expected)

    def check_map(self, value: dict[str, Any], schema: dict[str, Any], at: str, place: str, expected: str) -> None:
        if expected == "fields":
            self.check_fields(value, schema, at, place)
        elif expected != "object":
            self.mistyped(at, place, "map", expected)
        else:
            inner = schema.get("additionalProperties")
            for key in sorted(value):
                if value[key] is None:
                    self.errors.append(f'unknown object type "nil" in {at}.{key}')
                elif type(inner) is dict:
                    self.check(value[key], inner, f"{at}.{key}", place)

    def check_fields(self, value: dict[str, Any], schema: dict[str, Any], at: str, place: str) -> None:
        fields = schema["properties"]
        for key in sorted(value):
            if value[key] is None:
                continue
            if key in fields:
                self.check(value[key], fields[key], f"{at}.{key}", f"{place}.{key}")
            else:
                self.refuse(at, f"unknown field {quote(key)} in {place}")
        for key in schema.get("required") or []:
            if value.get(key) is None:
                self.refuse(at, f"missing required field {quote(key)} in {place}")

    def check_list(self, value: list[Any], schema: dict[str, Any], at: str, place: str, expected: str) -> None:
        if expected != "array":
            self.mistyped(at, place, "array", "map" if expected in {"fields", "object"} else expected)
            return
        inner = schema.get("items") or {}
        for index, item in enumerate(value):
            if item is None:
                self.refuse(at, f'unknown object type "nil" in {at}[{index}]')
            else:
                self.check(item, inner, f"{at}[{index}]", place)

    def check_scalar(self, value: Any, at: str, place: str, expected: str) -> None:
        actual = {bool: "boolean", int: "integer", float: "number"}.get(type(value), "string")
        if expected in {"string", actual}:
            return
        if expected in {"integer", "number"} and actual in {"integer", "number"}:
            return
        self.mistyped(at, place, actual, "map" if expected in {"fields", "object"} else expected)
