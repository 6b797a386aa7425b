"""Charts in records: what Helm 4.3.1 stores of a chart, and what is left of it when it comes back."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from navarch.chart.load import load_chart
from navarch.chart.model import Chart
from navarch.releases.charts import chart_from_record, chart_record
from navarch.releases.codec import decode_json
from navarch.releases.fields import CHART, write_struct
from navarch.values.dependencies import process_dependencies
from releases.test_codec import RECORD

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

FILES = {
    "Chart.yaml": b"apiVersion: v2\nname: web\nversion: 1.2.3\nkeywords: [a]\nannotations: {k: v}\n",
    "values.yaml": b"a: 1\n",
    "values.schema.json": b"{}\n",
    "templates/a.yaml": b"x: 1\n",
    "README.md": b"",
}


def written(chart: Chart, values: dict[str, Any] | None = None) -> str:
    return write_struct(chart_record(chart, values), CHART)


def test_a_chart_from_memory_has_no_times():
    assert written(Chart.from_files(FILES)) == (
        '{"metadata":{"name":"web","version":"1.2.3","keywords":["a"],"apiVersion":"v2","annotations":{"k":"v"}},'
        '"lock":null,"templates":[{"name":"templates/a.yaml","data":"eDogMQo="}],"values":{"a":1},"schema":"e30K",'
        '"schemamodtime":"0001-01-01T00:00:00Z","files":[{"name":"README.md","data":""}]}'
    )


def test_times_of_files_keep_their_nanoseconds(tmp_path: Path):
    for name, data in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        os.utime(path, ns=(0, 1_795_272_209_231_687_175))
    record = json.loads(written(load_chart(tmp_path)))
    for time in (record["modtime"], record["schemamodtime"], record["templates"][0]["modtime"]):
        assert time == "2026-11-21T14:43:29.231687175Z"


def test_what_a_chart_lacks_is_null():
    chart = Chart.from_files({"Chart.yaml": b"apiVersion: v2\nname: web\nversion: 1.2.3\n"})
    assert written(chart) == (
        '{"metadata":{"name":"web","version":"1.2.3","apiVersion":"v2"},"lock":null,"templates":null,"values":null,'
        '"schema":null,"schemamodtime":"0001-01-01T00:00:00Z","files":null}'
    )
    assert '"values":{}' in written(Chart.from_files({**FILES, "values.yaml": b""}))
    assert '"values":{"b":2}' in written(chart, {"b": 2.0})


def test_dependencies_and_locks_are_those_of_the_chart_as_rendered():
    files = {
        "Chart.yaml": b"apiVersion: v2\nname: web\nversion: 1.2.3\n"
        b"dependencies: [{name: sub, version: '*', alias: other, import-values: [data]}]\n",
        "Chart.lock": b"dependencies: []\ndigest: x\ngenerated: '2020-01-01T00:00:00.50Z'\n",
        "charts/sub/Chart.yaml": b"apiVersion: v2\nname: sub\nversion: 0.1.0\n",
        "charts/sub/values.yaml": b"x: 1\n",
    }
    record = json.loads(written(process_dependencies(Chart.from_files(files), {})))
    assert record["metadata"]["dependencies"] == [
        {
            "name": "other",
            "version": "*",
            "repository": "",
            "enabled": True,
            "import-values": [{"child": "exports.data", "parent": "."}],
            "alias": "other",
        }
    ]
    assert record["lock"] == {"generated": "2020-01-01T00:00:00.5Z", "digest": "x", "dependencies": []}
    assert record["values"]["other"]["x"] == 1
    assert record["files"] is None


def test_a_record_becomes_a_chart_and_a_record_again(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")  # where it was written
    record = decode_json(RECORD).chart
    assert record is not None
    chart = chart_from_record(record)
    assert (chart.name, chart.metadata.app_version, chart.schema) == ("probe", "4.5", b'{"type":"object"}\n')
    assert [name for name, _ in chart.templates] == ["templates/NOTES.txt", "templates/cm.yaml", "templates/hook.yaml"]
    assert dict(chart.files)["files/bin"] == b"\0\xff"
    assert written(chart) == write_struct(record, CHART)


def test_a_record_without_a_chart_becomes_an_empty_one():
    assert chart_from_record(None).name == ""
    assert chart_from_record({"metadata": None, "templates": [None]}).templates == ()
