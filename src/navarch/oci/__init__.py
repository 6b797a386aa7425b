"""OCI registries that keep charts.

    with Registry(plain_http=True) as registry:
        registry.login("localhost:5000", "user", "password")
        registry.push("web-1.0.0.tgz", "oci://localhost:5000/charts")
        registry.versions("oci://localhost:5000/charts/web")
        registry.pull("oci://localhost:5000/charts/web", version="^1", dest="downloads").path

Names are resolved when first used.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.oci.auth import Credential
    from navarch.oci.charts import Chosen, Pulled
    from navarch.oci.credentials import Credentials
    from navarch.oci.manifest import Descriptor
    from navarch.oci.push import Pushed
    from navarch.oci.reference import Reference, is_oci
    from navarch.oci.registry import Registry

__all__ = [
    "Chosen",
    "Credential",
    "Credentials",
    "Descriptor",
    "Pulled",
    "Pushed",
    "Reference",
    "Registry",
    "is_oci",
]

_MODULES = {
    "Chosen": "charts",
    "Credential": "auth",
    "Credentials": "credentials",
    "Descriptor": "manifest",
    "Pulled": "charts",
    "Pushed": "push",
    "Reference": "reference",
    "Registry": "registry",
    "is_oci": "reference",
}


def __getattr__(name: str) -> Any:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(name)
    from importlib import import_module

    found = globals()[name] = getattr(import_module(f"navarch.oci.{module}"), name)
    return found
