"""Creating an object."""

from __future__ import annotations

import os

from navarch.cluster import kinds
from navarch.cluster.conversion import from_storage, storage_key, to_storage
from navarch.cluster.problems import Problem, already_exists, bad_request
from navarch.cluster.verbs.owning import own

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.api import Api
    from navarch.cluster.options import Options
    from navarch.cluster.types.catalog import Resource

    Object = dict[str, Any]

__all__ = ["check_namespace", "create", "insert", "new_uid"]

_SYSTEM_FIELDS = ("creationTimestamp", "uid", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink")
_SUFFIX = "bcdfghjklmnpqrstvwxz2456789"  # no vowels: generated names spell nothing
_SUFFIX_LENGTH = 5
_LONGEST_PREFIX = 63 - _SUFFIX_LENGTH


def create(
    api: Api, resource: Resource, obj: Object, namespace: str, options: Options, duplicates: tuple[str, ...]
) -> Object:
    """Create `obj`, which isn't changed. Raises Problem."""
    made = kinds.convert(obj, resource, options, duplicates)
    meta = made["metadata"]
    for name in _SYSTEM_FIELDS:
        meta.pop(name, None)
    check_namespace(resource, made, namespace)
    with api.store.lock:
        own(api, resource, None, made, obj, manager=options.manager)
        return insert(api, resource, made, options)


def check_namespace(resource: Resource, obj: Object, namespace: str) -> None:
    """Give an object the namespace of its request. Raises Problem (400) if it names another one."""
    meta = obj["metadata"]
    own = meta.get("namespace", "")
    if not resource.namespaced:
        meta.pop("namespace", None)
        return
    if own and own != namespace:
        raise bad_request("the namespace of the provided object does not match the namespace sent on the request")
    if namespace and not own:
        meta["namespace"] = namespace


def insert(api: Api, resource: Resource, made: Object, options: Options) -> Object:
    """Check a new object that is read, filled in and owned, and keep it. Under the lock. Raises Problem."""
    meta = made["metadata"]
    meta["creationTimestamp"] = api.now()
    meta["uid"] = new_uid()
    if meta.get("resourceVersion"):
        raise Problem(500, "", "resourceVersion should not be set on objects to be created")
    if meta.get("generateName") and not meta.get("name"):
        meta["name"] = _generated(meta["generateName"])
    context = api.context(options)
    try:
        kinds.admit(context, resource, made, None, "")
        kinds.prepare_create(context, resource, made)
        kinds.check_create(resource, made)
        kinds.check_admission(context, resource, made, None, "")
    finally:
        options.warn(context.warnings)
    key = storage_key(resource, meta.get("namespace", ""), meta.get("name", ""))
    if api.store.get(key) is not None:
        raise already_exists(resource.group, resource.plural, key.name)
    if options.dry_run:
        return from_storage(to_storage(made, resource), resource)
    stored = api.store.put(key, to_storage(made, resource))
    if kinds.is_definition(resource):
        from navarch.cluster.definitions import publish

        publish(api, stored)  # the answer doesn't wait for it
    return from_storage(stored, resource)


def new_uid() -> str:
    """A random UUID (version 4) as text."""
    digits = bytearray(os.urandom(16))
    digits[6] = digits[6] & 0x0F | 0x40
    digits[8] = digits[8] & 0x3F | 0x80
    text = digits.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _generated(prefix: str) -> str:
    suffix = "".join(_SUFFIX[byte % len(_SUFFIX)] for byte in os.urandom(_SUFFIX_LENGTH))
    return prefix[:_LONGEST_PREFIX] + suffix
