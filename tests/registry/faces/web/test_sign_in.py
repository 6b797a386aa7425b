"""Signing in on a page: the form, the cookie and what it is good for, where it leads, and who can't make one."""

from __future__ import annotations

import hashlib
import re
import time
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import bcrypt
import pytest

from support.asgi import call, registry
from support.spaces import packed

if TYPE_CHECKING:
    from pathlib import Path

    from navarch.registry.app import App
    from support.asgi import Answer

NAME = "navarch-session"


def hashed(password: bytes) -> bytes:
    return bcrypt.hashpw(password, bcrypt.gensalt(4))


@pytest.fixture
def users(tmp_path: Path) -> Path:
    path = tmp_path / "users"
    path.write_bytes(b"ann:" + hashed(b"right") + b"\n")
    return path


def config(users: Path, more: str = "") -> str:
    return f"""
auth:
  htpasswd: {users}
  users: {{ann: {{library: [pull, push, delete]}}}}
  tokens:
    - {{name: ci, sha256: {hashlib.sha256(b"t1").hexdigest()}, spaces: {{library: [pull]}}}}
    - {{name: brief, sha256: {hashlib.sha256(b"t2").hexdigest()}, spaces: {{library: [pull]}}, expires: 2999-01-01T00:00:00Z}}
    - {{name: over, sha256: {hashlib.sha256(b"t3").hexdigest()}, spaces: {{library: [pull]}}, expires: 2020-01-01T00:00:00Z}}
{more}
"""


@pytest.fixture
def app(users: Path, tmp_path: Path) -> App:
    return filled(registry(config(users), root=str(tmp_path / "charts")))


def filled(app: App) -> App:
    app.site.store.upload("library", packed("web", "1.0.0"))
    app.site.store.upload("other", packed("web", "1.0.0"))
    return app


def sign_in(app: App, name: str = "ann", password: str = "right", to: str = "/", **headers: str) -> Answer:
    body = urlencode({"name": name, "password": password, "to": to}).encode()
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return call(app, "POST", "/-login", body, headers={"content-type": "application/x-www-form-urlencoded", **named})


def cookie(found: Answer) -> str:
    assert found.status == 303, found.body
    return found.headers["set-cookie"].partition(";")[0]


def get(app: App, path: str, cookie: str, **headers: str) -> Answer:
    return call(app, "GET", path, headers={"cookie": cookie, **headers})


@pytest.mark.parametrize(("name", "password"), [("ann", "right"), ("ci", "t1"), ("brief", "t2")])
def test_who_signs_in_sees_what_they_may_pull(app: App, name: str, password: str) -> None:
    given = cookie(sign_in(app, name, password))
    page = get(app, "/", given)
    assert page.status == 200
    assert f"<bdi>{name}</bdi>" in page.body.decode()
    assert b"library" in page.body
    assert b"other" not in page.body
    assert get(app, "/-/library/web", given).status == 200
    assert get(app, "/-/library/web/1.0.0/archive", given).status == 200
    assert get(app, "/-/other/web", given).status == get(app, "/-/none/web", given).status == 403


@pytest.mark.parametrize(
    ("name", "password"),
    [("ann", "wrong"), ("ann", ""), ("nobody", "right"), ("over", "t3"), ("ci", "right"), ("ann:x", "right"),
     ("", ""), ("ann", "r\0"), ("<script>", "x"), ("a" * 9000, "x")],
)  # fmt: skip
def test_who_is_not_known_gets_the_form_again(app: App, name: str, password: str) -> None:
    found = sign_in(app, name, password, "/-/library/web")
    assert found.status == 401
    assert "set-cookie" not in found.headers
    page = found.body.decode()
    assert "The name or the password is wrong" in page
    assert 'name="to" value="/-/library/web"' in page
    assert password not in {"wrong", "right"} or f'value="{password}"' not in page
    assert "<script>x" not in page
    assert not found.headers["www-authenticate"].startswith("Basic")  # browsers would open a window of their own


def test_the_cookie_is_kept_from_scripts_and_from_other_sites(users: Path, tmp_path: Path) -> None:
    app = registry(config(users))
    words = {part.strip().lower() for part in sign_in(app).headers["set-cookie"].split(";")[1:]}
    assert words == {"httponly", "samesite=lax", "path=/", "max-age=43200"}
    behind = registry(config(users, "trustedproxies: [127.0.0.0/8]"))
    found = sign_in(behind, x_forwarded_proto="https").headers["set-cookie"]
    assert found.startswith(f"__Host-{NAME}=")
    assert "; Secure" in found
    assert get(behind, "/", found.partition(";")[0]).status == 200


@pytest.mark.parametrize(
    "headers",
    [{"sec_fetch_site": "cross-site"}, {"sec_fetch_site": "same-site"}, {"origin": "https://other.example"},
     {"origin": "null"}],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/-login", "/-logout"])
def test_no_page_of_another_server_signs_anybody_in_or_out(app: App, path: str, headers: dict[str, str]) -> None:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    found = call(app, "POST", path, b"name=ann&password=right", headers=named)
    assert found.status == 403
    assert "set-cookie" not in found.headers


def test_browsers_tell_where_the_form_comes_from(app: App) -> None:
    # With "no-referrer" they would send "Origin: null", and without TLS nothing else tells.
    for path in ("/-login", "/", "/-/library/web"):
        assert call(app, "GET", path).headers["referrer-policy"] == "same-origin"
    assert sign_in(app, origin="http://localhost:80").status == 303


@pytest.mark.parametrize(
    ("wanted", "path"),
    [("/-/library/web", "/-/library/web"), ("/-/-search?q=a b", "/-/-search?q=a%20b"), ("", "/"), ("/", "/"),
     ("//other.example", "/"), ("https://other.example", "/"), ("/\\other.example", "/"), ("/-/\\x", "/"),
     ("javascript:x", "/"), ("/-//../x", "/-//../x"), ("\t//other.example", "/"), ("/\t/other.example", "/"),
     ("/-/a\r\nset-cookie: x", "/"), ("/library/index.yaml", "/")],
)  # fmt: skip
def test_signing_in_leads_back_and_nowhere_else(app: App, wanted: str, path: str) -> None:
    found = sign_in(app, to=wanted)
    assert (found.status, found.headers["location"]) == (303, path)
    again = get(app, f"/-login?{urlencode({'to': wanted})}", cookie(found))
    assert (again.status, again.headers["location"]) == (303, path)


def test_a_page_that_one_may_not_see_asks_to_sign_in_and_leads_back(app: App) -> None:
    found = call(app, "GET", "/-/library/web/1.0.0/values?of=charts/x/")
    assert found.status == 401
    assert 'name="to" value="/-/library/web/1.0.0/values?of=charts/x/"' in found.body.decode()
    assert b"session has ended" not in found.body
    # Programs that sign in by a header are told so in the same words as ever.
    assert call(app, "GET", "/api/v1/spaces").headers["www-authenticate"].startswith("Basic")


def test_signing_out(app: App) -> None:
    given = cookie(sign_in(app))
    page = get(app, "/", given)
    assert b'action="/-logout"' in page.body
    assert "no-store" in page.headers["cache-control"]
    assert "Cookie" in page.headers["vary"]
    found = call(app, "POST", "/-logout", headers={"cookie": given})
    assert (found.status, found.headers["location"]) == (303, "/")
    assert re.match(f'{NAME}="?"?; .*Max-Age=0', found.headers["set-cookie"])
    assert found.headers["clear-site-data"] == '"cache"'
    assert call(app, "GET", "/-logout").status == 405


def test_a_session_ends(app: App, users: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given, brief = cookie(sign_in(app)), cookie(sign_in(app, "brief", "t2"))
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 12 * 3600 + 1)
    found = get(app, "/-/library/web", given)
    assert found.status == 401
    assert b"session has ended" in found.body
    monkeypatch.setattr(time, "time", lambda: now + 3600)
    assert get(app, "/-/library/web", given).status == 200
    later = time.monotonic() + 2
    monkeypatch.setattr(time, "monotonic", lambda: later)
    users.write_bytes(b"ann:" + hashed(b"right, too") + b"\n# longer\n")
    assert get(app, "/-/library/web", given).status == 401  # the password is another one
    assert get(app, "/-/library/web", brief).status == 200


def test_a_token_that_is_over_ends_its_sessions(users: Path, tmp_path: Path) -> None:
    root = str(tmp_path / "charts")
    given = cookie(sign_in(filled(registry(config(users), root=root)), "brief", "t2"))
    app = registry(config(users).replace("2999", "2021"), root=root)
    assert get(app, "/-/library/web", given).status == 401


def test_workers_and_replicas_know_each_others_cookies(app: App, users: Path, tmp_path: Path) -> None:
    given = cookie(sign_in(app))
    assert get(registry(config(users), root=str(tmp_path / "charts")), "/-/library/web", given).status == 200
    elsewhere = filled(registry(config(users), root=str(tmp_path / "other")))
    assert get(elsewhere, "/-/library/web", given).status == 401


@pytest.mark.parametrize(
    "change",
    [lambda text: text[:-1] + ("A" if text[-1] != "A" else "B"), lambda text: "9" + text, lambda text: text + "=",
     lambda text: text.rpartition(".")[0], lambda text: text.replace(".", "..", 1), lambda text: "", lambda text: "..",
     lambda text: "9" * 5000 + text, lambda text: text + "é", lambda text: "²." + text.partition(".")[2],
     lambda text: re.sub(r"\.\w+\.", ".Y2k.", text)],
)  # fmt: skip
def test_nobody_makes_a_cookie(app: App, change) -> None:
    name, _, text = cookie(sign_in(app)).partition("=")
    assert get(app, "/-/library/web", f"{name}={text}").status == 200
    assert get(app, "/-/library/web", f"{name}={change(text)}").status == 401


def test_the_cookie_is_for_reading_pages_only(app: App) -> None:
    given = cookie(sign_in(app))
    for method, path in (("GET", "/api/v1/spaces"), ("GET", "/library/index.yaml"), ("GET", "/v2/"),
                         ("DELETE", "/api/v1/spaces/library"), ("GET", "/library/charts/web-1.0.0.tgz"),
                         ("POST", "/api/library/charts"), ("GET", "/metrics")):  # fmt: skip
        assert call(app, method, path, headers={"cookie": given}).status == 401, path


def test_what_a_request_says_itself_counts_for_more(app: App) -> None:
    given = cookie(sign_in(app))
    assert get(app, "/-/library/web", given, authorization="Bearer no").status == 401
    page = get(app, "/", given, authorization="Bearer t1").body
    assert b"<bdi>ci</bdi>" in page
    assert b"Sign out" not in page


def test_the_form_is_small_and_plain(app: App) -> None:
    assert call(app, "POST", "/-login", b"x" * 20_000).status == 413
    assert call(app, "POST", "/-login", b"\xff\xfe").status == 400
    assert call(app, "POST", "/-login", b"name=%ff").status == 400
    assert call(app, "POST", "/-login", b"&".join(b"a=b" for _ in range(100))).status == 400
    assert call(app, "POST", "/-login").status == 401


def test_without_accounts_there_is_nothing_to_sign_in_to() -> None:
    app = registry()
    assert call(app, "GET", "/-login").headers["location"] == "/"
    found = sign_in(app)
    assert (found.status, found.headers["location"]) == (303, "/")
    assert "set-cookie" not in found.headers
    assert b"Sign in" not in call(app, "GET", "/").body
