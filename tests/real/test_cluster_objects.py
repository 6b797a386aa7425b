"""Objects of real charts, created on the embedded API server and on a real one (dry): the answers are equal."""

from __future__ import annotations

import json
import os
import re
import ssl
from glob import glob
from typing import TYPE_CHECKING, Any

import pytest

from navarch.cluster.types.builtin import builtin
from navarch.errors import YamlError
from navarch.golang.yaml import load
from support import stories
from support.control_plane import ADMIN_TOKEN, server_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.cluster import Cluster

pytestmark = pytest.mark.real

GOLDEN = os.path.join(os.path.dirname(__file__), "..", "..", "..", "shared", "corpus", "golden")
CHARTS = sorted(os.path.basename(path) for path in glob(os.path.join(GOLDEN, "*")))
RESOURCES = {(one.api_version, one.kind): one for one in builtin()}
SEPARATE = ("CustomResourceDefinition",)  # tests/real has tests of their own for these
QUERY = "dryRun=All&fieldValidation=Warn&fieldManager=someone"


@pytest.fixture(scope="module")
def ours() -> Iterator[str]:
    from navarch.cluster.api import Api
    from navarch.cluster.server import Server
    from navarch.cluster.store import Store

    one = Server(Api(Store()))
    one.start()
    yield one.url
    one.close()


def objects(chart: str) -> Iterator[dict[str, Any]]:
    """The built-in objects that a chart renders in all its cases, each once."""
    seen = set()
    for path in sorted(glob(os.path.join(GOLDEN, chart, "*.yaml"))):
        with open(path, encoding="utf-8") as file:
            documents = re.split(r"(?m)^---.*$", file.read())
        for document in documents:
            try:
                value = load(document, exact=True)
            except YamlError:
                continue
            text = json.dumps(value, sort_keys=True)
            if type(value) is dict and text not in seen and type(value.get("metadata")) is dict:
                seen.add(text)
                yield _with_low_ports(value)


def _with_low_ports(obj: dict[str, Any]) -> dict[str, Any]:
    """A Service with node ports of the first 86, which a server gives only to who asks for them: others may be taken."""
    for port in (obj["kind"] == "Service" and obj["spec"].get("ports")) or ():
        if type(port.get("nodePort")) is int and port["nodePort"] > 30085:
            port["nodePort"] = 30000 + port["nodePort"] % 86
    return obj


def steps(chart: str) -> list[dict[str, Any]]:
    """Requests that create the objects."""
    found = []
    for obj in objects(chart):
        resource = RESOURCES.get((str(obj.get("apiVersion")), str(obj.get("kind"))))
        if resource is None or resource.kind in SEPARATE:
            continue
        if resource.namespaced:
            obj["metadata"]["namespace"] = "$NS"
        base = f"/apis/{resource.api_version}" if resource.group else f"/api/{resource.version}"
        place = "/namespaces/$NS" if resource.namespaced else ""
        found.append({"do": f"POST {base}{place}/{resource.plural}?{QUERY}", "body": obj})
    return found


@pytest.mark.parametrize("chart", CHARTS)
def test_objects_of_charts_come_out_the_same(chart: str, cluster: Cluster, ours: str) -> None:
    told = steps(chart)
    context = ssl._create_unverified_context()
    real = stories.tell("objects", told, server_of(cluster.kubeconfig), context, ADMIN_TOKEN)
    mine = stories.tell("objects", told, ours, None)
    for step, wanted, got in zip(told, real, mine, strict=True):
        assert got == wanted, step["do"]
