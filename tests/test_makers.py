"""The cache is bound to the code that makes what it keeps."""

from __future__ import annotations

from pathlib import Path

import navarch
from navarch.cache import MAKERS

HERE = Path(navarch.__file__).parent

# modules of these folders whose work is never kept: they write, or find out where something comes from
OTHERS = {
    *("write.py", "style.py", "pretty.py", "sourcemap.py", "trace.py"),
    *("comments.py", "restyle.py", "roundtrip.py", "repeats.py"),
    *("resolve3.py", "rewritten.py", "structs.py"),
}


def test_every_maker_exists() -> None:
    assert [maker for maker in MAKERS if not (HERE / maker).is_file()] == []


def test_no_module_that_reads_yaml_or_templates_is_forgotten() -> None:
    for folder in ("golang/yaml", "templates"):
        found = {path.name for path in (HERE / folder).glob("*.py")} - OTHERS
        named = {Path(maker).name for maker in MAKERS if str(Path(maker).parent) == folder}
        assert found - {"__init__.py"} == named - {"__init__.py"}
