"""PersistentVolumeClaims: bound to a volume that fits, or to one that is made for them."""

from __future__ import annotations

from functools import cmp_to_key

from navarch.cluster.controllers.faults import is_kept_pending
from navarch.cluster.controllers.manager import Change, Controller
from navarch.cluster.controllers.objects import key_of, matches, reference_to
from navarch.cluster.controllers.recorder import NODE
from navarch.cluster.decode.quantity import Quantity, QuantityError, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.cluster.controllers.access import Kind

    Object = dict[str, Any]

__all__ = ["CLASSES", "STORAGE_CLASS", "Volumes", "storage_class"]

CLAIMS: Kind = ("", "persistentvolumeclaims")
CLASSES: Kind = ("storage.k8s.io", "storageclasses")
_VOLUMES: Kind = ("", "persistentvolumes")
STORAGE_CLASS = "standard"
_PROVISIONER = "cluster.navarch.dev/simulated"
_DEFAULT = "storageclass.kubernetes.io/is-default-class"
_COMPLETED = "pv.kubernetes.io/bind-completed"
_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller"
_PROVISIONED_BY = "pv.kubernetes.io/provisioned-by"
_COMPONENT = "persistentvolume-controller"
_VOLUME_FINALIZER = "kubernetes.io/pv-protection"
_CLAIM_FINALIZER = "kubernetes.io/pvc-protection"


def storage_class() -> Object:
    """The class that claims get which don't ask for one."""
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": STORAGE_CLASS, "annotations": {_DEFAULT: "true"}},
        "provisioner": _PROVISIONER,
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "Immediate",
        "allowVolumeExpansion": True,
    }


class Volumes(Controller):
    """Binds claims, releases volumes, and lets both go when nobody uses them."""

    name = "volumes"
    rank = 2
    kind = CLAIMS
    watches = (_VOLUMES, CLASSES, ("", "pods"))

    def begin(self) -> None:
        """There has to be a class for claims that don't ask for one."""
        self.enqueue("", STORAGE_CLASS)

    def observe(self, change: Change) -> None:
        """Claims; their volumes; classes and volumes that claims may wait for; pods that are gone."""
        if change.kind == CLAIMS:
            self.enqueue(*key_of(change.object))
            if change.type == "DELETED" and change.object["spec"].get("volumeName"):
                self.enqueue("", change.object["spec"]["volumeName"])
        elif change.kind == _VOLUMES:
            self.enqueue("", change.object["metadata"]["name"])
        elif change.kind == CLASSES:
            self.enqueue("", "")
        elif change.type == "DELETED" or (change.object.get("status") or {}).get("phase") in ("Succeeded", "Failed"):
            for volume in change.object["spec"].get("volumes") or ():
                if "persistentVolumeClaim" in volume:
                    namespace = change.object["metadata"]["namespace"]
                    self.enqueue(namespace, volume["persistentVolumeClaim"]["claimName"])

    def sync(self, namespace: str, name: str, /) -> None:
        """A claim, a volume (no namespace), or all claims that wait (no name either)."""
        if namespace:
            claim = self.access.get(CLAIMS, namespace, name)
            if claim is not None:
                self._sync_claim(claim)
        elif name:
            self._sync_volume(name)
        else:
            for claim in self.access.list(CLAIMS):
                if not claim["spec"].get("volumeName"):
                    self.enqueue(*key_of(claim))

    def _sync_claim(self, claim: Object) -> None:
        if "deletionTimestamp" in claim["metadata"]:
            if not self._is_used(claim):
                self.access.edit(CLAIMS, claim, lambda edited: _drop(edited, _CLAIM_FINALIZER))
            return
        phase = (claim.get("status") or {}).get("phase")
        if phase != "Bound" and not is_kept_pending(claim):
            self._bind(claim)
        elif phase == "Bound":
            self._grow(claim)

    def _is_used(self, claim: Object) -> bool:
        namespace, name = key_of(claim)
        for pod_name in self.manager.pods.select(namespace, {}):
            pod = self.access.get(("", "pods"), namespace, pod_name)
            if pod is None or (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed"):
                continue
            for volume in pod["spec"].get("volumes") or ():
                if (volume.get("persistentVolumeClaim") or {}).get("claimName") == name:
                    return True
        return False

    def _bind(self, claim: Object) -> None:
        volume = self._find(claim)
        if volume is None:
            volume = self._provision(claim)
        if volume is None:
            return
        made = self._take(volume, claim)
        changed = {**claim, "spec": {**claim["spec"], "volumeName": made["metadata"]["name"]}}
        annotations = {**(claim["metadata"].get("annotations") or {}), _COMPLETED: "yes", _BY_CONTROLLER: "yes"}
        changed["metadata"] = {**claim["metadata"], "annotations": annotations}
        bound = claim if changed["spec"] == claim["spec"] else self.access.update(CLAIMS, changed)
        capacity = {"storage": made["spec"]["capacity"]["storage"]}
        status = {"phase": "Bound", "accessModes": made["spec"].get("accessModes") or [], "capacity": capacity}
        self.access.write_status(CLAIMS, bound, status)
        phase = {**(made.get("status") or {}), "phase": "Bound"}
        self.access.write_status(_VOLUMES, made, phase)

    def _find(self, claim: Object) -> Object | None:
        """A volume that is there already: the one that is asked for by name, or the smallest that will do."""
        spec = claim["spec"]
        if spec.get("volumeName"):
            return self.access.get(_VOLUMES, "", spec["volumeName"])
        volumes = self.access.list(_VOLUMES)
        fitting = [one for one in volumes if _fits(one, claim)]
        fitting.sort(
            key=cmp_to_key(
                lambda one, other: _bytes(one["spec"]["capacity"]).compare(_bytes(other["spec"]["capacity"]))
            )
        )
        return next((one for one in fitting if one["spec"].get("claimRef")), fitting[0] if fitting else None)

    def _provision(self, claim: Object) -> Object | None:
        """A new volume for a claim, or a word about why there is none."""
        wanted = claim["spec"].get("storageClassName")
        if claim["spec"].get("volumeName"):
            return None
        if not wanted:
            text = "no persistent volumes available for this claim and no storage class is set"
            self._event(claim, "FailedBinding", text)
            return None
        kind = self.access.get(CLASSES, "", wanted)
        if kind is None:
            text = f'storageclass.storage.k8s.io "{wanted}" not found'
            self._event(claim, "ProvisioningFailed", text, "Warning")
            return None
        if kind.get("provisioner") == "kubernetes.io/no-provisioner":
            return None
        made = self.access.create(_VOLUMES, _volume(claim, kind))
        text = f"Successfully provisioned volume {made['metadata']['name']}"
        self._event(claim, "ProvisioningSucceeded", text)
        return made

    def _event(self, claim: Object, reason: str, message: str, type: str = "Normal") -> None:  # noqa: A002
        self.recorder.record(claim, reason, message, component=_COMPONENT, type=type)

    def _take(self, volume: Object, claim: Object) -> Object:
        """Note on a volume whose it is."""
        reference = reference_to(claim)
        if (volume["spec"].get("claimRef") or {}).get("uid") == reference["uid"]:
            return volume
        annotations = {**(volume["metadata"].get("annotations") or {}), _BY_CONTROLLER: "yes"}
        metadata = {**volume["metadata"], "annotations": annotations}
        return self.access.update(
            _VOLUMES, {**volume, "metadata": metadata, "spec": {**volume["spec"], "claimRef": reference}}
        )

    def _grow(self, claim: Object) -> None:
        """A claim that asks for more than it has gets it."""
        wanted = ((claim["spec"].get("resources") or {}).get("requests") or {}).get("storage", "0")
        have = (claim["status"].get("capacity") or {}).get("storage", "0")
        if _quantity(wanted).compare(_quantity(have)) <= 0:
            return
        volume = self.access.get(_VOLUMES, "", claim["spec"].get("volumeName", ""))
        if volume is not None:
            spec = {**volume["spec"], "capacity": {**volume["spec"]["capacity"], "storage": wanted}}
            self.access.update(_VOLUMES, {**volume, "spec": spec})
        self.access.write_status(CLAIMS, claim, {**claim["status"], "capacity": {"storage": wanted}})

    def _sync_volume(self, name: str) -> None:
        """Volumes are free until they are taken; when their claim is gone they are deleted or released."""
        if name == STORAGE_CLASS and not self.access.list(CLASSES):
            self.access.create(CLASSES, storage_class())
        volume = self.access.get(_VOLUMES, "", name)
        if volume is None:
            return
        spec, status = volume["spec"], volume.get("status") or {}
        reference = spec.get("claimRef") or {}
        claim = (
            self.access.get(CLAIMS, reference.get("namespace", ""), reference.get("name", "")) if reference else None
        )
        gone = reference.get("uid") and (claim is None or claim["metadata"]["uid"] != reference["uid"])
        if "deletionTimestamp" in volume["metadata"]:
            if not reference or gone:
                self.access.edit(_VOLUMES, volume, lambda edited: _drop(edited, _VOLUME_FINALIZER))
        elif not reference:
            self._set_phase(volume, "Available")
            self.enqueue("", "")
        elif gone and status.get("phase") == "Bound":
            self._release(volume)

    def _release(self, volume: Object) -> None:
        if volume["spec"].get("persistentVolumeReclaimPolicy") == "Delete":
            self.access.delete(_VOLUMES, volume)
        else:
            self._set_phase(volume, "Released")

    def _set_phase(self, volume: Object, phase: str) -> None:
        status = volume.get("status") or {}
        if status.get("phase") != phase:
            self.access.write_status(_VOLUMES, volume, {**status, "phase": phase})


def _volume(claim: Object, kind: Object) -> Object:
    name = f"pvc-{claim['metadata']['uid']}"
    spec = claim["spec"]
    term = {"key": "kubernetes.io/hostname", "operator": "In", "values": [NODE]}
    made: Object = {
        "capacity": {"storage": ((spec.get("resources") or {}).get("requests") or {}).get("storage", "1Gi")},
        "hostPath": {"path": f"/var/simulated/{name}", "type": "DirectoryOrCreate"},
        "accessModes": list(spec.get("accessModes") or ()),
        "claimRef": reference_to(claim),
        "persistentVolumeReclaimPolicy": kind.get("reclaimPolicy", "Delete"),
        "storageClassName": kind["metadata"]["name"],
        "volumeMode": spec.get("volumeMode", "Filesystem"),
        "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [term]}]}},
    }
    if kind.get("mountOptions"):
        made["mountOptions"] = list(kind["mountOptions"])
    metadata = {"name": name, "annotations": {_PROVISIONED_BY: kind.get("provisioner", _PROVISIONER)}}
    return {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": metadata, "spec": made}


def _fits(volume: Object, claim: Object) -> bool:
    have, want = volume["spec"], claim["spec"]
    reference = have.get("claimRef")
    if reference:
        same = (reference.get("namespace"), reference.get("name")) == key_of(claim)
        return same and reference.get("uid", claim["metadata"]["uid"]) == claim["metadata"]["uid"]
    if (
        "deletionTimestamp" in volume["metadata"]
        or (volume.get("status") or {}).get("phase", "Available") != "Available"
    ):
        return False
    if have.get("storageClassName", "") != want.get("storageClassName", ""):
        return False
    if not set(want.get("accessModes") or ()) <= set(have.get("accessModes") or ()):
        return False
    if want.get("selector") and not matches(want["selector"], volume["metadata"].get("labels")):
        return False
    requests = (want.get("resources") or {}).get("requests") or {}
    same_mode = have.get("volumeMode", "Filesystem") == want.get("volumeMode", "Filesystem")
    return same_mode and _bytes(have.get("capacity") or {}).compare(_bytes(requests)) >= 0


def _bytes(amounts: Object) -> Quantity:
    return _quantity(str(amounts.get("storage", "0")))


def _quantity(text: str) -> Quantity:
    try:
        return parse(text)
    except QuantityError:
        return parse("0")


def _drop(obj: Object, finalizer: str) -> None:
    left = [one for one in obj["metadata"].get("finalizers") or () if one != finalizer]
    if left:
        obj["metadata"]["finalizers"] = left
    else:
        obj["metadata"].pop("finalizers", None)
