"""The states of a pod's containers, as a kubelet reports them: worked out from the pod, its faults and the time."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from navarch.golang.calendar import stamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from navarch.cluster.controllers.faults import Faults

    Object = dict[str, Any]

__all__ = ["Situation", "back_off", "image_name", "init_statuses", "is_sidecar", "main_statuses"]

_DEFAULT_TAG = "latest"
_LONGEST_BACK_OFF = 300


class Situation(NamedTuple):
    """What decides how containers are.

    `blocked`: a volume is missing, so that nothing has started; `unset` are the containers that can't be configured,
    with what is missing; `ready`: slow pods have had their time; `done`: they run to their end, and it has come;
    `restarts`: how often a failing container was started again; `now`: seconds since 1970.
    """

    pod: Object
    faults: Faults
    now: float
    started: float
    blocked: bool = False
    unset: Mapping[str, str] = {}
    ready: bool = True
    done: bool = False
    restarts: int = 0

    @property
    def uid(self) -> str:
        """The pod's uid."""
        return str(self.pod["metadata"].get("uid", ""))

    @property
    def restart_policy(self) -> str:
        """What becomes of containers that end."""
        return str(self.pod["spec"].get("restartPolicy", "Always"))

    def is_faulty(self, container: Object) -> bool:
        """Whether this is the container that fails."""
        wanted = self.faults.container or self.pod["spec"]["containers"][0]["name"]
        return bool(container["name"] == wanted)


def is_sidecar(container: Object) -> bool:
    """Whether an init container keeps running beside the others."""
    return container.get("restartPolicy") == "Always"


def image_name(image: str) -> str:
    """An image's full name: "nginx" is "docker.io/library/nginx:latest"."""
    first, slash, _ = image.partition("/")
    if not slash:
        image = f"docker.io/library/{image}"
    elif "." not in first and ":" not in first and first != "localhost":
        image = f"docker.io/{image}"
    if "@" in image or ":" in image.rpartition("/")[2]:
        return image
    return f"{image}:{_DEFAULT_TAG}"


def back_off(restarts: int) -> int:
    """Seconds until a container that has failed so often is started again."""
    return min(10 << max(0, min(restarts, 10) - 1), _LONGEST_BACK_OFF)


def _digest(*words: str) -> str:
    return hashlib.sha256("/".join(words).encode()).hexdigest()


def _id(situation: Situation, container: Object, restarts: int) -> str:
    return f"containerd://{_digest(situation.uid, container['name'], str(restarts))}"


def _image_id(image: str) -> str:
    full = image_name(image)
    name, _, digest = full.partition("@")
    if digest:
        return full
    repository, _, _ = name.rpartition(":")
    return f"{repository}@sha256:{_digest(full)}"


def _terminated(situation: Situation, container: Object, code: int, restarts: int, reason: str = "") -> Object:
    return {
        "terminated": {
            "exitCode": code,
            "reason": reason or ("Completed" if code == 0 else "Error"),
            "startedAt": stamp(situation.started),
            "finishedAt": stamp(situation.now),
            "containerID": _id(situation, container, restarts),
        }
    }


def _running(situation: Situation) -> Object:
    return {"running": {"startedAt": stamp(situation.started)}}


def _waiting(reason: str, message: str = "") -> Object:
    state = {"reason": reason, "message": message} if message else {"reason": reason}
    return {"waiting": state}


def _status(
    situation: Situation,
    container: Object,
    state: Object,
    *,
    ready: bool = False,
    started: bool = False,
    restarts: int = 0,
    last: Object | None = None,
) -> Object:
    ran = "waiting" not in state or last is not None
    image = container.get("image", "")
    status: Object = {
        "name": container["name"],
        "state": state,
        "lastState": last or {},
        "ready": ready,
        "restartCount": restarts,
        "image": image_name(image) if ran else image,
        "imageID": _image_id(image) if ran else "",
    }
    if ran:
        status["containerID"] = _id(situation, container, max(0, restarts - 1) if last else restarts)
    status["started"] = started
    resources = container.get("resources") or {}
    if ran and "running" in state:
        if resources.get("requests"):
            status["allocatedResources"] = resources["requests"]
        status["resources"] = resources
    if container.get("volumeMounts"):
        status["volumeMounts"] = [_mount(one) for one in container["volumeMounts"]]
    return status


def _mount(mount: Object) -> Object:
    made = {"name": mount["name"], "mountPath": mount["mountPath"]}
    if mount.get("readOnly"):
        made.update(readOnly=True, recursiveReadOnly="Disabled")
    return made


def _pulling(situation: Situation, container: Object) -> Object:
    image = container.get("image", "")
    full = image_name(image)
    repository = full.partition("@")[0].rpartition(":")[0]
    why = (
        f'rpc error: code = NotFound desc = failed to pull and unpack image "{full}": failed to resolve reference '
        f'"{full}": {repository}: not found'
    )
    text = f'Back-off pulling image "{image}": ErrImagePull: {why}'
    return _status(situation, container, _waiting("ImagePullBackOff", text))


def _crashing(situation: Situation, container: Object, code: int, reason: str = "") -> Object:
    """Ended with an error, and not started again for a while."""
    metadata = situation.pod["metadata"]
    who = f"{metadata['name']}_{metadata.get('namespace', '')}({situation.uid})"
    delay = _go_duration(back_off(situation.restarts))
    text = f"back-off {delay} restarting failed container={container['name']} pod={who}"
    last = _terminated(situation, container, code, situation.restarts - 1, reason)
    state = _waiting("CrashLoopBackOff", text)
    return _status(situation, container, state, restarts=situation.restarts, last=last)


def _go_duration(number: int) -> str:
    minutes, rest = divmod(number, 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


def init_statuses(situation: Situation) -> tuple[list[Object], bool]:
    """The states of the init containers, and whether all of them are through (or run, if they are to keep running)."""
    statuses = []
    through = not situation.blocked
    for container in situation.pod["spec"].get("initContainers") or ():
        if not through:
            statuses.append(_status(situation, container, _waiting("PodInitializing")))
            continue
        status, through = _init_status(situation, container)
        statuses.append(status)
    return statuses, through


def _init_status(situation: Situation, container: Object) -> tuple[Object, bool]:
    faults, name = situation.faults, container["name"]
    if name in situation.unset:
        state = _waiting("CreateContainerConfigError", situation.unset[name])
        return _status(situation, container, state), False
    if faults.container == name and faults.fail == "image-pull":
        return _pulling(situation, container), False
    if faults.fail == "init" or (faults.container == name and faults.ends_badly):
        code = faults.code or 1
        if situation.restart_policy == "Never":
            return _status(situation, container, _terminated(situation, container, code, 0)), False
        return _crashing(situation, container, code), False
    if is_sidecar(container):
        if situation.done:
            return _status(situation, container, _terminated(situation, container, 0, 0)), True
        return _status(situation, container, _running(situation), ready=True, started=True), True
    return _status(situation, container, _terminated(situation, container, 0, 0), ready=True), True


def main_statuses(situation: Situation, *, initialized: bool) -> list[Object]:
    """The states of the containers; `initialized`: the init containers are through."""
    return [_main_status(situation, one, initialized=initialized) for one in situation.pod["spec"]["containers"]]


def _main_status(situation: Situation, container: Object, *, initialized: bool) -> Object:
    if not initialized:
        initial = situation.pod["spec"].get("initContainers")
        return _status(situation, container, _waiting("PodInitializing" if initial else "ContainerCreating"))
    name, faults = container["name"], situation.faults
    if name in situation.unset:
        return _status(situation, container, _waiting("CreateContainerConfigError", situation.unset[name]))
    if situation.is_faulty(container):
        if faults.fail == "config":
            return _status(situation, container, _waiting("CreateContainerConfigError", CONFIG_MESSAGE))
        if faults.fail == "image-pull":
            return _pulling(situation, container)
        if faults.ends_badly and situation.ready:
            return _ended_badly(situation, container)
    if situation.done:
        return _status(situation, container, _terminated(situation, container, 0, 0))
    failing = faults.fail == "never-ready" and situation.is_faulty(container)
    ready = situation.ready and not failing
    return _status(situation, container, _running(situation), ready=ready, started=True)


def _ended_badly(situation: Situation, container: Object) -> Object:
    faults = situation.faults
    reason = "OOMKilled" if faults.fail == "oom" else ""
    if situation.restart_policy == "Never":
        return _status(situation, container, _terminated(situation, container, faults.code, 0, reason))
    return _crashing(situation, container, faults.code, reason)


CONFIG_MESSAGE = 'configmap "simulated" not found'
