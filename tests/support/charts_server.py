"""Charts, archives and repositories on a loopback server."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from navarch.chart.load import chart_from_files
from navarch.chart.package import save_chart
from navarch.repos.index import Index
from support.httpd import Httpd, Request, answer

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Web", "archive", "index_of"]


def archive(folder: Path, name: str = "web", version: str = "1.0.0", **fields: str) -> bytes:
    """The archive of a chart."""
    lines = [f"apiVersion: v2\nname: {name}\nversion: {version}\n", *(f"{k}: {v}\n" for k, v in fields.items())]
    files = {"Chart.yaml": "".join(lines).encode(), "templates/c.yaml": b"kind: ConfigMap\n"}
    path = save_chart(chart_from_files(files), str(folder), epoch=1_700_000_000)
    with open(path, "rb") as file:
        return file.read()


def index_of(archives: dict[str, bytes], tmp: Path) -> Index:
    """The index of archives by name, as `repo index` makes it."""
    folder = tmp / "indexed"
    folder.mkdir(exist_ok=True)
    for name, data in archives.items():
        (folder / name).write_bytes(data)
    return Index.from_directory(str(folder))


class Web(Httpd):
    """A server of files by their paths; `changed` replaces answers."""

    def __init__(self, files: dict[str, bytes] | None = None) -> None:
        self.files = files or {}
        self.changed: dict[str, bytes | None] = {}
        super().__init__(self._file)

    def _file(self, request: Request) -> bytes | None:
        path = request.target.partition("?")[0]
        if path in self.changed:
            return self.changed[path]
        data = self.files.get(path)
        return (
            answer(404, b"", "Not Found") if data is None else answer(body=data, etag=f'"{sha256(data).hexdigest()}"')
        )

    def paths(self) -> list[str]:
        """What was asked for so far."""
        return [request.target for request in self.requests]
