"""oras, crane and skopeo on the registry's OCI face: what they come to is what they come to at the distribution
project's registry; with accounts over TLS; and copies of what they pushed elsewhere."""

from __future__ import annotations

import hashlib
import json
import tarfile
import urllib.request
from contextlib import ExitStack
from typing import TYPE_CHECKING

import bcrypt
import pytest

from support.certificates import Authority
from support.gateway import Gateway, need_gateway, s3_settings
from support.oci_programs import Program, Ran, program
from support.oracle import HELM, real_helm
from support.real_registry import RealRegistry, debian_registry, registry_program
from support.serving import NAV, Serving
from support.spaces import packed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.real, real_helm()]

DATED = "--annotation org.opencontainers.image.created=1970-01-01T00:00:00Z"
ORAS = f"""
oras push --plain-http HOST/lib/art:v1 --artifact-type a/test {DATED} --annotation k=v file.txt:text/plain sbom.json
oras attach --plain-http HOST/lib/art:v1 --artifact-type sig/x {DATED} sig.txt
oras discover --plain-http -o tree HOST/lib/art:v1
oras attach --plain-http HOST/lib/art:v1 --artifact-type sbom/x {DATED} sbom.json
oras discover --plain-http --artifact-type sbom/x HOST/lib/art:v1
oras cp -r --no-tty --from-plain-http --to-plain-http HOST/lib/art:v1 HOST/other/copy:v1
oras discover --plain-http --artifact-type sig/x --format json HOST/other/copy:v1
oras pull --plain-http HOST/other/copy:v1 -o pulled
oras tag --plain-http HOST/lib/art:v1 v2 latest
oras repo tags --plain-http HOST/other/copy --exclude-digest-tags
oras manifest fetch --plain-http --descriptor HOST/lib/art:v2
oras manifest fetch --plain-http HOST/lib/art:v2
oras blob push --plain-http HOST/lib/art file.txt
oras repo ls --plain-http HOST
oras manifest delete --plain-http -f HOST/other/copy:v1
oras manifest fetch --plain-http HOST/other/copy:v1
oras pull --plain-http HOST/lib/none:v1
"""
CRANE = """
crane append --insecure -f one.tar -t HOST/img/one:v1 --oci-empty-base
crane append --insecure -b HOST/img/one:v1 -f two.tar -t HOST/img/one:v2
crane tag --insecure HOST/img/one:v2 stable
crane ls --insecure HOST/img/one
crane digest --insecure HOST/img/one:stable
crane manifest --insecure HOST/img/one:stable
crane validate --insecure --remote HOST/img/one:v2
crane index append --insecure -m HOST/img/one:v1 -m HOST/img/one:v2 -t HOST/img/idx:all
crane copy --insecure HOST/img/idx:all HOST/elsewhere/idx:all
crane digest --insecure HOST/elsewhere/idx:all
crane validate --insecure --remote HOST/elsewhere/idx:all
crane copy --insecure --all-tags HOST/img/one HOST/elsewhere/one
crane ls --insecure HOST/elsewhere/one
crane config --insecure HOST/elsewhere/one:v2
crane export --insecure HOST/elsewhere/one:v2 exported.tar
crane catalog --insecure HOST
crane mutate --insecure HOST/img/one:v1 -l a=b -t HOST/img/one:labelled
crane digest --insecure HOST/img/one:labelled
crane pull --insecure --format oci HOST/img/idx:all layout
crane push --insecure layout HOST/img/idx:again --index
crane digest --insecure HOST/img/idx:again
crane delete --insecure HOST/elsewhere/one:v2
crane digest --insecure HOST/elsewhere/one:v2
crane delete --insecure HOST/elsewhere/one:none
"""
SKOPEO = """
crane append --insecure -f one.tar -t HOST/img/one:v1 --oci-empty-base
crane append --insecure -b HOST/img/one:v1 -f two.tar -t HOST/img/one:v2
crane index append --insecure -m HOST/img/one:v1 -m HOST/img/one:v2 -t HOST/img/idx:all
skopeo list-tags --tls-verify=false docker://HOST/img/one
skopeo inspect --tls-verify=false --raw docker://HOST/img/idx:all
skopeo --insecure-policy copy -q --all --src-tls-verify=false --dest-tls-verify=false docker://HOST/img/idx:all docker://HOST/sk/idx:all
crane digest --insecure HOST/sk/idx:all
skopeo --insecure-policy copy -q --src-tls-verify=false docker://HOST/img/one:v1 oci:layout:v1
skopeo --insecure-policy copy -q --dest-tls-verify=false oci:layout:v1 docker://HOST/sk/one:v1
crane digest --insecure HOST/sk/one:v1
skopeo --insecure-policy copy -q --dest-tls-verify=false --format v2s2 oci:layout:v1 docker://HOST/sk/one:docker
crane manifest --insecure HOST/sk/one:docker
skopeo --insecure-policy copy -q --src-tls-verify=false docker://HOST/sk/one:docker dir:plain
skopeo --insecure-policy sync --src-tls-verify=false --dest-tls-verify=false --src docker --dest docker HOST/img/one HOST/synced
crane ls --insecure HOST/synced/one
skopeo delete --tls-verify=false docker://HOST/sk/one:v1
skopeo inspect --tls-verify=false --raw docker://HOST/sk/one:v1
skopeo inspect --tls-verify=false --raw docker://HOST/img/none:v1
"""


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as made:
        yield made


def prepared(folder: Path) -> Path:
    """A folder with what the command lines push."""
    folder.mkdir()
    for name, text in (("file.txt", "hello\n"), ("sbom.json", '{"sbom": 1}\n'), ("sig.txt", "signed\n")):
        (folder / name).write_text(text)
    for name, member in (("one.tar", "file.txt"), ("two.tar", "sig.txt")):
        with tarfile.open(folder / name, "w") as archive:
            archive.add(folder / member, member, filter=lambda found: found.replace(mtime=0, deep=False))
    return folder


def shown(ran: Ran) -> tuple[str, int, str]:
    """Without what depends on the order in which several things are done at once."""
    words = "Tagged Mounted Exists Copied Uploading Uploaded Copying Skipped Downloading Downloaded".split()
    lines = [line for line in ran.out.splitlines() if line.split(" ")[0] not in words]
    return ran.line, ran.code, "\n".join(lines)


@pytest.mark.parametrize("storage", ["filesystem", "s3"])
@pytest.mark.parametrize("lines", [ORAS, CRANE, SKOPEO], ids=["oras", "crane", "skopeo"])
def test_as_at_the_distribution_registry(tmp_path: Path, stack: ExitStack, lines: str, storage: str) -> None:
    if registry_program() is None:
        pytest.skip("no registry")
    settings = ""
    if storage == "s3":
        need_gateway()
        settings = s3_settings(stack.enter_context(Gateway(str(tmp_path / "s3"))).port)
    theirs = stack.enter_context(RealRegistry(str(tmp_path / "registry"), deletes=True))
    ours = stack.enter_context(Serving(f"workers: 2\n{settings}", folder=str(tmp_path)))
    found = []
    for name, host in (("theirs", theirs.address), ("ours", ours.url.removeprefix("http://"))):
        run = Program(prepared(tmp_path / name), host)
        found.append([shown(run(line)) for line in lines.strip().splitlines()])
    assert found[1] == found[0]
    assert [code for _, code, _ in found[0]].count(0) >= len(found[0]) - 3


AUTH = """
tls: {{certificate: {0}/c, key: {0}/k}}
auth:
  htpasswd: {0}/htpasswd
  users: {{ann: {{lib: [pull, push, delete], public: [pull, push]}}}}
  tokens: [{{name: ci, sha256: {1}, spaces: {{lib: [pull]}}}}]
  anonymous: [public]
"""


def test_accounts_over_tls(tmp_path: Path) -> None:
    authority = Authority()
    pair = authority.issue(ips=("127.0.0.1",))
    for name, data in (("c", pair.certificate), ("k", pair.key), ("ca", authority.certificate)):
        (tmp_path / name).write_bytes(data)
    (tmp_path / "htpasswd").write_bytes(b"ann:" + bcrypt.hashpw(b"secret", bcrypt.gensalt(5)) + b"\n")
    text = AUTH.format(tmp_path, hashlib.sha256(b"a token").hexdigest())
    with Serving(text, folder=str(tmp_path)) as server:
        host = server.url.removeprefix("https://")
        nobody, ann, ci, bearer, stranger = (
            Program(prepared(tmp_path / name), host, certificate=str(tmp_path / "ca"))
            for name in ("nobody", "ann", "ci", "bearer", "stranger")
        )
        assert stranger("oras login HOST -u ann -p wrong").code != 0
        for wrong in ("-u ann -p wrong", "-u nobody -p secret"):
            assert stranger(f"oras push {wrong} HOST/public/art:v1 file.txt").code != 0
            assert stranger(f"oras pull {wrong} HOST/public/art:v1").code != 0
        ann.good("oras login HOST -u ann -p secret")
        ann.good("oras push HOST/lib/art:v1 file.txt")
        ann.good("oras push HOST/public/art:v1 file.txt")
        assert ann("oras push HOST/other/art:v1 file.txt").code != 0
        assert nobody("oras pull HOST/lib/art:v1").code != 0
        nobody.good("oras pull HOST/public/art:v1")
        assert nobody.good("crane ls HOST/public/art") == "v1"
        assert nobody("oras push HOST/public/art:v2 file.txt").code != 0
        digest = ann.good("crane digest HOST/lib/art:v1")
        (ci.folder / ".docker").mkdir()
        ci.good("crane auth login HOST -u ci -p a-token-is-no-password".replace("a-token-is-no-password", "wrong"))
        assert ci("crane digest HOST/lib/art:v1").code != 0
        for each, field in ((ci, {"username": "ci", "password": "a token"}), (bearer, {"registrytoken": "a token"})):
            (each.folder / ".docker").mkdir(exist_ok=True)
            (each.folder / ".docker/config.json").write_text(json.dumps({"auths": {host: field}}))
            assert each.good("crane digest HOST/lib/art:v1") == digest
            assert each("crane tag HOST/lib/art:v1 v2").code != 0
        creds = f"--cert-dir {tmp_path}/certs"
        (tmp_path / "certs").mkdir()
        (tmp_path / "certs/ca.crt").write_bytes(authority.certificate)
        tags = json.loads(ann.good(f"skopeo list-tags {creds} --creds ann:secret docker://HOST/lib/art"))["Tags"]
        assert tags == ["v1"]
        assert nobody(f"skopeo list-tags {creds} docker://HOST/lib/art").code != 0
        nobody.good(f"skopeo inspect {creds} --raw docker://HOST/public/art:v1")


SOURCES = ["distribution", "debian", "navarch"]


@pytest.mark.parametrize("kind", SOURCES)
def test_copies_of_manifests_and_signatures(tmp_path: Path, stack: ExitStack, kind: str) -> None:
    """Charts that Helm pushed and oras signed; copied, they have the same digests, and oras finds the signatures."""
    if kind == "navarch":
        url = stack.enter_context(Serving(folder=str(prepared(tmp_path / "source")))).url
    else:
        found = registry_program() if kind == "distribution" else debian_registry()
        if found is None:
            pytest.skip("no registry")
        url = stack.enter_context(RealRegistry(str(tmp_path / "registry"), program=found)).url
    source = Program(prepared(tmp_path / "files"), url.removeprefix("http://"))
    for version in ("1.0.0", "1.1.0+b.1"):
        (source.folder / f"web-{version}.tgz").write_bytes(packed("web", version))
        source.good(f"{HELM} push web-{version}.tgz oci://HOST/team --plain-http")
    source.good("oras attach --plain-http HOST/team/web:1.0.0 --artifact-type sig/x sig.txt")
    source.good("oras attach --plain-http HOST/team/web:1.0.0 --artifact-type sbom/x sbom.json")
    target = stack.enter_context(Serving("workers: 2", folder=str(tmp_path)))
    ours = Program(source.folder, target.url.removeprefix("http://"))
    mirror = (
        f"{NAV} registry mirror oci://{source_host(url)}/team copy --source-plain-http --server {target.url} -o json"
    )

    def states(run: str) -> dict[str, str]:
        return {one["version"]: one["state"] for one in json.loads(ours.good(run))}

    assert states(mirror) == {"1.0.0": "copied", "1.1.0+b.1": "copied"}
    for tag in ("1.0.0", "1.1.0_b.1"):
        there, here = (
            run.good(f"oras manifest fetch --plain-http HOST/{name}/web:{tag}")
            for run, name in ((source, "team"), (ours, "copy"))
        )
        assert here == there
    for sort in ("sig/x", "sbom/x"):
        there, here = (
            json.loads(
                run.good(f"oras discover --plain-http --artifact-type {sort} --format json HOST/{name}/web:1.0.0")
            )
            for run, name in ((source, "team"), (ours, "copy"))
        )
        assert [one["digest"] for one in here["manifests"]] == [one["digest"] for one in there["manifests"]]
        assert len(here["manifests"]) == 1
    assert states(mirror) == {"1.0.0": "present", "1.1.0+b.1": "present"}
    source.good("oras attach --plain-http HOST/team/web:1.1.0_b.1 --artifact-type sig/x sig.txt")
    assert states(mirror) == {"1.0.0": "present", "1.1.0+b.1": "extended"}
    with urllib.request.urlopen(f"{target.url}/copy/charts/web-1.1.0+b.1.tgz", timeout=300) as answer:
        assert answer.read() == packed("web", "1.1.0+b.1")
    (source.folder / "web-1.0.0.tgz").write_bytes(packed("web", "1.0.0", {"values.yaml": "moved: true\n"}))
    source.good(f"{HELM} push web-1.0.0.tgz oci://HOST/team --plain-http")
    moved = ours(mirror)
    assert moved.code == 1
    assert states(f"{mirror} --replace") == {"1.0.0": "replaced", "1.1.0+b.1": "present"}
    there, here = (
        run.good(f"crane digest --insecure HOST/{name}/web:1.0.0") for run, name in ((source, "team"), (ours, "copy"))
    )
    assert here == there


def source_host(url: str) -> str:
    return url.partition("//")[2]


def test_gc_keeps_what_crane_and_oras_need(tmp_path: Path) -> None:
    program("crane")
    with Serving(folder=str(tmp_path)) as server:
        run = Program(prepared(tmp_path / "files"), server.url.removeprefix("http://"))
        for line in CRANE.strip().splitlines()[:8]:
            run.good(line)
        run.good("oras push --plain-http HOST/img/art:v1 file.txt")
        run.good("oras attach --plain-http HOST/img/art:v1 --artifact-type sig/x sig.txt")
        old = run.good("crane digest --insecure HOST/img/one:v1")
        signed = run.good("crane digest --insecure HOST/img/art:v1")
        run.good("crane append --insecure -f two.tar -t HOST/img/one:v1 --oci-empty-base")  # the tag moves
        run.good("oras push --plain-http HOST/img/art:v1 sbom.json")
        collect = f"{NAV} registry gc -c {tmp_path}/config.yaml --spare 0s -o json"
        would = json.loads(run.good(f"{collect} --untagged 0s --dry-run"))
        found = json.loads(run.good(f"{collect} --untagged 0s"))
        counts = [{one["kind"]: one["number"] for one in listed}["manifests"] for listed in (would, found)]
        assert counts == [3, 3]  # the image without a tag, what was signed, its signature
        assert run(f"crane digest --insecure HOST/img/one@{old}").code != 0
        assert run(f"crane digest --insecure HOST/img/art@{signed}").code != 0
        for line in ("crane validate --insecure --remote HOST/img/one:v1", "oras pull --plain-http HOST/img/art:v1"):
            run.good(line)
