"""The recorded answers, by which the embedded API is judged, are those of the real API server."""

from __future__ import annotations

import ssl

import pytest

from support import stories
from support.control_plane import ADMIN_TOKEN, server_of

pytestmark = pytest.mark.real


@pytest.mark.parametrize("name", stories.names())
def test_the_record_is_true(name, cluster):
    expected, context = stories.answers(name), ssl._create_unverified_context()
    found = stories.play(name, server_of(cluster.kubeconfig), context, ADMIN_TOKEN, expected=expected)
    assert not list(stories.unlike(name, expected, found))
