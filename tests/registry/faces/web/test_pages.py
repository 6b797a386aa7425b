"""The pages as browsers get them: what is on them, for whom, with which headers, and that charts can't harm them."""

from __future__ import annotations

import gzip
import hashlib
import json
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest

from navarch.registry.faces.web.lists import PER_PAGE
from navarch.registry.faces.web.sources import MOST
from support.asgi import call, registry
from support.spaces import WEB, chart_yaml, packed

VOID = {"br", "hr", "img", "input", "link", "meta"}
PNG = b"\x89PNG\r\n\x1a\n\0picture"
NASTY = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>"
QUOTED = json.dumps(NASTY)
EVIL = packed(
    "evil",
    "1.0.0",
    {
        "Chart.yaml": (
            'apiVersion: v2\nname: evil\nversion: 1.0.0\nappVersion: "<script>alert(3)</script>"\n'
            f"description: {QUOTED}\n"
            'home: "javascript:alert(4)"\nicon: https://other.example/i.png\n'
            'sources: ["data:text/html,<script>alert(5)</script>", "https://ok.example/a?b=1&c=2", "//other.example/x"]\n'
            f"keywords: [{QUOTED}]\n"
            f'maintainers: [{{name: {QUOTED}, url: "vbscript:x"}}, {{name: m, email: "a@b.c\\" onclick=x"}}]\n'
            f"dependencies: [{{name: {QUOTED}, version: {QUOTED}, repository: {QUOTED}, condition: {QUOTED}}}]\n"
        ),
        "values.yaml": f"# {NASTY}\n{QUOTED}: {QUOTED}\ntext: |\n  {NASTY}\n",
        "README.md": (
            f"# {NASTY}\n\n[a](javascript:alert(6)) [b](JaVaScRiPt&#58;alert(7)) <javascript:alert(8)> [c](data:text/html,x)\n\n"
            '![i](https://other.example/p.png "t") ![j](javascript:alert(9)) ![s](//other.example/q.png)\n\n'
            f"```{NASTY}\n{NASTY}\n```\n\n[r]: javascript:alert(10)\n[r]\n\n| {NASTY} |\n|--:|\n| `{NASTY}` |\n"
        ),
        f"templates/{NASTY.replace('/', '')}.yaml": f"{{{{ {NASTY} }}}}{NASTY}",
        "pic.svg": "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(11)</script></svg>",
    },
)  # fmt: skip


class Checker(HTMLParser):
    """Reads a page as strictly as a validator would: elements are nested, ids are single, labels have targets."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), attrs
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]


def get(app, path: str, **headers: str) -> str:
    found = call(app, "GET", path, headers=headers)
    assert found.status == 200, (path, found.status, found.body)
    assert found.headers["content-type"] == "text/html; charset=utf-8"
    return found.body.decode()


def words(app, path: str, **headers: str) -> str:
    return " ".join(" ".join(Checker(get(app, path, **headers)).text).split())


@pytest.fixture
def app():
    app = registry()
    store = app.site.store
    store.upload("library", WEB)
    for minor in range(12):
        files: dict[str, str | bytes] = {
            "Chart.yaml": chart_yaml("shop", f"1.{minor}.0", appVersion=f"7.{minor}", description="Sells things"),
            "values.yaml": f"# How many\nreplicas: {minor}\nimage: nginx\n",
            "README.md": "# Hello\n\nSee [the values](values.yaml), [nothing](none.md) and ![a picture](docs/a.png).\n",
            "docs/a.png": PNG,
            "templates/shop.yaml": "kind: ConfigMap\n",
        }
        store.upload("library", packed("shop", f"1.{minor}.0", files), b"signed" if minor == 11 else b"")
    store.upload("evil", EVIL)
    return app


PAGES = [
    "/",
    "/-/library",
    "/-/library/web",
    "/-/library/web/1.2.0",
    "/-/library/web/1.2.0/values",
    "/-/library/web/1.2.0/values?of=charts/db/charts/metrics/",
    "/-/library/web/1.2.0/files",
    "/-/library/web/1.2.0/files?file=charts/db/Chart.yaml",
    "/-/library/web/1.2.0/dependencies",
    "/-/library/shop/versions",
    "/-/library/shop/compare?from=1.2.0&to=1.10.0",
    "/-/-search",
    "/-/-search?q=sells",
    "/-/evil",
    "/-/evil/evil",
    "/-/evil/evil/1.0.0/values",
    "/-/evil/evil/1.0.0/files",
    "/-/evil/evil/1.0.0/files?file=README.md",
    "/-/evil/evil/1.0.0/dependencies",
    "/-/-search?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_well_formed_and_has_what_screen_readers_need(app, path: str) -> None:
    page = Checker(get(app, path))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for landmark in ("header", "main", "footer", "h1", "title"):
        assert len(page.all(landmark)) == 1, landmark
    assert page.all("html") == [{"lang": "en"}]
    assert page.all("a")[0] == {"class": "skip", "href": "#main"}
    labels = {attributes.get("for") for attributes in page.all("label")}
    for field in [*page.all("input"), *page.all("select")]:
        assert field.get("id") in labels or field.get("aria-label") or field.get("name") == "of"
    for picture in page.all("img"):
        assert "alt" in picture
    for name, attributes in page.tags:
        for reference in ("aria-labelledby", "for"):
            for one in (attributes.get(reference) or "").split():
                assert one in ids, (name, reference)
        if attributes.get("tabindex") == "0":
            assert attributes["role"] in {"region", "group"}
            assert attributes["aria-label"]
    levels = [int(name[1]) for name, _ in page.tags if name in {"h1", "h2", "h3", "h4", "h5", "h6"}]
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))


@pytest.mark.parametrize("path", PAGES)
def test_no_page_runs_or_loads_what_a_chart_says(app, path: str) -> None:
    page = Checker(get(app, path))
    assert [urlsplit(attributes["src"]).path for attributes in page.all("script")] == ["/-/-static/page.js"]
    for name, attributes in page.tags:
        assert name not in {"style", "iframe", "object", "embed", "base", "use", "foreignobject"}
        for key, value in attributes.items():
            assert not key.startswith("on"), (name, key)
            assert key != "style"
            if key in {"src", "action"} or (key == "href" and name == "link"):
                assert value.startswith("/-/"), (name, value)
            elif key == "href":
                assert value.startswith(("/", "#", "https://", "mailto:")), value
                assert not value.startswith("//"), value
                assert value.startswith(("/", "#")) or "noopener" in (attributes.get("rel") or "")


@pytest.mark.parametrize("path", [*PAGES, "/-/none", "/-/library/web/9.9.9"])
def test_every_page_comes_with_a_strict_policy(app, path: str) -> None:
    found = call(app, "GET", path)
    policy = dict(part.strip().split(" ", 1) for part in found.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["img-src"] == policy["form-action"] == "'self'"
    assert found.headers["x-content-type-options"] == "nosniff"
    assert found.headers["referrer-policy"] == "same-origin"
    assert "private" in found.headers["cache-control"]


def test_pages_of_charts_say_what_is_in_them(app) -> None:
    shop = words(app, "/-/library/shop")
    assert "shop 1.11.0 signed" in shop
    assert "Sells things" in shop
    assert "App version 7.11" in shop
    assert "All 12 versions" in shop
    assert "The newest is" not in shop
    assert "The newest is version 1.11.0 ( what changed )" in words(app, "/-/library/shop/1.2.0")
    assert "# How many replicas : 2 image : nginx" in words(app, "/-/library/shop/1.2.0/values")
    assert "port : 9090" in words(app, "/-/library/web/1.2.0/values?of=charts/db/charts/metrics/")
    assert "web 1.2.0 db 2.1.0 metrics 0.3.0 cache 1.5.0" in words(app, "/-/library/web/1.2.0/dependencies")
    assert "kind: ConfigMap" in words(app, "/-/library/shop/1.2.0/files?file=templates/shop.yaml")
    assert "needs no others" in words(app, "/-/library/shop/1.2.0/dependencies")
    assert "apiVersion: v2" not in words(app, "/-/library/shop/1.2.0/files")  # templates come first


def test_the_readme_links_within_the_chart(app) -> None:
    page = get(app, "/-/library/shop/1.2.0")
    assert '<a href="/-/library/shop/1.2.0/files?file=values.yaml">the values</a>' in page
    assert "<span>nothing</span>" in page
    path = "/-/library/shop/1.2.0/raw?file=docs%2Fa.png"
    assert f'<img src="{path}" alt="a picture" loading="lazy">' in page.replace(" />", ">")
    found = call(app, "GET", path)
    assert (found.status, found.body, found.headers["content-type"]) == (200, PNG, "image/png")
    assert "sandbox" in call(app, "GET", "/-/evil/evil/1.0.0/raw?file=pic.svg").headers["content-security-policy"]
    for other in ("values.yaml", "Chart.yaml", "none.png", "../x.png", ""):
        assert call(app, "GET", f"/-/library/shop/1.2.0/raw?file={other}").status == 404


def test_commands_to_install_are_whole(app) -> None:
    page = words(app, "/-/library/shop/1.2.0", host="127.0.0.1:8099")
    assert "helm install shop oci://127.0.0.1:8099/library/shop --version 1.2.0 --plain-http" in page
    assert "helm repo add library http://127.0.0.1:8099/library helm install shop library/shop --version 1.2.0" in page


def test_commands_never_repeat_a_host_that_a_shell_would_read(app) -> None:
    app = registry("hosts: ['*']")
    app.site.store.upload("library", WEB)
    page = words(app, "/-/library/web", host="a.example;rm -rf $(x)")
    assert "rm -rf" not in page
    assert "oci://127.0.0.1:8099/library/web" in page


def test_charts_that_oci_cannot_spell_and_libraries(app) -> None:
    app.site.store.upload("Upper", packed("My_Chart", "1.0.0"))
    page = words(app, "/-/Upper/My_Chart")
    assert "oci://" not in page
    assert "helm install my-release Upper/My_Chart --version 1.0.0" in page
    app.site.store.upload("Upper", packed("lib", "1.0.0", {"Chart.yaml": chart_yaml("lib", "1.0.0", type="library")}))
    page = words(app, "/-/Upper/lib")
    assert "helm install" not in page
    assert 'dependencies: - name: lib version: "1.0.0"' in page


def test_versions_are_listed_newest_first_and_compared(app) -> None:
    page = Checker(get(app, "/-/library/shop/versions"))
    chosen = [one["value"] for one in page.all("input") if one.get("name") == "to"]
    assert chosen == [f"1.{minor}.0" for minor in range(11, -1, -1)]
    checked = {one["name"]: one["value"] for one in page.all("input") if "checked" in one}
    assert checked == {"from": "1.10.0", "to": "1.11.0"}
    changes = words(app, "/-/library/shop/compare?from=1.2.0&to=1.3.0")
    assert "2 files changed" in changes
    assert "2 - replicas: 2 2 + replicas: 3" in changes
    assert "All files are the same" in words(app, "/-/library/shop/compare?from=1.2.0&to=1.2.0")
    assert call(app, "GET", "/-/library/shop/compare?from=1.2.0").status == 400
    assert call(app, "GET", "/-/library/shop/compare?from=1.2.0&to=x").status == 404


def test_lists_have_pages(app) -> None:
    for number in range(PER_PAGE + 1):
        app.site.store.upload("many", packed(f"c{number:03}", "1.0.0"))
    first = words(app, "/-/many")
    assert f"1 to {PER_PAGE} of {PER_PAGE + 1} Next" in first
    assert f"c{PER_PAGE:03}" not in first
    last = words(app, "/-/many?page=2")
    assert f"c{PER_PAGE:03} 1.0.0" in last
    assert "Previous" in last
    for odd in ("0", "-1", "99999999999999999999", "x", "٣", "3"):
        assert call(app, "GET", f"/-/many?page={odd}").status == 200


def test_search_finds_by_all_words(app) -> None:
    assert "1 chart for sells THINGS" in words(app, "/-/-search?q=sells+THINGS")
    assert "0 charts" in words(app, "/-/-search?q=sells+nothing")
    assert "1 chart for shop in library" in words(app, "/-/-search?q=shop&space=library")
    assert "Spaces: library" in words(app, "/-/-search?q=libr")
    assert "1 chart for library sells" in words(app, "/-/-search?q=library+sells")
    app.site.store.upload("library", packed("shop-extra", "1.0.0", {"Chart.yaml": chart_yaml("shop-extra", "1.0.0")}))
    app.site.store.upload(
        "library", packed("a", "1.0.0", {"Chart.yaml": chart_yaml("a", "1.0.0", description="A shop")})
    )
    found = words(app, "/-/-search?q=shop")
    assert found.index("shop Sells") < found.index("shop-extra") < found.index("A shop")
    assert call(app, "GET", "/-/-search?q=x&space=none").status == 404


def test_what_was_just_pushed_or_removed_is_seen(app) -> None:
    app.site.store.upload("library", packed("shop", "2.0.0"))
    assert "shop 2.0.0" in words(app, "/-/library/shop")
    app.site.store.delete_version("library", "shop", "2.0.0")
    assert "shop 1.11.0" in words(app, "/-/library/shop")
    assert call(app, "GET", "/-/library/shop/2.0.0").status == 404


@pytest.mark.parametrize(
    "path",
    ["/-/none", "/-/library/none", "/-/library/shop/9.9.9", "/-/library/shop/x", "/-/library/shop/1.2.0/none",
     "/-/-static/none", "/-/library/shop/1.2.0/files?file=..%2f..%2fetc%2fpasswd",
     "/-/library/shop/1.2.0/files?file=none", "/-/library/shop/1.2.0%0a", "/-/library/shop/1" + "0" * 5000 + ".0.0"],
)  # fmt: skip
def test_pages_that_are_not_there(app, path: str) -> None:
    found = call(app, "GET", path)
    assert (found.status, found.headers["content-type"]) == (404, "text/html; charset=utf-8")
    Checker(found.body.decode())


@pytest.mark.parametrize("path", ["/-/-none", "/-/_x", "/-/-static/..%2fhtml.py", "/-/%C3%A9/x"])
def test_names_that_nothing_can_have(app, path: str) -> None:
    found = call(app, "GET", path)
    assert (found.status, found.headers["content-type"]) == (400, "text/html; charset=utf-8")
    Checker(found.body.decode())


def test_names_in_addresses_are_escaped_on_error_pages(app) -> None:
    found = call(app, "GET", "/-/%3Cscript%3Ealert(1)%3C%2Fscript%3E")
    assert found.status in {400, 404}
    assert len(Checker(found.body.decode()).all("script")) == 1


def test_errors_have_the_form_that_was_asked_for(app) -> None:
    found = call(app, "POST", "/-/library")
    assert (found.status, found.headers["allow"]) == (405, "GET, HEAD")
    assert b"<!doctype html>" in found.body
    assert call(app, "GET", "/api/v1/spaces/none/charts", headers={"accept": "text/html"}).json()["reason"]
    assert call(app, "GET", "/none/index.yaml").json()["reason"]
    assert b"<!doctype html>" in call(app, "GET", "/nowhere", headers={"accept": "text/html,*/*"}).body
    assert call(app, "GET", "/nowhere").json() == {"message": "/nowhere not found", "reason": "ReasonRequest"}


def test_pages_are_sent_again_only_when_they_changed(app) -> None:
    found = call(app, "GET", "/-/library/shop")
    again = call(app, "GET", "/-/library/shop", headers={"if-none-match": found.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    app.site.store.upload("library", packed("shop", "2.0.0"))
    assert call(app, "GET", "/-/library/shop", headers={"if-none-match": found.headers["etag"]}).status == 200
    assert call(app, "HEAD", "/-/library/shop").body == b""


def test_pages_are_compressed_for_who_takes_that(app) -> None:
    plain = call(app, "GET", "/-/library/shop")
    assert "content-encoding" not in plain.headers
    assert "Accept-Encoding" in plain.headers["vary"]
    found = call(app, "GET", "/-/library/shop", headers={"accept-encoding": "gzip, br"})
    assert found.headers["content-encoding"] == "gzip"
    assert gzip.decompress(found.body) == plain.body
    assert int(found.headers["content-length"]) == len(found.body) < len(plain.body) / 2
    assert found.headers["etag"] != plain.headers["etag"]
    again = {"if-none-match": found.headers["etag"], "accept-encoding": "gzip"}
    assert call(app, "GET", "/-/library/shop", headers=again).status == 304
    assert (
        "content-encoding" not in call(app, "GET", "/-/library/shop", headers={"accept-encoding": "gzip;q=0"}).headers
    )


def test_the_archive_and_its_provenance_are_there_for_browsers(app) -> None:
    page = Checker(get(app, "/-/library/shop/1.11.0"))
    paths = [str(one["href"]) for one in page.all("a") if "/archive" in (one.get("href") or "")]
    assert paths == ["/-/library/shop/1.11.0/archive", "/-/library/shop/1.11.0/archive?of=prov"]
    found = call(app, "GET", paths[0])
    assert found.body == call(app, "GET", "/library/charts/shop-1.11.0.tgz").body
    assert found.headers["content-disposition"] == 'attachment; filename="shop-1.11.0.tgz"'
    assert found.headers["content-type"] == "application/gzip"
    assert "private" in found.headers["cache-control"]
    assert call(app, "GET", paths[1]).body == b"signed"
    assert call(app, "GET", "/-/library/shop/1.2.0/archive?of=prov").status == 404
    assert call(app, "GET", "/-/library/shop/9.9.9/archive").status == 404


def test_any_two_versions_can_be_named_to_be_compared(app) -> None:
    page = Checker(get(app, "/-/library/shop/compare?from=1.2.0&to=1.10.0"))
    fields = {one["name"]: one["value"] for one in page.all("input") if one.get("list") == "known"}
    assert fields == {"from": "1.2.0", "to": "1.10.0"}
    assert [str(one["value"]) for one in page.all("option") if str(one["value"]).startswith("1.")][:2] == [
        "1.11.0",
        "1.10.0",
    ]


def test_a_page_costs_its_own_part_of_a_long_file(app) -> None:
    values = "".join(f"# {number} {'words ' * 20}\n" for number in range(10_000)) + "last: 1\n"
    app.site.store.upload("library", packed("long", "1.0.0", {"values.yaml": values}))
    page = get(app, "/-/library/long/1.0.0/values")
    assert "This is the beginning of a long file" in page
    assert len(page) < 4 * MOST
    assert "# 1000 words" in page
    assert "# 9000 words" not in page


def test_titles_tell_pages_apart(app) -> None:
    for number in range(PER_PAGE + 1):
        app.site.store.upload("many", packed(f"c{number:03}", "1.0.0"))
    more = ["/-/many", "/-/many?page=2", "/-/-search?q=c0", "/-/-search?q=c0&space=many", "/-/-search?q=c0&page=2"]
    paths = [path for path in (*PAGES, *more) if path != "/-/library/web/1.2.0"]  # the same as without its number
    titles = [str(Checker(get(app, path)).text[1]) for path in paths]
    assert len(set(titles)) == len(titles)
    assert all(len(title) < 200 for title in titles)


def test_files_open_with_a_manifest(app) -> None:
    files = {
        "templates/NOTES.txt": "n",
        "templates/_a.tpl": "t",
        "templates/_b.yaml": "t",
        "templates/z.yaml": "kind: Z\n",
    }
    app.site.store.upload("library", packed("order", "1.0.0", files))
    assert "kind: Z" in words(app, "/-/library/order/1.0.0/files")


def test_files_of_the_pages_may_be_kept_for_ever(app) -> None:
    page = Checker(get(app, "/"))
    paths = [str(one["href"]) for one in page.all("link")] + [str(one["src"]) for one in page.all("script")]
    assert len(paths) == 3
    for path in paths:
        found = call(app, "GET", path)
        assert found.status == 200
        assert found.headers["vary"] == "Accept-Encoding"
        packed_one = call(app, "GET", path, headers={"accept-encoding": "br, gzip"})
        assert gzip.decompress(packed_one.body) == found.body
        assert packed_one.headers["etag"] != found.headers["etag"]
        again = {"if-none-match": packed_one.headers["etag"], "accept-encoding": "gzip"}
        assert call(app, "GET", path, headers=again).status == 304
        assert "immutable" in found.headers["cache-control"]
        assert call(app, "GET", path, headers={"if-none-match": found.headers["etag"]}).status == 304
        assert "immutable" not in call(app, "GET", path.partition("?")[0]).headers["cache-control"]


AUTH = f"""
auth:
  tokens:
    - {{name: reader, sha256: {hashlib.sha256(b"t1").hexdigest()}, spaces: {{library: [pull]}}}}
    - {{name: writer, sha256: {hashlib.sha256(b"t2").hexdigest()}, spaces: {{hidden: [push]}}}}
  anonymous: {{public: [pull]}}
"""


def test_pages_tell_nobody_of_what_they_may_not_see() -> None:
    app = registry(AUTH)
    for space in ("library", "hidden", "public"):
        app.site.store.upload(space, packed(f"{space}-chart", "1.0.0"))
    reader = {"authorization": "Bearer t1"}
    writer = {"authorization": "Bearer t2"}
    assert "library" not in words(app, "/")
    assert "Sign in" in words(app, "/")
    assert "public" in words(app, "/")
    home = words(app, "/", **reader)
    assert "Signed in as reader" in home
    assert "hidden" not in home
    assert "1 chart for chart" in words(app, "/-/-search?q=chart")
    assert "hidden-chart" not in words(app, "/-/-search?q=chart", **reader)
    for path in ("/-/hidden", "/-/hidden/hidden-chart/1.0.0/values", "/-/-search?q=x&space=hidden", "/-/nothing",
                 "/-/hidden/hidden-chart/compare?from=1.0.0&to=1.0.0", "/-/hidden/hidden-chart/versions",
                 "/-/hidden/hidden-chart/1.0.0/raw?file=a.png"):  # fmt: skip
        nobody = call(app, "GET", path)
        assert nobody.status == 401, path
        assert nobody.headers["www-authenticate"].startswith("Bearer")
        assert call(app, "GET", path, headers=reader).status == 403, path
        assert call(app, "GET", path, headers=writer).status == 403, path
        assert call(app, "GET", path, headers={"authorization": "Bearer no"}).status == 401
    assert "helm registry login localhost:80 --plain-http --username reader" in words(
        app, "/-/library/library-chart", **reader
    )
