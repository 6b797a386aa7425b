"""Charts that aren't what they claim to be, by every way they can come: refused with the reason, and nothing is left.

After each refusal the source is put right, and the same command works: what is kept of earlier tries is sound.
"""

import hashlib
import shutil
from pathlib import Path

import pytest
from pysequoia import Tsk

from navarch.provenance import sign
from navarch.repos import fetch
from support.charts_server import Web, archive, index_of
from support.httpd import answer
from support.registry import FakeRegistry, serve
from support.registry import archive as oci_archive
from support.signing import ARCHIVE, KEYS, provenance


def sound(home):
    """Whether no file is half there, and every archive in the cache is what its name says."""
    cached = [path for path in (home / ".cache/helm/content").rglob("*") if path.is_file()]
    names = {path: path.name for path in cached}
    digests = {path: hashlib.sha256(path.read_bytes()).hexdigest() + ".chart" for path in cached}
    partly = [path for path in home.rglob("*") if path.name.endswith(".part") or "arriving" in path.name]
    return names == digests and not [path for path in partly if path.is_file()]


def made(home):
    """What a command left in the current folder."""
    return sorted(path.name for path in home.iterdir() if path.name.startswith(("web", ".web", ".navarch", "other")))


class Shop:
    """A repository "x" with web 1.0.0, and ways to spoil it."""

    def __init__(self, home, web):
        self.home = home
        self.web = web
        self.good = archive(home / "shop", "web")
        self.other_version = archive(home / "shop", "web", "2.0.0")
        self.other_name = archive(home / "shop", "other")
        self.cut: dict[str, bytes] = {}
        self.publish(self.good)
        plain = web._respond
        web._respond = lambda request: self._break_off(request) if request.target in self.cut else plain(request)

    def _break_off(self, request):
        data = self.cut[request.target]
        request.sock.sendall(answer(body=data, content_length=str(len(data) + 7)))

    def publish(self, data, *, digest=True):
        """Offer an archive as web 1.0.0; the index has its digest, or none."""
        index = index_of({"web-1.0.0.tgz": self.good}, self.home / "shop")
        index.get("web").digest = hashlib.sha256(data).hexdigest() if digest else ""
        self.web.files = {"/index.yaml": index.to_yaml().encode(), "/web-1.0.0.tgz": data}
        self.web.changed = {}
        self.cut = {}

    def spoil(self, how):
        data = self.good
        if how == "redirect to file":
            self.web.changed["/web-1.0.0.tgz"] = answer(302, reason="Found", location="file:///etc/passwd")
        elif how == "redirect without end":
            self.web.changed["/web-1.0.0.tgz"] = answer(302, reason="Found", location="/web-1.0.0.tgz")
        elif how == "cut off":
            self.cut["/web-1.0.0.tgz"] = data[:-7]
        elif how == "cut off in silence":
            self.web.files["/web-1.0.0.tgz"] = data[:-7]
        elif how == "wrong digest":
            self.web.files["/web-1.0.0.tgz"] = data + b"\0"
        elif how == "too big":
            self.web.changed["/web-1.0.0.tgz"] = answer(content_length=str(2 << 30))
        elif how == "gone":
            del self.web.files["/web-1.0.0.tgz"]
        else:
            bad = {
                "another version": self.other_version,
                "another chart": self.other_name,
                "no archive": b"<html>not found</html>",
                "nothing": b"",
            }
            self.publish(bad[how.partition(",")[0]], digest=not how.endswith("no digest"))


BAD = {
    "another version": "is web 2.0.0 by its Chart.yaml, but web 1.0.0 was asked for",
    "another version, no digest": "is web 2.0.0 by its Chart.yaml, but web 1.0.0 was asked for",
    "another chart": "is other 1.0.0 by its Chart.yaml, but web 1.0.0 was asked for",
    "another chart, no digest": "is other 1.0.0 by its Chart.yaml, but web 1.0.0 was asked for",
    "no archive": "does not appear to be a gzipped archive",
    "nothing": "is no chart",
    "wrong digest": "the digest is sha256:",
    "cut off": "unexpected EOF",
    "cut off in silence": "the digest is sha256:",
    "too big": "no more than 1073741824 are read",
    "redirect to file": 'unsupported protocol scheme "file"',
    "redirect without end": "stopped after 10 redirects",
    "gone": "404 Not Found",
}
COMMANDS = ("pull x/web", "pull x/web --untar", "pull x/web --version ^1", "template r x/web", "show chart x/web")


@pytest.fixture
def shop(nav, home):
    with Web() as web:
        made = Shop(home, web)
        assert nav("repo", "add", "x", web.url).code == 0
        yield made


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("how", BAD)
def test_in_a_repository(nav, home, shop, how, command):
    shop.spoil(how)
    updated = nav("repo", "update")
    assert updated.code == 0
    ran = nav(*command.split())
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("Error: ")
    assert BAD[how] in ran.err
    assert made(home) == []
    assert sound(home)
    shop.publish(shop.good)
    assert nav("repo", "update").code == 0
    assert nav(*command.split()).code == 0
    assert sound(home)


INDEXES = {
    "garbage": (b"<html>\n<b>: a: b</b>\n", "cannot unmarshal string|error converting YAML to JSON"),
    "empty": (b"", "empty index.yaml file"),
    "no index": (b"a: [1", "did not find expected"),
    "no version": (b"entries: {}\n", "no API version specified"),
    "cut off": (b"", "unexpected EOF"),
    "gigabyte": (answer(content_length=str(1 << 30)), "no more than 268435456 are read"),
    "redirect to file": (answer(302, reason="Found", location="file:///etc/passwd"), "unsupported protocol scheme"),
    "redirect without end": (answer(302, reason="Found", location="/index.yaml"), "stopped after 10 redirects"),
    "refusal": (answer(500, b"", "Internal Server Error"), "500 Internal Server Error"),
}


@pytest.mark.parametrize("how", INDEXES)
def test_an_index(nav, home, shop, how):
    kept = home / ".cache/helm/repository/x-index.yaml"
    before = kept.read_bytes()
    data, message = INDEXES[how]
    if how == "cut off":
        shop.cut["/index.yaml"] = b"apiVersion: v1"
    elif data.startswith(b"HTTP/"):
        shop.web.changed["/index.yaml"] = data
    else:
        shop.web.files["/index.yaml"] = data
    ran = nav("repo", "update")
    assert any(part in ran.out + ran.err for part in message.split("|")), ran
    added = nav("repo", "add", "y", shop.web.url)
    assert (added.code, added.out) == (1, "")
    assert any(part in added.err for part in message.split("|")), added
    asked = nav("pull", "--repo", shop.web.url, "web")
    assert asked.code == 1
    assert kept.read_bytes() == before
    assert [path.name for path in kept.parent.glob("y-*")] == []
    assert made(home) == []
    assert nav("search", "repo", "web").out.count("x/web") == 1
    shop.publish(shop.good)
    assert nav("pull", "x/web").code == 0


def test_an_endless_index(nav, home, shop, monkeypatch):
    from navarch.repos import index, repository

    for module in (index, repository):
        monkeypatch.setattr(module, "LIMIT", 1 << 20)

    def respond(request):
        request.sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            for _ in range(64):
                request.sock.sendall(b"10000\r\n" + b"#" * 65536 + b"\r\n")
        except OSError:
            return None
        return b"0\r\n\r\n"

    shop.web._respond = respond
    ran = nav("repo", "update")
    assert "no more than 1048576 are read" in ran.out + ran.err
    assert nav("search", "repo", "web").out.count("x/web") == 1


def test_redirects_elsewhere_learn_no_password(nav, home, shop):
    with Web({"/web-1.0.0.tgz": shop.good}) as elsewhere:
        index = shop.web.files["/index.yaml"]
        shop.web.changed["/web-1.0.0.tgz"] = answer(302, reason="Found", location=f"{elsewhere.url}/web-1.0.0.tgz")
        assert nav("repo", "add", "y", shop.web.url, "--username", "jane", "--password", "secret").code == 0
        assert nav("pull", "y/web").code == 0
        assert [request.headers.get("authorization") for request in elsewhere.requests] == [None]
        shop.web.files["/index.yaml"] = index.replace(b"- web-1.0.0.tgz", f"- {elsewhere.url}/web-1.0.0.tgz".encode())
        assert nav("repo", "update").code == 0
        assert nav("cache", "prune").code == 0
        assert nav("pull", "y/web").code == 0
        assert [request.headers.get("authorization") for request in elsewhere.requests] == [None, None]


def key(home, name):
    """A keyring with a new key."""
    path = home / f"{name}.gpg"
    path.write_bytes(bytes(Tsk.generate(f"{name} <{name}@example.com>")))
    return str(path)


def signature(home, data, keyring, name="jane"):
    path = home / "signed" / "web-1.0.0.tgz"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return sign(str(path), keyring=keyring, key=f"{name}@example.com").encode()


SIGNATURES = {
    "missing": "failed to fetch provenance",
    "garbage": "signature block not found",
    "of another archive": "sha256 sum does not match for web-1.0.0.tgz",
    "changed text": "openpgp: ",
    "changed sum": "openpgp: ",
    "unknown key": "openpgp: signature made by unknown entity",
}


@pytest.mark.parametrize("from_registry", [False, True], ids=["repository", "registry"])
@pytest.mark.parametrize("how", SIGNATURES)
def test_a_signature(nav, home, shop, how, from_registry):
    data = oci_archive() if from_registry else shop.good
    keyring = key(home, "jane")
    good = signature(home, data, keyring)
    digest = hashlib.sha256(data).hexdigest().encode()
    bad = {
        "missing": b"",
        "garbage": b"garbage",
        "of another archive": signature(home, shop.other_name, keyring),
        "changed text": good.replace(b"name: web", b"name: wob"),
        "changed sum": good.replace(digest, b"0" * 64),
        "unknown key": signature(home, data, key(home, "eve"), "eve"),
    }[how]
    with FakeRegistry() as registry:

        def offer(proof):
            serve(registry, data=data, proof=proof)
            shop.web.files["/web-1.0.0.tgz.prov"] = proof or None

        reference = [f"oci://{registry.address}/charts/web", "--plain-http"] if from_registry else ["x/web"]
        offer(bad)
        for command in (["pull"], ["pull", "--untar"], ["template", "r"], ["show", "chart"]):
            ran = nav(*command, *reference, "--verify", "--keyring", keyring)
            assert ran.code == 1, (command, ran)
            assert SIGNATURES[how] in ran.err
            assert made(home) == []
        offer(good)
        ran = nav("pull", *reference, "--verify", "--keyring", keyring)
        assert ran.code == 0, ran
        assert "Signed by: jane <jane@example.com>" in ran.out
        assert made(home) == ["web-1.0.0.tgz", "web-1.0.0.tgz.prov"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("expired", "openpgp: key expired"),
        ("revoked", "openpgp: signature made by revoked key"),
        ("short", "openpgp: weak algorithms are rejected: RSA with 1024 bits"),
    ],
)
def test_a_key_that_is_not_good_today(nav, home, name, message):
    shutil.copy(Path(KEYS, f"{name}.asc"), home / "key.asc")
    with Web({"/web-1.0.0.tgz": ARCHIVE, "/web-1.0.0.tgz.prov": provenance(name)}) as web:
        ran = nav("pull", f"{web.url}/web-1.0.0.tgz", "--verify", "--keyring", "key.asc")
    assert (ran.code, ran.out) == (1, "")
    assert message in ran.err
    assert made(home) == []


OCI = {
    "another version": "holds web 2.0.0",
    "moved tag": "digest mismatch",
    "wrong digest": "mismatched digest",
    "cut off": "unexpected EOF",
    "no chart": "is no chart",
    "redirect to file": 'unsupported protocol scheme "file"',
    "gone": ": not found",
}


@pytest.mark.parametrize("command", ["pull", "pull --untar", "template r", "show chart"])
@pytest.mark.parametrize("how", OCI)
def test_in_a_registry(nav, home, how, command):
    with FakeRegistry() as registry:
        good = serve(registry)
        reference = f"oci://{registry.address}/charts/web:1.0.0"
        blob = registry.blobs

        def meddle(request):
            if "/blobs/" not in request.target or blob.get(request.target.rpartition("/")[2]) != oci_archive():
                return None
            data = oci_archive()
            if how == "cut off":
                request.sock.sendall(answer(body=data[:-5], content_length=str(len(data))))
                return False
            if how == "redirect to file":
                return answer(307, reason="Found", location="file:///etc/passwd")
            return answer(body=data[:-1] + b"!") if how == "wrong digest" else answer(404, reason="Not Found")

        if how == "another version":
            serve(registry, data=oci_archive("2.0.0"))
        elif how == "no chart":
            serve(registry, data=b"no chart")
        elif how == "moved tag":
            serve(registry, data=oci_archive(size=11))
            reference += f"@{good}"
        else:
            registry.meddle = meddle
        ran = nav(*command.split(), reference, "--plain-http")
        assert (ran.code, ran.out) == (1, ""), ran
        assert OCI[how] in ran.err
        assert made(home) == []
        assert sound(home)
        registry.meddle = lambda _: None
        assert serve(registry) == good
        assert nav(*command.split(), reference, "--plain-http").code == 0
        assert sound(home)


def test_limits_are_what_is_said_here():
    assert fetch.LIMIT == 1 << 30
