"""Charts pushed and pulled: which version, which file, and what is refused. What Helm does is in tests/real."""

import json
import os
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.chart.model import Maintainer, Metadata
from navarch.errors import ChartError, IntegrityError, NavarchError, RegistryError, VersionError
from navarch.golang.semver import parse_version
from navarch.oci.charts import check_version
from navarch.oci.manifest import CHART, CONFIG, Descriptor, chart_annotations, chart_config, chart_manifest
from navarch.oci.versions import choose, sorted_versions
from support.registry import FakeRegistry, archive, digest_of, serve


@pytest.fixture
def chart(tmp_path):
    path = tmp_path / "web-1.0.0.tgz"
    path.write_bytes(archive())
    return path


def test_a_push(client, server, chart):
    pushed = client.push(chart, f"oci://{server.address}/charts")
    assert pushed.reference == f"{server.address}/charts/web:1.0.0"
    assert client.said == [f"Pushed: {pushed.reference}", f"Digest: {pushed.digest}"]
    manifest = server.manifests["charts/web", "1.0.0"]
    assert digest_of(manifest) == pushed.digest
    assert server.blobs[pushed.chart.digest] == chart.read_bytes()
    assert json.loads(server.blobs[pushed.config.digest])["name"] == "web"
    assert pushed.provenance is None


def test_what_is_there_is_not_pushed_again(client, server, chart):
    client.push(chart, f"oci://{server.address}/charts")
    before = len(server.requests)
    client.push(chart, f"oci://{server.address}/charts")
    assert [line.partition(" ")[0] for line in server.lines()[before:]] == ["HEAD", "PUT"]


def test_blobs_that_are_there_are_not_pushed_again(client, server, chart):
    client.push(chart, f"oci://{server.address}/charts")
    os.utime(chart, (0, 0))
    before = len(server.requests)
    client.push(chart, f"oci://{server.address}/charts")
    assert sorted(line.partition(" ")[0] for line in server.lines()[before:]) == ["HEAD", "HEAD", "HEAD", "PUT"]


def test_a_signature_goes_along(client, server, chart, tmp_path):
    (tmp_path / "web-1.0.0.tgz.prov").write_text("signed")
    pushed = client.push(chart, f"oci://{server.address}/charts")
    assert server.blobs[pushed.provenance.digest] == b"signed"
    (tmp_path / "out").mkdir()
    pulled = client.pull(f"oci://{server.address}/charts/web", dest=tmp_path / "out", prov=True)
    assert Path(pulled.prov_path).read_text() == "signed"
    assert Path(pulled.path).read_bytes() == chart.read_bytes()


def test_a_signature_that_is_not_there(client, server, tmp_path):
    serve(server)
    pulled = client.pull(f"oci://{server.address}/charts/web", dest=tmp_path, prov=True)
    assert pulled.prov_path is None
    assert pulled.lacks_proof == (
        "manifest does not contain a layer with mediatype application/vnd.cncf.helm.chart.provenance.v1.prov"
    )


@pytest.mark.parametrize(("refused", "words"), [("1.0.0", "Tag"), ("", "Push")])
def test_manifests_that_are_refused(client, server, chart, refused, words):
    from support.registry import refusal

    denied = refusal(403, "DENIED", "immutable")
    server.meddle = lambda request: (
        denied
        if request.method == "PUT" and "/manifests/" in request.target and request.target.endswith(refused)
        else None
    )
    with pytest.raises(
        RegistryError, match=f'^failed to perform "{words}" on destination: PUT ".*403: denied: immutable$'
    ):
        client.push(chart, f"oci://{server.address}/charts")
    assert client.said == []


def test_a_chart_that_is_none(client, server, tmp_path):
    (tmp_path / "x.tgz").write_bytes(b"\x1f\x8b\x08 no")
    with pytest.raises(ChartError):
        client.push(tmp_path / "x.tgz", f"oci://{server.address}/charts")
    assert not server.requests


@pytest.mark.parametrize(
    ("name", "fine"),
    [
        ("web-1.0.0.tgz", True),
        ("web.tgz", True),
        ("web-1.tgz", True),
        ("x.zip", True),
        ("web-1.0.1.tgz", False),
        ("web-v1.0.1.tgz", False),
        ("web-v1.0.0.tgz", True),
    ],
)
def test_a_file_name_that_says_another_version(client, server, tmp_path, name, fine):
    (tmp_path / name).write_bytes(archive())
    if fine:
        client.push(tmp_path / name, f"oci://{server.address}/charts")
        return
    with pytest.raises(ChartError, match=r"has version 1\.0\.0 in its Chart\.yaml, but v?1\.0\.1 in its name$"):
        client.push(tmp_path / name, f"oci://{server.address}/charts")
    assert not server.requests


def test_the_latest_release_is_pulled(client, server, tmp_path):
    for tag in ("1.0.0", "1.10.0", "1.9.0", "2.0.0-rc.1", "latest", "v3.0.0"):
        serve(server, tag)
    pulled = client.pull(f"oci://{server.address}/charts/web", dest=tmp_path)
    assert (pulled.version, os.path.basename(pulled.path)) == ("1.10.0", "web-1.10.0.tgz")
    assert client.versions(f"oci://{server.address}/charts/web") == ["2.0.0-rc.1", "1.10.0", "1.9.0", "1.0.0"]


@pytest.mark.parametrize(
    ("reference", "version"),
    [(":1.0.0+b.1", ""), (":1.0.0_b.1", ""), ("", "1.0.0+b.1"), (":1.0.0+b.1", "1.0.0+b.1"), ("", "1.0.x")],
)
def test_a_plus_in_a_version(client, server, tmp_path, reference, version):
    serve(server, "1.0.0_b.1")
    pulled = client.pull(f"oci://{server.address}/charts/web{reference}", version=version, dest=tmp_path)
    assert os.path.basename(pulled.path) == "web-1.0.0+b.1.tgz"
    assert client.said[2] == f"{server.address}/charts/web:1.0.0_b.1 contains an underscore."


def test_an_archive_of_another_version_than_its_tag(client, server, tmp_path):
    serve(server, "1.0.0", data=archive("2.0.0"))
    with pytest.raises(IntegrityError) as caught:
        client.pull(f"oci://{server.address}/charts/web", dest=tmp_path)
    assert str(caught.value) == f"{server.address}/charts/web:1.0.0 holds web 2.0.0, not version 1.0.0"
    assert list(tmp_path.iterdir()) == []
    assert client.said == []


@pytest.mark.parametrize(("wanted", "fits"), [("^1", True), ("~1.0", True), (">=2", False), ("latest", False)])
def test_a_digest_beside_a_constraint(client, server, tmp_path, wanted, fits):
    reference = f"oci://{server.address}/charts/web@{serve(server, '1.0.0')}"
    if fits:
        assert client.pull(reference, version=wanted, dest=tmp_path).path.startswith(str(tmp_path))
        return
    with pytest.raises(IntegrityError, match=rf"holds web 1\.0\.0, not version {wanted}$"):
        client.pull(reference, version=wanted, dest=tmp_path)
    assert not list(tmp_path.iterdir())


def test_nothing_is_pushed_to_a_digest(client, server, tmp_path):
    path = tmp_path / "web-1.0.0.tgz"
    path.write_bytes(archive())
    with pytest.raises(RegistryError) as caught:
        client.push(path, f"oci://{server.address}/a@sha256:00")
    wrong = 'invalid reference: invalid digest "sha256:00/web:1.0.0": invalid checksum digest length'
    assert str(caught.value) == wrong
    assert not server.requests


def test_a_digest_beside_another_version(client, server, tmp_path):
    digest = serve(server, "1.0.0")
    with pytest.raises(IntegrityError, match=r"holds web 1\.0\.0, not version 7\.0\.0$"):
        client.pull(f"oci://{server.address}/charts/web:7.0.0@{digest}", dest=tmp_path)


def test_a_tag_that_moved(client, server, tmp_path):
    digest = serve(server, "1.0.0")
    serve(server, "1.0.0", data=archive("1.0.0", size=99))
    moved = server.manifests["charts/web", "1.0.0"]
    with pytest.raises(RegistryError) as caught:
        client.pull(f"oci://{server.address}/charts/web:1.0.0@{digest}", dest=tmp_path)
    assert str(caught.value) == f"chart reference digest mismatch: {digest_of(moved)} is not {digest}"
    pulled = client.pull(f"oci://{server.address}/charts/web@{digest}", dest=tmp_path)
    assert Path(pulled.path).read_bytes() == archive("1.0.0")


@pytest.mark.parametrize("body", [b"", b"x" * 100, archive()[:-30]])
def test_what_is_broken_leaves_nothing(client, server, tmp_path, body):
    serve(server)
    digest = digest_of(archive())
    server.blobs[digest] = body
    (tmp_path / "web-1.0.0.tgz").write_text("what was there before")
    with pytest.raises(IntegrityError):
        client.pull(f"oci://{server.address}/charts/web:1.0.0", dest=tmp_path)
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [
        ("web-1.0.0.tgz", "what was there before")
    ]


def test_an_archive_that_is_no_chart(client, server, tmp_path):
    serve(server, data=b"hello")
    with pytest.raises(ChartError):
        client.pull(f"oci://{server.address}/charts/web:1.0.0", dest=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there(client, server, tmp_path):
    serve(server)
    with pytest.raises(RegistryError, match=r"no such file or directory$"):
        client.pull(f"oci://{server.address}/charts/web:1.0.0", dest=tmp_path / "nowhere")


def test_a_copy_at_hand_is_taken_if_it_is_one(client, server, tmp_path):
    serve(server)
    copy, other = tmp_path / "copy", tmp_path / "other"
    copy.write_bytes(archive())
    other.write_bytes(b"something else")
    for known, fetched in ((copy, False), (other, True), (tmp_path / "none", True)):
        before = len(server.requests)
        pulled = client.pull(
            f"oci://{server.address}/charts/web:1.0.0", dest=tmp_path, known=lambda _, known=known: str(known)
        )
        assert any("/blobs/" in line for line in server.lines()[before:]) == fetched
        assert Path(pulled.path).read_bytes() == archive()


@pytest.mark.parametrize(
    ("manifest", "problem"),
    [
        ({}, r"manifest does not contain minimum number of descriptors \(2\), descriptors found: 1"),
        ({"config": {"mediaType": "x", "digest": "y", "size": 1}}, "descriptors found: 1"),
        (
            {"config": {"mediaType": CHART, "digest": "y", "size": 1}},
            r"could not load config with mediatype application/vnd.cncf.helm.config.v1\+json",
        ),
        (
            {"config": {"mediaType": CONFIG, "digest": "y", "size": 1}},
            r"manifest does not contain a layer with mediatype application/vnd.cncf.helm.chart.content.v1.tar\+gzip",
        ),
        ({"mediaType": "application/vnd.docker.distribution.manifest.v2+json"}, "descriptors found: 0"),
        (b"[]", "json: cannot unmarshal array into Go value of type v1.Manifest"),
        (b"{", "unexpected end of JSON input"),
        ({"layers": 5}, "are no list"),
        ({"layers": [5]}, "a descriptor that is none"),
        ({"layers": [{"mediaType": "x", "digest": "y", "size": -1}]}, "invalid descriptor size"),
        ({"layers": [{"mediaType": "x", "digest": "y", "size": 1e30}]}, "invalid descriptor size"),
        (
            {
                "config": {"mediaType": CONFIG, "digest": "y", "size": 1},
                "layers": [{"mediaType": CHART, "digest": "../../etc", "size": 1}],
            },
            "invalid digest",
        ),
    ],
)
def test_manifests_that_are_none(client, server, tmp_path, manifest, problem):
    server.put_manifest("charts/web", "1.0.0", manifest)
    with pytest.raises(RegistryError, match=problem):
        client.pull(f"oci://{server.address}/charts/web:1.0.0", dest=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_chart_in_an_index(client, server, tmp_path):
    digest = serve(server, "one")
    size = len(server.manifests["charts/web", digest])
    kind = "application/vnd.oci.image.index.v1+json"
    listed = [{"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest, "size": size}]
    server.put_manifest("charts/web", "1.0.0", {"mediaType": kind, "manifests": listed})
    server.blobs[digest_of(archive("one"))] = b""
    data = archive("1.0.0")
    digest = serve(server, "two", data=data)
    listed[0] |= {"digest": digest, "size": len(server.manifests["charts/web", digest])}
    server.put_manifest("charts/web", "1.0.0", {"mediaType": kind, "manifests": listed})
    assert Path(client.pull(f"oci://{server.address}/charts/web:1.0.0", dest=tmp_path).path).read_bytes() == data


def test_several_at_once(client, server, tmp_path):
    for minor in range(8):
        serve(server, f"1.{minor}.0")
    failed = []

    def pull(minor):
        try:
            client.pull(f"oci://{server.address}/charts/web", version=f"1.{minor}.0", dest=tmp_path)
        except NavarchError as error:
            failed.append(error)

    threads = [threading.Thread(target=pull, args=(minor,)) for minor in [*range(8), *range(8)]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert sorted(file.name for file in tmp_path.iterdir()) == [f"web-1.{minor}.0.tgz" for minor in range(8)]


def test_progress_is_told(make_client, server, tmp_path):
    told = []
    client = make_client(progress=lambda *how: told.append(how))
    data = archive(size=0)
    data = data + os.urandom(300_000)  # what comes after a gzip file's end is nobody's business
    serve(server, data=data)
    client.pull(f"oci://{server.address}/charts/web:1.0.0", dest=tmp_path)
    assert told[-1] == (f"{server.address}/charts/web:1.0.0", len(data), len(data))
    assert len(told) > 1


@pytest.mark.parametrize(
    ("asked", "found", "fine"),
    [
        ("1.0.0", "1.0.0", True),
        ("1.0", "1.0.0", True),
        ("v1.0.0", "1.0.0", True),
        ("1.0.0", "1.0.0+b", True),
        ("1.0.0+b", "1.0.0", False),
        ("1.0.0+b", "1.0.0+c", False),
        ("1.0.0-rc", "1.0.0", False),
        ("1.0.0", "one", False),
        ("", "one", True),
    ],
)
def test_versions_that_are_the_same(tmp_path, asked, found, fine):
    path = tmp_path / "a.tgz"
    path.write_bytes(archive(found))
    if fine:
        check_version(str(path), asked, "it")
        return
    with pytest.raises(IntegrityError, match=f"^it holds web {found.replace('+', '[+]')}, not version"):
        check_version(str(path), asked, "it")


VERSIONS = st.builds(
    lambda a, b, pre, meta: f"{a}.{b}.0{pre}{meta}",
    st.integers(0, 12),
    st.integers(0, 12),
    st.sampled_from(["", "-rc.1", "-rc.2", "-0"]),
    st.sampled_from(["", "+b.1"]),
)


@given(st.lists(VERSIONS))
def test_versions_are_sorted(versions):
    found = sorted_versions([version.replace("+", "_") for version in versions])
    assert sorted(found) == sorted(versions)
    parsed = [parse_version(version) for version in found]
    assert all(one.compare(other) >= 0 for one, other in zip(parsed, parsed[1:], strict=False))


@given(st.lists(st.text(max_size=8)))
def test_tags_that_are_no_versions_are_left_out(tags):
    for version in sorted_versions(tags):
        assert version.replace("+", "_") in [tag.replace("+", "_") for tag in tags]


@given(
    st.lists(VERSIONS, min_size=1), st.sampled_from(["", "*", "^1", ">=2 <5", "1.x || 3.x", ">0.0.0-0", "nonsense !"])
)
def test_what_is_chosen_is_the_newest_that_fits(versions, wanted):
    listed = sorted_versions(versions)
    try:
        chosen = choose(listed, wanted)
    except RegistryError:
        return
    from navarch.golang.semver import parse_constraint

    fits = parse_constraint(wanted or "*")
    assert chosen == next(version for version in listed if fits.check(parse_version(version)))


@pytest.mark.parametrize("wanted", ["1.0.0", "1.0.0+b.1"])
def test_an_exact_version_is_taken_as_it_is(wanted):
    assert choose(["2.0.0", "1.0.0+b.1", "1.0.0"], wanted) == wanted
    with pytest.raises((RegistryError, VersionError)):
        choose(["2.0.0"], "so so")


def test_annotations():
    metadata = Metadata(
        "web",
        "1.0.0",
        description=" ",
        home="https://h",
        sources=["https://s", "https://t"],
        maintainers=[Maintainer("A", "a@x"), Maintainer("B"), Maintainer(email="c@x")],
        annotations={"org.opencontainers.image.title": "no", "org.opencontainers.image.url": "mine", "x": ""},
    )
    start = "org.opencontainers.image."
    assert chart_annotations(metadata, "then") == {
        f"{start}authors": "A (a@x), B,  (c@x)",
        f"{start}created": "then",
        f"{start}source": "https://s",
        f"{start}title": "web",
        f"{start}url": "mine",
        f"{start}version": "1.0.0",
        "x": "",
    }


def test_layers_are_in_the_order_of_their_digests():
    one, two = Descriptor("a", "sha256:1", 1), Descriptor("b", "sha256:2", 0)
    assert chart_manifest(one, [two, one], {}) == chart_manifest(one, [one, two], {})
    assert chart_manifest(one, [two], {}) == (
        b'{"schemaVersion":2,"config":{"mediaType":"a","digest":"sha256:1","size":1},'
        b'"layers":[{"mediaType":"b","digest":"sha256:2","size":0}]}'
    )


def test_configs_leave_out_what_is_empty():
    assert chart_config(Metadata("a", "1", annotations={})) == b'{"name":"a","version":"1"}'


def test_times_have_this_machines_offset(client, server, chart, monkeypatch):
    os.utime(chart, (1700000000.9, 1700000000.9))
    for zone, shown in (
        ("UTC", "2023-11-14T22:13:20Z"),
        ("Asia/Kolkata", "2023-11-15T03:43:20+05:30"),
        ("America/St_Johns", "2023-11-14T18:43:20-03:30"),
    ):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        client.push(chart, f"oci://{server.address}/charts")
        notes = json.loads(server.manifests["charts/web", "1.0.0"])["annotations"]
        assert notes["org.opencontainers.image.created"] == shown
    monkeypatch.undo()
    time.tzset()


def test_search(client):
    with FakeRegistry() as server:
        for name, tags in (
            ("charts/web", ("1.0.0", "1.1.0", "2.0.0-rc")),
            ("charts/db", ("3.0.0",)),
            ("x", ("1.0.0",)),
        ):
            for tag in tags:
                serve(server, tag, name=name)
        server.put_manifest("charts/image", "1.0.0", {"config": {"mediaType": "x", "digest": "y", "size": 1}})
        base = f"oci://{server.address}"

        def names(*words, **options):
            return [(one.name.removeprefix(base), one.version) for one in client.search(*words, **options)]

        assert names(f"{base}/charts/web") == [("/charts/web", "1.1.0")]
        assert names(f"{base}/charts/web", versions=True) == [("/charts/web", "1.1.0"), ("/charts/web", "1.0.0")]
        assert names(f"{base}/charts/web", constraint=">0.0.0-0") == [("/charts/web", "2.0.0-rc")]
        assert names(f"{base}/charts") == [("/charts/db", "3.0.0"), ("/charts/web", "1.1.0")]
        assert names(base, ["WEB", "about"]) == [("/charts/web", "1.1.0")]
        assert names(f"{base}/chart") == []
        assert client.search(f"{base}/x")[0] == (f"{base}/x", "1.0.0", "9", "about")


def test_content_as_any_file(client, server):
    serve(server, proof=b"signed")
    address = f"oci://{server.address}/charts/web:1.0.0"
    assert client.content(address) == archive()
    assert client.content(f"{address}.prov") == b"signed"
    assert client.content(f"{address}@sha256:00") == archive()
    with pytest.raises(RegistryError, match="FetchReference"):
        client.content(f"oci://{server.address}/charts/web")
    with pytest.raises(RegistryError, match="invalid checksum digest length"):
        client.content(f"oci://{server.address}/charts/web@sha256:00")
