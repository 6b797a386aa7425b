"""A real control plane of one's own: etcd and kube-apiserver on loopback, which can be stopped and started again.

There is no kubelet and no controller: what one would do (mark a Deployment available, finish a Job) a test does itself.
Run as a program (`python -m support.control_plane DIR`), it keeps one up for as long as a process named in DIR/users lives.
"""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from support.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "ADMIN_TOKEN",
    "BRIEF",
    "ORACLE",
    "ControlPlane",
    "certificate",
    "lacking",
    "locked",
    "server_of",
    "write_kubeconfig",
]

ORACLE = os.environ.get("ORACLE") or os.path.expanduser("~/.cache/navarch-oracle")
ADMIN_TOKEN = "oracle-admin"
_TOKENS = f'{ADMIN_TOKEN},admin,admin,"system:masters"\nplain,plain,plain\nreader,reader,reader\n'
_READY_SECONDS = 300.0
_STARTS = 4
# What an API server makes for itself, some of it after it said that it is ready.
_FURNISHED = (
    *(f"/api/v1/namespaces/{name}" for name in ("default", "kube-system", "kube-public", "kube-node-lease")),
    "/api/v1/namespaces/default/services/kubernetes",
    "/apis/scheduling.k8s.io/v1/priorityclasses/system-node-critical",
    "/apis/rbac.authorization.k8s.io/v1/clusterroles/cluster-admin",
)
# For helm and kubectl: what ends within a second needs no garbage collection, which is a fifth of its work.
BRIEF = {"GOGC": "off"}


def lacking() -> list[str]:
    """The programs that a control plane needs and that aren't here."""
    needed = [os.path.join(ORACLE, "bin", name) for name in ("kube-apiserver", "kubectl", "helm")]
    return [path for path in (*needed, "etcd", "openssl", "setpriv") if shutil.which(path) is None]


class ControlPlane:
    """One control plane in a folder. `quota` bounds etcd's database, in bytes.

    Its processes end with the process that started them, whatever becomes of that.
    """

    def __init__(self, folder: str, *, quota: int = 0) -> None:
        self.folder = folder
        self.kubeconfig = os.path.join(folder, "kubeconfig")
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._quota = quota
        os.makedirs(folder, exist_ok=True)
        self._etcd_port, self._peer_port, self.port = free_port(), free_port(), free_port()
        self.server = f"https://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start both and wait until the API server is ready. Raises RuntimeError with the end of its log."""
        self._keys()
        self.start_etcd()
        self.start_api()
        authority = os.path.join(self.folder, "certs", "apiserver.crt")
        write_kubeconfig(self.kubeconfig, self.server, authority=authority)

    def start_etcd(self) -> None:
        client, peer = (f"http://127.0.0.1:{port}" for port in (self._etcd_port, self._peer_port))
        words = ["etcd", "--data-dir", os.path.join(self.folder, "etcd"), "--unsafe-no-fsync"]
        words += ["--listen-client-urls", client, "--advertise-client-urls", client, "--listen-peer-urls", peer]
        if self._quota:
            words.append(f"--quota-backend-bytes={self._quota}")
        self._run("etcd", words)
        self._wait_for("etcd", lambda: _answers(f"{client}/health"))

    def start_api(self, *, wait: bool = True) -> None:
        """Start the API server, on the port and the data it had before."""
        self._run("kube-apiserver", [os.path.join(ORACLE, "bin", "kube-apiserver"), *self._api_flags()])
        if wait:
            self.wait_ready()

    def stop_api(self) -> None:
        """Kill the API server: connections break off, new ones are refused."""
        self._kill("kube-apiserver")

    def stop(self) -> None:
        """Stop both and remove the folder."""
        for name in ("kube-apiserver", "etcd"):
            self._kill(name)
        shutil.rmtree(self.folder, ignore_errors=True)

    def make_room(self) -> None:
        """Let etcd forget what was deleted, and take writes again after it was full."""
        revision = self._etcd("kv/range", {"key": "AA=="})["header"]["revision"]
        self._etcd("kv/compaction", {"revision": revision, "physical": True})
        self._etcd("maintenance/defragment", {})
        self._etcd("maintenance/alarm", {"action": "DEACTIVATE", "alarm": "NOSPACE", "memberID": self._alarmed()})

    def _alarmed(self) -> str:
        return str(self._etcd("maintenance/alarm", {"action": "GET"})["alarms"][0]["memberID"])

    def _etcd(self, path: str, question: dict[str, Any]) -> dict[str, Any]:
        """Ask etcd by its JSON gateway."""
        url = f"http://127.0.0.1:{self._etcd_port}/v3/{path}"
        with urllib.request.urlopen(url, data=json.dumps(question).encode(), timeout=30) as answer:
            return json.load(answer)

    def wait_ready(self) -> None:
        """Wait until the API server is ready and furnished. Raises RuntimeError with the end of its log.

        It ends itself where its own first steps take longer than it gives them, which is half a minute: then once more.
        """
        for _ in range(_STARTS - 1):
            try:
                return self._wait_for("kube-apiserver", self._is_ready)
            except RuntimeError:
                if self._processes["kube-apiserver"].poll() is None:
                    raise
                self.start_api(wait=False)
        return self._wait_for("kube-apiserver", self._is_ready)

    def _wait_for(self, name: str, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while not is_so():
            if self._processes[name].poll() is not None or time.monotonic() > deadline:
                with open(os.path.join(self.folder, f"{name}.log"), encoding="utf-8", errors="replace") as log:
                    raise RuntimeError(f"{name} did not become ready:\n{log.read()[-2000:]}")
            time.sleep(0.1)

    def _is_ready(self) -> bool:
        return all(_answers(self.server + path) for path in ("/readyz", *_FURNISHED)) and self._has_addresses()

    def _has_addresses(self) -> bool:
        """Whether Services can get addresses: not before their range is known and ready."""
        ranges = _read(f"{self.server}/apis/networking.k8s.io/v1/servicecidrs/kubernetes")
        conditions = json.loads(ranges).get("status", {}).get("conditions", []) if ranges else []
        return any((one["type"], one["status"]) == ("Ready", "True") for one in conditions)

    def _api_flags(self) -> list[str]:
        return [
            f"--etcd-servers=http://127.0.0.1:{self._etcd_port}",
            f"--secure-port={self.port}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            f"--cert-dir={os.path.join(self.folder, 'certs')}",
            "--service-account-key-file=sa.pub",
            "--service-account-signing-key-file=sa.key",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--token-auth-file=tokens.csv",
            "--authorization-mode=RBAC",
            "--service-cluster-ip-range=10.0.0.0/24",
            "--disable-admission-plugins=ServiceAccount",
            "--allow-privileged",
        ]

    def _keys(self) -> None:
        with open(os.path.join(self.folder, "tokens.csv"), "w", encoding="utf-8") as file:
            file.write(_TOKENS)
        for words in (["genrsa", "-out", "sa.key", "2048"], ["rsa", "-in", "sa.key", "-pubout", "-out", "sa.pub"]):
            subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)

    def _run(self, name: str, words: list[str]) -> None:
        words = ["setpriv", "--pdeathsig", "KILL", *words]
        with open(os.path.join(self.folder, name + ".log"), "ab") as log:
            # not in our session: Ctrl-C in the terminal is for the tests
            self._processes[name] = subprocess.Popen(
                words, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def _kill(self, name: str) -> None:
        process = self._processes.pop(name, None)
        if process is not None:
            process.kill()
            process.wait()


def write_kubeconfig(path: str, server: str, *, authority: str, namespace: str = "default") -> None:
    """A kubeconfig for `server` with the users admin (all rights), plain and reader (none until a role gives them)."""
    text = f"""apiVersion: v1
kind: Config
current-context: oracle
contexts:
- {{name: oracle, context: {{cluster: oracle, user: admin, namespace: {namespace}}}}}
- {{name: plain, context: {{cluster: oracle, user: plain, namespace: {namespace}}}}}
- {{name: reader, context: {{cluster: oracle, user: reader, namespace: {namespace}}}}}
clusters: [{{name: oracle, cluster: {{server: "{server}", certificate-authority: "{authority}"}}}}]
users:
- {{name: admin, user: {{token: {ADMIN_TOKEN}}}}}
- {{name: plain, user: {{token: plain}}}}
- {{name: reader, user: {{token: reader}}}}
"""
    partial = path + ".part"
    with open(partial, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(partial, path)


def server_of(kubeconfig: str) -> str:
    """The server of a kubeconfig that has one."""
    with open(kubeconfig, encoding="utf-8") as file:
        return file.read().partition('server: "')[2].partition('"')[0]


def certificate(folder: str) -> tuple[str, str]:
    """The paths of a fresh certificate for 127.0.0.1 and of its key."""
    paths = os.path.join(folder, "tls.crt"), os.path.join(folder, "tls.key")
    words = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1"
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-out", paths[0], "-keyout", paths[1]]
    subprocess.run([*words.split(), *names], check=True, capture_output=True)
    return paths


def _answers(url: str) -> bool:
    return bool(_read(url))


def _read(url: str) -> bytes:
    """What a server of ours answers to the administrator; nothing where it doesn't, or not yet."""
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {ADMIN_TOKEN}"})
    try:
        with urllib.request.urlopen(request, context=ssl._create_unverified_context(), timeout=30) as answer:
            return bytes(answer.read()) if answer.status == 200 else b""
    except (OSError, http.client.HTTPException):
        return b""


@contextmanager
def locked(folder: str) -> Iterator[None]:
    """While the block lasts, nobody else starts or ends the control plane in a folder, or begins to use it."""
    with open(folder + ".lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _in_use(users: str) -> bool:
    """Whether a process lives that is named in the folder `users`, a file each."""
    return any(name.isdigit() and os.path.exists(f"/proc/{name}") for name in os.listdir(users))


def main() -> None:
    """Keep a control plane up in the folder of the first argument for as long as somebody uses it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    plane = ControlPlane(sys.argv[1])
    try:
        plane.start()
        while not _ended_unused(plane):
            time.sleep(0.5)
    finally:
        plane.stop()


def _ended_unused(plane: ControlPlane) -> bool:
    """End it if nobody uses it any more, so that whoever comes next starts another one."""
    with locked(plane.folder):
        unused = not _in_use(os.path.join(plane.folder, "users"))
        if unused:
            plane.stop()
        return unused


if __name__ == "__main__":
    main()
