"""Resources of whole pods, as component-helpers adds them up; the rest of the defaults is told in stories."""

from __future__ import annotations

from typing import Any

import pytest

from navarch.cluster.decode.quantity import parse
from navarch.cluster.defaults.podresources import aggregate


def container(cpu: str, **more: Any) -> dict[str, Any]:
    return {"name": "c", "resources": {"requests": {"cpu": cpu}}, **more}


@pytest.mark.parametrize(
    ("containers", "beginning", "expected"),
    [
        (["1", "500m"], [], "1500m"),
        (["1"], [("3", False), ("2", False)], "3"),
        (["1"], [("2", True), ("500m", False)], "3"),
        (["1"], [("2", True), ("4", False)], "6"),
        (["1"], [("4", False), ("2", True)], "4"),
        (["1"], [("1", True), ("1", True)], "3"),
    ],
)
def test_init_containers_count_while_they_run(
    containers: list[str], beginning: list[tuple[str, bool]], expected: str
) -> None:
    """Those that go on running stay, and are there while later ones begin."""
    spec = {
        "containers": [container(cpu) for cpu in containers],
        "initContainers": [
            container(cpu, **({"restartPolicy": "Always"} if stays else {})) for cpu, stays in beginning
        ],
    }
    assert aggregate(spec, "requests") == {"cpu": parse(expected)}
    assert aggregate(spec, "limits") == {}
