"""A registry's servers killed at any moment, and racing each other: on a folder, and on a bucket."""

from __future__ import annotations

import os
import random
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from support.asgi import multipart
from support.clouds import CLOUDS, cloud
from support.gateway import free_port
from support.spaces import packed
from support.trouble import Servers, Writers, ask, check_whole, is_up, kill, listings, port_of, upload, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.real

KILLS = int(os.environ.get("NAVARCH_TEST_KILLS", "8"))


@pytest.fixture(params=["disk", *CLOUDS])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The configuration of servers that keep their charts in the same place."""
    if request.param == "disk":
        yield f"manager: {{parameters: {{rootdirectory: {tmp_path}/charts}}}}\n"
        return
    with cloud(request.param, str(tmp_path / request.param)) as one:
        yield one.settings()


def test_kills_at_any_moment(settings: str, tmp_path: Path) -> None:
    """Every other one is of a worker alone, in whose place its server puts another."""
    chance = random.Random(7)
    port = free_port()
    with Servers(f"{settings}workers: 2\n", tmp_path) as servers:
        server = servers.start("a", port)
        with Writers(port) as writers:
            for number in range(KILLS):
                before = len(writers.answered)
                wait_until(lambda: len(writers.answered) > before, 60)  # noqa: B023 - it is over before the next
                time.sleep(chance.uniform(0, 0.5))
                kill(server, all_of_it=number % 2 == 0)
                if number % 2 == 0:
                    server = servers.start("a", port)
                wait_until(lambda: is_up(port))
        assert writers.odd == []
        assert len(writers.answered) > KILLS
        check_whole(port, writers.answered, writers.tried)
        other = port_of(servers.start("b"))
        check_whole(other, writers.answered, writers.tried)
        rest = sorted(writers.tried - set(writers.answered))  # it may be there or not, and can be made
        assert {upload(port, packed(name, version)) for name, version in map(str.split, rest)} <= {201, 409}
        assert listings(port) == listings(other)
        assert listings(other)["classic"] == writers.tried


def test_one_of_two_servers_makes_a_version(settings: str, tmp_path: Path) -> None:
    with Servers(settings, tmp_path) as servers, ThreadPoolExecutor(8) as pool:
        ports = [port_of(servers.start(name)) for name in ("a", "b")]
        for number in range(8):
            version = f"1.{number}.0"
            data = [packed("web", version, {"x": str(one)}) for one in range(8)]
            answers = list(pool.map(lambda one, data=data: upload(ports[one % 2], data[one]), range(8)))
            assert sorted(answers) == [201] + [409] * 7
            for port in ports:
                assert ask(port, "GET", f"/lib/charts/web-{version}.tgz").body == data[answers.index(201)]


def test_servers_see_each_others_uploads_at_once(settings: str, tmp_path: Path) -> None:
    with Servers(settings, tmp_path) as servers:
        ports = [port_of(servers.start(name)) for name in ("a", "b")]
        expected: set[str] = set()
        for number in range(12):
            name, version = f"c{number % 3}", f"0.{number}.0+x"
            writer, reader = ports[number % 2], ports[1 - number % 2]
            form, headers = multipart(chartfile=packed(name, version))
            assert ask(writer, "POST", "/api/v1/spaces/lib/charts", form, headers=headers).status == 201
            expected.add(f"{name} {version}")
            found = listings(reader)
            assert all(found[face] == expected for face in ("spaces", "classic", "museum", "oci"))
        assert ask(ports[0], "DELETE", "/api/v1/spaces/lib/charts/c0").status == 204
        assert all(not line.startswith("c0") for line in listings(ports[1])["oci"])
        assert ask(ports[1], "DELETE", "/api/v1/spaces/lib").status == 204
        assert ask(ports[0], "GET", "/lib/index.yaml").status == 404


def test_a_thousand_charts_at_once(settings: str, tmp_path: Path) -> None:
    """Different charts never wait for each other's locks."""
    count = 1000 if "rootdirectory" in settings else 200
    with Servers(f"{settings}workers: 2\n", tmp_path) as servers, ThreadPoolExecutor(64) as pool:
        port = port_of(servers.start("a"))
        answers = pool.map(lambda one: upload(port, packed(f"c{one}", "1.0.0")), range(count))
        assert set(answers) == {201}
        assert listings(port)["classic"] == {f"c{one} 1.0.0" for one in range(count)}
