"""The pytest fixture `local_cluster`; installing Navarch is enough to have it.

def test_my_chart(local_cluster):
    local_cluster.client().install("web", "charts/web", wait=True)
"""

from __future__ import annotations

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from navarch.cluster.local import LocalCluster

__all__ = ["local_cluster"]


@pytest.fixture
def local_cluster() -> Iterator[LocalCluster]:
    """An empty cluster of the test's own."""
    from navarch.cluster.local import LocalCluster

    with LocalCluster() as cluster:
        yield cluster
