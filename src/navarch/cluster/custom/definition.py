"""CustomResourceDefinitions held against the rules of apiextensions.

Servers look at them in a form of their own, in which what all versions share stands beside them: schemas, subresources
and columns that are the same in all versions are told at "spec.validation", "spec.subresources" and so on.
What older servers accepted and newer ones only tolerate isn't known here, nor are costs of rules in CEL.
"""

from __future__ import annotations

from typing import NamedTuple

from navarch.cluster.custom.internal import SCHEMA_FIELDS, schema_text, versions_text
from navarch.cluster.custom.naming import PROTECTED_ANNOTATION, approval, is_protected, is_true
from navarch.cluster.custom.parts import check_columns, check_conversion, check_selectable, check_subresources
from navarch.cluster.validation.errors import forbidden, invalid, required, unsupported
from navarch.cluster.validation.metadata import check, check_immutable, check_update
from navarch.cluster.validation.names import dns_label_1035, dns_subdomain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

    Object = dict[str, Any]

__all__ = ["check_change", "check_new"]

_SHARED = ("schema", "subresources", "additionalPrinterColumns", "selectableFields")
_MOST_WARNING = 256
_ROOT_FIELDS = """Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength
    Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example
    XPreserveUnknownFields XValidations""".split()
"""What the schema of an object may say at its root when there is a status subresource."""


class _Spec(NamedTuple):
    """A definition's spec as servers see it; `shared` are the fields that are the same in all versions."""

    spec: Object
    versions: list[Object]
    shared: frozenset[str]

    def common(self, field: str) -> Any:
        """The value that all versions have."""
        return self.versions[0].get(field) if self.versions and field in self.shared else None


def check_new(definition: Object) -> list[FieldError]:
    """What is wrong with a new definition."""
    spec = definition["spec"]
    errors: list[FieldError] = []
    wanted = f"{(spec.get('names') or {}).get('plural', '')}.{spec.get('group', '')}"

    def names(name: str) -> list[str]:
        return [*dns_subdomain(name), *([] if name == wanted else ['must be spec.names.plural+"."+spec.group'])]

    check(errors, definition["metadata"], False, names)
    errors += _check_spec(_seen(spec), trusted=True)
    return errors + _check_rest(definition, None)


def check_change(new: Object, old: Object, subresource: str) -> list[FieldError]:
    """What is wrong with a changed definition."""
    errors: list[FieldError] = []
    check_update(errors, new["metadata"], old["metadata"])
    if subresource == "status":
        names = (new.get("status") or {}).get("acceptedNames") or {}
        return errors + _check_names(names, "status.acceptedNames")
    established = is_true(old, "Established")
    errors += _check_spec(_seen(new["spec"]), trusted=not established)
    before, after = old["spec"], new["spec"]
    if established:
        check_immutable(errors, "spec.scope", after.get("scope"), before.get("scope"))
        check_immutable(errors, "spec.names.kind", after["names"].get("kind"), before["names"].get("kind"))
    check_immutable(errors, "spec.group", after.get("group"), before.get("group"))
    check_immutable(errors, "spec.names.plural", after["names"].get("plural"), before["names"].get("plural"))
    return errors + _check_rest(new, old)


def _seen(spec: Object) -> _Spec:
    versions = spec.get("versions") or []
    same = (field for field in _SHARED if all(one.get(field) == versions[0].get(field) for one in versions))
    return _Spec(spec, versions, frozenset(same if versions else ()))


def _check_rest(new: Object, old: Object | None) -> list[FieldError]:
    """The status, the approval of the community's groups, and what can't be asked for any more."""
    status = new.get("status") or {}
    errors = _check_names(status.get("acceptedNames") or {}, "status.acceptedNames")
    errors += _check_stored(status.get("storedVersions"), new["spec"].get("versions") or [])
    errors += _check_approval(new, old)
    if new["spec"].get("preserveUnknownFields") and not (old and old["spec"].get("preserveUnknownFields")):
        instead = "set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"
        errors.append(invalid("spec.preserveUnknownFields", True, f"cannot set to true, {instead}"))
    return errors


def _check_stored(stored: list[str] | None, versions: list[Object]) -> list[FieldError]:
    path = "status.storedVersions"
    if not stored:
        return [invalid(path, stored, "must have at least one stored version")]
    errors = [
        invalid(path, stored, f"must have the storage version {one['name']}")
        for one in versions
        if one.get("storage") and one["name"] not in stored
    ]
    names = {one["name"] for one in versions}
    for index, name in enumerate(stored):
        if name not in names:
            detail = (
                f"missing from spec.versions; {name} was previously a storage version, and must remain in "
                f"spec.versions until a storage migration ensures no data remains persisted in {name} and removes "
                f"{name} from status.storedVersions"
            )
            errors.append(invalid(f"{path}[{index}]", name, detail))
    return errors


def _check_approval(new: Object, old: Object | None) -> list[FieldError]:
    if not is_protected(new["spec"].get("group", "")):
        return []
    annotations = new["metadata"].get("annotations")
    state, reason = approval(annotations)
    if old is not None and approval(old["metadata"].get("annotations"))[0] == state:
        return []
    path = f"metadata.annotations[{PROTECTED_ANNOTATION}]"
    if state == "Missing":
        return [required(path, reason)]
    return [invalid(path, annotations[PROTECTED_ANNOTATION], reason)] if state == "Invalid" and annotations else []


def _check_spec(seen: _Spec, *, trusted: bool) -> list[FieldError]:
    """`trusted`: certificates of a conversion webhook aren't looked at."""
    spec, versions = seen.spec, seen.versions
    errors = [*_check_group(spec.get("group", "")), *_check_scope(spec.get("scope", ""))]
    if not (seen.common("schema") or {}).get("openAPIV3Schema"):
        errors += [
            required(f"spec.versions[{index}].schema.openAPIV3Schema")
            for index, one in enumerate(versions)
            if "schema" in seen.shared or (one.get("schema") or {}).get("openAPIV3Schema") is None
        ]
    if spec.get("preserveUnknownFields") and any(_has_defaults(one.get("schema")) for one in versions):
        errors.append(
            invalid("spec.preserveUnknownFields", True, "must be false in order to use defaults in the schema")
        )
    for index, one in enumerate(versions):
        if broken := dns_label_1035(one.get("name", "")):
            errors.append(invalid(f"spec.versions[{index}].name", one.get("name", ""), ",".join(broken)))
        errors += _check_version(seen, one, f"spec.versions[{index}]")
    errors += _check_versions(seen)
    errors += _check_required_names(spec.get("names") or {})
    errors += _check_names(spec.get("names") or {}, "spec.names")
    errors += _check_shared(seen)
    errors += check_conversion(
        spec.get("conversion"), trusted=trusted, preserves=bool(spec.get("preserveUnknownFields"))
    )
    return errors


def _check_group(group: str) -> list[FieldError]:
    if not group:
        return [required("spec.group")]
    broken = ",".join(dns_subdomain(group)) or ("" if "." in group else "should be a domain with at least one dot")
    return [invalid("spec.group", group, broken)] if broken else []


def _check_scope(scope: str) -> list[FieldError]:
    if not scope:
        return [required("spec.scope")]
    scopes = ("Cluster", "Namespaced")
    return [] if scope in scopes else [unsupported("spec.scope", scope, scopes)]


def _has_defaults(node: Any) -> bool:
    """Whether there is a default in a schema."""
    if isinstance(node, list):
        return any(map(_has_defaults, node))
    if not isinstance(node, dict):
        return False
    if node.get("default") is not None:
        return True
    inner = [node.get(name) for name in ("openAPIV3Schema", "items", "not", "allOf", "anyOf", "oneOf")]
    return any(map(_has_defaults, [*inner, node.get("additionalProperties"), *(node.get("properties") or {}).values()]))


def _check_version(seen: _Spec, version: Object, path: str) -> list[FieldError]:
    """What a version says of its own."""
    errors = _check_deprecation(version, path)
    own = {name: value for name, value in version.items() if name not in seen.shared}
    if "schema" in own:
        status = "status" in (version.get("subresources") or {})
        errors += _check_validation(own["schema"], f"{path}.schema", status=status)
    errors += check_subresources(own.get("subresources"), f"{path}.subresources")
    errors += check_columns(own.get("additionalPrinterColumns"), f"{path}.additionalPrinterColumns")
    if own.get("selectableFields"):
        node = (own.get("schema") or {}).get("openAPIV3Schema")
        errors += check_selectable(own["selectableFields"], node, f"{path}.selectableFields", in_version=True)
    return errors


def _check_deprecation(version: Object, path: str) -> list[FieldError]:
    warning = version.get("deprecationWarning")
    if warning is None:
        return []
    faults: list[str] = []
    if not version.get("deprecated"):
        faults.append("can only be set for deprecated versions")
    else:
        if len(warning.encode("utf-8", "surrogatepass")) > _MOST_WARNING:
            faults.append("must be <= 256 characters long")
        if not warning:
            faults.append("must not be an empty string")
        bad = next((index for index, char in enumerate(warning) if char != " " and not char.isprintable()), None)
        if bad is not None:
            at = len(warning[:bad].encode("utf-8", "surrogatepass"))
            faults.append(f"must only contain printable UTF-8 characters; non-printable character found at index {at}")
    return [invalid(f"{path}.deprecationWarning", warning, fault) for fault in faults]


def _check_versions(seen: _Spec) -> list[FieldError]:
    """The versions among themselves."""
    names = [one.get("name", "") for one in seen.versions]
    faults = []
    if len(set(names)) != len(names):
        faults.append("must contain unique version names")
    if sum(bool(one.get("storage")) for one in seen.versions) != 1:
        faults.append("must have exactly one version marked as storage version")
    shown = versions_text(seen.versions, seen.shared) if faults else ""
    errors = [invalid("spec.versions", shown, fault) for fault in faults]
    if names and names[0] and (broken := dns_label_1035(names[0])):
        errors.append(invalid("spec.version", names[0], ",".join(broken)))
    return errors


def _check_required_names(names: Object) -> list[FieldError]:
    wanted = ("plural", "singular", "kind", "listKind")
    return [required(f"spec.names.{name}") for name in wanted if not names.get(name)]


def _check_names(names: Object, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    for name in ("plural", "singular", "kind", "listKind"):
        value = names.get(name) or ""
        mixed = name in ("kind", "listKind")
        broken = dns_label_1035(value.lower() if mixed else value) if value else ()
        if broken:
            begin = "may have mixed case, but should otherwise match: " if mixed else ""
            errors.append(invalid(f"{path}.{name}", value, begin + ",".join(broken)))
    errors += _check_words(names, "shortNames", path)
    if names.get("kind") and names["kind"] == names.get("listKind"):
        errors.append(invalid(f"{path}.listKind", names["listKind"], "kind and listKind may not be the same"))
    return errors + _check_words(names, "categories", path)


def _check_words(names: Object, field: str, path: str) -> list[FieldError]:
    words = enumerate(names.get(field) or ())
    found = ((index, word, dns_label_1035(word)) for index, word in words)
    return [invalid(f"{path}.{field}[{index}]", word, ",".join(broken)) for index, word, broken in found if broken]


def _check_shared(seen: _Spec) -> list[FieldError]:
    """What all versions share."""
    errors: list[FieldError] = []
    schema = seen.common("schema")
    if schema is not None:
        status = any("status" in (one.get("subresources") or {}) for one in seen.versions)
        errors += _check_validation(schema, "spec.validation", status=status)
    errors += check_subresources(seen.common("subresources"), "spec.subresources")
    errors += check_columns(seen.common("additionalPrinterColumns"), "spec.additionalPrinterColumns")
    fields = seen.common("selectableFields")
    if fields:
        node = None if schema is None else schema.get("openAPIV3Schema") or {}
        errors += check_selectable(fields, node, "spec.selectableFields", in_version=False)
    return errors


def _check_validation(schema: Object, path: str, *, status: bool) -> list[FieldError]:
    """A version's schema."""
    node = schema.get("openAPIV3Schema")
    if node is None:
        return []
    from navarch.cluster.custom.defaulted import check_defaults
    from navarch.cluster.custom.schemas import check_schema
    from navarch.cluster.custom.structural import check_structural
    from navarch.cluster.custom.structural import unsupported as unsupported_in

    path = f"{path}.openAPIV3Schema"
    errors = _check_root(node, path) if status else []
    if node.get("nullable"):
        errors.append(forbidden(f"{path}.nullable", "nullable cannot be true at the root"))
    unknown = unsupported_in(node)
    if not unknown:
        errors += check_structural(node, path) or check_defaults(node, path)
    errors += check_schema(node, path)
    return [invalid(path, "", unknown)] if unknown and not errors else errors


def _check_root(node: Object, path: str) -> list[FieldError]:
    """The first thing at the root that isn't checked for a status alone."""
    for name, source, absent in SCHEMA_FIELDS:
        if source not in node or node[source] == absent:
            continue
        if name == "Type" and node["type"] != "object":
            detail = (
                'only "object" is allowed as the type at the root of the schema if the status subresource is enabled'
            )
            return [invalid(f"{path}.type", node["type"], detail)]
        if name not in _ROOT_FIELDS:
            allowed = f"only [{' '.join(_ROOT_FIELDS)}] fields are allowed at the root of the schema"
            return [invalid(path, schema_text(node), f"{allowed} if the status subresource is enabled")]
    return []
