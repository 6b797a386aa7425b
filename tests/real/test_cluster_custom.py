"""CustomResourceDefinitions and custom objects of the embedded API server beside those of the real one."""

from __future__ import annotations

import copy
import json
import random
import time
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from navarch.cluster.api import Api
from navarch.cluster.custom import before_create, before_update, convert, creating, resources, updating
from navarch.cluster.decode.reading import read, read_json
from navarch.cluster.kinds import check_create, prepare_create
from navarch.cluster.kinds import convert as convert_any
from navarch.cluster.options import Options
from navarch.cluster.problems import Problem, invalid
from navarch.cluster.store import Store
from navarch.cluster.tables import table
from support import schemas
from support.raw import TABLE, Raw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from navarch.cluster.context import Context
    from navarch.cluster.types.catalog import Resource
    from support.cluster import Cluster

    Object = dict[str, Any]

pytestmark = pytest.mark.real
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
GROUP = "custom.navarch.example"
CHARTS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "charts"
_MADE_BY_SERVERS = ("uid", "creationTimestamp", "managedFields", "resourceVersion")
_CEL = "x-kubernetes-validations"


@pytest.fixture
def raw(cluster: Cluster) -> Raw:
    return Raw(cluster)


@pytest.fixture
def define(raw: Raw) -> Iterator[Callable[[Object], Object]]:
    """Creates definitions on the server and answers them established; they are deleted at the end."""
    made: list[str] = []

    def create(definition: Object) -> Object:
        name = definition["metadata"]["name"]
        made.append(name)
        code, answer, _ = raw.call(DEFINITIONS, definition)
        assert code == 201, answer
        return established(raw, name)

    yield create
    for name in made:
        raw.call(f"{DEFINITIONS}/{name}", method="DELETE")
    for name in made:
        wait_for(lambda name=name: raw.call(f"{DEFINITIONS}/{name}")[0] == 404)


def wait_for(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 300
    while not done():
        assert time.monotonic() < end
        time.sleep(0.1)


def established(raw: Raw, name: str) -> Object:
    path = f"{DEFINITIONS}/{name}"
    wait_for(lambda: bool(resources(raw.call(path)[1])))
    definition: Object = raw.call(path)[1]
    [resource, *_] = resources(definition)
    wait_for(lambda: raw.call(f"/apis/{resource.api_version}/namespaces/default/{resource.plural}")[0] == 200)
    return definition


def told(answer: Object) -> set[tuple[str, str]]:
    """What is wrong, without the order: servers look at properties in any."""
    causes = answer.get("details", {}).get("causes", [])
    return {(one.get("field", ""), one["message"]) for one in causes} or {("", answer.get("message", ""))}


def bare(obj: Object, *more: str) -> Object:
    metadata = {key: value for key, value in obj["metadata"].items() if key not in (*_MADE_BY_SERVERS, *more)}
    return {**obj, "metadata": metadata}


def attempt(do: Callable[[], Object]) -> tuple[int, Object]:
    try:
        return 201, do()
    except Problem as problem:
        return problem.code, problem.status()


def checked(resource: Resource, made: Object, errors: list[Any]) -> Object:
    if errors:
        raise invalid(resource.group, made["kind"], made["metadata"].get("name", ""), [one.cause() for one in errors])
    return made


def same(real: tuple[int, Object], ours: tuple[int, Object], *more: str) -> None:
    assert (real[0] in (200, 201)) == (ours[0] == 201), f"{real}\n{ours}"
    if ours[0] == 201:
        assert bare(real[1], *more) == bare(ours[1], *more)
    else:
        assert (real[0], told(real[1])) == (ours[0], told(ours[1]))


def context() -> Context:
    api = Api(Store())
    return api.context()


def new_object(resource: Resource, body: bytes, namespace: str, validation: str) -> Object:
    made, _ = convert(read_json(body), resource, validation=validation)
    made["metadata"].setdefault("namespace", namespace)
    before_create(context(), resource, made)
    return checked(resource, made, creating(resource, made))


@pytest.mark.parametrize("seed", range(12))
def test_new_objects(cluster: Cluster, raw: Raw, define: Callable[[Object], Object], seed: int) -> None:
    chance = random.Random(seed)
    given = schemas.definition(chance, f"new{seed}", group=GROUP)
    [resource] = resources(define(given))
    schema = given["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    namespace = cluster.namespace()
    path = f"/apis/{resource.api_version}/namespaces/{namespace}/{resource.plural}?dryRun=All"
    for _ in range(20):
        obj = {
            "apiVersion": resource.api_version,
            "kind": resource.kind,
            "metadata": {"name": "a"},
            "spec": schemas.value(chance, schema),
        }
        body = json.dumps(obj).encode()
        for validation in ("Strict", "Ignore"):
            code, answer, _ = raw.call(f"{path}&fieldValidation={validation}", body)
            ours = attempt(lambda body=body, validation=validation: new_object(resource, body, namespace, validation))
            same((code, answer), ours)


BODIES = [
    {"apiVersion": "nope/v2", "kind": "Odd", "metadata": {"name": "a"}},
    {"kind": "Odd", "metadata": {"name": "a"}},
    {"apiVersion": f"{GROUP}/v1", "kind": "Other", "metadata": {"name": "a"}},
    {"apiVersion": f"{GROUP}/v1", "kind": "Odd", "metadata": {"name": "a", "labels": {"a": 1}}},
    {
        "apiVersion": f"{GROUP}/v1",
        "kind": "Odd",
        "metadata": {"name": "a", "foo": 1, "ownerReferences": [{"x": 1}]},
        "spec": {"b": 1, "n": "x"},
        "extra": {"y": 1},
    },
    {"apiVersion": f"{GROUP}/v1", "kind": "Odd", "metadata": None},
    {"apiVersion": f"{GROUP}/v1", "kind": "Odd", "metadata": []},
    {"apiVersion": f"{GROUP}/v1", "kind": "Odd", "metadata": {"name": 1}},
    {
        "apiVersion": f"{GROUP}/v1",
        "kind": "Odd",
        "metadata": {"name": "a", "finalizers": ["x", "a.b", "a.b/c", "-/-"]},
        "status": {"x": 1},
    },
]


def test_odd_objects(cluster: Cluster, raw: Raw, define: Callable[[Object], Object]) -> None:
    node = {"type": "object", "properties": {"a": {"type": "string", "default": "x"}, "n": {"type": "integer"}}}
    [resource] = resources(define(schemas.definition(random.Random(1), "odd", group=GROUP, spec=node)))
    namespace = cluster.namespace()
    path = f"/apis/{resource.api_version}/namespaces/{namespace}/{resource.plural}?dryRun=All"
    twice = (
        b'{"apiVersion":"%b/v1","kind":"Odd","metadata":{"name":"a","name":"b"},"spec":{"n":1,"n":2}}' % GROUP.encode()
    )
    for body in (twice, *(json.dumps(one, separators=(",", ":")).encode() for one in BODIES)):
        for validation in ("Strict", "Warn"):
            code, answer, headers = raw.call(f"{path}&fieldValidation={validation}", body)
            warned: list[str] = []

            def make(body: bytes = body, validation: str = validation, warned: list[str] = warned) -> Object:
                made, warnings = convert(read_json(body), resource, validation=validation)
                warned += warnings
                made["metadata"].setdefault("namespace", namespace)
                about = context()
                before_create(about, resource, made)
                warned += about.warnings
                return checked(resource, made, creating(resource, made))

            same((code, answer), attempt(make))
            if code == 201:
                real = [one[7:-1].replace('\\"', '"') for one in headers.get_all("Warning") or []]
                assert real == warned


def changed(random: random.Random, node: Object, value: Any) -> Any:
    """A value with something in it changed."""
    if isinstance(value, dict) and value and random.random() < 0.9:
        name = random.choice(list(value))
        below = (node.get("properties") or {}).get(name) or node.get("additionalProperties") or {}
        below = below if isinstance(below, dict) else {}
        new = changed(random, below, value[name]) if random.random() < 0.6 else schemas.value(random, below)
        return {**value, name: new}
    if isinstance(value, list) and value and random.random() < 0.8:
        at = random.randrange(len(value))
        return [
            changed(random, node.get("items") or {}, one) if index == at else one for index, one in enumerate(value)
        ]
    return schemas.value(random, node)


@pytest.mark.parametrize("seed", range(6))
def test_changed_objects(cluster: Cluster, raw: Raw, define: Callable[[Object], Object], seed: int) -> None:
    """What was wrong before, by a schema that came later, is let be."""
    chance = random.Random(seed)
    given = schemas.definition(chance, f"upd{seed}", group=GROUP)
    strict = given["spec"]["versions"]
    spec = strict[0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    open_ = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    loose = copy.deepcopy(given)
    loose["spec"]["versions"][0]["schema"]["openAPIV3Schema"] = open_
    [resource] = resources(define(loose))
    path = f"/apis/{resource.api_version}/namespaces/{cluster.namespace()}/{resource.plural}"
    names = [f"o{number}" for number in range(5)]
    for name in names:
        obj = {
            "apiVersion": resource.api_version,
            "kind": resource.kind,
            "metadata": {"name": name},
            "spec": schemas.value(chance, spec),
        }
        assert raw.call(path, obj)[0] == 201
    address = f"{DEFINITIONS}/{given['metadata']['name']}"
    code, answer, _ = raw.call(
        address, {**raw.call(address)[1], "spec": {**loose["spec"], "versions": strict}}, method="PUT"
    )
    assert code == 200, answer
    wait_for(lambda: is_strict(raw, path, {**obj, "metadata": {"name": "new"}}))
    [resource] = resources(raw.call(address)[1])
    for name in names:
        old = raw.call(f"{path}/{name}")[1]
        for _ in range(6):
            new = {**old, "spec": changed(chance, spec, old.get("spec"))}
            code, answer, _ = raw.call(f"{path}/{name}?dryRun=All", new, method="PUT")
            same((code, answer), attempt(lambda new=new, old=old: change(resource, new, old)))


def is_strict(raw: Raw, path: str, obj: Object) -> bool:
    """Whether a server refuses or leaves out by now what a schema doesn't know."""
    code, answer, _ = raw.call(f"{path}?dryRun=All", {**obj, "zz": 1})
    return code == 422 or (code == 201 and "zz" not in answer)


def change(resource: Resource, new: Object, old: Object, subresource: str = "") -> Object:
    made, _ = convert(read_json(json.dumps(new).encode()), resource)
    before_update(context(), resource, made, old, subresource)
    return checked(resource, made, updating(resource, made, old, subresource))


def test_status_of_objects(cluster: Cluster, raw: Raw, define: Callable[[Object], Object]) -> None:
    given = schemas.definition(
        random.Random(1), "stat", group=GROUP, spec={"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    )
    version = given["spec"]["versions"][0]
    version["schema"]["openAPIV3Schema"]["properties"]["status"] = {
        "type": "object",
        "required": ["r"],
        "properties": {
            "r": {"type": "integer"},
            "l": {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"},
        },
    }
    version["subresources"]["scale"] = {
        "specReplicasPath": ".spec.r",
        "statusReplicasPath": ".status.r",
        "labelSelectorPath": ".status.s",
    }
    [resource] = resources(define(given))
    path = f"/apis/{resource.api_version}/namespaces/{cluster.namespace()}/{resource.plural}"
    made = raw.call(
        path,
        {
            "apiVersion": resource.api_version,
            "kind": resource.kind,
            "metadata": {"name": "a"},
            "spec": {"r": 1},
            "status": {"r": 7},
        },
    )[1]
    assert "status" not in made
    for spec in ({"r": 2}, {"r": -1}, {"r": 2**40}, {"r": "x"}, {"r": [1]}, "x", {"r": None}):
        new = {**made, "spec": spec}
        real = raw.call(f"{path}/a?dryRun=All", new, method="PUT")[:2]
        same(real, attempt(lambda new=new: change(resource, new, made)))
    for status in ({"r": 1}, {"r": -1}, {"r": "x"}, {}, {"r": 1, "l": ["a", "a"]}, {"r": 1, "zz": 2}, None, "x"):
        new = {**made, "spec": {"other": 1}, "metadata": {**made["metadata"], "labels": {"a": "b"}}, "status": status}
        real = raw.call(f"{path}/a/status?dryRun=All", new, method="PUT")[:2]
        same(real, attempt(lambda new=new: change(resource, new, made, "status")))


DRY = Options()


def new_definition(api: Api, definition: Object) -> tuple[Object, list[str]]:
    resource = api.catalog.find("apiextensions.k8s.io", "v1", "customresourcedefinitions")
    assert resource is not None
    made = convert_any(read_json(json.dumps(definition).encode()), resource, DRY)
    about = api.context()
    prepare_create(about, resource, made)
    check_create(resource, made)
    return made, about.warnings


def hold_definition(raw: Raw, api: Api, definition: Object) -> None:
    try:
        code, answer, headers = raw.call(f"{DEFINITIONS}?dryRun=All&fieldValidation=Ignore", definition)
    except OSError:  # some definitions make the real server's handler panic
        return
    ours = attempt(lambda: new_definition(api, definition)[0])
    if ours[0] != 201 and code == 422:
        unlike = told(answer) ^ told(ours[1])
        assert all(_CEL in field for field, _ in unlike), unlike
        return
    same((code, answer), ours)
    if code == 201:
        real = {one[7:-1].replace('\\"', '"') for one in headers.get_all("Warning") or []}
        assert real == set(new_definition(api, definition)[1])


@pytest.mark.parametrize("part", range(6))
def test_definitions(raw: Raw, part: int) -> None:
    api = Api(Store())
    for seed in range(part * 40, part * 40 + 40):
        chance = random.Random(seed)
        hold_definition(raw, api, schemas.mutated(chance, schemas.definition(chance, f"dry{seed}", group=GROUP)))


def charted() -> Iterator[Object]:
    """The definitions that charts bring."""
    for path in sorted(CHARTS.rglob("crds/*.y*ml")):
        if "templates" in path.parts:
            continue
        for document in ("\n" + path.read_text("utf-8")).split("\n---"):
            if "kind: CustomResourceDefinition" in document:
                found = read(document.encode(), "application/yaml").object
                if found.get("apiVersion") == "apiextensions.k8s.io/v1":
                    yield found


def test_definitions_of_charts(raw: Raw) -> None:
    found = {one["metadata"]["name"]: one for one in charted()}
    if not found:
        pytest.skip("the charts aren't here")
    api = Api(Store())
    for one in found.values():
        hold_definition(raw, api, one)


def test_names(raw: Raw, define: Callable[[Object], Object]) -> None:
    """Which of several definitions gets a name, on both sides, step by step."""
    api = Api(Store())
    resource = api.catalog.find("apiextensions.k8s.io", "v1", "customresourcedefinitions")
    assert resource is not None
    group = f"names.{GROUP}"
    first, second, third = (
        schemas.definition(random.Random(1), f"nam{letter}", group=group, spec={"type": "object"}) for letter in "abc"
    )
    first["spec"]["names"].update(shortNames=["na"], categories=["all"])
    second["spec"]["names"].update(kind="Nama", shortNames=["na", "nb", "nc"])
    third["spec"]["names"].update(singular="namas", shortNames=["nb"])
    define(first)
    api.create(resource, first)
    names = [one["metadata"]["name"] for one in (first, second, third)]
    for number, one in enumerate((second, third), 2):
        assert raw.call(DEFINITIONS, one)[0] == 201
        api.create(resource, one)
        same_statuses(raw, api, names[:number])
    address = f"{DEFINITIONS}/{names[0]}"
    raw.call(address, method="DELETE")
    wait_for(lambda: raw.call(address)[0] == 404)
    api.delete(resource, "", names[0])
    try:
        wait_for(lambda: bool(resources(raw.call(f"{DEFINITIONS}/{names[2]}")[1])))
        same_statuses(raw, api, names[1:])
    finally:
        for name in names[1:]:
            raw.call(f"{DEFINITIONS}/{name}", method="DELETE")


def same_statuses(raw: Raw, api: Api, names: list[str]) -> None:
    """The same, as soon as the real server has looked at what is new or gone, which it does afterwards."""
    end = time.monotonic() + 60
    while statuses(raw, names) != our_statuses(api, names) and time.monotonic() < end:
        time.sleep(0.1)
    assert statuses(raw, names) == our_statuses(api, names)


def timeless(status: Object) -> Object:
    conditions = [
        {key: value for key, value in one.items() if key != "lastTransitionTime"}
        for one in status.get("conditions") or []
    ]
    return {**status, "conditions": sorted(conditions, key=lambda one: str(one["type"]))}


def statuses(raw: Raw, names: list[str]) -> list[Object]:
    return [timeless(raw.call(f"{DEFINITIONS}/{name}")[1]["status"]) for name in names]


def our_statuses(api: Api, names: list[str]) -> list[Object]:
    resource = api.catalog.find("apiextensions.k8s.io", "v1", "customresourcedefinitions")
    assert resource is not None
    return [timeless(api.get(resource, "", name)["status"]) for name in names]


def test_versions(cluster: Cluster, raw: Raw, define: Callable[[Object], Object]) -> None:
    """An object through both versions of its kind, written by either."""
    given = schemas.definition(
        random.Random(1),
        "ver",
        group=GROUP,
        spec={
            "type": "object",
            "properties": {"a": {"type": "string"}, "old": {"type": "string"}, "d": {"type": "integer", "default": 1}},
        },
    )
    newer = copy.deepcopy(given["spec"]["versions"][0])
    newer.update(name="v2", storage=False)
    newer["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"] = {
        "a": {"type": "string"},
        "new": {"type": "string", "default": "n"},
        "d": {"type": "integer"},
    }
    given["spec"]["versions"].append(newer)
    define(given)
    api = Api(Store())
    definitions = api.catalog.find("apiextensions.k8s.io", "v1", "customresourcedefinitions")
    assert definitions is not None
    api.create(definitions, given)
    namespace = cluster.namespace()
    for version in ("v1", "v2"):
        resource = api.catalog.find(GROUP, version, "vers")
        assert resource is not None
        obj = {
            "apiVersion": f"{GROUP}/{version}",
            "kind": "Ver",
            "metadata": {"name": f"by-{version}"},
            "spec": {"a": "x", "old": "o", "new": "m"},
        }
        code, real, _ = raw.call(f"/apis/{GROUP}/{version}/namespaces/{namespace}/vers?fieldValidation=Ignore", obj)
        same(
            (code, real),
            attempt(lambda resource=resource, obj=obj: api.create(resource, obj, namespace="default")),
            "namespace",
        )
    for version in ("v1", "v2"):
        resource = api.catalog.find(GROUP, version, "vers")
        assert resource is not None
        for name in ("by-v1", "by-v2"):
            _, real, _ = raw.call(f"/apis/{GROUP}/{version}/namespaces/{namespace}/vers/{name}")
            assert bare(real, "namespace") == bare(api.get(resource, "default", name), "namespace")


PATHS = [
    ".spec.s",
    ".spec.i",
    ".spec.f",
    ".spec.b",
    ".spec.n",
    ".spec.o",
    ".spec.l",
    ".spec.l[0]",
    ".spec.l[*].x",
    ".spec.missing.x",
    ".spec.t",
    ".metadata.creationTimestamp",
    ".spec.l[?(@.x==1)].y",
    ".spec.l[5]",
    ".spec['s']",
    ".spec.m.a\\.b",
    ".spec.big",
    ".spec.l[-1].y",
    ".spec.old",
]
SPECS = [
    {
        "s": "str",
        "i": 5,
        "f": 1.5,
        "b": True,
        "n": None,
        "o": {"z": 1, "a": [1, "<"]},
        "l": [{"x": 1, "y": "q"}, {"x": 2, "y": None}],
        "t": "2026-11-21T10:00:00Z",
        "m": {"a.b": "c"},
        "big": 1e21,
        "old": "2020-01-01T00:00:00+02:00",
    },
    {"s": "", "f": 1000000.5, "l": [1, "a", None, 2.5], "t": "yesterday", "old": "0001-01-01T00:00:00Z"},
    {},
]


def test_columns(cluster: Cluster, raw: Raw, define: Callable[[Object], Object]) -> None:
    given = schemas.definition(
        random.Random(1), "tab", group=GROUP, spec={"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    )
    version = given["spec"]["versions"][0]
    columns = [
        {"name": f"{type_} {path}", "type": type_, "jsonPath": path}
        for path in PATHS
        for type_ in ("string", "integer", "number", "boolean", "date")
    ]
    columns[0].update(description="told", format="byte")
    columns[1]["priority"] = 1  # type: ignore[assignment]
    version["additionalPrinterColumns"] = columns
    version["subresources"]["scale"] = {"specReplicasPath": ".spec.i", "statusReplicasPath": ".status.r"}
    [resource] = resources(define(given))
    path = f"/apis/{resource.api_version}/namespaces/{cluster.namespace()}/{resource.plural}"
    for number, spec in enumerate(SPECS):
        obj = {
            "apiVersion": resource.api_version,
            "kind": resource.kind,
            "metadata": {"name": f"o{number}"},
            "spec": spec,
        }
        assert raw.call(path, obj)[0] == 201
    hold_table(raw, resource, path, lambda: raw.call(path)[1]["items"])
    hold_table(raw, resource, f"{path}/o0", lambda: [raw.call(f"{path}/o0")[1]])
    hold_table(raw, resource, f"{path}/o0/scale", lambda: [raw.call(f"{path}/o0/scale")[1]], subresource="scale")


def hold_table(
    raw: Raw, resource: Resource, path: str, objects: Callable[[], list[Object]], *, subresource: str = ""
) -> None:
    """Compare tables: ages are those of a moment between question and answer."""
    asked = datetime.now(UTC).replace(microsecond=0)
    _, wanted, headers = raw.call(path, headers={"Accept": TABLE})
    seconds = (parsedate_to_datetime(headers["Date"]) - asked).total_seconds()
    found = objects()
    tables = []
    for late in range(-1, int(seconds) + 2):
        now = (asked + timedelta(seconds=late)).isoformat()
        tables.append(deepcopy(table(resource, found, now=now, list_meta=wanted["metadata"], subresource=subresource)))
    for column in [column for one in (*tables, wanted) for column in one["columnDefinitions"]]:
        del column["description"]  # those that every table has are told in words of its own
    for row, *ours in zip(wanted["rows"], *(one["rows"] for one in tables), strict=True):
        assert row in ours
    assert {**tables[0], "rows": wanted["rows"]} == wanted
