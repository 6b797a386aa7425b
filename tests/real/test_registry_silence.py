"""Storage that takes requests and is silent, stops in mid-answer, has had enough, or believes its clients no more."""

from __future__ import annotations

import http.client
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from support.clouds import CLOUDS, GoogleStorage, cloud
from support.gateway import Relay
from support.spaces import packed
from support.trouble import Servers, ask, check_whole, listings, noise, port_of, upload, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.clouds import Cloud

pytestmark = pytest.mark.real

SILENCE = 10.0  # seconds of storagetimeout
MORE = f", storagetimeout: {SILENCE * 1000:.0f}, maxthreads: 4"
BOUND = 100.0  # a request waits for a thread, then for storage, and the machine may be very busy: it ends, though
READS = (
    "/readyz",
    "/lib/index.yaml",
    "/api/v1/spaces",
    "/v2/lib/web/tags/list",
    "/api/lib/charts",
    "/lib/charts/web-1.0.0.tgz",
)


only_s3 = pytest.mark.parametrize("storage", ["s3"], indirect=True)  # the client's part is the same for all


@pytest.fixture(scope="module", params=CLOUDS)
def storage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with cloud(request.param, str(tmp_path_factory.mktemp("cloud") / request.param)) as one:
        yield one


@pytest.fixture
def line(storage: Cloud) -> Iterator[Relay]:
    """What is between a server and its bucket."""
    with Relay(storage.port) as relay:
        yield relay


@pytest.fixture
def place() -> str:
    """A prefix of the test's own."""
    return f", rootdirectory: {uuid.uuid4().hex}"


@pytest.fixture
def port(storage: Cloud, line: Relay, tmp_path: Path, place: str) -> Iterator[int]:
    """A server that has one chart in the space lib."""
    with Servers(storage.settings(port=line.port, more=place + MORE), tmp_path) as servers:
        port = port_of(servers.start("a"))
        assert upload(port, packed("web", "1.0.0")) == 201
        assert listings(port)["oci"] == {"web 1.0.0"}
        yield port


def asked_in_time(port: int, path: str) -> tuple[int, bytes]:
    begun = time.monotonic()
    answer = ask(port, "GET", path)
    assert time.monotonic() - begun < BOUND, path
    return answer.status, answer.body


def test_storage_that_is_silent(port: int, line: Relay) -> None:
    second = packed("web", "2.0.0")
    line.deaf = True
    with ThreadPoolExecutor(20) as pool:
        uploads = [pool.submit(upload, port, second) for _ in range(4)]
        reads = [pool.submit(asked_in_time, port, path) for path in READS * 3]
        assert asked_in_time(port, "/healthz")[0] == 200
        for read in reads:
            status, body = read.result()
            assert (status, b"storage doesn't answer" in body) == (503, True)
        assert {one.result() for one in uploads} == {503}
    line.deaf = False
    wait_until(lambda: ask(port, "GET", "/readyz").status == 200)
    assert listings(port)["classic"] == {"web 1.0.0"}
    assert upload(port, second) == 201
    check_whole(port, {"web 1.0.0": packed("web", "1.0.0"), "web 2.0.0": second}, {"web 1.0.0", "web 2.0.0"})


def break_off(line: Relay, most: int | None) -> None:
    line.cut()
    line.most = most
    line.mend()


def fetched(port: int, whole: bytes) -> int:
    """The status with which a blob came: as it is, or with an end that tells that it isn't whole (503, too)."""
    try:
        answer = ask(port, "GET", "/lib/charts/big-1.0.0.tgz")
    except http.client.IncompleteRead as found:
        return 503 if whole.startswith(found.partial) else 0
    return answer.status if answer.status != 200 or answer.body == whole else 0


@only_s3
def test_answers_that_stop_in_the_middle(port: int, line: Relay) -> None:
    big = packed("big", "1.0.0", {"x": noise(1, 3_000_000)})
    assert upload(port, big) == 201
    for most in (1_500_000, 400_000, 100_000):  # bytes of each connection: the rest is asked for anew, for a while
        break_off(line, most)
        assert fetched(port, big) in {200, 503}
    break_off(line, 100)
    wait_until(lambda: asked_in_time(port, "/readyz")[0] == 503)
    break_off(line, None)
    wait_until(lambda: ask(port, "GET", "/readyz").status == 200)
    assert fetched(port, big) == 200


@pytest.mark.parametrize(("storage", "status"), [*((kind, 503) for kind in CLOUDS), ("s3", 429)], indirect=["storage"])
def test_what_is_refused_for_now_is_asked_again(port: int, line: Relay, status: int) -> None:
    for number in range(2):
        line.refusals[:] = [(status, "SlowDown")] * 2
        assert upload(port, packed("web", f"2.{number}.{status}")) == 201
        line.refusals[:] = [(status, "SlowDown")] * 2
        assert f"web 2.{number}.{status}" in listings(port)["classic"]
    line.refusals[:] = [(status, "SlowDown")] * 500
    assert upload(port, packed("web", f"3.0.{status}")) == 503
    assert asked_in_time(port, "/readyz")[0] == 503
    assert len(line.refusals) > 400
    line.refusals.clear()
    assert upload(port, packed("web", f"3.0.{status}")) == 201
    found = listings(port)
    assert found["classic"] == found["oci"] == found["museum"]


def test_credentials_that_are_no_longer_good(port: int, line: Relay, storage: Cloud) -> None:
    line.refusals[:] = [(403, "ExpiredToken")] * 500
    assert upload(port, packed("web", "2.0.0")) == 503
    for path in READS:
        status, body = asked_in_time(port, path)
        assert (status, b"storage doesn't answer" in body) == (503, True), path
    line.refusals.clear()
    if isinstance(storage.server, GoogleStorage):
        storage.server.front.token = "another"
        assert upload(port, packed("web", "2.0.0")) == 503
        storage.server.front.token = ""
    assert upload(port, packed("web", "2.0.0")) == 201
    assert listings(port)["oci"] == {"web 1.0.0", "web 2.0.0"}


@only_s3
def test_a_large_blob_for_a_slow_client(port: int, storage: Cloud, place: str, tmp_path: Path) -> None:
    """That takes longer than storage may be silent; what is silent is the client."""
    big = packed("big", "1.0.0", {"x": noise(2, 25_000_000)})
    with Servers(storage.settings(more=place), tmp_path) as servers:
        assert upload(port_of(servers.start("patient")), big) == 201
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    connection.request("GET", "/lib/charts/big-1.0.0.tgz")
    answer = connection.getresponse()
    found = answer.read(1_000_000)
    for _ in range(2):
        time.sleep(SILENCE)  # an answer's share is half of it
        found += answer.read(3_000_000)
    assert found + answer.read() == big
    connection.close()
