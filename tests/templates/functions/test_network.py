"""The real getHostByName, on a resolver of our own."""

from __future__ import annotations

import socket

import pytest

from navarch import Chart, ReleaseInfo
from navarch.errors import FunctionError
from navarch.manifests.render import Engine
from navarch.templates.functions.network import get_host_by_name


def test_one_of_the_addresses_is_the_answer(monkeypatch):
    addresses = [(2, 1, 6, "", ("192.0.2.1", 0)), (10, 1, 6, "", ("2001:db8::1", 0, 0, 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: addresses)
    assert get_host_by_name("example.test") in {"192.0.2.1", "2001:db8::1"}


@pytest.mark.parametrize("error", [socket.gaierror("no such host"), UnicodeError("label too long")])
def test_an_unknown_host_is_an_error(monkeypatch, error):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(FunctionError, match="invalid argument to Intn"):
        get_host_by_name("nowhere.test")


def test_an_engine_asks_only_when_told_to(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("192.0.2.1", 0))])
    files = {"Chart.yaml": b"name: c\nversion: 1.0.0\n", "templates/t": b'{{ getHostByName "example.test" }}'}
    for dns, address in ((True, "192.0.2.1"), (False, "")):
        assert Engine(dns=dns).render(Chart.from_files(files), {}, release=ReleaseInfo())["c/templates/t"] == address
