"""Archives that would leave their folder where they are unpacked."""

from __future__ import annotations

import io
import tarfile
from contextlib import suppress

import pytest

from navarch.chart import archive as archives
from navarch.chart.archive import read_archive
from navarch.errors import ChartError
from navarch.registry.problems import Problem
from navarch.registry.store.entries import check_entries
from navarch.registry.store.reading import Limits, load_any
from support.asgi import call, multipart, registry
from support.spaces import WEB, chart_yaml, packed

TARGETS = {"web/README.md", "web/charts/db/README.md"}
CHARTS = {"web/Chart.yaml": chart_yaml("web", "1.0.0"), "web/charts/db/Chart.yaml": chart_yaml("db", "1.0.0")}


def tar(*entries: tuple[str, bytes, str], form: int = tarfile.PAX_FORMAT) -> bytes:
    """An archive of web 1.0.0 and of entries (name, kind, where they link to)."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz", format=form) as out:
        for name, text in {**CHARTS, **dict.fromkeys(TARGETS, "x")}.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            out.addfile(member, io.BytesIO(text.encode()))
        for name, kind, target in entries:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, target
            out.addfile(member)
    return file.getvalue()


def check(archive: bytes) -> None:
    entries: list[tuple[str, bytes]] = []
    with suppress(ChartError):  # what isn't taken in any case is looked at as well
        read_archive(archive, kinds=entries)
    check_entries(archive, entries)


SYMBOLIC, HARD = tarfile.SYMTYPE, tarfile.LNKTYPE


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
@pytest.mark.parametrize(
    ("name", "kind", "target", "told"),
    [
        ("/etc/passwd", tarfile.REGTYPE, "", "is an absolute path"),
        ("//etc/passwd", tarfile.REGTYPE, "", "is an absolute path"),
        ("\\etc\\passwd", tarfile.REGTYPE, "", "is an absolute path"),
        ("C:\\x", tarfile.REGTYPE, "", "is an absolute path"),
        ("C:/x", tarfile.REGTYPE, "", "is an absolute path"),
        ("/web/", tarfile.DIRTYPE, "", "is an absolute path"),
        ("web/x", SYMBOLIC, "../other", "links out of the chart"),
        ("web/x", SYMBOLIC, "/etc/passwd", "links out of the chart"),
        ("web/x", SYMBOLIC, "C:\\x", "links out of the chart"),
        ("web/x", SYMBOLIC, "..\\..\\x", "links out of the chart"),
        ("web/a/x", SYMBOLIC, "../../x", "links out of the chart"),
        ("web/x", SYMBOLIC, f"{'a/' * 80}{'../' * 82}x", "links out of the chart"),
        ("web/x", HARD, "other", "links out of the chart"),
        ("web/x", HARD, "web/../other", "links out of the chart"),
        ("web/x", HARD, "/etc/passwd", "links out of the chart"),
        ("web/x", tarfile.CHRTYPE, "", "is a device"),
        ("web/x", tarfile.BLKTYPE, "", "is a device"),
        ("web/x", tarfile.FIFOTYPE, "", "is a device"),
    ],
)
def test_what_leads_out_is_refused(name: str, kind: bytes, target: str, told: str, form: int) -> None:
    with pytest.raises(Problem) as caught:
        check(tar((name, kind, target), form=form))
    assert (caught.value.status, str(caught.value)) == (400, f"chart is invalid: {name} {told}")


@pytest.mark.parametrize(
    ("name", "kind", "target"),
    [
        ("web/docs", tarfile.DIRTYPE, ""),
        ("web/x", SYMBOLIC, "README.md"),
        ("web/charts/db/x", SYMBOLIC, "../../README.md"),
        ("web/x", HARD, "web/README.md"),
        ("web/.helmignore", tarfile.REGTYPE, ""),
    ],
)
def test_what_stays_inside_is_taken(name: str, kind: bytes, target: str) -> None:
    check(tar((name, kind, target)))


def test_every_way_in_looks() -> None:
    app, bad = registry(), tar(("web/x", SYMBOLIC, "/etc/passwd"))
    plain: dict[str, str] = {}
    asked = [
        ("/api/v1/spaces/library/charts", *multipart(chartfile=bad)),
        ("/api/library/charts", bad, plain),
        ("/api/library/charts", *multipart(chart=bad)),
    ]
    for path, body, headers in asked:
        assert call(app, "POST", path, body, headers=headers).status == 400
    assert call(app, "GET", "/api/v1/spaces").json()["items"] == []
    check(WEB)


def test_an_archive_is_inflated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = packed("sub", "1.0.0")
    inflated: list[bytes] = []
    inflate = archives._gunzip

    def counted(data: bytes, room: archives.Room) -> tuple[bytes, ChartError | None]:
        inflated.append(data)
        return inflate(data, room)

    monkeypatch.setattr(archives, "_gunzip", counted)
    outer = packed("web", "1.0.0", {"charts/sub.tgz": inner})
    load_any(outer, Limits())
    assert inflated == [outer, inner]


def test_what_helm_refuses_is_told_before_what_we_refuse() -> None:
    """An archive that is wrong in both ways; and what is in archives in it is Helm's alone to judge."""
    with pytest.raises(Problem, match="illegally references parent directory"):
        load_any(tar(("web/x", SYMBOLIC, "/etc/passwd"), ("web/../../x", tarfile.REGTYPE, "")), Limits())
    odd = tar(("web/x", SYMBOLIC, "/etc/passwd"))
    assert load_any(packed("top", "1.0.0", {"charts/web.tgz": odd}), Limits()).dependencies[0].name == "web"
