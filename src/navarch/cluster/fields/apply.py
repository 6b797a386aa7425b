"""Server-side apply: lays a configuration over an object, takes away what its applier no longer wants, finds conflicts.

Facts are those of Kubernetes' FieldManager (apimachinery, util/managedfields) and of structured-merge-diff's Updater.
"""

from __future__ import annotations

from typing import NamedTuple

from navarch.cluster.fields.compare import same
from navarch.cluster.fields.manager import STRIPPED, Target, after_update, bare, taken
from navarch.cluster.fields.merge import merge
from navarch.cluster.fields.owners import Key, Owner, Owners, decode, encode, key_of
from navarch.cluster.fields.sets import difference, has_bare_items, paths, text_of
from navarch.cluster.fields.typed import MismatchError, field_set
from navarch.cluster.fields.versions import ConversionError
from navarch.cluster.problems import Problem, bad_request
from navarch.golang.recursion import call_deep
from navarch.kube.patch.values import copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.fields.sets import Set
    from navarch.cluster.types.catalog import Catalog, Resource
    from navarch.cluster.types.schema import Schema

    Object = dict[str, Any]

__all__ = ["Applied", "apply", "finish", "keep_times"]

BEFORE = "before-first-apply"
KUBECTL = "kubectl"


class Applied(NamedTuple):
    """What an apply makes: an object of one's own to be read and filled in, and the managedFields for it afterwards."""

    object: dict[str, Any]
    managed: list[dict[str, Any]]


class _Conflicts(Exception):
    def __init__(self, lost: dict[Key, Set]) -> None:
        super().__init__()
        self.lost = lost


def apply(
    live: Object | None,
    patch: Any,
    *,
    manager: str,
    force: bool,
    api_version: str,
    schema: Schema,
    now: str,
    subresource: str = "",
    resource: Resource | None = None,
    catalog: Catalog | None = None,
    kind: str = "",
) -> Applied:
    """Apply `patch` (as it was sent) to `live`, seen through `api_version`; None if there is no object yet.

    `kind` is needed where there is no `resource`, or where it isn't the resource's own (Scale). Raises Problem: 400 for
    a patch of another kind, 409 for conflicts, 500 for a patch that doesn't fit the type (as Kubernetes has it).
    """
    target = Target(api_version, schema, subresource, resource, catalog)
    _check(patch, api_version, kind or (resource.kind if resource is not None else patch.get("kind")))
    found: Applied = call_deep(_apply, live, patch, manager, force, target, now)
    return found


def _apply(live: Object | None, patch: Object, manager: str, force: bool, target: Target, now: str) -> Applied:
    owners = {} if live is None else _owners(live, target, now)
    key = key_of(manager, "Apply", target.api_version, target.subresource)
    try:
        made, left = _merged(live, patch, owners, key, target, now, force=force)
    except _Conflicts as conflicts:
        lost = conflicts.lost
        if manager == KUBECTL and live is not None:
            from navarch.cluster.fields.migrate import not_excused

            lost = not_excused(lost, live, target)
        if lost:
            raise _conflict(lost) from None
        made, left = _merged(live, patch, owners, key, target, now, force=True)
    if manager == KUBECTL:
        from navarch.cluster.fields.migrate import note_last_applied

        note_last_applied(made, patch)
    return Applied(made, encode(left, alphabetical=target.custom))


def finish(applied: Applied, obj: Object) -> None:
    """Give the object that was made of an Applied its managedFields; before anything else writes to it."""
    meta = obj.setdefault("metadata", {})
    meta.pop("managedFields", None)
    if applied.managed:
        meta["managedFields"] = applied.managed


def _check(patch: Any, api_version: str, kind: str) -> None:
    """Refuse what isn't of the kind that is written to."""
    group, version, given = _kind_of(patch)
    if (f"{group}/{version}" if group else version) != api_version or given != kind:
        raise bad_request(f"invalid object type: {group}/{version}, Kind={given}")
    meta = patch.get("metadata")
    if type(meta) is dict and type(meta.get("managedFields")) is list:
        raise bad_request("metadata.managedFields must be nil")


def _kind_of(patch: Any) -> tuple[str, str, str]:
    if type(patch) is not dict:
        return "", "", ""
    told, kind = patch.get("apiVersion"), patch.get("kind")
    text = told if type(told) is str else ""
    group, _, version = text.rpartition("/")
    if "/" in group:
        return "", "", ""
    return group, version, kind if type(kind) is str else ""


def _owners(live: Object, target: Target, now: str) -> Owners:
    """Who owns the live object; one owner of all of it if nothing is known."""
    owners = decode(live["metadata"].get("managedFields"))
    if owners and not target.custom:
        return owners
    try:
        if owners:
            return target.versions.reconciled(owners, live)
        return after_update({}, BEFORE, None, live, target, now)
    except ConversionError as error:
        raise Problem(500, "", str(error)) from None
    except MismatchError:
        raise _misfit(
            "failed to create manager for existing fields: failed to convert new object", live, target
        ) from None


def _merged(
    live: Object | None, patch: Object, owners: Owners, key: Key, target: Target, now: str, *, force: bool
) -> tuple[Object, Owners]:
    """The object with `patch` laid over it, and its owners. Raises Problem and _Conflicts."""
    try:
        fields = target.reset.left(field_set(target.kind, patch))
    except MismatchError:
        raise _misfit("failed to create typed patch object", patch, target) from None
    old = target.empty() if live is None else bare(live)
    last = owners.get(key)
    try:
        made = copy(patch) if live is None else merge(target.kind, old, patch)
        claims = {**owners, key: Owner(fields, target.api_version, now)}
        if last is not None and _gives_up(last, fields, claims):
            from navarch.cluster.fields.prune import pruned

            made = pruned(made, claims, key, last, target)
        left, lost = taken(claims, key, old, made, target, None)
    except ConversionError as error:
        raise Problem(500, "", str(error)) from None
    except MismatchError:
        raise _misfit("failed to create typed live object", live or {}, target) from None
    if lost and not force:
        raise _Conflicts(lost)
    unchanged = live is not None and same(old, made)
    _own(left, key, last, unchanged=unchanged)
    return made, left


def _gives_up(last: Owner, fields: Set, claims: Owners) -> bool:
    """Whether there may be something to take away.

    There may be even if nothing was given up: an item none of whose fields is owned goes though it is still applied.
    And where owners wrote through several versions, the way through these makes a difference.
    """
    if any(owner.api_version != last.api_version for owner in claims.values()) or difference(last.fields, fields):
        return True
    return has_bare_items(last.fields)


def _own(owners: Owners, key: Key, last: Owner | None, *, unchanged: bool) -> None:
    """Settle the applier's own entry: without what nobody owns, and with its old time if nothing changed."""
    mine = owners.pop(key)
    fields = difference(mine.fields, STRIPPED)
    if not fields:
        return
    time = mine.time if not unchanged else last.time if last is not None else ""
    owners[key] = Owner(fields, mine.api_version, time)


def _misfit(what: str, obj: Object, target: Target) -> Problem:
    """500, as Kubernetes has it: an object (the patch, or what is there) doesn't fit its type."""
    from navarch.cluster.fields.messages import explain

    meta = obj.get("metadata")
    names = meta if type(meta) is dict else {}
    group, version, kind = _kind_of(obj)
    where = f"{names.get('namespace') or ''}/{names.get('name') or ''}; {group}/{version}, Kind={kind}"
    patched = what.endswith("patch object")
    told = "" if patched or what.endswith("live object") else " to smd typed"
    return Problem(500, "", f"{what} ({where}){told}: {explain(target.kind, obj, repeated=not patched)}")


def _conflict(lost: dict[Key, Set]) -> Problem:
    """409: what others own, by owner."""
    found = [
        (key, [text_of(path) for path in paths(lost[key])]) for key in sorted(lost, key=lambda one: one.identifier)
    ]
    causes = [
        {"reason": "FieldManagerConflict", "message": f"conflict with {_told(key)}", "field": path}
        for key, texts in found
        for path in texts
    ]
    if len(causes) == 1:
        message = f"Apply failed with 1 conflict: {causes[0]['message']}: {causes[0]['field']}"
    else:
        lines = [
            line for key, texts in found for line in (f"conflicts with {_told(key)}:", *[f"- {one}" for one in texts])
        ]
        message = f"Apply failed with {len(causes)} conflicts: " + "\n".join(lines)
    return Problem(409, "Conflict", message, {"causes": causes})


def _told(key: Key) -> str:
    from navarch.golang.strconv import quote

    text = quote(key.manager)
    if key.subresource:
        text += f" with subresource {quote(key.subresource)}"
    return f"{text} using {key.api_version}" if key.operation == "Update" else text


def keep_times(new: Object, old: Object) -> None:
    """Give `new` the old times of its managedFields if nothing else differs: a write that changes nothing is none."""
    mine, before = new["metadata"].get("managedFields"), old["metadata"].get("managedFields")
    if not mine or not before or len(mine) != len(before) or mine == before:
        return
    for one, other in zip(mine, before, strict=True):
        if one is not other and {**one, "time": ""} != {**other, "time": ""}:
            return
    if bare(new) == bare(old):
        new["metadata"]["managedFields"] = before
