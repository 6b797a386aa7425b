"""Talking to a cluster: configuration, connections, kinds, objects, changes, waiting.

    client = kube.Client.from_kubeconfig(namespace="shop")
    client.apply(client.build(manifest))

Names are resolved when they are first used.
"""

from __future__ import annotations

from navarch import later

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.kube.apply import Result
    from navarch.kube.client import Client
    from navarch.kube.config import Config, Overrides, load_config
    from navarch.kube.discovery import Discovery, Mapping
    from navarch.kube.events import Applied, Failed, HookFinished, HookStarted, Ready, Waiting
    from navarch.kube.objects import Resource
    from navarch.kube.selectors import Selector, parse_selector
    from navarch.kube.transport import Response, Transport
    from navarch.kube.wait import Waiter
    from navarch.kube.wait.status import Status

__all__ = [
    "Applied",
    "Client",
    "Config",
    "Discovery",
    "Failed",
    "HookFinished",
    "HookStarted",
    "Mapping",
    "Overrides",
    "Ready",
    "Resource",
    "Response",
    "Result",
    "Selector",
    "Status",
    "Transport",
    "Waiter",
    "Waiting",
    "load_config",
    "parse_selector",
]

__getattr__ = later(
    __name__,
    {
        "apply": ("Result",),
        "client": ("Client",),
        "config": ("Config", "Overrides", "load_config"),
        "discovery": ("Discovery", "Mapping"),
        "events": ("Applied", "Failed", "HookFinished", "HookStarted", "Ready", "Waiting"),
        "objects": ("Resource",),
        "selectors": ("Selector", "parse_selector"),
        "transport": ("Response", "Transport"),
        "wait": ("Waiter",),
        "wait.status": ("Status",),
    },
)
