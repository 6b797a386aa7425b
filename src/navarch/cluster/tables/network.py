"""Rows of what connects and stores: Services and their like, volumes, nodes."""

from __future__ import annotations

from navarch.cluster.tables.shown import labels, limited, name_of, selector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from navarch.cluster.tables.shown import Age

__all__ = ["PRINTERS"]

_BETA_CLASS = "volume.beta.kubernetes.io/storage-class"
_DEFAULT_CLASS = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")
_DEFAULT_INGRESS_CLASS = ("ingressclass.kubernetes.io/is-default-class",)
_MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}
_ROLE = "node-role.kubernetes.io/"


def _created(obj: dict[str, Any], age: Age) -> str:
    return age(obj["metadata"].get("creationTimestamp"))


def _annotation(obj: dict[str, Any], name: str) -> str | None:
    found: str | None = obj["metadata"].get("annotations", {}).get(name)
    return found


def _with_default(obj: dict[str, Any], annotations: Sequence[str]) -> str:
    """The name, and whether it is the default of its kind."""
    name = name_of(obj)
    return f"{name} (default)" if any(_annotation(obj, one) == "true" for one in annotations) else name


def _balancers(obj: dict[str, Any]) -> str:
    """The addresses of a load balancer."""
    points = obj.get("status", {}).get("loadBalancer", {}).get("ingress", ())
    return ",".join(sorted({one.get("ip") or one.get("hostname", "") for one in points} - {""}))


def _external(obj: dict[str, Any]) -> str:
    spec = obj.get("spec", {})
    type_ = spec.get("type")
    if type_ == "ExternalName":
        return str(spec.get("externalName", ""))
    given = ",".join(spec.get("externalIPs", ()))
    if type_ == "LoadBalancer":
        return ",".join(filter(None, (_balancers(obj), given))) or "<pending>"
    return given or "<none>" if type_ in ("ClusterIP", "NodePort") else "<unknown>"


def _port(port: dict[str, Any]) -> str:
    node = f":{port['nodePort']}" if port.get("nodePort", 0) > 0 else ""
    return f"{port.get('port', 0)}{node}/{port.get('protocol', '')}"


def _service(obj: dict[str, Any], age: Age) -> list[Any]:
    spec = obj.get("spec", {})
    return [
        name_of(obj),
        spec.get("type", ""),
        (spec.get("clusterIPs") or ["<none>"])[0],
        _external(obj),
        ",".join(map(_port, spec.get("ports", ()))) or "<none>",
        _created(obj, age),
        labels(spec.get("selector")),
    ]


def _endpoints(obj: dict[str, Any], age: Age) -> list[Any]:
    subsets = obj.get("subsets", ())
    found: list[str] = []
    for one in subsets:
        addresses = [address.get("ip", "") for address in one.get("addresses", ())]
        if not one.get("ports"):
            found += addresses
        for port in one.get("ports", ()):
            found += [_joined(address, port.get("port", 0)) for address in addresses]
    return [name_of(obj), limited(found) if subsets else "<none>", _created(obj, age)]


def _joined(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _endpoint_slice(obj: dict[str, Any], age: Age) -> list[Any]:
    ports = [one.get("port", one.get("name", "*")) for one in obj.get("ports") or ()]
    addresses = [address for one in obj.get("endpoints") or () for address in one.get("addresses", ())]
    shown = [limited(ports) or "<unset>", limited(addresses) or "<unset>"]
    return [name_of(obj), obj.get("addressType", ""), *shown, _created(obj, age)]


def _hosts(rules: Sequence[dict[str, Any]]) -> str:
    """The hosts of the rules; only three of them, and what is left over is counted in rules."""
    found: list[str] = []
    for rule in rules:
        if len(found) == 3:
            return f"{','.join(found)} + {len(rules) - 3} more..."
        found += filter(None, [rule.get("host", "")])
    return ",".join(found) or "*"


def _ingress(obj: dict[str, Any], age: Age) -> list[Any]:
    spec = obj.get("spec", {})
    return [
        name_of(obj),
        spec.get("ingressClassName", "<none>"),
        _hosts(spec.get("rules", ())),
        _balancers(obj),
        "80, 443" if spec.get("tls") else "80",
        _created(obj, age),
    ]


def _ingress_class(obj: dict[str, Any], age: Age) -> list[Any]:
    spec = obj.get("spec", {})
    reference = spec.get("parameters")
    parameters = "<none>"
    if reference is not None:
        group = f".{reference['apiGroup']}" if "apiGroup" in reference else ""
        parameters = f"{reference.get('kind', '')}{group}/{reference.get('name', '')}"
    name = _with_default(obj, _DEFAULT_INGRESS_CLASS)
    return [name, spec.get("controller", ""), parameters, _created(obj, age)]


def _network_policy(obj: dict[str, Any], age: Age) -> list[Any]:
    try:
        selected = selector(obj.get("spec", {}).get("podSelector")) or "<none>"
    except ValueError:
        selected = "<error>"
    return [name_of(obj), selected, _created(obj, age)]


def _service_cidr(obj: dict[str, Any], age: Age) -> list[Any]:
    return [name_of(obj), ",".join(obj.get("spec", {}).get("cidrs", ())), _created(obj, age)]


def _ip_address(obj: dict[str, Any], age: Age) -> list[Any]:
    """The row has an age, for which the table has no column."""
    parent = obj.get("spec", {}).get("parentRef")
    shown = "<none>"
    if parent is not None:
        group = parent.get("group", "")
        resource = f"{parent.get('resource', '')}.{group}" if group else parent.get("resource", "")
        shown = "/".join(filter(None, (resource.lower(), parent.get("namespace")))) + f"/{parent.get('name', '')}"
    return [name_of(obj), shown, _created(obj, age)]


def _modes(modes: Sequence[str]) -> str:
    return ",".join(short for mode, short in _MODES.items() if mode in modes)


def _phase(obj: dict[str, Any]) -> str:
    if obj["metadata"].get("deletionTimestamp"):
        return "Terminating"
    return str(obj.get("status", {}).get("phase", ""))


def _volume(obj: dict[str, Any], age: Age) -> list[Any]:
    spec, status = obj.get("spec", {}), obj.get("status", {})
    claim, class_ = spec.get("claimRef"), _annotation(obj, _BETA_CLASS)
    return [
        name_of(obj),
        spec.get("capacity", {}).get("storage", "0"),
        _modes(spec.get("accessModes", ())),
        spec.get("persistentVolumeReclaimPolicy", ""),
        _phase(obj),
        "" if claim is None else f"{claim.get('namespace', '')}/{claim.get('name', '')}",
        spec.get("storageClassName", "") if class_ is None else class_,
        spec.get("volumeAttributesClassName", "<unset>"),
        status.get("reason", ""),
        _created(obj, age),
        spec.get("volumeMode", "<unset>"),
    ]


def _volume_claim(obj: dict[str, Any], age: Age) -> list[Any]:
    spec, status = obj.get("spec", {}), obj.get("status", {})
    class_ = _annotation(obj, _BETA_CLASS)
    bound = bool(spec.get("volumeName"))
    return [
        name_of(obj),
        _phase(obj),
        spec.get("volumeName", ""),
        status.get("capacity", {}).get("storage", "0") if bound else "",
        _modes(status.get("accessModes", ())) if bound else "",
        spec.get("storageClassName", "") if class_ is None else class_,
        spec.get("volumeAttributesClassName", "<unset>"),
        _created(obj, age),
        spec.get("volumeMode", "<unset>"),
    ]


def _storage_class(obj: dict[str, Any], age: Age) -> list[Any]:
    return [
        _with_default(obj, _DEFAULT_CLASS),
        obj.get("provisioner", ""),
        obj.get("reclaimPolicy", "Delete"),
        obj.get("volumeBindingMode", "Immediate"),
        obj.get("allowVolumeExpansion", False),
        _created(obj, age),
    ]


def _volume_attachment(obj: dict[str, Any], age: Age) -> list[Any]:
    spec = obj.get("spec", {})
    volume = spec.get("source", {}).get("persistentVolumeName", "")
    attached = obj.get("status", {}).get("attached", False)
    return [name_of(obj), spec.get("attacher", ""), volume, spec.get("nodeName", ""), attached, _created(obj, age)]


def _volume_attributes_class(obj: dict[str, Any], age: Age) -> list[Any]:
    return [name_of(obj), obj.get("driverName", ""), _created(obj, age)]


def _csi_node(obj: dict[str, Any], age: Age) -> list[Any]:
    return [name_of(obj), len(obj.get("spec", {}).get("drivers") or ()), _created(obj, age)]


def _csi_driver(obj: dict[str, Any], age: Age) -> list[Any]:
    spec = obj.get("spec", {})
    tokens = spec.get("tokenRequests")
    return [
        name_of(obj),
        spec.get("attachRequired", True),
        spec.get("podInfoOnMount", False),
        spec.get("storageCapacity", False),
        "<unset>" if tokens is None else ",".join(one.get("audience", "") for one in tokens),
        spec.get("requiresRepublish", False),
        ",".join(spec.get("volumeLifecycleModes", ())) or "<none>",
        _created(obj, age),
    ]


def _node(obj: dict[str, Any], age: Age) -> list[Any]:
    status, spec = obj.get("status", {}), obj.get("spec", {})
    info = status.get("nodeInfo", {})
    ready = [one.get("status") for one in status.get("conditions", ()) if one.get("type") == "Ready"]
    state = ("Ready" if ready[-1] == "True" else "NotReady") if ready else "Unknown"
    kernel = info.get("kernelVersion") or "<unknown>"
    architecture = info.get("architecture")
    return [
        name_of(obj),
        f"{state},SchedulingDisabled" if spec.get("unschedulable") else state,
        _roles(obj["metadata"].get("labels", {})),
        _created(obj, age),
        info.get("kubeletVersion", ""),
        _address(status, "InternalIP"),
        _address(status, "ExternalIP"),
        info.get("osImage") or "<unknown>",
        f"{kernel} ({architecture})" if architecture else kernel,
        info.get("containerRuntimeVersion") or "<unknown>",
    ]


def _roles(given: dict[str, str]) -> str:
    roles = {key.removeprefix(_ROLE) for key in given if key.startswith(_ROLE)}
    roles.add(given.get("kubernetes.io/role", ""))
    return ",".join(sorted(roles - {""})) or "<none>"


def _address(status: dict[str, Any], type_: str) -> str:
    found = (one.get("address", "") for one in status.get("addresses", ()) if one.get("type") == type_)
    return next(found, "<none>")


PRINTERS = {
    "/endpoints": _endpoints,
    "/nodes": _node,
    "/persistentvolumeclaims": _volume_claim,
    "/persistentvolumes": _volume,
    "/services": _service,
    "discovery.k8s.io/endpointslices": _endpoint_slice,
    "networking.k8s.io/ingressclasses": _ingress_class,
    "networking.k8s.io/ingresses": _ingress,
    "networking.k8s.io/ipaddresses": _ip_address,
    "networking.k8s.io/networkpolicies": _network_policy,
    "networking.k8s.io/servicecidrs": _service_cidr,
    "storage.k8s.io/csidrivers": _csi_driver,
    "storage.k8s.io/csinodes": _csi_node,
    "storage.k8s.io/storageclasses": _storage_class,
    "storage.k8s.io/volumeattachments": _volume_attachment,
    "storage.k8s.io/volumeattributesclasses": _volume_attributes_class,
}
