"""What a kubelet records while it starts containers: worked out from two statuses of a pod."""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from navarch.cluster.controllers.faults import Faults

    Object = dict[str, Any]

__all__ = ["ContainerEvent", "container_events"]


class ContainerEvent(NamedTuple):
    """An event about a pod; `field` names the container."""

    reason: str
    message: str
    type: str = "Normal"
    field: str = ""


def container_events(pod: Object, old: Object, new: Object, faults: Faults) -> Iterator[ContainerEvent]:
    """What happened between two statuses."""
    if "startTime" not in old:
        if faults.unknown:
            yield ContainerEvent("UnknownFault", faults.unknown, "Warning")
        if faults.fail == "mount":
            text = 'MountVolume.SetUp failed for volume "simulated" : simulated failure'
            yield ContainerEvent("FailedMount", text, "Warning")
    for section, name in (("initContainers", "initContainerStatuses"), ("containers", "containerStatuses")):
        before = {one["name"]: one for one in old.get(name) or ()}
        specs = {one["name"]: one for one in pod["spec"].get(section) or ()}
        for status in new.get(name) or ():
            field = f"spec.{section}{{{status['name']}}}"
            for event in _of_container(pod, specs[status["name"]], before.get(status["name"]), status):
                yield event._replace(field=field)


def _of_container(pod: Object, container: Object, before: Object | None, status: Object) -> Iterator[ContainerEvent]:
    state = status["state"]
    reason = (state.get("waiting") or {}).get("reason", "")
    ran = "waiting" not in state or bool(status["lastState"])
    if ran and (before is None or before.get("containerID") != status.get("containerID")):
        yield from _started(container)
    if reason == "CrashLoopBackOff" and (before or {}).get("restartCount") != status["restartCount"]:
        metadata = pod["metadata"]
        where = f"{metadata['name']}_{metadata.get('namespace', '')}({metadata.get('uid', '')})"
        text = f"Back-off restarting failed container {container['name']} in pod {where}"
        yield ContainerEvent("BackOff", text, "Warning")
    if before is not None and (before["state"].get("waiting") or {}).get("reason") == reason:
        return
    if reason == "ImagePullBackOff":
        yield from _not_pulled(container["image"], state["waiting"]["message"])
    elif reason == "CreateContainerConfigError":
        yield ContainerEvent("Failed", f"Error: {state['waiting']['message']}", "Warning")
    elif "running" in state and not status["ready"] and before is None and _never_ready(pod):
        yield ContainerEvent("Unhealthy", f"Readiness probe failed: {_probe_output(container)}", "Warning")


def _never_ready(pod: Object) -> bool:
    annotations = pod["metadata"].get("annotations") or {}
    return bool(annotations.get("cluster.navarch.dev/fail") == "never-ready")


def _started(container: Object) -> Iterator[ContainerEvent]:
    image = container["image"]
    if container.get("imagePullPolicy") == "Always":
        yield ContainerEvent("Pulling", f'Pulling image "{image}"')
        text = f'Successfully pulled image "{image}" in 1ms (1ms including waiting). Image size: 1 bytes.'
        yield ContainerEvent("Pulled", text)
    else:
        text = f'Container image "{image}" already present on machine and can be accessed by the pod'
        yield ContainerEvent("Pulled", text)
    yield ContainerEvent("Created", "Container created")
    yield ContainerEvent("Started", "Container started")


def _not_pulled(image: str, message: str) -> Iterator[ContainerEvent]:
    why = message.partition("ErrImagePull: ")[2]
    yield ContainerEvent("Pulling", f'Pulling image "{image}"')
    yield ContainerEvent("Failed", f'Failed to pull image "{image}": {why}', "Warning")
    yield ContainerEvent("Failed", "Error: ErrImagePull", "Warning")
    yield ContainerEvent("BackOff", f'Back-off pulling image "{image}"')
    yield ContainerEvent("Failed", "Error: ImagePullBackOff", "Warning")


def _probe_output(container: Object) -> str:
    """What a failing probe of that sort prints."""
    probe = container.get("readinessProbe") or {}
    if "httpGet" in probe:
        return "HTTP probe failed with statuscode: 503"
    if "tcpSocket" in probe:
        return "dial tcp: connect: connection refused"
    if "grpc" in probe:
        return 'service unhealthy (responded with "NOT_SERVING")'
    return "simulated failure"
