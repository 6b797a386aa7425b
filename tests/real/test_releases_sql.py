"""Records in PostgreSQL: one database, made by either, worked on by both."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

import pytest

from navarch.errors import ReleaseError, ReleaseExistsError, ReleaseNotFoundError
from navarch.releases.codec import unpack
from navarch.releases.drivers import open_driver
from navarch.releases.drivers.sql import Sql
from navarch.releases.model import Info, Release
from navarch.releases.storage import Storage
from real.test_releases import CHART, live_through, record
from support import postgres
from support.cluster import Cluster, write_chart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.postgres import Postgres

pytestmark = pytest.mark.real

SCHEMA = """
SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default
FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position
"""
INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexdef"
RIGHTS = """
SELECT table_name, grantee, privilege_type FROM information_schema.role_table_grants
WHERE table_schema = 'public' ORDER BY 1, 2, 3
"""
SECURITY = "SELECT relname, relrowsecurity FROM pg_class WHERE relkind = 'r' AND relname ~ '_v1$|gorp' ORDER BY relname"
MADE = "SELECT id FROM gorp_migrations ORDER BY id"


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres.running() as one:
        yield one


@pytest.fixture
def database(server: Postgres) -> str:
    return server.database()


def env(connection: str) -> dict[str, str]:
    return {"HELM_DRIVER": "sql", "HELM_DRIVER_SQL_CONNECTION_STRING": connection}


@pytest.mark.parametrize("turn", ["helm nav", "nav helm"])
def test_each_goes_on_with_what_the_other_wrote(cluster: Cluster, server: Postgres, database: str, turn: str) -> None:
    n = cluster.namespace("sql")
    chart = write_chart(os.path.join(cluster.home, "web"), CHART)
    one, other = (getattr(cluster, name) for name in turn.split())
    live_through(one, other, n, chart, env(database))
    assert server.psql("SELECT count(*) FROM releases_v1", database) == "0\n"
    assert server.psql("SELECT count(*) FROM custom_labels_v1", database) == "0\n"


def test_the_tables_are_helms(cluster: Cluster, server: Postgres) -> None:
    ours, theirs = server.database(), server.database()
    assert cluster.nav("list", env=env(ours)).code == 0
    assert cluster.helm("list", env=env(theirs)).code == 0
    for asked in (SCHEMA, INDEXES, RIGHTS, SECURITY, MADE):
        assert server.psql(asked, ours) == server.psql(asked, theirs)


def test_tables_of_which_some_are_there_already_are_completed(
    cluster: Cluster, server: Postgres, database: str
) -> None:
    Sql(database, "n").close()
    server.psql("DROP TABLE custom_labels_v1", database)
    server.psql("DELETE FROM gorp_migrations WHERE id = 'custom_labels'", database)
    Sql(database, "n").close()
    assert server.psql(MADE, database) == "custom_labels\ninit\n"
    assert cluster.helm("list", env=env(database)).code == 0


def test_a_database_of_a_newer_helm_is_used_if_nothing_is_missing(
    cluster: Cluster, server: Postgres, database: str
) -> None:
    Sql(database, "n").close()
    server.psql("INSERT INTO gorp_migrations VALUES ('zz', now())", database)
    Sql(database, "n").close()
    server.psql("DELETE FROM gorp_migrations WHERE id = 'init'", database)
    sides = [side("list", env=env(database)) for side in (cluster.nav, cluster.helm)]
    assert sides[0] == sides[1]
    assert sides[0].code == 1
    assert "unknown migration in database" in sides[0].err


def test_many_that_come_first_make_the_tables_once(server: Postgres, database: str) -> None:
    errors: list[Exception] = []

    def connect() -> None:
        try:
            Sql(database, "n").close()
        except ReleaseError as error:
            errors.append(error)

    threads = [threading.Thread(target=connect) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert server.psql(MADE, database) == "custom_labels\ninit\n"


@pytest.mark.parametrize(
    "connection",
    [
        "garbage",
        "postgresql://helm@127.0.0.1:1/x?sslmode=disable",
        "host=127.0.0.1 port=1 user=helm",
        "{socket} user=nosuch dbname=postgres sslmode=disable",
        "{socket} user=helm dbname=nosuch sslmode=disable",
    ],
)
def test_a_database_that_does_not_answer_is_told_as_helm_tells_it(
    cluster: Cluster, server: Postgres, connection: str
) -> None:
    given = env(connection.replace("{socket}", f"host={server.folder}"))
    sides = [side("list", env=given) for side in (cluster.nav, cluster.helm)]
    assert sides[0] == sides[1]
    assert sides[0].code == 1


def test_settings_of_the_server_may_stand_among_the_parameters(server: Postgres, database: str) -> None:
    server.psql("CREATE SCHEMA other", database)
    Sql(f"{database} search_path=other", "n").close()
    assert server.psql(
        "SELECT table_schema FROM information_schema.tables WHERE table_name = 'releases_v1'", database
    ) == ("other\n")


def storage(database: str, namespace: str = "n") -> Storage:
    return Storage(open_driver("sql", None, namespace, connection=database))  # type: ignore[arg-type]


def test_the_six_methods(database: str) -> None:
    one = storage(database)
    one.create(record("web", "n", 1, "superseded", labels={"team": "x", "name": "ignored"}))
    one.create(record("web", "n", 2, "deployed", labels={"team": "y"}))
    with pytest.raises(ReleaseExistsError):
        one.create(record("web", "n", 2, "failed"))
    assert one.get("web", 2).status == "deployed"
    assert one.get("web", 1).labels == {"team": "x"}
    assert one.last("web").labels == {"team": "y"}
    assert one.deployed("web").revision == 2
    assert [head.status for head in one.heads("web")] == ["superseded", "deployed"]
    assert {release.revision: release.labels["version"] for release in one.list()} == {1: "1", 2: "2"}
    found = one.get("web", 2)
    found.set_status("failed", "no")
    one.update(found)
    assert one.last("web").info.description == "no"
    assert one.delete("web", 1).labels == {"team": "x"}
    with pytest.raises(ReleaseNotFoundError):
        one.get("web", 1)
    with pytest.raises(ReleaseNotFoundError):
        one.delete("web", 1)
    with pytest.raises(ReleaseNotFoundError):
        one.update(record("other", "n", 1, "failed"))
    with pytest.raises(ReleaseError, match=r"^unknown label team$"):
        one.driver.query({"team": "x"})


def test_namespaces_are_kept_apart(database: str) -> None:
    for namespace in ("m", "n"):
        storage(database).create(record("web", namespace, 1, "deployed", labels={"in": namespace}))
    assert [one.labels["in"] for one in storage(database, "m").list_latest()] == ["m"]
    found = storage(database, "").list_latest(selector=lambda labels: labels.get("in") == "n")
    assert [one.namespace for one in found] == ["n"]


def test_what_cannot_be_stored_leaves_nothing_behind(server: Postgres, database: str) -> None:
    one = storage(database)
    long = record("w" * 50, "n", 1, "deployed", labels={"a": "b"})  # too long for the table of labels
    with pytest.raises(ReleaseError, match=r"^pq: value too long for type character varying\(64\) \(22001\)$"):
        one.create(long)
    assert server.psql("SELECT count(*) FROM releases_v1", database) == "0\n"


def test_damaged_records_are_left_out(server: Postgres, database: str) -> None:
    told: list[str] = []
    one = storage(database)
    one.driver.debug = told.append  # type: ignore[attr-defined]
    for revision in (1, 2):
        one.create(record("web", "n", revision, "deployed"))
    server.psql("UPDATE releases_v1 SET body = '!' WHERE version = 2", database)
    assert [found.revision for found in one.list_latest()] == [1]
    assert [found.revision for found in one.history("web")] == [1]
    assert one.last("web").revision == 1
    assert any('msg="failed to decode release" key=sh.helm.release.v1.web.v2' in line for line in told)
    with pytest.raises(ReleaseError, match="illegal base64 data at input byte 0"):
        one.get("web", 2)


def test_a_database_that_fails_is_no_missing_release(server: Postgres, database: str) -> None:
    one = storage(database)
    one.create(record("web", "n", 1, "deployed"))
    server.psql("ALTER TABLE releases_v1 RENAME TO away", database)
    with pytest.raises(ReleaseError) as caught:
        one.get("web", 1)
    assert not isinstance(caught.value, ReleaseNotFoundError)
    assert str(caught.value) == 'pq: relation "releases_v1" does not exist (42P01)'
    server.psql("ALTER TABLE away RENAME TO releases_v1", database)
    assert one.get("web", 1).revision == 1


def test_a_connection_that_broke_off_is_made_again(server: Postgres, database: str) -> None:
    one = storage(database)
    one.create(record("web", "n", 1, "deployed"))
    server.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = ''", "dbname=postgres")
    with pytest.raises(ReleaseError):
        one.get("web", 1)
    assert one.get("web", 1).revision == 1


def test_several_threads_share_a_connection(database: str) -> None:
    one = storage(database)
    errors: list[Any] = []

    def work(number: int) -> None:
        try:
            for revision in range(1, 6):
                one.create(Release(f"r{number}", "n", revision, info=Info(status="deployed"), labels={"a": "b"}))
                assert one.last(f"r{number}").revision == revision
        except Exception as error:  # noqa: BLE001 - shown below
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(one.list_latest()) == 4


def test_the_body_is_what_helm_stores(cluster: Cluster, server: Postgres, database: str) -> None:
    n = cluster.namespace("sql")
    chart = write_chart(os.path.join(cluster.home, "web"), CHART)
    assert cluster.helm(f"install a {chart} -n {n} --labels team=x", env=env(database)).code == 0
    select = "SELECT body FROM releases_v1"
    before = server.psql(select, database).strip()
    one = storage(database, n)
    one.update(one.get("a", 1))
    assert unpack(server.psql(select, database).strip()) == unpack(before)
