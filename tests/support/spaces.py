"""Charts for a registry's spaces, the specification's example of orchestration, and a registry behind a socket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from navarch.chart.package import pack
from support.asgi import call
from support.httpd import Httpd, Request, answer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from starlette.types import ASGIApp

__all__ = ["WEB", "WORKER", "Served", "chart_yaml", "node", "packed", "shop"]


def chart_yaml(name: str, version: str, **fields: str) -> str:
    """A Chart.yaml."""
    return "".join(f"{k}: {v}\n" for k, v in {"apiVersion": "v2", "name": name, "version": version, **fields}.items())


def packed(name: str, version: str, files: Mapping[str, str | bytes] | None = None) -> bytes:
    """A chart's archive; Chart.yaml is made unless it is among the files."""
    listed = {"Chart.yaml": chart_yaml(name, version), **(files or {})}
    return pack((f"{name}/{path}", _bytes(text), 1_700_000_000) for path, text in listed.items())


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def _template(name: str) -> str:
    return f"kind: ConfigMap\napiVersion: v1\nmetadata: {{name: {name}}}\ndata: {{v: '{{{{ .Values | toJson }}}}'}}\n"


_CACHE = {"charts/cache/Chart.yaml": chart_yaml("cache", "1.5.0"), "charts/cache/values.yaml": "mem: 64Mi\n"}

WEB = packed(
    "web",
    "1.2.0",
    {
        "values.yaml": "replicas: 1\nimage: nginx\ndb: {engine: mysql}\nglobal: {region: eu}\n",
        "templates/web.yaml": _template("web"),
        "charts/db/Chart.yaml": chart_yaml("db", "2.1.0"),
        "charts/db/values.yaml": "engine: pg\nstorage: {size: 1Gi}\nmetrics: {port: 9100}\n",
        "charts/db/templates/db.yaml": _template("db"),
        "charts/db/charts/metrics/Chart.yaml": chart_yaml("metrics", "0.3.0"),
        "charts/db/charts/metrics/values.yaml": "port: 9090\n",
        "charts/db/charts/metrics/templates/metrics.yaml": _template("metrics"),
        **_CACHE,
    },
)
WORKER = packed(
    "worker",
    "3.0.0",
    {"values.yaml": "queue: default\nthreads: 2\n", "templates/worker.yaml": _template("worker"), **_CACHE},
)


def node(chart: str, version: str, *, own: bool = True, config: Any = None, **children: Any) -> dict[str, Any]:
    """A node of a plan; `own` charts are out of the space "library", others out of their parent's source."""
    package = {"independent": own, "space": "library", "chart": chart, "version": version}
    return {"package": package, **({} if config is None else {"_config": config}), **children}


def shop(layout: str | None = None) -> dict[str, Any]:
    """The example's plan."""
    save = {"chart": "shop", "version": "1.0.0", "description": "a shop"}
    mon = node("metrics", "0.3.0", own=False, config={"port": 1234})
    frontdb = node("db", "2.1.0", own=False, config={"storage": {"size": "10Gi"}}, mon=mon)
    jobs = node("worker", "3.0.0", config={"threads": 8})
    config = {"replicas": 3, "global": {"region": "us"}}
    configs = node("web", "1.2.0", config=config, frontdb=frontdb, jobs=jobs)
    return {"save": save if layout is None else {**save, "values": layout}, "configs": configs}


class Served(Httpd):
    """A registry on `url` while it is a context; `down` are statuses of the next answers instead of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.down: list[bytes] = []
        super().__init__(self._respond_to)

    def _respond_to(self, request: Request) -> bytes:
        if self.down:
            return self.down.pop(0)
        found = call(self.app, request.method, request.target, request.body, headers=request.headers)
        headers = {name.replace("-", "_"): value for name, value in found.headers.items() if name != "content-length"}
        if found.status != 204:
            headers["content_length"] = str(len(found.body))
        return answer(found.status, found.body, "Answer", **headers)
