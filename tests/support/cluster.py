"""Commands against a real API server: Helm's, kubectl's and ours, each side with a home of its own."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sysconfig
import time
import uuid
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

from support.control_plane import BRIEF, ORACLE
from support.even import unlogged

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["HELM", "KUBECTL", "NAV", "Cluster", "Done", "write_chart"]

HELM = os.path.join(ORACLE, "bin", "helm")
KUBECTL = os.path.join(ORACLE, "bin", "kubectl")
NAV = os.path.join(sysconfig.get_path("scripts"), "nav")
_SECONDS = 600.0


class Done(NamedTuple):
    """What a command left: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Cluster:
    """An API server, named by a kubeconfig, and a folder for the homes of the programs that talk to it.

    Each of `helm`, `nav` and `kubectl` takes words, or one line that is split as a shell does. Namespaces made by
    `namespace()` are deleted by `close()`.
    """

    def __init__(self, kubeconfig: str, home: str) -> None:
        self.kubeconfig = kubeconfig
        self.home = home
        self._namespaces: list[str] = []

    def through(self, kubeconfig: str) -> Cluster:
        """The same server by another kubeconfig: another user, or a proxy in front of it."""
        return Cluster(kubeconfig, self.home)

    def environment(self, **more: str) -> dict[str, str]:
        """What the programs find in their environment."""
        places = {f"HELM_{name}_HOME": os.path.join(self.home, name.lower()) for name in ("CACHE", "CONFIG", "DATA")}
        base = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": self.home, "TZ": "UTC", "NO_COLOR": "1"}
        return {**base, **BRIEF, **places, "KUBECONFIG": self.kubeconfig, **more}

    def helm(
        self, *words: str, stdin: str = "", env: Mapping[str, str] | None = None, seconds: float = _SECONDS
    ) -> Done:
        return self._run(HELM, words, stdin, env, seconds)

    def nav(
        self, *words: str, stdin: str = "", env: Mapping[str, str] | None = None, seconds: float = _SECONDS
    ) -> Done:
        return self._run(NAV, words, stdin, env, seconds)

    def kubectl(self, *words: str, stdin: str = "", check: bool = True) -> str:
        """What kubectl prints. Raises AssertionError when it fails, unless `check` is False."""
        done = self._run(KUBECTL, words, stdin, None, _SECONDS)
        assert done.code == 0 or not check, f"kubectl {' '.join(words)}: {done.err}"
        return done.out

    def get(self, *words: str) -> Any:
        """Objects as JSON: `get("deploy", "web", "-n", ns)`."""
        return json.loads(self.kubectl("get", *_split(words), "-o", "json", "--show-managed-fields"))

    def popen(self, program: str, *words: str, **env: str) -> subprocess.Popen[str]:
        """A command under way, its output in pipes."""
        return subprocess.Popen(
            [program, *_split(words)],
            env=self.environment(**env),
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def namespace(self, prefix: str = "t", *, create: bool = True) -> str:
        """A fresh namespace, deleted at the end."""
        name = f"{prefix}-{uuid.uuid4().hex[:8]}"
        self._namespaces.append(name)
        if create:
            self.kubectl("create", "namespace", name)
        return name

    def wait_for_rights(self, user: str, namespace: str, verbs: Iterable[str], resources: Iterable[str]) -> None:
        """Wait until the server lets a user do what a role says; it hears of roles a while after they are made.

        Resources are named as kubectl does: "secrets", "deployments.apps".
        """
        spec = {"user": user, "groups": ["system:authenticated"]}
        head = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview"}
        items = []
        for resource, verb in product(resources, verbs):
            name, _, group = resource.partition(".")
            asked = {"namespace": namespace, "verb": verb, "group": group, "resource": name}
            items.append({**head, "spec": {**spec, "resourceAttributes": asked}})
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
        deadline = time.monotonic() + _SECONDS
        while True:
            told = self.kubectl("create", "-f", "-", "-o", "jsonpath={.status.allowed} ", stdin=text).split()
            assert len(told) == len(items)
            if set(told) == {"true"}:
                return
            assert time.monotonic() < deadline, f"{user} did not get its rights"
            time.sleep(0.1)

    def wait_until_served(self, definition: str, group: str, version: str, plural: str) -> None:
        """Wait until a custom resource definition is established and all that clients ask for tells of its kind."""
        self.kubectl("wait", "--for=condition=Established", f"crd/{definition}", f"--timeout={_SECONDS:g}s")
        deadline = time.monotonic() + _SECONDS
        words = ("get", "--raw", f"/apis/{group}/{version}")
        while f'"{plural}"' not in self.kubectl(*words, check=False):
            assert time.monotonic() < deadline, f"{definition} is not served"
            time.sleep(0.1)

    def close(self) -> None:
        """Delete the namespaces. Without controllers they stay, empty of what matters, until the server goes."""
        if self._namespaces:
            self.kubectl("delete", "namespace", "--wait=false", "--ignore-not-found", *self._namespaces, check=False)
            self._namespaces.clear()

    def _run(
        self, program: str, words: tuple[str, ...], stdin: str, env: Mapping[str, str] | None, seconds: float
    ) -> Done:
        done = subprocess.run(
            [program, *_split(words)],
            env=self.environment(**(env or {})),
            cwd=self.home,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        return Done(done.returncode, done.stdout, unlogged(done.stderr))


def write_chart(folder: str, files: Mapping[str, str], *, name: str = "web") -> str:
    """Write a chart from {path: text}, with a Chart.yaml if there is none. Returns its path."""
    head = {"Chart.yaml": f"apiVersion: v2\nname: {name}\nversion: 0.1.0\n"}
    for path, text in {**head, **files}.items():
        where = os.path.join(folder, name, path)
        os.makedirs(os.path.dirname(where), exist_ok=True)
        with open(where, "w", encoding="utf-8") as file:
            file.write(text)
    return os.path.join(folder, name)


def _split(words: tuple[str, ...]) -> list[str]:
    return shlex.split(words[0]) if len(words) == 1 else list(words)
