"""Archives that would leave their folder where they are unpacked."""

from __future__ import annotations

import io
import tarfile

import pytest

from navarch.registry.problems import Problem
from navarch.registry.store.entries import check_entries
from support.asgi import call, multipart, registry
from support.spaces import WEB, chart_yaml

TARGETS = {"web/README.md", "web/charts/db/README.md"}


def tar(*entries: tuple[str, bytes, str], form: int = tarfile.PAX_FORMAT) -> bytes:
    """An archive of web 1.0.0 and of entries (name, kind, where they link to)."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz", format=form) as out:
        for name, text in {"web/Chart.yaml": chart_yaml("web", "1.0.0"), **dict.fromkeys(TARGETS, "x")}.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            out.addfile(member, io.BytesIO(text.encode()))
        for name, kind, target in entries:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, target
            out.addfile(member)
    return file.getvalue()


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
        check_entries(tar((name, kind, target), form=form))
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
    check_entries(tar((name, kind, target)))


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
    check_entries(WEB)
