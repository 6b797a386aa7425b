"""What the embedded API answers is what a real API server answered (recorded)."""

from __future__ import annotations

import pytest

from support import stories


@pytest.fixture
def server():
    from navarch.cluster.api import Api
    from navarch.cluster.server import Server
    from navarch.cluster.store import Store

    one = Server(Api(Store()))
    one.start()
    yield one.url
    one.close()


@pytest.mark.parametrize("name", stories.names())
def test_answers_are_those_of_a_real_server(name, server):
    found = stories.play(name, server, None)
    assert not list(stories.unlike(name, stories.answers(name), found))
