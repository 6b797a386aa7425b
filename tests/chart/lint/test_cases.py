"""What Helm says of charts with every kind of mistake.

Each line of cases.jsonl is a chart and what `helm lint` printed for it: the files that differ from BASE (null: not
there), perhaps flags, and the findings; FOLDER stands for the chart's folder.
"""

import json
from pathlib import Path

import pytest

from navarch.actions.lint import lint
from navarch.chart.capabilities import Capabilities
from navarch.values.strvals import parse_set

BASE = {
    "Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\nicon: https://x/y.png\n",
    "values.yaml": "a: 1\n",
    "templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n",
}
CASES = [json.loads(line) for line in (Path(__file__).parent / "cases.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_lint(case, tmp_path):
    folder = tmp_path / "c"
    for name, text in {**BASE, **case["files"]}.items():
        if text is not None:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
    values = {}
    parse_set(case.get("set", ""), values)
    findings = lint(
        str(folder),
        values,
        namespace=case.get("namespace", "default"),
        capabilities=Capabilities(case["kubernetes"]) if "kubernetes" in case else None,
        skip_schema=case.get("skip_schema", False),
        warn=lambda _line: None,
    )
    told = "".join(f"{finding}\n" for finding in findings)
    assert told.replace(str(folder), "FOLDER") == case["told"]
