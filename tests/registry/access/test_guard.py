"""Who asks and what they may do: passwords, tokens, nobody; what is told to whom."""

from __future__ import annotations

import base64
import hashlib
import os
import time
from typing import TYPE_CHECKING

import bcrypt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.registry.access.grants import ACTIONS, Who, grant
from navarch.registry.access.guard import Guard
from navarch.registry.access.htpasswd import Htpasswd, parse_htpasswd
from navarch.registry.access.settings import read_auth
from navarch.registry.keys import Keys, SettingsError
from navarch.registry.problems import Problem
from support.asgi import call, registry
from support.spaces import packed

if TYPE_CHECKING:
    from pathlib import Path

HASH = bcrypt.hashpw(b"secret", bcrypt.gensalt(4))


def basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def users(tmp_path) -> str:
    path = tmp_path / "htpasswd"
    path.write_bytes(b"# people\nann:" + HASH + b"\nbob:" + HASH.replace(b"$2b$", b"$2y$") + b"\n")
    return str(path)


@pytest.fixture
def guard(users: str) -> Guard:
    return Guard(
        read_auth(
            Keys(
                {
                    "htpasswd": users,
                    "users": {"ann": {"lib": ["pull", "push"]}, "*": {"*": ["pull"]}},
                    "tokens": [
                        {"name": "ci", "sha256": sha("t0ken"), "spaces": {"team-*": ["push"]}},
                        {"name": "old", "sha256": sha("gone"), "expires": "2001-01-01T00:00:00Z", "spaces": {"*": "*"}},
                    ],
                    "anonymous": ["public"],
                },
                "auth",
            )
        )
    )


def status(guard: Guard, header: str) -> int:
    with pytest.raises(Problem) as caught:
        guard.identify(header)
    return caught.value.status


def test_users_and_tokens_are_told_apart(guard: Guard) -> None:
    assert guard.identify(basic("ann", "secret")).name == "ann"
    assert guard.identify(basic("bob", "secret")).may("pull", "anything")
    assert guard.identify("Bearer t0ken") == guard.identify(basic("ci", "t0ken")) == guard.identify("bearer  t0ken ")
    assert guard.identify("").name == ""


@pytest.mark.parametrize(
    "header",
    [
        basic("ann", "wrong"),
        basic("nobody", "secret"),
        basic("ann", "secret\0"),
        basic("ci", "wrong"),
        basic("old", "gone"),
        "Bearer gone",
        "Bearer wrong",
        "Bearer",
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"ann").decode(),
        "Basic " + base64.b64encode(b"\xff:x").decode(),
        "Digest x",
        "Negotiate",
    ],
)
def test_wrong_credentials_are_401_and_all_sound_alike(guard: Guard, header: str) -> None:
    with pytest.raises(Problem) as caught:
        guard.identify(header)
    assert (caught.value.status, str(caught.value)) == (401, "credentials aren't valid")
    assert caught.value.headers["WWW-Authenticate"].startswith("Basic ")


def test_a_password_is_hashed_once_a_minute(guard: Guard, monkeypatch) -> None:
    header = basic("ann", "secret")
    assert guard.known(header) is None
    who = guard.identify(header)
    assert guard.known(header) == who
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 61)
    assert guard.known(header) is None


def test_a_user_who_is_taken_out_is_out(guard: Guard, users: str, monkeypatch) -> None:
    guard.identify(basic("ann", "secret"))
    with open(users, "wb") as file:
        file.write(b"bob:" + HASH + b"\n")
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 2)
    assert guard.known(basic("ann", "secret")) is None
    assert status(guard, basic("ann", "secret")) == 401


def test_a_file_that_is_broken_later_keeps_its_users(users: str, monkeypatch) -> None:
    found = Htpasswd(users)
    os.unlink(users)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 2)
    found.refresh()
    assert found.check("ann", "secret")


@pytest.mark.parametrize(
    "line", [b"ann", b":x", b"ann:secret", b"ann:{SHA}abc", b"ann:$apr1$x$y", b"ann:$2y$99$" + b"a" * 53]
)
def test_only_bcrypt_is_taken(line: bytes, tmp_path) -> None:
    with pytest.raises(SettingsError, match=r"f: line 2 should be a name, a colon and a bcrypt hash"):
        parse_htpasswd(b"\n" + line, "f")


def test_a_file_that_is_not_there_stops_the_server(tmp_path) -> None:
    with pytest.raises(SettingsError, match="none: No such file"):
        Htpasswd(str(tmp_path / "none"))


def test_long_passwords_are_what_bcrypt_sees_of_them(tmp_path) -> None:
    (tmp_path / "h").write_bytes(b"a:" + bcrypt.hashpw(b"x" * 72, bcrypt.gensalt(4)))
    assert Htpasswd(str(tmp_path / "h")).check("a", "x" * 100)


def test_who_may_not_is_403_and_nobody_is_401(guard: Guard) -> None:
    with pytest.raises(Problem) as known:
        guard.check(guard.identify("Bearer t0ken"), "delete", "team-a")
    with pytest.raises(Problem) as nobody:
        guard.check(guard.identify(""), "push", "public")
    assert (known.value.status, nobody.value.status) == (403, 401)
    guard.check(guard.identify(""), "pull", "public")


@given(st.sampled_from(ACTIONS), st.text("abc-", min_size=1, max_size=4))
def test_rights(action: str, space: str) -> None:
    who = Who("x", grant({"a": ("pull",), "b*": ("push",), "abc": ("delete", "pull")}))
    wanted = (
        (action == "pull" and space in {"a", "abc"})
        or (action == "push" and space.startswith("b"))
        or (action == "delete" and space == "abc")
    )
    assert who.may(action, space) == wanted  # type: ignore[arg-type]


# The same through the server: what an answer gives away doesn't depend on what there is.

AUTH = f"""
auth:
  tokens:
    - {{name: ci, sha256: {sha("t0ken")}, spaces: {{lib: [pull]}}}}
    - {{name: writer, sha256: {sha("write")}, spaces: {{"*": "*"}}}}
  anonymous: [public]
"""


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/{}/index.yaml"),
        ("GET", "/{}/charts/web-1.0.0.tgz"),
        ("GET", "/api/{}/charts"),
        ("GET", "/api/{}/charts/web"),
        ("GET", "/api/{}/charts/web/1.0.0"),
        ("GET", "/api/{}/charts/web/1.0.0/values"),
        ("POST", "/api/{}/charts"),
        ("POST", "/api/{}/prov"),
        ("DELETE", "/api/{}/charts/web/1.0.0"),
    ],
)
@pytest.mark.parametrize(("token", "wanted"), [("", 401), ("Bearer wrong", 401), ("Bearer t0ken", 403)])
def test_strangers_learn_nothing(method: str, path: str, token: str, wanted: int) -> None:
    app = registry(AUTH)
    app.site.store.upload("secret", packed("web", "1.0.0"))
    headers = {"authorization": token} if token else {}
    for extensions in (None, {"http.response.pathsend": {}}):
        there = call(app, method, path.format("secret"), b"x", headers=headers, extensions=extensions)
        nowhere = call(app, method, path.format("nowhere"), b"x", headers=headers, extensions=extensions)
        assert there.status == nowhere.status == wanted
        assert there.body.replace(b"secret", b"") == nowhere.body.replace(b"nowhere", b"")
        assert ("www-authenticate" in there.headers) == (wanted == 401)
    assert len(app.site.store.space("secret").view) == 1
    assert app.site.store.spaces() == ["secret"]


def test_rights_let_in() -> None:
    app = registry(AUTH)
    writer = {"authorization": "Bearer write"}
    assert call(app, "POST", "/api/lib/charts", packed("web", "1.0.0"), headers=writer).status == 201
    assert call(app, "GET", "/lib/index.yaml", headers={"authorization": "Bearer t0ken"}).status == 200
    assert call(app, "GET", "/lib/index.yaml").status == 401
    assert call(app, "POST", "/api/public/charts", packed("web", "1.0.0"), headers=writer).status == 201
    assert call(app, "GET", "/public/charts/web-1.0.0.tgz").status == 200
    assert call(app, "DELETE", "/api/public/charts/web/1.0.0").status == 401


def test_metrics_are_for_those_who_are_known() -> None:
    app = registry(AUTH)
    assert call(app, "GET", "/metrics").status == 401
    assert call(app, "GET", "/metrics", headers={"authorization": "Bearer t0ken"}).status == 200
    assert call(app, "GET", "/healthz").status == call(app, "GET", "/readyz").status == 200


def test_users_there_are_not_cost_what_users_cost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the cost of the file's hashes: else how long an answer takes would tell whom there is."""
    path = tmp_path / "htpasswd"
    path.write_bytes(b"".join(b"u%d:%b\n" % (cost, bcrypt.hashpw(b"x", bcrypt.gensalt(cost))) for cost in (4, 5)))
    users = Htpasswd(str(path))
    costs: list[int] = []
    check = bcrypt.checkpw

    def counting(password: bytes, digest: bytes) -> bool:
        costs.append(int(digest[4:6]))
        return check(password, digest)

    monkeypatch.setattr(bcrypt, "checkpw", counting)
    assert not any(users.check(f"nobody{number}", "x") for number in range(40))
    assert set(costs) == {4, 5}
    costs.clear()
    assert not any(users.check("nobody", "x") for _ in range(5))
    assert len(costs) == 5
    assert len(set(costs)) == 1
