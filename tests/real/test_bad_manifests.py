"""Bad input on a real API server: Helm's message, exit 1, and the cluster as it was, or a record that tells the truth."""

from __future__ import annotations

import base64
import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from support.cluster import write_chart
from support.even import even

if TYPE_CHECKING:
    from pathlib import Path

    from support.cluster import Cluster, Done

pytestmark = pytest.mark.real

GOOD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Release.Name }}'}\n"
BAD = {
    "no-kind": "apiVersion: v1\nmetadata: {name: x}\n",
    "no-version": "kind: ConfigMap\nmetadata: {name: x}\n",
    "no-name": "apiVersion: v1\nkind: ConfigMap\nmetadata: {labels: {a: b}}\n",
    "unknown-kind": "apiVersion: v1\nkind: Confmap\nmetadata: {name: x}\n",
    "unknown-group": "apiVersion: nope.example.com/v1\nkind: Nope\nmetadata: {name: x}\n",
    "same-name": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Release.Name }}'}\n",
    "long-name": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + "n" * 254 + "}\n",
    "bad-name": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Not_Good}\n",
    "slash-name": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a/b}\n",
    "missing-namespace": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: nowhere-at-all}\n",
    "unknown-field": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndatta: {a: b}\n",
    "wrong-type": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: 1}\n",
    "list": "- a\n- b\n",
    "text": "only words\n",
    "torn": "apiVersion: v1\nkind: [\n",
    "torn-template": "{{ if }}\n",
    "failing-template": "{{ fail `on purpose` }}\n",
    "list-of-nothing": "apiVersion: v1\nkind: List\n",
    "list-of-text": "apiVersion: v1\nkind: List\nitems: [a]\n",
    "null-metadata": "apiVersion: v1\nkind: ConfigMap\nmetadata: null\n",
    "deep": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: " + "{a: " * 60 + "b" + "}" * 60 + "\n",
    "huge": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: '{{ repeat 1100000 `y` }}'}\n",
    "no-spec": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\n",
    "number-labels": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, labels: {a: 1}}\n",
    "other-owner": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, annotations: {meta.helm.sh/release-name: y}}\n",
}
SCHEMA = json.dumps({"type": "object", "properties": {"replicas": {"type": "integer"}}})


def state(cluster: Cluster, namespace: str) -> Any:
    """What is in a namespace, and what Helm reads in its records."""
    names = cluster.kubectl("get", "configmaps,secrets,deployments", "-n", namespace, "-o", "name").split()
    listed = cluster.helm(f"list -n {namespace} -a -o json")
    records = [(one["name"], one["revision"], one["status"]) for one in listed.json] if listed.code == 0 else listed.err
    history = cluster.helm(f"history r -n {namespace} -o json")
    told = [even(one["description"], namespace) for one in history.json] if history.code == 0 else history.err
    return names, records, told


def seen_of(done: Done, namespace: str) -> tuple[int, str, str]:
    return done.code, even(done.out, namespace), even(done.err, namespace)


# two of one name: the server takes both, in the order that Helm's threads happen to have
CASES = [(name, "") for name in BAD if name != "same-name"]
CASES += [(name, "--server-side=false") for name in ("same-name", "wrong-type", "unknown-field", "long-name", "huge")]


@pytest.mark.parametrize(("name", "flag"), CASES)
def test_a_bad_manifest(name: str, flag: str, cluster: Cluster, tmp_path: Path) -> None:
    good = write_chart(str(tmp_path), {"templates/good.yaml": GOOD}, name="good")
    bad = write_chart(str(tmp_path), {"templates/good.yaml": GOOD, "templates/x.yaml": BAD[name]}, name="bad")
    seen = []
    for program in (cluster.helm, cluster.nav):
        namespace = cluster.namespace("bad")
        lines = (f"install r {bad}", f"upgrade -i r {good}", f"upgrade r {bad}")
        answers = [seen_of(program(f"{line} -n {namespace} {flag}"), namespace) for line in lines]
        seen.append([*answers, state(cluster, namespace)])
    assert seen[1] == seen[0]


def test_values_that_fail_the_schema(cluster: Cluster, tmp_path: Path) -> None:
    files = {"values.yaml": "replicas: 1\n", "values.schema.json": SCHEMA, "templates/good.yaml": GOOD}
    chart = write_chart(str(tmp_path), files)
    seen = []
    for program in (cluster.helm, cluster.nav):
        namespace = cluster.namespace("bad")
        before = state(cluster, namespace)
        answers = [seen_of(program(f"install r {chart} -n {namespace} --set replicas=many"), namespace)]
        assert answers[0][0] == 1
        assert state(cluster, namespace) == before
        assert program(f"install r {chart} -n {namespace}").code == 0
        answers.append(seen_of(program(f"upgrade r {chart} -n {namespace} --set replicas=many"), namespace))
        seen.append([*answers, state(cluster, namespace)])
    assert seen[1] == seen[0]


# Records that are no good


def packed(record: Any) -> str:
    """A record's JSON as a Secret holds it."""
    text = record if isinstance(record, bytes) else json.dumps(record).encode()
    return base64.b64encode(base64.b64encode(gzip.compress(text))).decode()


def unpacked(data: str) -> Any:
    return json.loads(gzip.decompress(base64.b64decode(base64.b64decode(data))))


def newer(record: dict[str, Any]) -> dict[str, Any]:
    """A record with fields and a state of times to come."""
    info = {**record["info"], "status": "hibernating", "mood": "good"}
    return {**record, "info": info, "future": {"a": [1, 2]}, "apply_method": "telepathy"}


DAMAGES = {
    "not-base64": lambda _: base64.b64encode(b"!!!").decode(),
    "not-gzip": lambda _: base64.b64encode(base64.b64encode(b"\x1f\x8b\x08 but no gzip")).decode(),
    "cut-short": lambda record: base64.b64encode(
        base64.b64encode(gzip.compress(json.dumps(record).encode())[:-40])
    ).decode(),
    "not-json": lambda _: packed(b"words"),
    "list": lambda _: packed([1, 2]),
    "null": lambda _: packed(None),
    "empty": lambda _: "",
    "no-info": lambda record: packed({key: value for key, value in record.items() if key != "info"}),
    "no-chart": lambda record: packed({key: value for key, value in record.items() if key != "chart"}),
    "wrong-types": lambda record: packed({**record, "version": "one"}),
    "bad-time": lambda record: packed({**record, "info": {**record["info"], "last_deployed": "yesterday"}}),
    "plain-json": lambda record: base64.b64encode(base64.b64encode(json.dumps(record).encode())).decode(),
    "newer": lambda record: packed(newer(record)),
}
READING = ["list -a", "status r", "history r", "get values r", "get manifest r", "get metadata r"]
WRITING = ["upgrade r {c} --set a=b", "rollback r 1", "uninstall r"]


@pytest.mark.parametrize("name", DAMAGES)
def test_a_bad_record(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    # where such a record lies anywhere, `helm list -A` crashes: it would in others' tests on the same server
    cluster: Cluster = request.getfixturevalue("own_cluster" if name in ("null", "no-info") else "cluster")
    chart = write_chart(str(tmp_path), {"templates/good.yaml": GOOD})
    for lines in (READING, *([line] for line in WRITING)):
        seen = []
        for program in (cluster.helm, cluster.nav):
            namespace = cluster.namespace("rec")
            assert cluster.helm(f"install r {chart} -n {namespace}").code == 0
            damage(cluster, namespace, name)
            words = [line.format(c=chart) + f" -n {namespace}" for line in lines]
            answers = [seen_of(program(line), namespace) for line in words]
            seen.append([*answers, state(cluster, namespace)])
        for line, theirs, ours in zip([*lines, "state"], *seen, strict=True):
            assert_no_worse(f"{name}: {line}", theirs, ours)


def assert_no_worse(line: str, theirs: Any, ours: Any) -> None:
    """The same; where Helm itself crashes, no crash; where it takes nothing for a release, an error."""
    assert "Traceback" not in str(ours)
    assert ours == theirs or "goroutine" in str(theirs) or (line.startswith(("null", "no-info")) and ours[0] == 1), line


def damage(cluster: Cluster, namespace: str, name: str) -> None:
    record = "sh.helm.release.v1.r.v1"
    data = cluster.get("secret", record, "-n", namespace)["data"]["release"]
    patch = json.dumps({"data": {"release": DAMAGES[name](unpacked(data))}})
    cluster.kubectl("patch", "secret", record, "-n", namespace, "--type=merge", "-p", patch)


PENDING = [("pending-install", 1), ("pending-upgrade", 2), ("pending-rollback", 2), ("uninstalling", 1), ("failed", 1)]
LINES = ["status r", "list", "list --pending", "upgrade r {c}", "upgrade r {c} -i", "rollback r 1", "install r {c}"]


@pytest.mark.parametrize(("status", "revision"), PENDING)
def test_a_record_that_helm_left_pending(status: str, revision: int, cluster: Cluster, tmp_path: Path) -> None:
    """Without a Lease nobody knows whether a Helm is at work: nav waits for people, as Helm does."""
    chart = write_chart(str(tmp_path), {"templates/good.yaml": GOOD})
    seen = []
    for program in (cluster.helm, cluster.nav):
        namespace = cluster.namespace("pend")
        assert cluster.helm(f"install r {chart} -n {namespace}").code == 0
        if revision == 2:
            assert cluster.helm(f"upgrade r {chart} -n {namespace} --set a=b").code == 0
        leave(cluster, namespace, revision, status)
        lines = [f"{line.format(c=chart)} -n {namespace}" for line in (*LINES, "uninstall r")]
        answers = [(line.replace(namespace, ""), seen_of(program(line), namespace)) for line in lines]
        seen.append([*answers, state(cluster, namespace)])
    for theirs, ours in zip(*seen, strict=True):
        assert ours == theirs


def leave(cluster: Cluster, namespace: str, revision: int, status: str) -> None:
    """Give a record another state."""
    name = f"sh.helm.release.v1.r.v{revision}"
    record = unpacked(cluster.get("secret", name, "-n", namespace)["data"]["release"])
    record["info"]["status"] = status
    patch = {"metadata": {"labels": {"status": status}}, "data": {"release": packed(record)}}
    cluster.kubectl("patch", "secret", name, "-n", namespace, "--type=merge", "-p", json.dumps(patch))
