"""Scenarios played by the real Helm and by a candidate in step (../shared/oracle/lockstep)."""

from __future__ import annotations

import argparse
import base64
import fcntl
import http.client
import importlib.machinery
import importlib.util
import io
import json
import shlex
import ssl
import tempfile
from contextlib import contextmanager, redirect_stdout
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import yaml

from support.control_plane import BRIEF, ORACLE
from support.even import ageless, unlogged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["LOCKSTEP", "SCENARIOS", "SHARED", "alone", "load", "needs_lockstep", "play"]

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
LOCKSTEP = SHARED / "oracle" / "lockstep"
SCENARIOS = ROOT / "tests" / "lockstep"

needs_lockstep = pytest.mark.skipif(not LOCKSTEP.exists(), reason="no ../shared/oracle/lockstep")

_GROUPS = {
    "apps/v1": "deployments statefulsets daemonsets replicasets",
    "batch/v1": "jobs cronjobs",
    "rbac.authorization.k8s.io/v1": "roles rolebindings",
    "networking.k8s.io/v1": "ingresses networkpolicies",
    "policy/v1": "poddisruptionbudgets",
    "autoscaling/v2": "horizontalpodautoscalers",
}
_PLACES = {plural: f"/apis/{group}" for group, plurals in _GROUPS.items() for plural in plurals.split()}


class Looks:
    """What is in a namespace, by one connection: a kubectl for each look takes longer than what is looked at."""

    def __init__(self, kubeconfig: str) -> None:
        with open(kubeconfig, encoding="utf-8") as file:
            config = yaml.load(file, yaml.CSafeLoader)
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        data = cluster.get("certificate-authority-data")
        context = ssl.create_default_context(
            cafile=cluster.get("certificate-authority"), cadata=data and base64.b64decode(data).decode()
        )
        self._headers = {"Authorization": f"Bearer {user['token']}"} if "token" in user else {}
        if not self._headers:
            with tempfile.NamedTemporaryFile() as file:
                parts = (user["client-certificate-data"], user["client-key-data"])
                file.write(b"\n".join(map(base64.b64decode, parts)))
                file.flush()
                context.load_cert_chain(file.name)
        address = urlsplit(cluster["server"])
        self._connection = http.client.HTTPSConnection(address.netloc, context=context, timeout=300)

    def list(self, plural: str, namespace: str) -> list[dict[str, Any]]:
        """The objects of a kind, each with its kind, which lists leave out."""
        path = f"{_PLACES.get(plural, '/api/v1')}/namespaces/{namespace}/{plural}"
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        text = answer.read()
        assert answer.status == 200, f"GET {path}: {text.decode(errors='replace')}"
        found = json.loads(text)
        head = {"apiVersion": found["apiVersion"], "kind": found["kind"].removesuffix("List")}
        return [{**head, **one} for one in found["items"] or ()]

    def close(self) -> None:
        self._connection.close()


def load(folder: Path, env: Mapping[str, str] | None = None) -> Any:
    """The program as a module of its own, to be changed; its sides keep what they write in `folder`."""
    loader = importlib.machinery.SourceFileLoader("lockstep", str(LOCKSTEP))
    spec = importlib.util.spec_from_loader("lockstep", loader)
    assert spec is not None
    module: Any = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    module.tempfile = SimpleNamespace(mkdtemp=partial(tempfile.mkdtemp, dir=folder))
    module.yaml = SimpleNamespace(
        safe_load=partial(yaml.load, Loader=yaml.CSafeLoader),
        safe_dump_all=partial(yaml.dump_all, Dumper=yaml.CSafeDumper),
    )

    class Side(module.Side):  # type: ignore[misc, name-defined]
        """A side that looks at its namespace quickly."""

        def __init__(self, name: str, command: Sequence[str], kubeconfig: str, charts: Path) -> None:
            super().__init__(name, command, kubeconfig, charts)
            self.env.update({"HOME": str(folder), "ORACLE": ORACLE, **BRIEF, **(env or {})})
            self._looks = Looks(kubeconfig)

        def kubectl(self, line: str) -> Any:
            if not line.startswith(f"get {module.KINDS} -n $NS -o json"):
                return super().kubectl(line)
            items = [one for plural in module.KINDS.split(",") for one in self._looks.list(plural, self.ns)]
            self._looks.close()  # opened anew by the next look: servers end connections that are idle for long
            return SimpleNamespace(stdout=json.dumps({"items": items}))

        def even(self, text: str) -> str:
            return ageless(str(super().even(unlogged(text))))

        def close(self) -> None:
            self._looks.close()
            super().close()

    module.Side = Side
    return module


@contextmanager
def alone(scenario: Path, kubeconfig: str) -> Iterator[None]:
    """While the block lasts, nobody else of this run plays a scenario that defines resources for the whole server.

    Its first step would find or not find them, depending on how far the other is.
    """
    if "kind: CustomResourceDefinition" not in scenario.read_text(encoding="utf-8"):
        yield
        return
    with open(f"{kubeconfig}.{scenario.stem}.lock", "w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def play(
    scenario: Path, candidate: Sequence[str], kubeconfig: str, folder: Path, env: Mapping[str, str] | None = None
) -> None:
    """Play a scenario, with `env` in the environment of both sides. Raises AssertionError with the differences."""
    module = load(folder, env)
    printed = io.StringIO()
    with redirect_stdout(printed), alone(scenario, kubeconfig):
        words = argparse.Namespace(candidate=shlex.join(candidate), kubeconfig=kubeconfig, verbose=False)
        differing = module.play(scenario, words)
    assert differing == 0, printed.getvalue()
