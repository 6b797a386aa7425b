"""A registry whose folder can't be used: at the start it says so and ends; later requests are told, and it recovers."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from support.serving import Serving
from support.spaces import packed
from support.trouble import ask, check_whole, port_of, upload

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.real

WEB = packed("web", "1.0.0")


def serving(root: str, folder: Path) -> Serving:
    return Serving(f"manager: {{parameters: {{rootdirectory: '{root}'}}}}\n", folder=str(folder))


def refused(root: str, folder: Path) -> str:
    server = serving(root, folder)
    with pytest.raises(RuntimeError), server:
        pass
    assert server.process.stderr is not None
    server.process.stderr.close()
    assert (server.code, len(server.lines)) == (1, 1), server.told
    return server.told


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[None]:
    """A file system of its own at a folder."""
    mount = ["mount", "-t", "tmpfs", "-o", options, "none", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("mounting isn't allowed here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def remount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)


@pytest.mark.parametrize("name", ["with some spaces", "ünïcode", "per%20cent", "a'b"])
def test_odd_names_of_folders(tmp_path: Path, name: str) -> None:
    with serving(str(tmp_path / name).replace("'", "''"), tmp_path) as server:
        assert upload(port_of(server), WEB) == 201
        check_whole(port_of(server), {"web 1.0.0": WEB}, {"web 1.0.0"})
    assert (tmp_path / name / "spaces" / "lib").exists()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    told = refused(str(tmp_path / "file" / "charts"), tmp_path)
    assert told.startswith("Error: manager.parameters")
    assert f"Not a directory: {tmp_path}/file/charts" in told


def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "charts").mkdir()
    with mounted(tmp_path / "charts", "size=1m"):
        for made in (False, True):
            if made:
                with serving(str(tmp_path / "charts"), tmp_path) as server:
                    assert upload(port_of(server), WEB) == 201
            remount(tmp_path / "charts", "ro")
            assert "Read-only file system: " in refused(str(tmp_path / "charts"), tmp_path)
            remount(tmp_path / "charts", "rw")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_folder_of_somebody_elses(tmp_path: Path) -> None:
    (tmp_path / "charts").mkdir(mode=0o500)
    assert "Permission denied: " in refused(str(tmp_path / "charts"), tmp_path)


def test_a_folder_that_is_written_no_more(tmp_path: Path) -> None:
    (tmp_path / "charts").mkdir()
    with mounted(tmp_path / "charts", "size=4m"), serving(str(tmp_path / "charts"), tmp_path) as server:
        port = port_of(server)
        assert upload(port, WEB) == 201
        remount(tmp_path / "charts", "ro")
        assert upload(port, packed("web", "2.0.0")) == 503
        assert ask(port, "DELETE", "/api/v1/spaces/lib/charts/web").status == 503
        check_whole(port, {"web 1.0.0": WEB}, {"web 1.0.0"})
        remount(tmp_path / "charts", "rw")
        assert upload(port, packed("web", "2.0.0")) == 201
        assert "Traceback" not in server.told


def test_a_folder_that_is_taken_away(tmp_path: Path) -> None:
    """As when a disk isn't mounted any more: what is left is an empty folder."""
    charts = tmp_path / "charts"
    with serving(str(charts), tmp_path) as server:
        port = port_of(server)
        assert upload(port, WEB) == 201
        assert ask(port, "GET", "/lib/index.yaml").status == 200
        for empty in (True, False):
            charts.rename(tmp_path / "away")
            if empty:
                charts.mkdir()
            for path in (
                "/readyz",
                "/lib/index.yaml",
                "/api/v1/spaces",
                "/lib/charts/web-1.0.0.tgz",
                "/v2/lib/web/tags/list",
            ):
                assert ask(port, "GET", path).status == 503, path
            assert upload(port, packed("web", "2.0.0")) == 503
            assert ask(port, "GET", "/healthz").status == 200
            if empty:
                charts.rmdir()  # nothing was written into it
            (tmp_path / "away").rename(charts)
            assert ask(port, "GET", "/readyz").status == 200
            check_whole(port, {"web 1.0.0": WEB}, {"web 1.0.0"})
        assert "Traceback" not in server.told
