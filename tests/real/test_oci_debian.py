"""Debian's docker-registry, with passwords over TLS: what Helm puts there nav takes, and the other way round."""

from __future__ import annotations

import os
import subprocess
import sysconfig
from typing import TYPE_CHECKING, NamedTuple

import pytest

from support.oracle import HELM, real_helm
from support.real_registry import PASSWORD, USER, RealRegistry, debian_registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAV = os.path.join(sysconfig.get_path("scripts"), "nav")
VERSIONS = ("1.0.0", "1.1.0", "1.2.0+build.7", "2.0.0-rc.1")

pytestmark = [
    pytest.mark.real,
    real_helm(),
    pytest.mark.skipif(debian_registry() is None, reason="docker-registry is not installed (make test-real does it)"),
]


class Ran(NamedTuple):
    code: int
    out: str
    err: str


class Place:
    """A registry, archives to push, and a home for each program."""

    def __init__(self, folder: Path, registry: RealRegistry) -> None:
        self.folder = folder
        self.registry = registry
        (folder / "web").mkdir()
        for version in VERSIONS:
            (folder / "web/Chart.yaml").write_text(f"apiVersion: v2\nname: web\nversion: {version}\n")
            assert self.run(HELM, "package web").code == 0

    def run(self, program: str, line: str, stdin: str = "") -> Ran:
        home = self.folder / os.path.basename(program)
        home.mkdir(exist_ok=True)
        words = line.replace("REG", self.registry.address).replace("CA", f"--ca-file {self.registry.ca_file}").split()
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "TZ": "UTC", "SOURCE_DATE_EPOCH": "1700000000"}
        done = subprocess.run(
            [program, *words],
            cwd=self.folder,
            env=environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        texts = (text.replace(str(home), "HOME") for text in (done.stdout, done.stderr))
        return Ran(done.returncode, *texts)

    def both(self, line: str, stdin: str = "") -> Ran:
        theirs, ours = (self.run(program, line, stdin) for program in (HELM, NAV))
        assert ours == theirs, line
        return ours


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("debian")
    with RealRegistry(str(folder / "registry"), tls=True, passwords=True, program=debian_registry()) as registry:
        made = Place(folder, registry)
        assert made.both(f"registry login REG CA -u {USER} --password-stdin", PASSWORD).code == 0
        yield made


def test_who_may(place: Place) -> None:
    assert place.both("registry login REG CA -u user -p wrong").code == 1
    assert place.both(f"registry login REG -u {USER} -p {PASSWORD}").code == 1
    assert place.both("pull oci://REG/none/web CA").code == 1
    kept = [(place.folder / name / ".config/helm/registry/config.json").read_bytes() for name in ("helm", "nav")]
    assert kept[0] == kept[1]
    assert place.both("pull oci://REG/none/web CA --username user --password wrong").code == 1


def test_what_one_pushes_the_other_pulls(place: Place) -> None:
    digests = {}
    for giver, taker, base in ((HELM, NAV, "of-helm"), (NAV, HELM, "of-nav")):
        said = [place.run(giver, f"push web-{version}.tgz oci://REG/{base} CA") for version in VERSIONS]
        assert [ran.code for ran in said] == [0] * len(VERSIONS), said
        digests[base] = [line for ran in said for line in (ran.out + ran.err).split("\n") if line.startswith("Digest")]
        for wanted, version in (("", "1.2.0+build.7"), ("~1.0", "1.0.0"), ("2.0.0-rc.1", "2.0.0-rc.1")):
            dest = place.folder / f"{base}-{version}"
            dest.mkdir()
            flag = f"--version {wanted}" if wanted else ""
            assert place.run(taker, f"pull oci://REG/{base}/web {flag} -d {dest} CA").code == 0
            data = (dest / f"web-{version}.tgz").read_bytes()
            assert data == (place.folder / f"web-{version}.tgz").read_bytes()
    assert digests["of-helm"] == digests["of-nav"]
    assert len(digests["of-nav"]) == len(VERSIONS)


def test_what_both_say_of_it(place: Place) -> None:
    for version in VERSIONS:
        place.run(HELM, f"push web-{version}.tgz oci://REG/said CA")
    for line in (
        "push web-1.0.0.tgz oci://REG/said CA",
        "show chart oci://REG/said/web CA",
        "show chart oci://REG/said/web --version ^1.0 CA",
        "show chart oci://REG/said/web:1.1.0 CA",
        "show chart oci://REG/said/web --devel CA",
        "pull oci://REG/said/web --version 9 CA",
        "pull oci://REG/said/web --version 9.x CA",
        "pull oci://REG/said/other CA",
        "template x oci://REG/said/web CA",
        f"pull oci://REG/said/web CA --username {USER} --password {PASSWORD}",
    ):
        place.both(line)


def test_what_only_nav_asks(place: Place) -> None:
    for version in VERSIONS:
        place.run(HELM, f"push web-{version}.tgz oci://REG/asked CA")
    found = place.run(NAV, "search oci://REG/asked/web CA --versions --devel -o json")
    assert found.code == 0, found
    assert [version for version in VERSIONS if f'"version":"{version}"' in found.out] == list(VERSIONS)
    assert "asked/web" in place.run(NAV, "search oci://REG/asked CA").out
    shown = place.run(NAV, "show versions oci://REG/asked/web --devel CA")
    assert shown.out.split() == ["2.0.0-rc.1", "1.2.0+build.7", "1.1.0", "1.0.0"]
    last = place.run(NAV, "registry logout REG")
    assert last.code == 0
    assert place.run(NAV, "pull oci://REG/asked/web CA").code == 1
    assert place.run(NAV, f"registry login REG CA -u {USER} --password-stdin", PASSWORD).code == 0
