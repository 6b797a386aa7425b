"""The smaller parts of a CustomResourceDefinition: subresources, columns, selectable fields, conversion."""

from __future__ import annotations

from navarch.cluster.custom.paths import PathError, resolve
from navarch.cluster.custom.structural import unsupported as unsupported_in
from navarch.cluster.validation.errors import duplicate, forbidden, invalid, required, too_many, unsupported
from navarch.cluster.validation.names import dns_label_1035, dns_subdomain, port_number
from navarch.errors import NavarchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.validation.errors import FieldError

    Object = dict[str, Any]

__all__ = ["check_columns", "check_conversion", "check_selectable", "check_subresources"]

_COLUMN_TYPES = ("boolean", "date", "integer", "number", "string")
_COLUMN_FORMATS = ("byte", "date", "date-time", "double", "float", "int32", "int64", "password")
_REVIEWS = ("v1", "v1beta1")
_MOST_SELECTABLE = 8
_URL_FORM = "; desired format: https://host[/path]"
_SELECTABLE = (
    "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed."
)


def check_subresources(given: Object | None, path: str) -> list[FieldError]:
    """The paths of the scale subresource."""
    scale = (given or {}).get("scale")
    if scale is None:
        return []
    errors: list[FieldError] = []
    for name, begin in (("specReplicasPath", ".spec."), ("statusReplicasPath", ".status.")):
        place, value = f"{path}.scale.{name}", scale.get(name, "")
        if not value:
            errors.append(required(place))
        else:
            detail = f"should be a json path under {begin.rstrip('.')}"
            errors += _check_path(value, place) or _check_begin(value, place, (begin,), detail)
    selector = scale.get("labelSelectorPath")
    if selector:
        place, detail = f"{path}.scale.labelSelectorPath", "should be a json path under either .spec or .status"
        errors += _check_path(selector, place) or _check_begin(selector, place, (".spec.", ".status."), detail)
    return errors


def _check_path(value: str, path: str) -> list[FieldError]:
    return [] if value.startswith(".") else [invalid(path, value, "must be a simple json path starting with .")]


def _check_begin(value: str, path: str, begins: tuple[str, ...], detail: str) -> list[FieldError]:
    return [] if value.startswith(begins) else [invalid(path, value, detail)]


def check_columns(columns: list[Object] | None, path: str) -> list[FieldError]:
    """AdditionalPrinterColumns."""
    return [error for index, one in enumerate(columns or ()) for error in _check_column(one, f"{path}[{index}]")]


def _check_column(column: Object, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    type_, format_, value = column.get("type", ""), column.get("format", ""), column.get("jsonPath", "")
    if not column.get("name"):
        errors.append(required(f"{path}.name"))
    if type_ not in _COLUMN_TYPES:
        detail = f"must be one of {','.join(_COLUMN_TYPES)}"
        errors.append(invalid(f"{path}.type", type_, detail) if type_ else required(f"{path}.type", detail))
    if format_ and format_ not in _COLUMN_FORMATS:
        errors.append(invalid(f"{path}.format", format_, f"must be one of {','.join(_COLUMN_FORMATS)}"))
    if not value:
        errors.append(required(f"{path}.JSONPath"))
    else:
        errors += _check_path(value, f"{path}.JSONPath")
    return errors


def check_selectable(fields: list[Object], node: Object | None, path: str, *, in_version: bool) -> list[FieldError]:
    """selectableFields; `node` is the schema of the object, None for none."""
    if node is None:
        detail = "may only be set when `version.schema.openAPIV3Schema` is not included"
        return [invalid(path, "", detail if in_version else "may only be set when validations.schema is included")]
    unknown = unsupported_in(node)
    if unknown:
        return [invalid(f"{path.removesuffix('.selectableFields')}.schema.openAPIV3Schema", "", unknown)]
    errors: list[FieldError] = []
    seen: set[str] = set()
    for index, one in enumerate(fields):
        place, value = f"{path}[{index}].jsonPath", one.get("jsonPath", "")
        if not value:
            errors.append(required(place))
            continue
        try:
            found, schema = resolve(node, value, brackets=False)
        except PathError as error:
            errors.append(invalid(place, value, f"is an invalid path: {error}"))
            continue
        errors += _check_field(found, schema, value, place)
        if found in seen:
            errors.append(duplicate(place, value))
        seen.add(found)
    return [*errors, *([too_many(path, len(seen), _MOST_SELECTABLE)] if len(seen) > _MOST_SELECTABLE else [])]


def _check_field(found: str, schema: Object, value: str, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    if found.partition(".")[0] == "metadata":
        errors.append(invalid(path, value, "must not point to fields in metadata"))
    if schema.get("type") not in ("string", "boolean", "integer"):
        errors.append(invalid(path, value, _SELECTABLE))
    return errors


def check_conversion(given: Object | None, *, trusted: bool, preserves: bool) -> list[FieldError]:
    """spec.conversion; `trusted`: certificates aren't looked at; `preserves`: unknown fields are kept."""
    if given is None:
        return []
    path, strategy = "spec.conversion", given.get("strategy", "")
    webhook = given.get("webhook") or {}
    client, reviews = webhook.get("clientConfig"), webhook.get("conversionReviewVersions") or []
    errors: list[FieldError] = []
    if strategy != "None" and preserves:
        detail = "must be None if spec.preserveUnknownFields is true"
        errors.append(invalid(f"{path}.strategy", strategy, detail))
    if not strategy:
        errors.append(required(f"{path}.strategy"))
    elif strategy not in ("None", "Webhook"):
        errors.append(unsupported(f"{path}.strategy", strategy, ("None", "Webhook")))
    if strategy == "Webhook":
        errors += _check_client(client, f"{path}.webhookClientConfig", trusted=trusted)
        return errors + _check_reviews(reviews, f"{path}.conversionReviewVersions")
    detail = "should not be set when strategy is not set to Webhook"
    if client is not None:
        errors.append(forbidden(f"{path}.webhookClientConfig", detail))
    if reviews:
        errors.append(forbidden(f"{path}.conversionReviewVersions", detail))
    return errors


def _check_client(client: Object | None, path: str, *, trusted: bool) -> list[FieldError]:
    if client is None:
        return [required(path, "required when strategy is set to Webhook")]
    url, service = client.get("url"), client.get("service")
    if (url is None) == (service is None):
        errors = [required(path, "exactly one of url or service is required")]
    elif url is not None:
        errors = _check_url(url, f"{path}.url")
    else:
        errors = _check_service(service or {}, f"{path}.service")
    if client.get("caBundle") and not trusted:
        errors += _check_bundle(client["caBundle"], f"{path}.caBundle")
    return errors


def _check_url(url: str, path: str) -> list[FieldError]:
    from navarch.golang.url import parse_url

    try:
        found = parse_url(url)
    except NavarchError as error:
        return [required(path, f"url must be a valid URL: {error}{_URL_FORM}")]
    errors: list[FieldError] = []
    if found.scheme != "https":
        errors.append(invalid(path, found.scheme, f"'https' is the only allowed URL scheme{_URL_FORM}"))
    if not found.host:
        errors.append(invalid(path, found.host, f"host must be specified{_URL_FORM}"))
    if found.user is not None:
        errors.append(invalid(path, found.userinfo(), "user information is not permitted in the URL"))
    if found.fragment:
        errors.append(invalid(path, found.fragment, "fragments are not permitted in the URL"))
    if found.query:
        errors.append(invalid(path, found.query, "query parameters are not permitted in the URL"))
    return errors


def _check_service(service: Object, path: str) -> list[FieldError]:
    """Real servers mix up name and namespace in what they ask for first."""
    errors: list[FieldError] = []
    if not service.get("namespace"):
        errors.append(required(f"{path}.name"))
    if not service.get("name"):
        errors.append(required(f"{path}.namespace"))
    port = service.get("port", 443)
    if broken := port_number(port):
        errors.append(invalid(f"{path}.port", port, f"port is not valid: {', '.join(broken)}"))
    return errors + _check_url_path(service.get("path"), f"{path}.path")


def _check_url_path(value: str | None, path: str) -> list[FieldError]:
    if value in (None, "", "/"):
        return []
    if value == "//":
        return [invalid(path, value, "segment[0] may not be empty")]
    text = value or ""
    errors = [] if text.startswith("/") else [invalid(path, text, "must start with a '/'")]
    for index, step in enumerate(text[1:].removesuffix("/").split("/")):
        if not step:
            errors.append(invalid(path, text, f"segment[{index}] may not be empty"))
            continue
        errors += [invalid(path, text, f"segment[{index}]: {fault}") for fault in dns_subdomain(step)]
    return errors


def _check_bundle(bundle: str, path: str) -> list[FieldError]:
    from base64 import b64decode

    from cryptography.x509 import load_pem_x509_certificates

    from navarch.cluster.validation.errors import as_json

    try:
        load_pem_x509_certificates(b64decode(bundle))
    except ValueError:
        fault = "unable to load root certificates: unable to parse bytes as PEM block"
        return [invalid(path, as_json(bundle), fault)]
    return []


def _check_reviews(versions: list[str], path: str) -> list[FieldError]:
    if not versions:
        return [required(path)]
    errors: list[FieldError] = []
    for index, one in enumerate(versions):
        if one in versions[:index]:
            errors.append(invalid(f"{path}[{index}]", one, "duplicate version"))
            continue
        errors += [invalid(f"{path}[{index}]", one, fault) for fault in dns_label_1035(one)]
    if not set(versions) & set(_REVIEWS):
        errors.append(invalid(path, versions, f"must include at least one of {', '.join(_REVIEWS)}"))
    return errors
