"""Records as Secrets and ConfigMaps: what is asked of the server, what is stored, what is said when that fails."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any

import pytest

from navarch.errors import (
    ApiError,
    KubernetesError,
    RecordError,
    ReleaseError,
    ReleaseExistsError,
    ReleaseNotFoundError,
    UnreachableError,
)
from navarch.releases.codec import decode
from navarch.releases.drivers import open_driver
from navarch.releases.drivers.base import make_key, quick
from navarch.releases.drivers.configmaps import ConfigMaps
from navarch.releases.drivers.secrets import Secrets
from navarch.releases.model import Info, Release
from navarch.releases.storage import Storage
from support.records import Request, Server, refused

if TYPE_CHECKING:
    from navarch.releases.drivers.objects import ObjectDriver

KEY = make_key("web", 1)
SECRET = f"/api/v1/namespaces/n/secrets/{KEY}"
CONFIGMAP = f"/api/v1/namespaces/n/configmaps/{KEY}"


def release(name: str = "web", revision: int = 1, status: str = "deployed", **labels: str) -> Release:
    return Release(name, "n", revision, info=Info(status=status, last_deployed="2026-01-01T00:00:00Z"), labels=labels)


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture(params=[Secrets, ConfigMaps])
def driver(request: pytest.FixtureRequest, server: Any) -> ObjectDriver:
    made: ObjectDriver = request.param(server, "n")
    return made


def test_a_secret_is_as_helm_makes_it(server: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("navarch.releases.drivers.objects.time", lambda: 1_795_272_209.9)
    Secrets(server, "n").create(KEY, release(team="x"))
    stored = server.objects[SECRET]
    assert stored["type"] == "helm.sh/release.v1"
    assert stored["metadata"]["labels"] == {
        "createdAt": "1795272209",
        "name": "web",
        "owner": "helm",
        "status": "deployed",
        "version": "1",
        "team": "x",
    }
    assert list(stored["data"]) == ["release"]
    assert decode(b64decode(stored["data"]["release"])).name == "web"
    assert server.requests[0].query == {"fieldManager": "Helm"}


def test_a_configmap_has_no_base64_of_its_own(server: Any):
    ConfigMaps(server, "n").create(KEY, release())
    stored = server.objects[CONFIGMAP]
    assert decode(stored["data"]["release"]).name == "web"
    assert "type" not in stored


def test_an_update_replaces_content_and_labels(server: Any, monkeypatch: pytest.MonkeyPatch):
    driver = Secrets(server, "n")
    driver.create(KEY, release(team="x"))
    monkeypatch.setattr("navarch.releases.drivers.objects.time", lambda: 5)
    found = driver.get(KEY)
    assert found.labels == {"team": "x"}
    found.set_status("superseded", "")
    driver.update(KEY, found)
    labels = server.objects[SECRET]["metadata"]["labels"]
    assert "createdAt" not in labels
    assert (labels["modifiedAt"], labels["status"], labels["team"]) == ("5", "superseded", "x")


def test_stamps_that_a_query_found_stay_as_helm_leaves_them(server: Any, monkeypatch: pytest.MonkeyPatch):
    driver = Secrets(server, "n")
    monkeypatch.setattr("navarch.releases.drivers.objects.time", lambda: 5)
    driver.create(KEY, release())
    found = driver.query({"name": "web"})[0]
    assert found.labels["createdAt"] == "5"
    monkeypatch.setattr("navarch.releases.drivers.objects.time", lambda: 6)
    driver.update(KEY, found)
    labels = server.objects[SECRET]["metadata"]["labels"]
    assert (labels["createdAt"], labels["modifiedAt"]) == ("5", "6")
    driver.update(KEY, driver.query({"name": "web"})[0])
    assert server.objects[SECRET]["metadata"]["labels"]["modifiedAt"] == "6"


def test_the_six_methods(driver: ObjectDriver):
    driver.create(KEY, release())
    driver.create(make_key("web", 2), release(revision=2, status="failed"))
    with pytest.raises(ReleaseExistsError):
        driver.create(KEY, release())
    assert driver.get(KEY).revision == 1
    assert [one.revision for one in driver.query({"name": "web", "status": "failed"})] == [2]
    assert len(driver.list(lambda one: one.revision < 2)) == 1
    assert driver.delete(KEY).revision == 1
    for ask in (driver.get, driver.delete, driver.remove):
        with pytest.raises(ReleaseNotFoundError):
            ask(KEY)
    with pytest.raises(ReleaseNotFoundError):
        driver.query({"name": "other"})
    assert quick(driver) is driver


def test_reading_a_release_asks_for_no_more_than_its_record(driver: ObjectDriver, server: Any):
    storage = Storage(driver)
    for revision, status in enumerate(("superseded", "superseded", "deployed", "failed"), 1):
        storage.create(release(revision=revision, status=status))
    server.requests.clear()
    assert storage.last("web").revision == 4
    assert [(one.method, "as=Partial" in one.accept) for one in server.requests] == [("GET", True), ("GET", False)]
    server.requests.clear()
    assert storage.deployed("web").revision == 3
    assert [one.query["labelSelector"] for one in server.requests] == ["name=web,owner=helm,status=deployed"]


def test_pruning_reads_no_record(driver: ObjectDriver, server: Any):
    storage = Storage(driver)
    for revision in range(1, 4):
        storage.create(release(revision=revision, status="superseded"))
    server.requests.clear()
    storage.create(release(revision=4), max_history=2)
    asked = [(one.method, "as=Partial" in one.accept) for one in server.requests]
    assert asked == [("GET", True), ("DELETE", False), ("DELETE", False), ("POST", False)]


def fill(server: Any, driver: ObjectDriver, releases: int, revisions: int) -> Storage:
    storage = Storage(driver)
    for number in range(releases):
        for revision in range(1, revisions + 1):
            status = "deployed" if revision == revisions else "superseded"
            storage.create(release(f"r{number:03}", revision, status))
    server.requests.clear()
    return Storage(driver.__class__(server, driver.namespace))


def test_a_list_reads_only_the_records_on_its_page(driver: ObjectDriver, server: Any):
    storage = fill(server, driver, 20, 3)
    found = storage.list_latest(limit=8)
    assert [(one.name, one.revision) for one in found] == [(f"r{number:03}", 3) for number in range(8)]
    table, content = server.requests
    assert ("as=Table" in table.accept, table.query["includeObject"]) == (True, "None")
    wanted = ",".join(f"r{number:03}" for number in range(8))
    assert content.query["labelSelector"] == f"owner=helm,status!=superseded,name in ({wanted}),version in (3)"


def test_a_list_of_all_namespaces_asks_for_metadata(server: Any):
    storage = fill(server, Secrets(server, "n"), 3, 2)
    server.keep(
        f"/api/v1/namespaces/m/secrets/{make_key('r000', 9)}",
        {
            **server.objects[f"/api/v1/namespaces/n/secrets/{make_key('r000', 2)}"],
            "metadata": {"name": make_key("r000", 9), "labels": {"owner": "helm", "name": "r000", "version": "9"}},
        },
    )
    storage.driver.namespace = ""  # type: ignore[attr-defined]
    found = storage.list_latest()
    assert len(found) == 4
    assert "as=PartialObjectMetadataList" in server.requests[0].accept
    assert server.requests[0].path == "/api/v1/secrets"


def test_objects_that_only_look_like_records_are_left_out(server: Any, driver: ObjectDriver):
    storage = fill(server, driver, 1, 1)
    for name in ("mine", "sh.helm.release.v1.x", "sh.helm.release.v2.x.v1"):
        labels = {"owner": "helm", "name": "r000", "status": "deployed"}
        server.keep(f"/api/v1/namespaces/n/{driver._plural}/{name}", {"metadata": {"name": name, "labels": labels}})
    assert [one.name for one in storage.list_latest()] == ["r000"]
    assert [one.revision for one in storage.heads("r000")] == [1]
    assert storage.deployed("r000").revision == 1
    storage.driver.namespace = ""  # type: ignore[attr-defined]
    assert [one.name for one in storage.list_latest()] == ["r000"]


def test_large_lists_are_taken_from_what_the_server_remembers(server: Any, driver: ObjectDriver):
    storage = fill(server, driver, 90, 3)
    assert len(storage.list_latest(limit=10, offset=10)) == 10
    assert [one.query.get("resourceVersion") for one in server.requests] == [None, "0", "0", "0"]
    assert server.requests[0].query["limit"] == "250"


def test_where_nearly_all_are_shown_all_are_asked_for(
    server: Any, driver: ObjectDriver, monkeypatch: pytest.MonkeyPatch
):
    storage = fill(server, driver, 30, 3)
    driver.remove(make_key("r007", 3))
    server.requests.clear()
    monkeypatch.setattr("navarch.releases.drivers.objects._MANY", 20)
    found = storage.list_latest()
    assert [one.status for one in found].count("superseded") == 1
    assert [one.query.get("labelSelector") for one in server.requests] == [
        "owner=helm",
        "owner=helm,status!=superseded",
        None,
    ]


def test_after_a_change_of_our_own_nothing_remembered_is_good_enough(server: Any, driver: ObjectDriver):
    storage = fill(server, driver, 90, 3)
    storage.create(release("new"))
    assert "new" in {one.name for one in storage.list_latest()}
    assert not any("resourceVersion" in one.query for one in server.requests)


def test_whatever_status_the_latest_revision_has_it_is_shown(server: Any, driver: ObjectDriver):
    storage = fill(server, driver, 8, 2)
    for number in range(8):
        driver.remove(make_key(f"r{number:03}", 2))
    assert [one.status for one in storage.list_latest()] == ["superseded"] * 8


def test_a_record_that_is_gone_or_damaged_by_the_time_it_is_read_is_left_out(server: Any, driver: ObjectDriver):
    told: list[str] = []
    storage = fill(server, driver, 8, 1)
    driver = driver.__class__(server, "n", debug=told.append)
    heads = driver.names()
    driver.remove(heads[2].key)
    path = next(path for path in server.objects if path.endswith(heads[3].key))
    server.objects[path]["data"]["release"] = b64encode(b"?").decode()
    found = driver.summaries(heads)
    assert [one is None for one in found] == [False, False, True, True, False, False, False, False]
    assert len(told) == 1
    assert 'msg="failed to decode release" key=sh.helm.release.v1.r003.v1 error=' in told[0]
    assert len(storage.list_latest()) == 6


def test_history_shows_superseded_revisions(server: Any, driver: ObjectDriver):
    storage = fill(server, driver, 1, 9)
    assert [one.revision for one in storage.history_heads("r000")] == list(range(1, 10))
    assert len(server.requests) == 1
    server.requests.clear()
    assert [one.revision for one in storage.history_heads("r000", limit=2)] == [8, 9]
    assert [one.path.rpartition("/")[2] for one in server.requests[1:]] == [make_key("r000", 8), make_key("r000", 9)]


def test_lists_come_in_parts(server: Any, driver: ObjectDriver, monkeypatch: pytest.MonkeyPatch):
    fill(server, driver, 5, 1)
    monkeypatch.setattr("navarch.releases.drivers.listing._PAGE", 2)
    assert len(driver.list(lambda _: True)) == 5
    assert [one.query.get("continue") for one in server.requests] == [None, "2", "4"]


def test_a_list_goes_on_where_the_server_has_forgotten_its_beginning(
    server: Any, driver: ObjectDriver, monkeypatch: pytest.MonkeyPatch
):
    fill(server, driver, 5, 1)
    monkeypatch.setattr("navarch.releases.drivers.listing._PAGE", 2)
    lost = iter([True])

    def forget(asked: Request) -> None:
        if asked.query.get("continue") == "2" and next(lost, False):
            raise refused(410, "Expired", metadata={"continue": "2"})

    server.before = forget
    assert len(driver.list(lambda _: True)) == 5

    def forget_all(asked: Request) -> None:
        if "continue" in asked.query:
            raise refused(410, "Expired", "too old")

    server.before = forget_all
    with pytest.raises(ApiError, match="too old"):
        driver.list(lambda _: True)


def refusal(error: KubernetesError) -> Any:
    def refuse(_: Request) -> None:
        raise error

    return refuse


FORBIDDEN = "secrets is forbidden"


# The prefixes: pkg/storage/driver/secrets.go; the lines for --debug: cfgmaps.go.
@pytest.mark.parametrize(
    ("ask", "prefix", "line"),
    [
        (lambda one: one.create(KEY, release()), "create: failed to create: ", "failed to create release"),
        (lambda one: one.update(KEY, release()), "update: failed to update: ", "failed to update release"),
        (lambda one: one.get(KEY), f'get: failed to get "{KEY}": ', "failed to get release"),
        (lambda one: one.list(bool), "list: failed to list: ", "failed to list releases"),
        (lambda one: one.names(), "list: failed to list: ", "failed to list releases"),
        (lambda one: one.query({"name": "a"}), "query: failed to query with labels: ", "failed to query with labels"),
        (lambda one: one.heads({"name": "a"}), "query: failed to query with labels: ", "failed to query with labels"),
    ],
)
def test_failures_are_told_as_helms_drivers_tell_them(server: Any, ask: Any, prefix: str, line: str):
    server.before = refusal(refused(403, "Forbidden", FORBIDDEN))
    with pytest.raises(ApiError) as caught:
        ask(Secrets(server, "n"))
    assert str(caught.value) == prefix + FORBIDDEN
    assert caught.value.is_forbidden
    told: list[str] = []
    with pytest.raises(ApiError, match=rf"^{FORBIDDEN}$"):
        ask(ConfigMaps(server, "n", debug=told.append))
    assert told[0].startswith(f'level=DEBUG msg="{line}"')
    assert told[0].endswith(f'error="{FORBIDDEN}"')


def test_a_lost_connection_stays_one(server: Any):
    server.before = refusal(UnreachableError('Get "https://x": EOF', cause="EOF", sent=True))
    with pytest.raises(UnreachableError, match=r'^list: failed to list: Get "https://x": EOF$') as caught:
        Secrets(server, "n").list(bool)
    assert caught.value.sent


LOST = UnreachableError('Post "https://x": EOF', cause="EOF", sent=True)


def test_a_record_whose_answer_was_lost_is_looked_for(server: Any, driver: ObjectDriver):
    lost = iter([True])
    keep = server.keep

    def swallow(*words: Any) -> Any:
        kept = keep(*words)
        if next(lost, False):
            raise LOST
        return kept

    server.keep = swallow  # type: ignore[method-assign]
    driver.create(KEY, release())
    assert [one.method for one in server.requests] == ["POST", "GET"]
    assert driver.get(KEY).revision == 1


def test_a_record_that_got_lost_itself_is_sent_once_more(server: Any, driver: ObjectDriver):
    lost = iter([True])

    def lose(asked: Request) -> None:
        if asked.method == "POST" and next(lost, False):
            raise LOST

    server.before = lose
    driver.create(KEY, release())
    assert [one.method for one in server.requests] == ["POST", "GET", "POST"]


def test_a_record_of_somebody_else_in_its_place_is_no_record_of_ours(server: Any, driver: ObjectDriver):
    def lose(asked: Request) -> None:
        if asked.method == "POST" and not server.objects:
            path = f"/api/v1/namespaces/n/{driver._plural}/{KEY}"
            server.keep(path, {"metadata": {"name": KEY}, "data": {"release": "theirs"}})
            raise LOST

    server.before = lose
    with pytest.raises(ReleaseExistsError):
        driver.create(KEY, release())


def test_a_record_that_was_never_sent_is_not_looked_for(server: Any, driver: ObjectDriver):
    server.before = refusal(UnreachableError("connection refused", cause="connection refused"))
    with pytest.raises(UnreachableError):
        driver.create(KEY, release())
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "message",
    [
        f'Secret "{KEY}" is invalid: data: Too long: may not be more than 1048576 bytes',
        "etcdserver: request is too large",
        "Request entity too large: limit is 3145728",
    ],
)
def test_a_record_that_is_too_big_comes_with_what_to_do(server: Any, message: str):
    server.before = refusal(refused(422, "Invalid", message))
    with pytest.raises(ApiError) as caught:
        Secrets(server, "n").create(KEY, release())
    assert str(caught.value) == f"create: failed to create: {message}"
    assert "HELM_DRIVER=sql" in caught.value.hint


def test_a_damaged_record_is_named(server: Any, driver: ObjectDriver):
    told: list[str] = []
    driver.create(KEY, release())
    driver.debug = told.append
    path = next(iter(server.objects))
    server.objects[path]["data"]["release"] = b64encode(b"!!").decode() if driver.name == "Secret" else "!!"
    prefix = f'get: failed to decode data "{KEY}": ' if driver.name == "Secret" else ""
    with pytest.raises(RecordError) as caught:
        driver.get(KEY)
    assert str(caught.value) == f"{prefix}illegal base64 data at input byte 0"
    told.clear()
    assert driver.list(lambda _: True) == []
    assert told == [
        f'level=DEBUG msg="list failed to decode release" key={KEY} error="illegal base64 data at input byte 0"'
    ]
    assert driver.query({"owner": "helm"}) == []


@pytest.mark.parametrize("content", [{}, {"data": None}, {"data": {}}, {"data": {"release": ""}}])
def test_an_object_without_content_is_a_damaged_record(server: Any, driver: ObjectDriver, content: dict[str, Any]):
    path = f"/api/v1/namespaces/n/{driver._plural}/{KEY}"
    server.keep(path, {"metadata": {"name": KEY}, **content})
    with pytest.raises(RecordError, match="unexpected end of JSON input"):
        driver.get(KEY)


@pytest.mark.parametrize("answer", [[], "x", None, 5, {"items": 5}, {"items": [1]}])
def test_an_answer_that_is_no_object_is_told(server: Any, driver: ObjectDriver, answer: Any):
    server._do = lambda *_: answer  # type: ignore[method-assign]
    for ask in (lambda: driver.list(bool), lambda: driver.query({"name": "a"}), driver.names, lambda: driver.get(KEY)):
        with pytest.raises(KubernetesError, match="the server's answer is neither an object nor a list of objects"):
            ask()


@pytest.mark.parametrize("item", [{}, {"metadata": None}, {"metadata": {"labels": None}, "data": {"release": 5}}])
def test_items_without_their_parts_are_left_out(server: Any, driver: ObjectDriver, item: Any):
    server._do = lambda *_: {"items": [item], "rows": None}  # type: ignore[method-assign]
    assert driver.list(lambda _: True) == []
    assert driver.query({"name": "a"}) == []
    assert driver.names() == []
    assert driver.heads({"name": "a"}) == []


def test_a_value_that_json_cannot_hold_is_told_with_the_releases_name(server: Any):
    broken = release()
    broken.config = {"x": float("nan")}
    with pytest.raises(RecordError) as caught:
        Secrets(server, "n").create(KEY, broken)
    assert str(caught.value) == 'create: failed to encode release "web": json: unsupported value: NaN'


# apimachinery's validation.IsValidLabelValue.
@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (
            "-a",
            (
                "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must "
                "start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for "
                "validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
            ),
        ),
        ("a" * 64, "must be no more than 63 characters"),
    ],
)
def test_names_that_cannot_be_labels_are_refused_before_asking(server: Any, value: str, problem: str):
    with pytest.raises(ReleaseError) as caught:
        Secrets(server, "n").query({"name": value})
    assert str(caught.value) == f'invalid label value: "{value}": {problem}'
    assert server.requests == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("", "Secret"),
        ("secret", "Secret"),
        ("secrets", "Secret"),
        ("configmap", "ConfigMap"),
        ("configmaps", "ConfigMap"),
        ("memory", "Memory"),
    ],
)
def test_drivers_have_helms_names(server: Any, name: str, kind: str):
    assert open_driver(name, server, "n").name == kind  # type: ignore[arg-type, attr-defined]
    assert open_driver(name, lambda: server, "n").name == kind  # type: ignore[arg-type, return-value, attr-defined]


def test_other_names_are_refused_in_helms_words(server: Any):
    with pytest.raises(ReleaseError, match=r'^unknown driver "Secrets"$'):
        open_driver("Secrets", server, "n")  # type: ignore[arg-type]
