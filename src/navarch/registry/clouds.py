"""Buckets of three clouds: which parameters they have, and what obstore is given of them.

Parameters are named as Docker's registry names them. What isn't given, obstore looks for where the cloud's own programs
do: in the environment, at the machine's own address for such questions. What is given counts alone.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from navarch.registry.keys import Keys, SettingsError
from navarch.registry.store.bucket import Bucket

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["EVERYWHERE", "PARAMETERS", "check_parameters", "open_bucket"]

_CONNECT = 5.0  # seconds
_WHOLE = timedelta(hours=1)  # of a blob that is sent or fetched, as long as something comes
_RETRIES = 8

# Parameters: (name, kind, whether it must be there, obstore's name for it).
EVERYWHERE = (
    ("rootdirectory", "text", False, "prefix"),
    ("anonymous", "switch", False, "skip_signature"),
    ("secure", "switch", False, ""),
    ("skipverify", "switch", False, ""),
    ("cafile", "text", False, ""),
    ("storagetimeout", "number", False, ""),
)
PARAMETERS: dict[str, tuple[tuple[str, str, bool, str], ...]] = {
    "s3": (
        ("bucket", "text", True, "bucket"),
        ("region", "text", False, "region"),
        ("regionendpoint", "text", False, ""),
        ("accesskey", "text", False, ""),
        ("secretkey", "text", False, ""),
        ("sessiontoken", "text", False, ""),
        ("forcepathstyle", "switch", False, ""),
    ),
    "gcs": (
        ("bucket", "text", True, "bucket"),
        ("keyfile", "text", False, ""),
        ("endpoint", "text", False, ""),
    ),
    "azure": (
        ("container", "text", True, "container_name"),
        ("connectionstring", "text", False, ""),
        ("accountname", "text", False, "account_name"),
        ("accountkey", "text", False, "account_key"),
        ("sastoken", "text", False, "sas_key"),
        ("tenantid", "text", False, "tenant_id"),
        ("clientid", "text", False, "client_id"),
        ("clientsecret", "text", False, "client_secret"),
        ("tokenfile", "text", False, "federated_token_file"),
        ("endpoint", "text", False, ""),
    ),
}
# Which credentials are given, by what they can't do without; one of them at most.
_CREDENTIALS: dict[str, tuple[tuple[str, ...], ...]] = {
    "s3": (("accesskey", "secretkey"), ("anonymous",)),
    "gcs": (("keyfile",), ("anonymous",)),
    "azure": (
        ("accountkey",),
        ("sastoken",),
        ("clientsecret", "clientid", "tenantid"),
        ("tokenfile", "clientid", "tenantid"),
        ("anonymous",),
    ),
}
_AZURE_TYPES = {
    "accountkey": "access_key",
    "sastoken": "sas_token",
    "clientsecret": "client_secret",
    "tokenfile": "workload_identity",
}
_CONNECTION_STRING = {"AccountName": "accountname", "AccountKey": "accountkey", "SharedAccessSignature": "sastoken"}


def check_parameters(driver: str, keys: Keys) -> dict[str, Any]:
    """The parameters of a driver. Raises SettingsError."""
    found: dict[str, Any] = {}
    for name, kind, needed, _ in (*PARAMETERS[driver], *EVERYWHERE):
        if keys.has(name):
            found[name] = _read(keys, name, kind)
        elif needed:
            raise SettingsError(f"{keys.at(name)} is missing")
    keys.end()
    if "connectionstring" in found:
        found = {**_read_connection(found.pop("connectionstring"), keys.at("connectionstring")), **found}
    _check_credentials(driver, found, keys)
    _check_address(found, keys)
    return found


def _read(keys: Keys, name: str, kind: str) -> Any:
    if kind == "number":
        return keys.number(name, least=100, most=3_600_000) / 1000
    return keys.text(name) if kind == "text" else keys.switch(name)


def _read_connection(text: str, where: str) -> dict[str, str]:
    """The parameters in a connection string of Azure. What is wrong with it is told without its secrets."""
    fields = dict(part.strip().split("=", 1) for part in text.split(";") if "=" in part)
    if "AccountName" not in fields:
        raise SettingsError(f"{where} should have AccountName")
    found = {ours: fields[theirs] for theirs, ours in _CONNECTION_STRING.items() if theirs in fields}
    if "BlobEndpoint" in fields:
        found["endpoint"] = fields["BlobEndpoint"]
    elif "EndpointSuffix" in fields:
        scheme = fields.get("DefaultEndpointsProtocol", "https")
        found["endpoint"] = f"{scheme}://{fields['AccountName']}.blob.{fields['EndpointSuffix']}"
    return found


def _check_credentials(driver: str, found: Mapping[str, Any], keys: Keys) -> None:
    given = [names for names in _CREDENTIALS[driver] if found.get(names[0])]
    if len(given) > 1:
        raise SettingsError(f"{keys.at(given[0][0])} and {given[1][0]} can't both be given")
    for name in (name for names in given for name in names):
        if name not in found:
            raise SettingsError(f"{keys.at(name)} is missing")
    if driver == "s3" and not given and (found.keys() & {"secretkey", "sessiontoken"}):
        raise SettingsError(f"{keys.at('accesskey')} is missing")


def _check_address(found: dict[str, Any], keys: Keys) -> None:
    """Give the address a scheme: HTTPS, unless it has one or `secure` is false."""
    for name in ("regionendpoint", "endpoint"):
        text = found.get(name)
        if text is None:
            continue
        if "://" not in text:
            found[name] = f"{'https' if found.get('secure', True) else 'http'}://{text}"
        elif text.startswith("http://") and found.get("secure"):
            raise SettingsError(f"{keys.at(name)} is plain HTTP, but secure is true")
        elif not text.startswith(("http://", "https://")):
            raise SettingsError(f"{keys.at(name)} should be an address like https://storage.example.com")


def open_bucket(driver: str, parameters: Mapping[str, Any], seconds: float = 30) -> Bucket:
    """Objects in a bucket. After `seconds` in which storage is silent a request fails. Raises what obstore raises."""
    table = (*PARAMETERS[driver], *EVERYWHERE)
    given = {theirs: parameters[name] for name, _, _, theirs in table if theirs and name in parameters}
    if "prefix" in given:
        given["prefix"] = given["prefix"].strip("/")
    name = f"container {parameters['container']}" if driver == "azure" else f"bucket {parameters.get('bucket')}"
    opened = _OPEN[driver](parameters, {**given, **_connection(parameters, seconds)})
    return Bucket(opened, name)


def _s3(parameters: Mapping[str, Any], given: dict[str, Any]) -> Any:
    from obstore.store import S3Store

    endpoint = parameters.get("regionendpoint")
    if endpoint:
        given["endpoint"] = endpoint
    if "accesskey" in parameters:  # whole: else a session's token from the environment would go with these keys
        given["credential_provider"] = lambda: {
            "access_key_id": parameters["accesskey"],
            "secret_access_key": parameters["secretkey"],
            "token": parameters.get("sessiontoken"),
            "expires_at": None,
        }
    given.setdefault("region", "us-east-1")
    hosted = not parameters.get("forcepathstyle", bool(endpoint))
    return S3Store(**given, virtual_hosted_style_request=hosted)


def _gcs(parameters: Mapping[str, Any], given: dict[str, Any]) -> Any:
    from obstore.store import GCSStore

    if "endpoint" in parameters:
        given["base_url"] = parameters["endpoint"].rstrip("/")
    if "keyfile" in parameters:
        given[_kind_of_key(parameters["keyfile"])] = parameters["keyfile"]
    if parameters.get("anonymous"):
        given["bearer_token"] = "anonymous"  # noqa: S105 - nobody's: writes would look for an account all the same
    return GCSStore(**given)


def _kind_of_key(path: str) -> str:
    """What obstore calls a file of credentials: a service account's, or a user's as Google's programs leave it."""
    try:
        with open(path, "rb") as file:
            kind = json.load(file).get("type", "service_account")
    except (OSError, ValueError, AttributeError):
        kind = "service_account"  # obstore says what is wrong with it
    return "application_credentials" if kind == "authorized_user" else "service_account"


def _azure(parameters: Mapping[str, Any], given: dict[str, Any]) -> Any:
    from obstore.store import AzureStore

    if "endpoint" in parameters:
        given["endpoint"] = parameters["endpoint"].rstrip("/")
    kind = next((kind for name, kind in _AZURE_TYPES.items() if name in parameters), None)
    if kind is not None:
        given["credential_type"] = kind
    if "sas_key" in given:
        given["sas_key"] = given["sas_key"].removeprefix("?")
    return AzureStore(**given)


_OPEN = {"s3": _s3, "gcs": _gcs, "azure": _azure}


def _connection(parameters: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """Half the time is for an answer, half for asking again. Plain HTTP only where it was asked for."""
    silent = timedelta(seconds=parameters.get("storagetimeout", seconds) / 2)
    address = str(parameters.get("regionendpoint") or parameters.get("endpoint") or "")
    client: dict[str, Any] = {
        "timeout": _WHOLE,
        "read_timeout": silent,
        "connect_timeout": min(silent, timedelta(seconds=_CONNECT)),
        "allow_http": address.startswith("http://") or parameters.get("secure") is False,
    }
    if parameters.get("skipverify"):
        client["allow_invalid_certificates"] = True
    if "cafile" in parameters:
        with open(parameters["cafile"], "rb") as file:
            client["root_certificate"] = file.read()
    return {"client_options": client, "retry_config": {"max_retries": _RETRIES, "retry_timeout": silent}}
