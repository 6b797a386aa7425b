"""The connection to PostgreSQL, the tables in it, and errors in the words of Go's driver.

Helm keeps the list of what was done to the tables in gorp_migrations (rubenv/sql-migrate); so do we, and under the
same names, so that whoever comes first makes the tables for both.
"""

from __future__ import annotations

from contextlib import contextmanager

from navarch.errors import ReleaseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from psycopg import Connection, Error

    Row = tuple[Any, ...]

__all__ = ["Database"]

_LOG = "create table if not exists gorp_migrations (id text not null primary key, applied_at timestamp with time zone)"
_LOCK = 0x6E617661726368
"""What those of us wait for who come first at the same time: any number that nobody else has."""
_MIGRATIONS = {
    "custom_labels": (
        (
            "CREATE TABLE custom_labels_v1 (releaseKey VARCHAR(64), releaseNamespace VARCHAR(67), "
            "key VARCHAR(317), value VARCHAR(63))"
        ),
        "CREATE INDEX ON custom_labels_v1 (releaseKey, releaseNamespace)",
        "GRANT ALL ON custom_labels_v1 TO PUBLIC",
        "ALTER TABLE custom_labels_v1 ENABLE ROW LEVEL SECURITY",
    ),
    "init": (
        (
            "CREATE TABLE releases_v1 (key VARCHAR(90), type VARCHAR(64) NOT NULL, body TEXT NOT NULL, "
            "name VARCHAR(64) NOT NULL, namespace VARCHAR(64) NOT NULL, version INTEGER NOT NULL, "
            "status TEXT NOT NULL, owner TEXT NOT NULL, createdAt INTEGER NOT NULL, "
            "modifiedAt INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (key, namespace))"
        ),
        "CREATE INDEX ON releases_v1 (key, namespace)",
        *(f"CREATE INDEX ON releases_v1 ({column})" for column in "version status owner createdAt modifiedAt".split()),
        "GRANT ALL ON releases_v1 TO PUBLIC",
        "ALTER TABLE releases_v1 ENABLE ROW LEVEL SECURITY",
    ),
}
"""What makes the tables, by the names in gorp_migrations, in the order in which Helm does it."""


class Database:
    """One connection, opened at once. It is for one thread at a time. All methods raise ReleaseError."""

    def __init__(self, connection: str, say: Callable[..., None]) -> None:
        try:
            import psycopg
        except ImportError as error:
            message = "the sql driver needs the package psycopg"
            raise ReleaseError(message, hint="pip install 'navarch[sql]'") from error
        self._fault: type[Error] = psycopg.Error
        self._parameters = _parameters(connection)
        self._connection = self._connect()
        self._set_up(say)

    def _connect(self) -> Connection[Row]:
        import psycopg

        try:
            return psycopg.connect(**self._parameters, autocommit=True)
        except psycopg.Error as error:
            raise ReleaseError(_refusal(str(error), self._parameters)) from error

    def close(self) -> None:
        self._connection.close()

    def __del__(self) -> None:
        connection = getattr(self, "_connection", None)
        if connection is not None:
            connection.close()

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[Row]:
        """What a query answers."""
        with self._told():
            return self._live().execute(query.encode(), values).fetchall()

    def run(self, statement: str, values: Sequence[Any] = ()) -> int:
        """Do something, and answer to how many rows."""
        with self._told():
            return self._live().execute(statement.encode(), values).rowcount

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What is done inside happens all or not at all."""
        with self._told(), self._live().transaction():
            yield

    def _live(self) -> Connection[Row]:
        """The connection; another one where it has broken off since it was last used."""
        if self._connection.closed:
            self._connection = self._connect()
        return self._connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except self._fault as error:
            raise ReleaseError(_message(error)) from error

    def _set_up(self, say: Callable[..., None]) -> None:
        """Make the tables that are missing."""
        if not self._missing(say):
            return
        try:
            self._make()
        except ReleaseError:
            if self._missing(say):  # and Helm hasn't made them at the same moment
                raise

    def _make(self) -> None:
        with self.transaction():
            self.rows("SELECT pg_advisory_xact_lock(%s)::text", (_LOCK,))
            self.run(_LOG)
            done = {row[0] for row in self.rows("SELECT id FROM gorp_migrations")}
            unknown = sorted(done - _MIGRATIONS.keys())
            if unknown:
                raise ReleaseError(
                    f"Unable to create migration plan because of {unknown[0]}: unknown migration in database"
                )
            for name, statements in _MIGRATIONS.items():
                if name not in done:
                    for statement in statements:
                        self.run(statement)
                    self.run("INSERT INTO gorp_migrations (id, applied_at) VALUES (%s, now())", (name,))

    def _missing(self, say: Callable[..., None]) -> set[str]:
        """What has not been done to the tables yet."""
        try:
            records = self.rows("SELECT id, applied_at FROM gorp_migrations")
        except ReleaseError as error:
            say("failed to get migration records", error=str(error))
            return set(_MIGRATIONS)
        for name, when in records:
            if name in _MIGRATIONS:
                say("found previous migration", id=name, appliedAt=str(when))
        missing = _MIGRATIONS.keys() - {name for name, _ in records}
        for name in missing:
            say("find unapplied migration", id=name)
        return missing


def _parameters(text: str) -> dict[str, Any]:
    """A connection string of lib/pq as arguments for psycopg.

    lib/pq takes a server's settings among the parameters, connects to localhost unless told otherwise, and wants TLS.
    Raises ReleaseError.
    """
    from os import environ

    import psycopg
    from psycopg.conninfo import conninfo_to_dict
    from psycopg.pq import Conninfo

    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    plain, given = _taken_apart(text)
    try:
        found: dict[str, Any] = conninfo_to_dict(plain, **{k: v for k, v in given.items() if k in known})
    except psycopg.Error as error:
        raise ReleaseError(str(error).strip()) from error
    settings = [f"-c {name}={value}" for name, value in given.items() if name not in known | _FOR_GO]
    if settings:
        found["options"] = " ".join(filter(None, [found.get("options"), *settings]))
    if "host" not in found and "hostaddr" not in found and not environ.get("PGHOST"):
        found["host"] = "localhost"
    if "sslmode" not in found and not environ.get("PGSSLMODE"):
        found["sslmode"] = "require"
    return found


_FOR_GO = {"binary_parameters", "disable_prepared_binary_result", "sslinline"}
"""Parameters that only tell lib/pq how to work."""


def _taken_apart(text: str) -> tuple[str, dict[str, str]]:
    """A connection string without its parameters, as far as some are found, and those."""
    if text.startswith(("postgres://", "postgresql://")):
        from urllib.parse import parse_qsl

        plain, _, query = text.partition("?")
        return plain, dict(parse_qsl(query, keep_blank_values=True))
    import re

    pair = re.compile(r"\s*(\w+)\s*=\s*('(?:[^'\\]|\\.)*'|(?:[^\s'\\]|\\.)*)\s*")
    found: dict[str, str] = {}
    at = 0
    while at < len(text) and (match := pair.match(text, at)):
        name, value = match.groups()
        found[name] = re.sub(r"\\(.)", r"\1", value.removeprefix("'").removesuffix("'") if value[:1] == "'" else value)
        at = match.end()
    return ("", found) if at == len(text) else (text, {})


def _message(error: Error) -> str:
    """An error of the server as lib/pq words it."""
    if not error.sqlstate:
        return str(error).strip()
    return f"pq: {error.diag.message_primary} ({error.sqlstate})"


_CODES = {
    "the database system is": "57P03",
    "password authentication failed": "28P01",
    "database ": "3D000",
    "role ": "28000",
    "pg_hba.conf": "28000",
    "too many clients": "53300",
}
"""What refusals say, and the codes that PostgreSQL sends with them; psycopg doesn't hand those on."""


def _refusal(text: str, parameters: dict[str, Any]) -> str:
    """Why there is no connection, as Helm would tell it."""
    host, port = parameters.get("hostaddr") or parameters.get("host") or "localhost", parameters.get("port") or "5432"
    if "FATAL:" in text:
        told = text.partition("FATAL:")[2].strip().partition("\n")[0]
        code = next((f" ({code})" for words, code in _CODES.items() if words in told), "")
        return f"pq: {told}{code}"
    if "does not support SSL" in text:
        return "pq: SSL is not enabled on the server"
    if "onnection refused" in text:
        address = "127.0.0.1" if host == "localhost" else host
        return f"dial tcp {address}:{port}: connect: connection refused"
    return text.strip()
