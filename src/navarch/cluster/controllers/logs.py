"""What a pod's containers have written: the lines that an annotation gives."""

from __future__ import annotations

from navarch.cluster.controllers.faults import read
from navarch.cluster.problems import bad_request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Object = dict[str, Any]

__all__ = ["logs"]


def logs(
    pod: Object,
    container: str = "",
    *,
    previous: bool = False,
    tail: int | None = None,
    timestamps: bool = False,
    limit: int | None = None,
) -> str:
    """The log of a container ("": the only one), of its run before if `previous`; the last `tail` lines, `limit` bytes.

    Raises Problem (400) if there is no such container, or if it hasn't started.
    """
    chosen = _chosen(pod, container)
    status = _status(pod, chosen)
    state = (status or {}).get("state") or {}
    name = pod["metadata"]["name"]
    if previous and not ((status or {}).get("lastState") or {}).get("terminated"):
        raise bad_request(f'previous terminated container "{chosen}" in pod "{name}" not found')
    waiting = state.get("waiting") if status else {"reason": "ContainerCreating"}
    if not pod["spec"].get("nodeName"):
        return ""
    if waiting is not None and not (status or {}).get("lastState"):
        raise bad_request(_told(chosen, name, waiting))
    text = _written(pod, chosen)
    if tail is not None:
        text = "".join(text.splitlines(keepends=True)[-tail:]) if tail > 0 else ""
    if timestamps:
        started = ((state.get("running") or state.get("terminated") or {}).get("startedAt") or "").replace(
            "Z", ".000000000Z"
        )
        text = "".join(f"{started} {line}" for line in text.splitlines(keepends=True))
    return text if limit is None else text.encode()[:limit].decode(errors="ignore")


def _told(container: str, pod: str, waiting: Object) -> str:
    reason = waiting.get("reason", "")
    if reason == "ImagePullBackOff":
        return f'container "{container}" in pod "{pod}" is waiting to start: trying and failing to pull image'
    return f'container "{container}" in pod "{pod}" is waiting to start: {reason}'


def _chosen(pod: Object, container: str) -> str:
    spec, name = pod["spec"], pod["metadata"]["name"]
    main = [one["name"] for one in spec["containers"]]
    initial = [one["name"] for one in spec.get("initContainers") or ()]
    if container:
        if container not in main + initial + [one["name"] for one in spec.get("ephemeralContainers") or ()]:
            raise bad_request(f"container {container} is not valid for pod {name}")
        return container
    if len(main) > 1:
        text = f"a container name must be specified for pod {name}, choose one of: [{' '.join(main)}]"
        if initial:
            text += f" or one of the init containers: [{' '.join(initial)}]"
        raise bad_request(text)
    return str(main[0])


def _status(pod: Object, container: str) -> Object | None:
    status = pod.get("status") or {}
    everything = [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]
    return next((one for one in everything if one["name"] == container), None)


def _written(pod: Object, container: str) -> str:
    faults = read(pod["metadata"].get("annotations"))
    first = pod["spec"]["containers"][0]["name"]
    if not faults.log or container != (faults.container or first):
        return ""
    return faults.log if faults.log.endswith("\n") else faults.log + "\n"
