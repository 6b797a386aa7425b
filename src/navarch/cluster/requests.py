"""A request as the API sees it, whatever carried it here, and what comes back."""

from __future__ import annotations

import json
from typing import NamedTuple

from navarch.cluster.problems import Cause, bad_request, invalid
from navarch.cluster.verbs.patch import APPLY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Any

    from navarch.cluster.options import Deletion, Options
    from navarch.cluster.users import User

__all__ = ["Answer", "Request", "deletion_of"]

_LONGEST_MANAGER = 128
_DIRECTIVES = ("Ignore", "Strict", "Warn")
_BROWSERS = ("curl", "Wget", "Mozilla/5.0")


class Answer(NamedTuple):
    """What is sent back: `body` at once, or what `stream` yields piece by piece until either side has enough."""

    code: int
    content_type: str
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    stream: Generator[bytes] | None = None


class Request(NamedTuple):
    """`query` has the first value of each name; `headers` are by lower-case name; `gone` tells when the client left."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    user: User
    repeated: dict[str, list[str]]  # all values of the query
    warnings: list[str]  # what the client is told beside the answer

    def flag(self, name: str) -> bool:
        """Whether a boolean of the query is set, as the API reads it ("watch", "watch=", "watch=1"). Raises Problem."""
        if name not in self.query:
            return False
        return self.query[name].lower() not in {"false", "0"}

    def number(self, name: str) -> int | None:
        """A whole number of the query, None where it is missing. Raises Problem (400)."""
        text = self.query.get(name, "")
        if not text:
            return None
        try:
            return int(text)
        except ValueError:
            raise bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax') from None

    @property
    def content_type(self) -> str:
        """The body's media type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip()

    @property
    def pretty(self) -> bool:
        """Whether the answer is for people: `?pretty`, else what is known to be a browser or curl."""
        asked = self.query.get("pretty")
        by_hand = self.headers.get("user-agent", "").startswith(_BROWSERS)
        return by_hand if asked is None else asked not in {"0", "false"}

    @property
    def manager(self) -> str:
        """Who owns the fields that this request sets."""
        given = self.query.get("fieldManager", "")
        return given or _from_agent(self.headers.get("user-agent", ""))

    def options(self, kind: str) -> Options:
        """How a change is to be made; `kind` is CreateOptions, UpdateOptions or PatchOptions. Raises Problem."""
        from navarch.cluster.options import Options

        applying = kind == "PatchOptions" and self.content_type == APPLY
        causes = [*self._dry_run_causes(), *self._manager_causes(kind, applying), *self._validation_causes()]
        if causes:
            raise invalid("meta.k8s.io", kind, "", causes)
        validation = self.query.get("fieldValidation") or "Warn"
        return Options(
            manager=self.manager,
            validation=validation,
            dry_run="dryRun" in self.query,
            force=self.flag("force"),
            user=self.user.name,
            warnings=self.warnings,
        )

    def _dry_run_causes(self) -> list[Cause]:
        given = self.repeated.get("dryRun", [])
        wrong = [one for one in given if one != "All"]
        if not wrong:
            return []
        shown = "[" + ",".join(f'"{one}"' for one in given) + "]"
        return [Cause("dryRun", "FieldValueNotSupported", f'Unsupported value: {shown}: supported values: "All"')]

    def _manager_causes(self, kind: str, applying: bool) -> list[Cause]:
        given, causes = self.query.get("fieldManager", ""), []
        if kind == "PatchOptions":
            if applying and not given:
                causes.append(
                    Cause("fieldManager", "FieldValueRequired", "Required value: is required for apply patch")
                )
            elif not applying and self.query.get("force"):
                causes.append(
                    Cause("force", "FieldValueForbidden", "Forbidden: may not be specified for non-apply patch")
                )
        if len(given) > _LONGEST_MANAGER:
            text = f"Too long: may not be more than {_LONGEST_MANAGER} bytes"
            causes.append(Cause("fieldManager", "FieldValueTooLong", text))
        return causes

    def _validation_causes(self) -> list[Cause]:
        given = self.query.get("fieldValidation", "")
        if not given or given in _DIRECTIVES:
            return []
        named = ", ".join(f'"{one}"' for one in ("", *_DIRECTIVES))
        return [
            Cause(
                "fieldValidation", "FieldValueNotSupported", f'Unsupported value: "{given}": supported values: {named}'
            )
        ]

    def deletion(self) -> Deletion:
        """How an object is to be deleted, by the body or else by the query. Raises Problem."""
        given: dict[str, Any] = {}
        if self.body:
            from navarch.cluster.decode.options import read_options

            given = read_options(self.body, self.content_type)
        else:
            for name in ("gracePeriodSeconds",):
                number = self.number(name)
                if number is not None:
                    given[name] = number
            if "propagationPolicy" in self.query:
                given["propagationPolicy"] = self.query["propagationPolicy"]
            if "orphanDependents" in self.query:
                given["orphanDependents"] = self.flag("orphanDependents")
            if "dryRun" in self.query:
                given["dryRun"] = self.repeated["dryRun"]
        return deletion_of(given)


def deletion_of(given: dict[str, Any]) -> Deletion:
    """What DeleteOptions ask for. Raises Problem (422)."""
    from navarch.cluster.options import Deletion

    wanted = given.get("preconditions") or {}
    grace, policy, orphan = (
        given.get("gracePeriodSeconds"),
        given.get("propagationPolicy"),
        given.get("orphanDependents"),
    )
    if policy not in {None, "Foreground", "Background", "Orphan"}:
        text = f'Unsupported value: "{policy}": supported values: "Foreground", "Background", "Orphan", "nil"'
        cause = Cause("propagationPolicy", "FieldValueNotSupported", text)
        raise invalid("meta.k8s.io", "DeleteOptions", "", [cause])
    dry_run = given.get("dryRun") or []
    if set(dry_run) - {"All"}:
        shown = json.dumps(dry_run, ensure_ascii=False, separators=(",", ":"))
        cause = Cause("dryRun", "FieldValueNotSupported", f'Unsupported value: {shown}: supported values: "All"')
        raise invalid("meta.k8s.io", "DeleteOptions", "", [cause])
    if policy is not None and orphan is not None:
        text = f'Invalid value: "{policy}": orphanDependents and deletionPropagation cannot be both set'
        raise invalid("meta.k8s.io", "DeleteOptions", "", [Cause("propagationPolicy", "FieldValueInvalid", text)])
    return Deletion(
        propagation=policy or "",
        grace=grace,
        uid=wanted.get("uid"),
        revision=wanted.get("resourceVersion"),
        dry_run=bool(dry_run),
        orphan=orphan,
    )


def _from_agent(agent: str) -> str:
    name = "".join(character for character in agent.partition("/")[0] if character.isprintable())
    while len(name.encode()) > _LONGEST_MANAGER:
        name = name[:-1]
    return name
