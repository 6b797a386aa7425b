"""The distribution API: what is asked, what is believed, and what is tried again."""

import hashlib
import os

import pytest

from navarch.errors import IntegrityError, RegistryError
from navarch.oci.manifest import Descriptor, describe
from navarch.oci.reference import parse_reference
from support.httpd import Httpd, answer
from support.registry import MANIFEST, FakeRegistry, digest_of, refusal, serve


def repository(client, server, name="charts/web"):
    return client.repository(parse_reference(f"{server.address}/{name}"), True)


def blob(client, server, descriptor):
    pieces = []
    repository(client, server).blob(descriptor, pieces.append, pieces.clear)
    return b"".join(pieces)


def test_a_manifest_by_tag_and_by_digest(client, server):
    digest = serve(server)
    found, data = repository(client, server).manifest("1.0.0")
    assert found == Descriptor(MANIFEST, digest, len(data))
    assert repository(client, server).manifest(digest) == (found, data)
    assert repository(client, server).resolve("1.0.0") == found


def test_what_is_not_there(client, server):
    with pytest.raises(RegistryError) as caught:
        repository(client, server).manifest("1.0.0")
    assert str(caught.value) == f"{server.address}/charts/web:1.0.0: not found"
    assert caught.value.status == 404
    assert not repository(client, server).has_manifest(digest_of(b"x"))
    assert not repository(client, server).has_blob(describe("", b"x"))
    with pytest.raises(RegistryError, match=f"^{digest_of(b'x')}: not found$"):
        blob(client, server, describe("", b"x"))


def test_a_manifest_of_another_digest(client, server):
    serve(server)
    other = digest_of(b"other")
    server.manifests["charts/web", other] = b"{}"
    with pytest.raises(IntegrityError) as caught:
        repository(client, server).manifest(other)
    where = f'GET "{server.url}/v2/charts/web/manifests/{other}"'
    told = f'received "{digest_of(b"{}")}" when expecting "{other}"'
    assert str(caught.value) == f"{where}: invalid response; digest mismatch in Docker-Content-Digest: {told}"


def test_a_manifest_that_lies_about_its_digest(client, server):
    digest = serve(server)
    server.meddle = lambda _: answer(body=b"{}", content_type=MANIFEST, docker_content_digest=digest)
    with pytest.raises(IntegrityError, match=r"^mismatched digest$"):
        repository(client, server).manifest(digest)


def test_a_manifest_without_a_digest_beside_it_is_checked_all_the_same(client, server):
    digest = digest_of(b"{}")
    server.meddle = lambda _: answer(body=b"{ }", content_type=MANIFEST)
    with pytest.raises(IntegrityError, match=r"^mismatched digest$"):
        repository(client, server).manifest(digest)


def test_a_manifest_too_big_to_be_one(client, server):
    server.meddle = lambda _: answer(body=b" " * (4 << 20) + b"{}", content_type=MANIFEST)
    with pytest.raises(IntegrityError, match="exceeds MaxMetadataBytes 4194304"):
        repository(client, server).manifest("1.0.0")


@pytest.mark.parametrize(
    ("body", "length", "problem"),
    [
        (b"datX", None, "mismatched digest"),
        (b"data and more", None, "mismatch Content-Length"),
        (b"dat", None, "mismatch Content-Length"),
        (b"dat", "4", "unexpected EOF"),
        (b"", "4", "unexpected EOF"),
    ],
)
def test_blobs_that_are_not_what_they_should_be(client, server, body, length, problem):
    def meddle(request):
        data = answer(body=body, content_length=length or str(len(body)))
        if length is None:
            return data
        request.sock.sendall(data)
        return False

    server.meddle = meddle
    with pytest.raises(IntegrityError, match=f"{problem}$"):
        blob(client, server, describe("", b"data"))
    assert len(server.requests) == (3 if problem == "unexpected EOF" else 1)


@pytest.mark.parametrize("body", [b"dat", b"data!"])
def test_blobs_whose_length_nobody_told(client, server, body):
    def meddle(request):
        request.sock.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body)
        return False

    server.meddle = meddle
    with pytest.raises(IntegrityError, match=r"unexpected EOF$" if len(body) < 4 else "trailing data$"):
        blob(client, server, describe("", b"data"))


def test_a_blob_whose_connection_breaks_once(client, server):
    data = os.urandom(200_000)
    server.put_blob(data)

    def meddle(request):
        if len(server.requests) > 1:
            return None
        request.sock.sendall(answer(body=data)[:150_000])
        return False

    server.meddle = meddle
    assert blob(client, server, describe("", data)) == data


def test_a_digest_of_another_kind(client, server):
    data = b"data"
    digest = f"sha512:{hashlib.sha512(data).hexdigest()}"
    server.blobs[digest] = data
    assert blob(client, server, Descriptor("", digest, 4)) == data
    with pytest.raises(RegistryError, match="unsupported digest algorithm"):
        blob(client, server, Descriptor("", "md5:8d777f385d3dfec8815d20f7496026dc", 4))


def test_a_blob_too_big_to_be_read(client, server):
    with pytest.raises(IntegrityError, match="no more than"):
        blob(client, server, Descriptor("", digest_of(b""), 1 << 40))
    assert not server.requests


def test_an_upload(client, server):
    data = os.urandom(3_000_000)
    repository(client, server).put_blob(data, describe("", data))
    assert server.blobs == {digest_of(data): data}
    assert server.lines() == ["POST /v2/charts/web/blobs/uploads/", "PUT /v2/charts/web/blobs/uploads/0"]
    assert "_state=s%3D&digest=sha256%3A" in server.requests[1].target


def test_an_upload_in_chunks(client, server):
    data = os.urandom(25)
    repository(client, server).put_blob(data, describe("", data), chunk=10)
    assert server.blobs == {digest_of(data): data}
    ranges = [request.headers["content-range"] for request in server.requests if request.method == "PATCH"]
    assert ranges == ["0-9", "10-19", "20-24"]


def test_chunks_are_tried_where_the_whole_is_too_big(client, server):
    data = os.urandom((8 << 20) + 5)
    server.meddle = lambda request: answer(413) if len(request.body) > 8 << 20 else None
    repository(client, server).put_blob(data, describe("", data))
    assert server.blobs == {digest_of(data): data}


def test_an_upload_that_breaks_is_begun_anew(client, server):
    data = os.urandom(100)
    server.meddle = lambda request: False if request.number in (1, 2) else None  # the second on a fresh connection
    repository(client, server).put_blob(data, describe("", data))
    assert server.blobs == {digest_of(data): data}
    assert server.lines().count("POST /v2/charts/web/blobs/uploads/") == 2


def test_an_upload_that_the_registry_calls_broken(client, server):
    with pytest.raises(RegistryError) as caught:
        repository(client, server).put_blob(b"other", describe("", b"data"))
    assert caught.value.codes == ("DIGEST_INVALID",)
    assert not server.blobs


@pytest.mark.parametrize("where", ["http://other.example/v2/x", "http://127.0.0.1:1/v2/x"])
def test_an_upload_does_not_go_on_elsewhere(make_client, where):
    answers = answer(202, location=where)
    with Httpd(lambda _: answers) as server:
        client = make_client(username="user", password="secret")
        with pytest.raises(RegistryError, match="is on a different host than the registry"):
            repository(client, server).put_blob(b"data", describe("", b"data"))
        assert len(server.requests) == 1


def test_an_upload_without_a_place(client):
    with Httpd(lambda _: answer(202)) as server, pytest.raises(RegistryError, match="no Location header"):
        repository(client, server).put_blob(b"data", describe("", b"data"))


def test_pages_of_tags(client):
    tags = [f"1.{minor}.0" for minor in range(10)]
    with FakeRegistry(page=3) as server:
        for tag in tags:
            serve(server, tag)
        assert client.tags(f"{server.address}/charts/web") == tags
        assert len(server.requests) == 4


@pytest.mark.parametrize(
    ("link", "problem"),
    [
        ("http://127.0.0.1:1/x", "missing '<'"),
        ("<http://127.0.0.1:1/x", "missing '>'"),
        ('<http://127.0.0.1:1/x>; rel="next"', "not the same origin as"),
        ('</v2/charts/web/tags/list>; rel="next"', "tag listing exceeded 1 pages: too many pages"),
    ],
)
def test_links_to_nowhere(client, server, link, problem):
    server.meddle = lambda _: answer(body={"tags": ["1.0.0"]}, link=link)
    with pytest.raises(RegistryError, match=problem):
        client.tags(f"{server.address}/charts/web")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "failed to decode response: EOF"),
        (b'{"tags":', "failed to decode response: unexpected EOF"),
        (b"<html>", "failed to decode response: invalid character '<' looking for beginning of value"),
        (b'{"tags":[5]}', "failed to decode response"),
    ],
)
def test_lists_that_are_none(client, server, body, problem):
    server.meddle = lambda _: answer(body=body)
    with pytest.raises(RegistryError, match=problem):
        client.tags(f"{server.address}/charts/web")


@pytest.mark.parametrize("body", [b'{"tags":null}', b"{}", b"[]"])
def test_no_tags(client, server, body):
    server.meddle = lambda _: answer(body=body)
    assert client.tags(f"{server.address}/charts/web") == []


def test_refusals_in_words(client, server):
    detail = {"name": "charts/web", "a": 1}
    server.meddle = lambda _: refusal(403, "DENIED", "no", detail)
    with pytest.raises(RegistryError) as caught:
        client.tags(f"{server.address}/charts/web")
    where = f'GET "{server.url}/v2/charts/web/tags/list"'
    assert str(caught.value) == f"{where}: response status code 403: denied: no: map[a:1 name:charts/web]"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "I'm a teapot"),
        (b"<html>", "I'm a teapot"),
        (b'{"errors":[]}', "I'm a teapot"),
        (b'{"errors":[{"code":"A_B"},{"code":"C","message":"d"}]}', "a b; c: d"),
        (b'{"errors":[{"code":5}]}', "I'm a teapot"),
    ],
)
def test_refusals_without_many_words(client, server, body, words):
    server.meddle = lambda _: answer(418, body)
    with pytest.raises(RegistryError, match=f"response status code 418: {words}$"):
        client.tags(f"{server.address}/charts/web")
