"""Listing and watching: what is asked for, and what becomes of everything that can go wrong."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from navarch.errors import ApiError, KubernetesError, UnreachableError
from navarch.kube.wait import follow
from navarch.kube.wait.follow import Changed, Deleted, Follower, Listed, Unserved
from support.watching import KINDS, FakeCluster, forbidden
from support.watching import resource as an

if TYPE_CHECKING:
    from collections.abc import Iterator

WEB, DB, OTHER = (an("Pod", name) for name in ("web", "db", "other"))
PODS = WEB.collection


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "_FIRST_PAUSE", 0.001)


@pytest.fixture
def cluster() -> FakeCluster:
    return FakeCluster(WEB, DB, OTHER)


class Followed:
    """A follower's changes, one at a time."""

    def __init__(self, cluster: FakeCluster, *names: str, **options: Any) -> None:
        transport: Any = cluster
        self.follower = Follower(transport, KINDS["Pod"], "shop", frozenset(names), **options)
        self.follower.watching.set()
        self._changes = iter(self.follower)

    def next(self) -> Any:
        return next(self._changes)

    def names(self) -> list[str]:
        listed = self.next()
        assert isinstance(listed, Listed)
        return [one["metadata"]["name"] for one in listed.objects]


@pytest.fixture
def both(cluster: FakeCluster) -> Iterator[Followed]:
    followed = Followed(cluster, "web", "db")
    yield followed
    followed.follower.close()


def later(act: Any) -> None:
    threading.Timer(0.05, act).start()


def test_list_then_watch(cluster: FakeCluster, both: Followed) -> None:
    listed = both.next()
    assert [one["metadata"]["name"] for one in listed.objects] == ["web", "db"]
    assert {(one["apiVersion"], one["kind"]) for one in listed.objects} == {("v1", "Pod")}, "lists leave them out"
    cluster.put(OTHER, status={"phase": "Running"})
    cluster.put(DB, status={"phase": "Running"})
    cluster.delete(WEB)
    changed, deleted = both.next(), both.next()
    assert isinstance(changed, Changed)
    assert changed.object["status"] == {"phase": "Running"}
    assert isinstance(deleted, Deleted)
    assert deleted.object["metadata"]["name"] == "web"
    assert cluster.verbs() == ["list pods", "watch pods"]
    listing, watching = cluster.asked
    assert listing.query == {"limit": "500"}
    assert watching.query.items() >= {"resourceVersion": "4", "watch": "true", "allowWatchBookmarks": "true"}.items()
    assert 300 <= int(watching.query["timeoutSeconds"]) <= 600


def test_one_object_is_asked_for_by_name(cluster: FakeCluster) -> None:
    followed = Followed(cluster, "web")
    assert followed.names() == ["web"]
    cluster.put(OTHER, status={})
    cluster.put(WEB, status={"phase": "Running"})
    assert followed.next().object["status"] == {"phase": "Running"}
    assert [one.query["fieldSelector"] for one in cluster.asked] == ["metadata.name=web"] * 2


def test_slim(cluster: FakeCluster) -> None:
    followed = Followed(cluster, "web", "db", slim=True)
    followed.names()
    cluster.put(WEB)
    followed.next()
    assert [one.accept.split(",")[0] for one in cluster.asked] == [
        "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
        "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
    ]


def test_pages(cluster: FakeCluster, both: Followed) -> None:
    cluster.page = 1
    assert both.names() == ["web", "db"]
    assert cluster.verbs() == ["list pods"] * 3


def test_a_page_that_expired_is_listed_anew(cluster: FakeCluster, both: Followed) -> None:
    cluster.page = 1
    cluster.faults = [None, ApiError("expired", code=410, reason="Expired")]
    assert both.names() == ["web", "db"]


def test_no_watch_before_it_is_wanted(cluster: FakeCluster, both: Followed) -> None:
    both.follower.watching.clear()
    both.names()
    before: list[str] = []

    def act() -> None:
        before.extend(cluster.verbs())
        cluster.put(WEB, status={})
        both.follower.watching.set()

    later(act)
    assert isinstance(both.next(), Changed), "nothing is lost in between"
    assert before == ["list pods"]


def test_a_watch_that_breaks_goes_on(cluster: FakeCluster, both: Followed) -> None:
    both.names()
    cluster.put(WEB, status={"phase": "Pending"})
    assert isinstance(both.next(), Changed)
    lost = UnreachableError("unexpected EOF", sent=True)
    later(lambda: (cluster.break_streams(lost), cluster.put(WEB, status={"phase": "Running"})))
    assert both.next().object["status"]["phase"] == "Running"
    assert cluster.verbs() == ["list pods", "watch pods", "watch pods"]
    assert cluster.asked[-1].query["resourceVersion"] == "5"


def test_bookmarks_tell_where_to_go_on(cluster: FakeCluster, both: Followed) -> None:
    both.names()

    def act() -> None:
        cluster.forget_history()
        cluster.break_streams(b'{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"6"}}}')
        cluster.put(WEB, status={"phase": "Running"})

    later(act)
    assert both.next().object["status"]["phase"] == "Running"
    assert cluster.verbs() == ["list pods", "watch pods", "watch pods"]


def test_watches_that_end_at_once_are_not_hammered(cluster: FakeCluster, both: Followed) -> None:
    rests: list[int] = []
    rest = both.follower._rest
    both.follower._rest = lambda: (rests.append(1), rest())[1]  # type: ignore[method-assign]
    both.names()
    later(cluster.break_streams)
    threading.Timer(0.15, lambda: cluster.put(WEB, status={})).start()
    assert isinstance(both.next(), Changed)
    assert rests == [1]


def test_gone(cluster: FakeCluster, both: Followed) -> None:
    """410: where the watch should go on is forgotten."""
    both.names()
    cluster.put(WEB, status={})
    both.next()
    cluster.delete(DB)
    cluster.forget_history()
    cluster.break_streams()
    both.next()  # the change that was in the stream already
    assert both.names() == ["web"]
    assert cluster.verbs()[-2:] == ["watch pods", "list pods"]


def test_gone_as_answer(cluster: FakeCluster, both: Followed) -> None:
    cluster.faults = [None, ApiError("too old resource version", code=410, reason="Gone")]
    assert both.names() == ["web", "db"]
    assert both.names() == ["web", "db"]
    assert both.follower.trouble == ""


@pytest.mark.parametrize(
    "line",
    [
        b"not JSON",
        b"[]",
        b'{"type":"ADDED"}',
        b'{"type":"ADDED","object":3}',
        b'{"type":"ERROR","object":{"kind":"Status","code":500,"message":"etcd"}}',
    ],
)
def test_what_a_watch_never_says(cluster: FakeCluster, both: Followed, line: bytes) -> None:
    both.names()
    later(lambda: cluster.break_streams(line))
    assert both.names() == ["web", "db"], "listed anew"


@pytest.mark.parametrize(
    "fault",
    [
        UnreachableError("connection refused"),
        ApiError("boom", code=500, reason="InternalError"),
        ApiError("who?", code=401, reason="Unauthorized"),
    ],
)
def test_lists_are_tried_again(cluster: FakeCluster, both: Followed, fault: KubernetesError) -> None:
    cluster.faults = [fault, fault]
    assert both.names() == ["web", "db"]
    assert cluster.verbs() == ["list pods"] * 3


@pytest.mark.parametrize("odd", [[], 3, {"items": 3}, {"items": [3]}, {"items": [{"metadata": ["x"]}]}])
def test_lists_that_are_none(cluster: FakeCluster, both: Followed, odd: Any) -> None:
    request = cluster.request

    def lie(*words: Any, **options: Any) -> Any:
        cluster.request = request  # type: ignore[method-assign]
        answer = request(*words, **options)
        answer._value = odd
        return answer

    cluster.request = lie  # type: ignore[method-assign]
    assert both.names() == ["web", "db"]


def test_trouble_is_told_while_it_lasts(cluster: FakeCluster, both: Followed) -> None:
    cluster.faults = [UnreachableError("connection refused")]
    seen: list[str] = []
    rest = both.follower._rest
    both.follower._rest = lambda: (seen.append(both.follower.trouble), rest())[1]  # type: ignore[method-assign]
    both.names()
    assert seen == ["connection refused"]
    assert both.follower.trouble == ""


def test_a_kind_that_is_not_served(cluster: FakeCluster, both: Followed) -> None:
    cluster.faults = [ApiError("no", code=404, reason="NotFound")]
    assert isinstance(both.next(), Unserved)
    assert both.names() == ["web", "db"]


def test_forbidden_to_list(cluster: FakeCluster, both: Followed) -> None:
    cluster.refuse["list", PODS] = forbidden("list", "pods")
    with pytest.raises(ApiError) as caught:
        both.next()
    assert str(caught.value).startswith('failed to list /v1, Kind=Pod: pods is forbidden: User "u" cannot list')


def test_forbidden_to_watch(cluster: FakeCluster, both: Followed) -> None:
    cluster.refuse["watch", PODS] = forbidden("watch", "pods")
    both.names()
    with pytest.raises(ApiError) as caught:
        both.next()
    assert str(caught.value).startswith('pods is forbidden: User "u" cannot watch')


def test_who_is_refused_by_name_is_told_of_the_kind(cluster: FakeCluster) -> None:
    """The message of a refusal by name has the name in it, which Helm's, who asks for the kind, hasn't."""
    cluster.refuse["list", PODS] = forbidden("list", "pods")
    with pytest.raises(ApiError):
        Followed(cluster, "web").next()
    assert [one.query for one in cluster.asked] == [
        {"limit": "500", "fieldSelector": "metadata.name=web"},
        {"limit": "500"},
    ]


def test_stubborn(cluster: FakeCluster) -> None:
    """Legacy hooks are watched for until time is up, whatever the server says."""
    followed = Followed(cluster, "web", stubborn=True)
    cluster.faults = [forbidden("list", "pods"), forbidden("list", "pods")]
    assert followed.names() == ["web"]


@pytest.mark.parametrize("when", ["watching", "resting", "waiting"])
def test_close(cluster: FakeCluster, when: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """From another thread, at once, in whatever the follower is doing."""
    followed = Followed(cluster, "web")
    if when == "resting":
        monkeypatch.setattr(follow, "_FIRST_PAUSE", 900.0)
        followed = Followed(cluster, "web")
        cluster.faults = [UnreachableError("no")]
    else:
        followed.names()
    if when == "waiting":
        followed.follower.watching.clear()
    later(followed.follower.close)
    began = time.monotonic()
    with pytest.raises(StopIteration):
        followed.next()
    assert time.monotonic() - began < 600


def test_selector(cluster: FakeCluster) -> None:
    followed = Followed(cluster, "web", "db", selector="type!=x")
    assert followed.names() == ["web", "db"]
    assert cluster.asked[0].query["fieldSelector"] == "type!=x"
