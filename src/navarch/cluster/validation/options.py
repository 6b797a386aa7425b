"""What an update lets pass because the stored object has it already: pod.GetValidationOptionsFromPodSpecAndMeta."""

from __future__ import annotations

from typing import NamedTuple

from navarch.cluster.validation.selectors import has_bad_values, terms_have_bad_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

__all__ = ["FOR_POD", "FOR_TEMPLATE", "PodOptions", "containers", "options_for"]

_AFFINITIES = ("podAffinity", "podAntiAffinity")
_WHEN = ("requiredDuringSchedulingIgnoredDuringExecution", "preferredDuringSchedulingIgnoredDuringExecution")
_IPC = frozenset(
    f"kernel.{one}" for one in "sem shmall shmmax shmmni shm_rmid_forced shm msgmax msgmnb msgmni msg".split()
)


class PodOptions(NamedTuple):
    """As the API server's feature gates are by default."""

    is_pod: bool = False
    any_deletion_cost: bool = False
    bad_selector_values: bool = False
    bad_node_values: bool = False
    bad_spread_selectors: bool = False
    bad_spread_keys: bool = False
    uneven_pages: bool = False
    any_token_path: bool = False
    host_sysctls: bool = False
    any_selinux_policy: bool = False
    toleration_comparisons: bool = False
    user_namespace_devices: bool = False
    user_namespace_host_network: bool = False
    restarting_init_containers: bool = False


FOR_TEMPLATE = PodOptions()
FOR_POD = PodOptions(is_pod=True)


def containers(spec: dict[str, Any]) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """All containers with the field that has them and their place: init, ordinary, ephemeral."""
    for field in ("initContainers", "containers", "ephemeralContainers"):
        for at, one in enumerate(spec.get(field) or ()):
            yield field, at, one


def options_for(spec: dict[str, Any], meta: dict[str, Any], *, is_pod: bool = False) -> PodOptions:
    """For an update of a pod, or of what has a template, whose old spec and metadata are these."""
    from navarch.cluster.validation.resources import has_indivisible_pages

    security = spec.get("securityContext") or {}
    tolerations = spec.get("tolerations") or ()
    spreads = spec.get("topologySpreadConstraints") or ()
    own_users = spec.get("hostUsers") is False
    return PodOptions(
        is_pod=is_pod,
        any_deletion_cost=not _is_cost((meta.get("annotations") or {}).get(DELETION_COST)),
        bad_selector_values=_has_bad_affinity(spec.get("affinity") or {}),
        bad_node_values=_has_bad_nodes(spec.get("affinity") or {}),
        bad_spread_selectors=any(_is_bad_selector(one.get("labelSelector")) for one in spreads),
        bad_spread_keys=any(_has_bad_keys(one) for one in spreads),
        uneven_pages=has_indivisible_pages([one for _, _, one in containers(spec)]),
        any_token_path=_has_odd_token_path(spec),
        host_sysctls=any(host_sysctl(one.get("name", ""), spec) for one in security.get("sysctls") or ()),
        any_selinux_policy=security.get("seLinuxChangePolicy") is not None,
        toleration_comparisons=any(one.get("operator") in {"Lt", "Gt"} for one in tolerations),
        user_namespace_devices=own_users and any(one.get("volumeDevices") for _, _, one in containers(spec)),
        user_namespace_host_network=own_users and bool(spec.get("hostNetwork")),
        restarting_init_containers=_has_restarting(spec),
    )


DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"


def _is_cost(text: str | None) -> bool:
    """GetDeletionCostFromPodAnnotations: a whole number of 32 bits without zeros before it."""
    if text is None:
        return True
    digits = text.removeprefix("-")
    if not digits.isascii() or not digits.isdigit() or (text != "0" and text[0] == "0"):
        return False
    return -(1 << 31) <= int(text) < 1 << 31


def is_deletion_cost(text: str | None) -> bool:
    """Whether an annotation is a deletion cost, or isn't there."""
    return _is_cost(text)


def host_sysctl(name: str, spec: dict[str, Any]) -> str:
    """Which host namespace of the pod this kernel setting would change: a field of the spec, or ""."""
    plain = _dotted(name).partition("*")[0]
    if plain in _IPC or plain.startswith("fs.mqueue."):
        return "hostIPC" if spec.get("hostIPC") else ""
    return "hostNetwork" if plain.startswith("net.") and spec.get("hostNetwork") else ""


def _dotted(name: str) -> str:
    """sysctl.NormalizeName: slashes and dots change places when a slash comes first."""
    first = next((char for char in name if char in "./"), ".")
    if first == ".":
        return name
    return name.translate({ord("."): "/", ord("/"): "."})


def _is_bad_selector(selector: dict[str, Any] | None) -> bool:
    from navarch.cluster.validation.selectors import matches

    return selector is not None and matches(selector, {}) is None


def _has_bad_keys(constraint: dict[str, Any]) -> bool:
    from navarch.cluster.validation.scheduling import check_match_keys

    errors: list[Any] = []
    check_match_keys(errors, "", constraint)
    return bool(errors)


def _has_bad_affinity(affinity: dict[str, Any]) -> bool:
    for kind in _AFFINITIES:
        rules = affinity.get(kind) or {}
        preferred = [one.get("podAffinityTerm") or {} for one in rules.get(_WHEN[1]) or ()]
        for term in [*(rules.get(_WHEN[0]) or ()), *preferred]:
            if has_bad_values(term.get("labelSelector")) or has_bad_values(term.get("namespaceSelector")):
                return True
    return False


def _has_bad_nodes(affinity: dict[str, Any]) -> bool:
    rules = (affinity.get("nodeAffinity") or {}).get(_WHEN[0]) or {}
    return terms_have_bad_values(rules.get("nodeSelectorTerms") or [])


def _has_odd_token_path(spec: dict[str, Any]) -> bool:
    from navarch.cluster.validation.sources import check_relative

    errors: list[Any] = []
    for volume in spec.get("volumes") or ():
        for source in (volume.get("projected") or {}).get("sources") or ():
            token = source.get("serviceAccountToken")
            if token is not None:
                check_relative(errors, "", token.get("path", ""))
    return bool(errors)


def _has_restarting(spec: dict[str, Any]) -> bool:
    return any(
        one.get("restartPolicy") != "Always"
        and any(rule.get("restartPolicy") == "RestartContainer" for rule in one.get("resizePolicy") or ())
        for one in spec.get("initContainers") or ()
    )
