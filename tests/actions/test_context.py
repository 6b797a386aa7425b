"""What actions work with: opened late, asked once, told in Helm's form."""

import threading
from typing import Any

import pytest

from navarch.actions.context import Context
from navarch.chart.capabilities import Capabilities
from navarch.errors import ConfigError, KubernetesError
from support.playground import Playground

NO_STORAGE: Any = None


class Counting(Playground):
    def __init__(self):
        super().__init__()
        self.asked = 0
        self.gate = threading.Event()
        self.gate.set()

    def capabilities(self):
        self.gate.wait(10)
        self.asked += 1
        self._fault("capabilities")
        return Capabilities("1.30")


def context(client, **options):
    return Context(client, NO_STORAGE, "shop", **options)


def test_nothing_is_opened_before_it_is_needed():
    opened = []

    def client():
        opened.append("client")
        return Playground()

    def storage(found):
        opened.append("storage")
        return found.client

    found = Context(client, storage, "shop")
    assert opened == []
    assert found.storage is found.client
    assert found.client is found.client
    assert opened == ["storage", "client"]


def test_a_kubeconfig_that_can_t_be_read():
    def client():
        raise ConfigError("no such file")

    with pytest.raises(ConfigError, match=r"^kubernetes cluster unreachable: no such file$"):
        Context(client, NO_STORAGE, "shop").check_reachable()


def test_capabilities_are_asked_for_once():
    client = Counting()
    found = context(client)
    assert found.capabilities is found.capabilities
    assert found.capabilities.KubeVersion.Minor == "30"
    assert client.asked == 1


def test_capabilities_can_be_given():
    given = Capabilities("1.20")
    assert context(Counting(), capabilities=given).capabilities is given


def test_capabilities_come_while_other_things_are_done():
    client = Counting()
    client.gate.clear()
    found = context(client)
    found.prefetch()
    found.prefetch()
    client.gate.set()
    assert found.capabilities.KubeVersion.Minor == "30"
    assert client.asked == 1


def test_what_went_wrong_is_told_when_they_are_needed():
    client = Counting()
    client.faults["capabilities"] = KubernetesError("no")
    found = context(client)
    found.prefetch()
    with pytest.raises(KubernetesError, match=r"^no$"):
        _ = found.capabilities
    client.faults.clear()
    assert found.capabilities.KubeVersion.Minor == "30"


def test_forgetting():
    client = Counting()
    found = context(client)
    _ = found.capabilities
    found.forget()
    _ = found.capabilities
    assert client.asked == 2


def test_lines():
    lines = []
    found = context(Playground(), say=lines.append)
    found.debug("hidden")
    found.warn("shown", count=2, on=True, off=False, error=KubernetesError("a b"))
    assert lines == ['level=WARN msg=shown count=2 on=true off=false error="a b"']
    found.debugging = True
    found.debug("seen", name="x")
    assert lines[1:] == ["level=DEBUG msg=seen name=x"]


def test_events():
    told = []
    context(Playground(), on_event=told.append).tell("event")
    context(Playground()).tell("event")
    assert told == ["event"]
