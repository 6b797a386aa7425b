#!/usr/bin/env python3
"""Record what the API server's code says of objects that break rules, for tests/cluster/validation.

usage: record.py OPENAPI.json[.gz] [NUMBER]

tests/cluster/validation/seeds.json has valid objects, and words that fields know; how the API server prepares
these objects is written beside them. They are changed at random, NUMBER times (100,000); of the changes that are
refused, one is kept for each rule: in cases.jsonl, as what was changed (see tests/support/invalid.py) with all causes
of the Status. The program beside this file is built for it, with Go, in
$ORACLE/validation; $ORACLE/kube has the module of the API server (see shared/oracle/setup).

Answers that come in another order each time, as Go's maps do, are left out, and those of the expressions of webhooks
(matchConditions), which aren't compiled here.
"""

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from typing import Any

from mutate import Mutator

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.join(HERE, "..", "..", "tests")
CASES = os.path.join(TESTS, "cluster", "validation")
ORACLE = os.environ.get("ORACLE", os.path.expanduser("~/.cache/navarch-oracle"))
LONGEST = 2500  # of a case; what is longer tells several things at once
TIMES = 60  # that an answer must be the same
CEL = ("compilation failed", "must evaluate to", "resourceResolver")
LISTS = ("objects", "prepared")
FIXED = ("apiVersion", "kind")
SUBRESOURCES = {"Pod": ("status", "ephemeralcontainers", "resize"), "Namespace": ("status", "finalize")}
STATUS = (
    "Service PersistentVolumeClaim PersistentVolume ReplicationController ResourceQuota Node Deployment ReplicaSet "
    "StatefulSet DaemonSet Job HorizontalPodAutoscaler PodDisruptionBudget Ingress VolumeAttachment FlowSchema "
    "PriorityLevelConfiguration ValidatingAdmissionPolicy APIService"
).split()

sys.path.insert(0, TESTS)

from support.invalid import changes  # noqa: E402


class Oracle:
    """The program, running."""

    def __init__(self) -> None:
        folder = os.path.join(ORACLE, "validation")
        os.makedirs(folder, exist_ok=True)
        for name in ("main.go", "strategies.go", "types.go"):
            shutil.copy(os.path.join(HERE, name), folder)
        for name in ("go.mod", "go.sum"):
            shutil.copy(os.path.join(ORACLE, "kube", name), folder)
        subprocess.run(["go", "build", "-o", "oracle", "."], cwd=folder, check=True)  # noqa: S607
        program = os.path.join(folder, "oracle")
        self.process = subprocess.Popen(
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    def ask(self, obj: Any, old: Any = None, subresource: str = "") -> dict[str, Any]:
        """The answer: object, old, status or error."""
        question = {"object": obj, "subresource": subresource, **({"old": old} if old is not None else {})}
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(question).encode() + b"\n")
        self.process.stdin.flush()
        return dict(json.loads(self.process.stdout.readline()))


def causes(answer: dict[str, Any]) -> list[list[str]] | None:
    """What is wrong, None where the answer isn't about that."""
    status = answer.get("status") or {}
    if answer.get("error") or (status and status["reason"] != "Invalid"):
        return None
    return [
        [one.get("field", ""), one["reason"], one["message"]] for one in status.get("details", {}).get("causes", [])
    ]


def rules(subresource: str, told: list[list[str]]) -> set[tuple[str, ...]]:
    """Which rules these are about: causes without places, numbers and names."""
    found = set()
    for field, reason, message in told:
        parts = re.sub(r"\[.*?\]", "", field).split(".")
        words = re.sub(r"\(.*|[\[{].*|'.*?'|\".*?\"|\d+", "_", message)
        found.add((subresource, *parts[-2:], reason, words[-60:]))
    return found


def written(seeds: dict[str, Any]) -> str:
    """The file of seeds, a value a line."""
    words = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in seeds["words"].items())
    lists = [
        f'"{key}": [\n' + ",\n".join(json.dumps(one, ensure_ascii=False) for one in seeds[key]) + "\n]" for key in LISTS
    ]
    return "{" + f'"words": {{\n{words}\n}},\n' + ",\n".join(lists) + "}\n"


def main(words: list[str]) -> None:
    with gzip.open(words[0]) if words[0].endswith(".gz") else open(words[0], "rb") as file:
        definitions = json.load(file)["definitions"]
    kinds = {
        (one["group"], one["version"], one["kind"]): {"$ref": f"#/definitions/{name}"}
        for name, found in definitions.items()
        for one in found.get("x-kubernetes-group-version-kind", [])
    }
    with open(os.path.join(CASES, "seeds.json"), encoding="utf-8") as file:
        seeds = json.load(file)
    mutator, oracle = Mutator(definitions, seeds["words"], 1), Oracle()
    prepared = [oracle.ask(one)["object"] for one in seeds["objects"]]
    with open(os.path.join(CASES, "seeds.json"), "w", encoding="utf-8") as file:
        file.write(written({**seeds, "prepared": prepared}))
    covered: set[tuple[str, ...]] = set()
    with open(os.path.join(CASES, "cases.jsonl"), "w", encoding="utf-8") as out:
        for _ in range(int(words[1]) if len(words) > 1 else 100_000):
            at = mutator.random.randrange(len(prepared))
            group, _, version = prepared[at]["apiVersion"].rpartition("/")
            schema = kinds[group, version, prepared[at]["kind"]]
            question = changed(mutator, schema, seeds["objects"][at], prepared[at])
            answer = oracle.ask(*question)
            told = causes(answer)
            if not told or any(text in one[2] for one in told for text in CEL):
                continue
            case: dict[str, Any] = {"seed": at}
            before, subresource = prepared[at], question[2]
            if subresource:
                case["subresource"] = subresource
            if question[1] is not None:
                case["old"] = changes(before, answer["old"])
                before = answer["old"]
            case |= {"new": changes(before, answer["object"]), "causes": told}
            line = json.dumps(case, ensure_ascii=False)
            new = rules(subresource, told) - covered
            if new and len(line) < LONGEST and all(oracle.ask(*question) == answer for _ in range(TIMES)):
                covered |= new
                out.write(line + "\n")


def changed(mutator: Mutator, schema: Any, seed: Any, prepared: Any) -> tuple[Any, Any, str]:
    """A question: an object with changes, the one before when it is to be updated, and the subresource."""
    kind = prepared["kind"]
    parts = SUBRESOURCES.get(kind, ("status",) if kind in STATUS else ())
    subresource = mutator.random.choice(parts) if parts and mutator.random.random() < 0.25 else ""
    update = bool(subresource) or mutator.random.random() < 0.4
    old = None
    start = seed
    if update:
        start = old = {**prepared, "metadata": {**prepared["metadata"], "resourceVersion": "1"}}
    if subresource == "status":
        field = mutator.resolve(schema)[1]["properties"]["status"]
        status = mutator.value(field, "status")
        for _ in range(6):
            status = mutator.change(status, field, "status")
        old = start = {**start, "status": mutator.without_empty(status, field) or {}}
        for _ in range(mutator.random.choice([1, 1, 2, 3])):
            status = mutator.change(status, field, "status")
        made = {**start, "status": status}
    else:
        made = start
        fixed = FIXED if subresource else (*FIXED, "status")
        for _ in range(mutator.random.choice([1, 1, 1, 2, 2, 3])):
            made = mutator.change(made, schema, fixed=fixed)
    made = {**mutator.without_empty(made, schema), **{key: seed[key] for key in FIXED}}
    return {**made, "metadata": made.get("metadata") or {}}, old, subresource


if __name__ == "__main__":
    main(sys.argv[1:])
