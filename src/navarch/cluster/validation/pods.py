"""Pods and the templates they are made of, when they are new."""

from __future__ import annotations

from navarch.cluster.validation import pod_annotations as notes
from navarch.cluster.validation.containers import (
    Surroundings,
    check_container,
    check_handlers,
    check_host_ports,
    check_restart_rules,
)
from navarch.cluster.validation.errors import (
    as_json,
    duplicate,
    forbidden,
    invalid,
    not_found,
    required,
    too_long,
    unsupported,
)
from navarch.cluster.validation.metadata import check, check_annotations, check_labels
from navarch.cluster.validation.names import add, dns_label, dns_subdomain, label_key
from navarch.cluster.validation.options import FOR_POD, containers
from navarch.cluster.validation.resources import check_pod_resources, check_requirements
from navarch.cluster.validation.scheduling import (
    check_affinity,
    check_dns,
    check_gates,
    check_host_aliases,
    check_spread,
    check_tolerations,
)
from navarch.cluster.validation.security import check_host_process, check_host_users, check_os, check_pod_security
from navarch.cluster.validation.volumes import check_volumes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.validation.errors import FieldError
    from navarch.cluster.validation.options import PodOptions

    Object = dict[str, Any]

__all__ = ["MIRROR", "check_metadata_and_spec", "check_preemption", "check_spec", "check_template", "creating"]

MIRROR = "kubernetes.io/config.mirror"
_INIT_ONLY = "may not be set for init containers without restartPolicy=Always"
_DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_RESTARTS = ("Always", "OnFailure", "Never")
# The fields that ephemeral containers don't have, in the order of the type; of some even an empty value is too much.
_NOT_EPHEMERAL = (
    ("ports", False),
    ("resources", False),
    ("resizePolicy", False),
    ("restartPolicy", True),
    ("restartPolicyRules", False),
    ("livenessProbe", True),
    ("readinessProbe", True),
    ("startupProbe", True),
    ("lifecycle", True),
)


def creating(errors: list[FieldError], pod: Object) -> None:
    """ValidatePodCreate."""
    check_metadata_and_spec(errors, pod, FOR_POD)
    spec, meta = pod.get("spec") or {}, pod.get("metadata") or {}
    if spec.get("ephemeralContainers"):
        errors.append(forbidden("spec.ephemeralContainers", "cannot be set on create"))
    if spec.get("nodeName") and spec.get("schedulingGates"):
        errors.append(forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared"))
    if given := meta.get("annotations"):
        notes.check_profiles_match(errors, "spec", given, spec)


def check_metadata_and_spec(errors: list[FieldError], pod: Object, options: PodOptions) -> None:
    """`validatePodMetadataAndSpec`."""
    spec, meta = pod.get("spec") or {}, pod.get("metadata") or {}
    check(errors, meta, True, dns_subdomain)
    notes.check_pod_annotations(errors, "metadata.annotations", meta.get("annotations"), spec, options)
    check_spec(errors, "spec", spec, meta, options)
    if not spec.get("serviceAccountName"):
        _check_no_tokens(errors, spec)
    for field in ("containers", "initContainers"):
        for at, one in enumerate(spec.get(field) or ()):
            check_image_blanks(errors, f"spec.{field}[{at}]", one)


def _check_no_tokens(errors: list[FieldError], spec: Object) -> None:
    detail = "must not be specified when serviceAccountName is not set"
    for at, volume in enumerate(spec.get("volumes") or ()):
        for number, source in enumerate((volume.get("projected") or {}).get("sources") or ()):
            if source.get("serviceAccountToken") is not None:
                where = f"spec.volumes[{at}].projected.sources[{number}].serviceAccountToken"
                errors.append(forbidden(where, detail))


def check_image_blanks(errors: list[FieldError], path: str, container: Object) -> None:
    """`validateContainerOnlyForPod`: templates let it pass, their pods won't."""
    image = container.get("image", "")
    if image and image.strip() != image:
        errors.append(invalid(f"{path}.image", image, "must not have leading or trailing whitespace"))


def check_template(errors: list[FieldError], path: str, template: Object, options: PodOptions) -> None:
    """ValidatePodTemplateSpec."""
    meta, spec = template.get("metadata") or {}, template.get("spec") or {}
    check_labels(errors, f"{path}.labels", meta.get("labels"))
    given = meta.get("annotations")
    if given:
        check_annotations(errors, f"{path}.annotations", given)
        notes.check_pod_annotations(errors, f"{path}.annotations", given, spec, options)
    check_spec(errors, f"{path}.spec", spec, None, options)
    if given:
        notes.check_profiles_match(errors, f"{path}.spec", given, spec)
    if spec.get("ephemeralContainers"):
        detail = "ephemeral containers not allowed in pod template"
        errors.append(forbidden(f"{path}.spec.ephemeralContainers", detail))


def check_spec(errors: list[FieldError], path: str, spec: Object, pod: Object | None, options: PodOptions) -> None:
    """ValidatePodSpec; `pod` is the metadata of a pod, None in templates."""
    get = spec.get
    if get("terminationGracePeriodSeconds") is None:
        errors.append(required(f"{path}.terminationGracePeriodSeconds"))
    volumes = get("volumes")
    good = check_volumes(errors, f"{path}.volumes", volumes, pod, options) if volumes else {}
    around = Surroundings(spec, good, options)
    if get("resourceClaims"):
        _check_claims(errors, f"{path}.resourceClaims", spec["resourceClaims"], pod)
    _check_containers(errors, f"{path}.containers", get("containers"), around)
    if get("initContainers"):
        _check_init(errors, f"{path}.initContainers", spec, around)
    if get("ephemeralContainers"):
        _check_ephemeral(errors, f"{path}.ephemeralContainers", spec, around)
    if get("resources") is not None:
        check_pod_resources(errors, path, spec, around.claims, uneven_pages=options.uneven_pages)
    if get("hostNetwork"):
        _check_host_ports(errors, path, spec, options)
    _check_policy(errors, f"{path}.restartPolicy", get("restartPolicy", ""), _RESTARTS)
    _check_policy(errors, f"{path}.dnsPolicy", get("dnsPolicy", ""), _DNS_POLICIES)
    if get("nodeSelector"):
        check_labels(errors, f"{path}.nodeSelector", spec["nodeSelector"])
    check_pod_security(errors, path, spec, options)
    _check_places(errors, path, spec, options)
    _check_names(errors, path, spec)
    _check_rest(errors, path, spec, options)


def _check_policy(errors: list[FieldError], path: str, policy: str, supported: tuple[str, ...]) -> None:
    if not policy:
        errors.append(required(path))
    elif policy not in supported:
        errors.append(unsupported(path, as_json(policy), supported))


def check_preemption(errors: list[FieldError], path: str, policy: str) -> None:
    """ValidatePreemptionPolicy."""
    _check_policy(errors, path, policy, ("PreemptLowerPriority", "Never"))


def _check_places(errors: list[FieldError], path: str, spec: Object, options: PodOptions) -> None:
    get = spec.get
    if get("affinity"):
        check_affinity(errors, f"{path}.affinity", spec["affinity"], options)
    check_dns(errors, f"{path}.dnsConfig", get("dnsConfig"), get("dnsPolicy", ""))
    for at, one in enumerate(get("readinessGates") or ()):
        sort = one.get("conditionType", "")
        add(errors, f"{path}.readinessGates[{at}].conditionType", sort, label_key(sort))
    if get("schedulingGates"):
        check_gates(errors, f"{path}.schedulingGates", spec["schedulingGates"])
    if get("topologySpreadConstraints"):
        where = f"{path}.topologySpreadConstraints"
        check_spread(errors, where, spec["topologySpreadConstraints"], options)
    check_host_process(errors, path, spec)
    check_host_users(errors, path, spec, options)


def _check_names(errors: list[FieldError], path: str, spec: Object) -> None:
    get = spec.get
    override = get("hostnameOverride")
    if override is not None:
        _check_override(errors, f"{path}.hostnameOverride", override, spec)
    for key in ("serviceAccountName", "nodeName"):
        if (name := get(key)) and (broken := dns_subdomain(name)):
            add(errors, f"{path}.{key}", name, broken)
    deadline = get("activeDeadlineSeconds")
    if deadline is not None and not 1 <= deadline <= 0x7FFFFFFF:
        detail = "must be between 1 and 2147483647, inclusive"
        errors.append(invalid(f"{path}.activeDeadlineSeconds", deadline, detail))
    for key in ("hostname", "subdomain"):
        if name := get(key):
            add(errors, f"{path}.{key}", name, dns_label(name))


def _check_override(errors: list[FieldError], path: str, name: str, spec: Object) -> None:
    if spec.get("setHostnameAsFQDN"):
        errors.append(forbidden(path, "may not be specified when setHostnameAsFQDN is true"))
    if spec.get("hostNetwork"):
        errors.append(forbidden(path, "may not be specified when hostNetwork is true"))
    if len(name.encode("utf-8", "surrogatepass")) > 64:
        errors.append(too_long(path, 64))
    add(errors, path, name, dns_subdomain(name))


def _check_rest(errors: list[FieldError], path: str, spec: Object, options: PodOptions) -> None:
    get = spec.get
    if get("tolerations"):
        check_tolerations(errors, f"{path}.tolerations", spec["tolerations"], options)
    if get("hostAliases"):
        check_host_aliases(errors, f"{path}.hostAliases", spec["hostAliases"])
    if name := get("priorityClassName"):
        add(errors, f"{path}.priorityClassName", name, dns_subdomain(name))
    name = get("runtimeClassName")
    if name is not None:
        add(errors, f"{path}.runtimeClassName", name, dns_subdomain(name))
    if get("preemptionPolicy") is not None:
        check_preemption(errors, f"{path}.preemptionPolicy", spec["preemptionPolicy"])
    if get("overhead"):
        limits = {"limits": spec["overhead"]}
        check_requirements(errors, f"{path}.overhead", limits, uneven_pages=options.uneven_pages)
    if get("os") is not None:
        check_os(errors, path, spec)
    group = get("schedulingGroup")
    if group is not None:
        _check_group(errors, f"{path}.schedulingGroup.podGroupName", group.get("podGroupName"))
    _check_file_keys(errors, path, spec)


def _check_group(errors: list[FieldError], path: str, name: str | None) -> None:
    if name is None:
        errors.append(invalid(path, None, "must specify one of: `podGroupName`"))
    else:
        add(errors, path, name, dns_subdomain(name))


def _check_file_keys(errors: list[FieldError], path: str, spec: Object) -> None:
    """`validateFileKeyRefVolumes`."""
    for field, at, one in containers(spec):
        for number, variable in enumerate(one.get("env") or ()):
            source = variable.get("valueFrom")
            reference = source.get("fileKeyRef") if source else None
            if reference is None:
                continue
            name = reference.get("volumeName", "")
            where = f"{path}.{field}[{at}].env[{number}].valueFrom.fileKeyRef.volumeName"
            found = [volume for volume in spec.get("volumes") or () if volume.get("name", "") == name]
            if not found:
                errors.append(not_found(where, name))
            elif found[-1].get("emptyDir") is None:
                errors.append(invalid(where, name, "referenced volume must be of type emptyDir"))


def _check_claims(errors: list[FieldError], path: str, claims: list[Object], pod: Object | None) -> None:
    seen: set[str] = set()
    for at, one in enumerate(claims):
        if MIRROR in ((pod or {}).get("annotations") or {}):
            errors.append(forbidden("[]", "static pods do not support resource claims"))
            continue
        where, name = f"{path}[{at}]", one.get("name", "")
        if not name:
            errors.append(required(f"{where}.name"))
        elif name in seen:
            errors.append(duplicate(f"{where}.name", name))
        else:
            add(errors, f"{where}.name", name, dns_label(name))
            seen.add(name)
        given = [key for key in ("resourceClaimName", "resourceClaimTemplateName") if one.get(key) is not None]
        if len(given) != 1:
            _report_claim(errors, where, one, given)
        for key in given:
            add(errors, f"{where}.{key}", one[key], dns_subdomain(one[key]))


def _report_claim(errors: list[FieldError], path: str, claim: Object, given: list[str]) -> None:
    from navarch.cluster.validation.internal import show

    detail = "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"
    if given:
        detail = "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"
    errors.append(invalid(path, show("core.PodResourceClaim", claim), detail))


def _check_containers(errors: list[FieldError], path: str, found: list[Object] | None, around: Surroundings) -> None:
    if not found:
        errors.append(required(path))
        return
    seen: set[str] = set()
    for at, one in enumerate(found):
        where, name = f"{path}[{at}]", one.get("name", "")
        check_container(errors, where, one, around)
        if name in seen:
            errors.append(duplicate(f"{where}.name", name))
        seen.add(name)
        check_handlers(errors, where, one, around)
        check_restart_rules(errors, where, one)
    check_host_ports(errors, path, found)


def _check_init(errors: list[FieldError], path: str, spec: Object, around: Surroundings) -> None:
    seen = {one.get("name", "") for one in spec.get("containers") or ()}
    for at, one in enumerate(spec["initContainers"]):
        where, name = f"{path}[{at}]", one.get("name", "")
        check_container(errors, where, one, around)
        if one.get("restartPolicy") is not None:
            check_restart_rules(errors, where, one)
        elif one.get("restartPolicyRules"):
            errors.append(required(f"{where}.restartPolicy", "must specify restartPolicy when restart rules are used"))
        if name in seen:
            errors.append(duplicate(f"{where}.name", name))
        seen |= {name} - {""}
        check_host_ports(errors, path, [one])
        if one.get("restartPolicy") == "Always":
            check_handlers(errors, where, one, around)
            continue
        errors.extend(
            [
                forbidden(f"{where}.{key}", _INIT_ONLY)
                for key in ("lifecycle", "livenessProbe", "readinessProbe", "startupProbe")
                if one.get(key) is not None
            ]
        )
        if not around.options.restarting_init_containers:
            _check_init_resize(errors, where, one)


def _check_init_resize(errors: list[FieldError], path: str, one: Object) -> None:
    detail = "must not be set to 'RestartContainer' for non-sidecar initContainers"
    for at, rule in enumerate(one.get("resizePolicy") or ()):
        if rule.get("restartPolicy") == "RestartContainer":
            errors.append(invalid(f"{path}.resizePolicy[{at}].restartPolicy", as_json("RestartContainer"), detail))


def _check_ephemeral(errors: list[FieldError], path: str, spec: Object, around: Surroundings) -> None:
    others = {one.get("name", "") for field in ("containers", "initContainers") for one in spec.get(field) or ()}
    seen = set(others)
    no = "cannot be set for an Ephemeral Container"
    for at, one in enumerate(spec["ephemeralContainers"]):
        where, name, target = f"{path}[{at}]", one.get("name", ""), one.get("targetContainerName")
        check_container(errors, where, one, around)
        check_image_blanks(errors, where, one)
        if name in seen:
            errors.append(duplicate(f"{where}.name", name))
        seen.add(name)
        if target and target not in others:
            errors.append(not_found(f"{where}.targetContainerName", target))
        for key, even_empty in _NOT_EPHEMERAL:
            if one.get(key) or (even_empty and one.get(key) is not None):
                errors.append(forbidden(f"{where}.{key}", no))
        for number, mount in enumerate(one.get("volumeMounts") or ()):
            errors.extend(
                [
                    forbidden(f"{where}.volumeMounts[{number}].{key}", no)
                    for key in ("subPath", "subPathExpr")
                    if mount.get(key)
                ]
            )


def _check_host_ports(errors: list[FieldError], path: str, spec: Object, options: PodOptions) -> None:
    """`validatePodHostNetworkDeps`: on the host's network a port is the host's."""
    for at, one in enumerate(spec.get("containers") or ()):
        for number, port in enumerate(one.get("ports") or ()):
            host = port.get("hostPort", 0)
            if (options.is_pod or host) and host != port.get("containerPort", 0):
                where = f"{path}.containers[{at}].ports[{number}].hostPort"
                errors.append(invalid(where, host, "must match `containerPort` when `hostNetwork` is true"))
