"""Addresses that can be written in more than one way: what is asked for, of whom, and how errors show it."""

import pytest

from navarch.errors import DownloadError, NavarchError
from navarch.repos.fetch import Fetcher
from support.charts_server import Web


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def test_other_alphabets_go_out_in_ascii(monkeypatch):
    with Web({"http://xn--bcher-kva.example:8081/a%20%C3%A9": b"x"}) as proxy, Fetcher() as fetcher:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        assert fetcher.get("http://b\u00fccher.example:8081/a \u00e9").data == b"x"
        assert proxy.requests[0].headers["host"] == "xn--bcher-kva.example:8081"


@pytest.mark.parametrize("host", ["127.1", "2130706433", "127.0.0.01", "0177.0.0.1"])
def test_numbers_are_no_addresses_unless_there_are_four(host):
    with Web({"/x": b"x"}) as web, Fetcher() as fetcher:
        port = web.url.rpartition(":")[2]
        with pytest.raises(DownloadError) as caught:
            fetcher.get(f"http://{host}:{port}/x")
        assert str(caught.value) == f'Get "http://{host}:{port}/x": dial tcp: lookup {host}: no such host'
        assert not web.requests


def test_hexadecimal_numbers_are_names():
    with Web({"/x": b"x"}) as web, Fetcher() as fetcher:
        with pytest.raises(DownloadError, match=r"lookup 0x7f\.1.*: no such host"):
            fetcher.get(f"http://0x7f.1:{web.url.rpartition(':')[2]}/x")
        assert not web.requests


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("http://127.0.0.1:1/a b.tgz", "http://127.0.0.1:1/a%20b.tgz"),
        ("http://127.0.0.1:1/\u00e9.tgz", "http://127.0.0.1:1/%C3%A9.tgz"),
        ("HTTP://127.0.0.1:1/x", "http://127.0.0.1:1/x"),
        ("http://u:p@127.0.0.1:1/x", "http://u:***@127.0.0.1:1/x"),
        ("http://", "http:"),
        ("http://?", "http:?"),
    ],
)
def test_errors_show_addresses_as_go_writes_them(address, shown):
    with Fetcher() as fetcher, pytest.raises(NavarchError) as caught:
        fetcher.get(address)
    assert str(caught.value).startswith(f'Get "{shown}": ')
