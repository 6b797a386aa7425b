"""What is done to objects of a kind on their way in: one door for built-in kinds and custom resources."""

from __future__ import annotations

from navarch.cluster.problems import Cause, invalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from navarch.cluster.context import Context
    from navarch.cluster.options import Options
    from navarch.cluster.types.catalog import Resource
    from navarch.cluster.validation.errors import FieldError

    Object = dict[str, Any]

__all__ = ["DEFINITIONS", "check_create", "check_update", "convert", "prepare_create", "prepare_update"]

DEFINITIONS = ("apiextensions.k8s.io", "customresourcedefinitions")


def is_definition(resource: Resource) -> bool:
    """Whether objects of this kind define kinds."""
    return (resource.group, resource.plural) == DEFINITIONS


def convert(
    obj: Object, resource: Resource, options: Options, duplicates: tuple[str, ...] = (), *, source: str = "body"
) -> Object:
    """An object as the kind's type reads and writes it, with what was left out filled in. Raises Problem.

    `source` is "body", "json" for what JSON and merge patches make, "patch" for strategic ones, "apply" for applying.
    """
    if resource.custom is not None:
        from navarch.cluster.custom import convert as convert_custom

        made, warnings = convert_custom(
            obj, resource, validation=options.validation, duplicates=duplicates, source=source
        )
    else:
        from navarch.cluster.decode import convert as convert_builtin
        from navarch.cluster.defaults import fill

        made, warnings = convert_builtin(
            obj, resource, validation=options.validation, duplicates=duplicates, source=source
        )
        fill(resource, made)
    options.warn(warnings)
    return made


def admit(context: Context, resource: Resource, new: Object, old: Object | None, subresource: str) -> None:
    """What admission does to an object that is about to be created (`old` is None) or changed. Raises Problem."""
    from navarch.cluster.strategy import admit as admit_it

    admit_it(context, resource, new, old, subresource)


def check_admission(context: Context, resource: Resource, new: Object, old: Object | None, subresource: str) -> None:
    """What admission has against an object that is otherwise right: limits and quotas. Raises Problem (403)."""
    from navarch.cluster.strategy import check_admission as check

    check(context, resource, new, old, subresource)


def prepare_create(context: Context, resource: Resource, obj: Object) -> None:
    """What a server does to a new object before checking it."""
    if resource.custom is not None or is_definition(resource):
        from navarch.cluster import custom

        custom.before_create(context, resource, obj)
        return
    from navarch.cluster.strategy import before_create

    before_create(context, resource, obj)


def prepare_update(context: Context, resource: Resource, new: Object, old: Object, subresource: str) -> None:
    """What a server does to a changed object before checking it."""
    if resource.custom is not None or is_definition(resource):
        from navarch.cluster import custom

        custom.before_update(context, resource, new, old, subresource)
        return
    from navarch.cluster.strategy import before_update

    before_update(context, resource, new, old, subresource)


def check_create(resource: Resource, obj: Object) -> None:
    """Raise Problem (422) for a new object that breaks rules."""
    _refuse(resource, obj, _checks(resource)[0](resource, obj))


def check_update(resource: Resource, new: Object, old: Object, subresource: str) -> None:
    """Raise Problem (422) for a change that breaks rules."""
    _refuse(resource, new, _checks(resource)[1](resource, new, old, subresource))


def _checks(resource: Resource) -> tuple[Callable[..., list[FieldError]], Callable[..., list[FieldError]]]:
    if resource.custom is not None or is_definition(resource):
        from navarch.cluster import custom

        return custom.creating, custom.updating
    from navarch.cluster import validation

    return validation.creating, validation.updating


def _refuse(resource: Resource, obj: Object, errors: list[FieldError]) -> None:
    if errors:
        causes: list[Cause] = [error.cause() for error in errors]
        group = "" if resource.group == "events.k8s.io" else resource.group  # they are the core's events
        raise invalid(group, obj.get("kind") or resource.kind, obj["metadata"].get("name", ""), causes)
