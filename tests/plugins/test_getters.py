"""Getters of plugins: which is for a scheme, what it is told, and what becomes of its answer."""

import pytest

from navarch.errors import DownloadError, IntegrityError, PluginError, RepositoryError
from navarch.kube.net.access import Access
from navarch.plugins import getters
from navarch.plugins.getters import PluginGetters
from navarch.repos.fetch import Fetcher
from navarch.repos.getting import GetterRequest, request_for
from navarch.repos.repository import check_address
from support import plugin_programs as programs


def known(*folders, **options):
    return PluginGetters([str(folder) for folder in folders], python=False, **options)


def fetch(getters, url, **options):
    with Fetcher(getters=getters) as fetcher:
        return fetcher.get(url, **options)


def test_the_plugin_for_a_scheme(tmp_path):
    programs.getter(tmp_path, 'echo "$4"')
    assert fetch(known(tmp_path), "s3://b/web.tgz").data == b"s3://b/web.tgz\n"


def test_the_first_of_two_by_folder(tmp_path):
    programs.getter(tmp_path / "2", "echo two", name="a")
    programs.getter(tmp_path / "1", "echo z", name="z")
    programs.getter(tmp_path / "1", "echo b", name="b")
    assert fetch(known(tmp_path / "1", tmp_path / "2"), "s3://x/y").data == b"b\n"


def test_a_scheme_that_nothing_is_for(tmp_path):
    programs.getter(tmp_path, "echo no")
    with pytest.raises(DownloadError, match=r'^scheme "gs" not supported$'):
        fetch(known(tmp_path), "gs://b/web.tgz")


@pytest.mark.parametrize("scheme", ["http", "https", "oci"])
def test_schemes_of_our_own_are_not_asked_for(scheme):
    def asked(scheme):
        raise AssertionError(scheme)

    check_address(f"{scheme}://h/x", asked)
    if scheme == "oci":
        with pytest.raises(DownloadError, match=r'scheme "oci" not supported'):
            fetch(asked, "oci://h/x")


def test_repositories_of_a_scheme(tmp_path):
    programs.getter(tmp_path, "echo no")
    check_address("s3://b", known(tmp_path))
    with pytest.raises(RepositoryError, match=r"^could not find protocol handler for: gs$"):
        check_address("gs://b", known(tmp_path))


def test_nothing_is_looked_at_before_it_is_asked_for(monkeypatch):
    monkeypatch.setattr(getters, "find_plugins", None)
    fetcher = Fetcher(getters=known("/nowhere"))
    fetcher.close()


def test_a_plugin_that_fails(tmp_path):
    programs.getter(tmp_path, "exit 3")
    with pytest.raises(DownloadError) as caught:
        fetch(known(tmp_path), "s3://b/x")
    assert str(caught.value) == 'plugin "fetch" failed to invoke: plugin "fetch" exited with error'


def test_a_plugin_that_hangs(tmp_path):
    programs.getter(tmp_path, "sleep 60")
    with pytest.raises(
        DownloadError, match=r'failed to invoke: plugin "fetch" did not end within 300ms and was ended$'
    ):
        fetch(known(tmp_path, timeout=0.3), "s3://b/x")


def test_an_answer_that_is_too_big(tmp_path):
    programs.getter(tmp_path, "printf 12345")
    assert fetch(known(tmp_path), "s3://b/x", limit=5).data == b"12345"
    with pytest.raises(IntegrityError, match=r"^s3://b/x has 5 bytes; no more than 4 are read$"):
        fetch(known(tmp_path), "s3://b/x", limit=4)


def test_an_answer_goes_to_the_sink(tmp_path):
    programs.getter(tmp_path, "printf abc")
    pieces = []
    found = fetch(known(tmp_path), "s3://b/x", sink=pieces.append)
    assert (b"".join(pieces), found.data, found.size) == (b"abc", b"", 3)


def test_broken_plugins_are_told_and_passed_over(tmp_path):
    programs.getter(tmp_path, "printf ok")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "plugin.yaml").write_text("name: '!'")
    told = []
    assert fetch(known(tmp_path, ignored=lambda path, error: told.append(path)), "s3://b/x").data == b"ok"
    assert told == [str(tmp_path / "broken" / "plugin.yaml")]


def test_two_plugins_of_one_name(tmp_path):
    programs.getter(tmp_path, "printf ok")
    (tmp_path / "other").symlink_to(tmp_path / "fetch")
    with pytest.raises(PluginError, match=r'^two plugins claim the name "fetch" at '):
        known(tmp_path)("s3")


SECRET = Access(username="me", password="secret", cert_file="c", key_file="k", ca_file="a")


@pytest.mark.parametrize(
    ("url", "owner", "access", "told"),
    [
        ("s3://b/x", "s3://b", SECRET, ("me", "secret")),
        ("s3://other/x", "s3://b", SECRET, ("", "")),
        ("s3://b/x", "https://b", SECRET, ("", "")),
        ("s3://other/x", "s3://b", SECRET.but(pass_credentials=True), ("me", "secret")),
        ("s3://b/x", "s3://b", SECRET.but(password=""), ("", "")),
    ],
)
def test_credentials_are_for_the_server_they_belong_to(url, owner, access, told):
    request = request_for(url, access, owner, accept="a/b", timeout=3.0)
    assert (request.username, request.password) == told
    assert request == GetterRequest(
        url, "s3", owner, told[0], told[1], access.pass_credentials, "c", "k", "a", accept="a/b", timeout=3.0
    )


def test_a_module(tmp_path):
    programs.module(tmp_path, programs.answering('{"data": "aGk="}'))
    assert fetch(known(tmp_path), "w://b/x").data == b"hi"
