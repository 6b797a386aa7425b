"""OCI registries that keep charts.

    with Registry(plain_http=True) as registry:
        registry.login("localhost:5000", "user", "password")
        registry.push("web-1.0.0.tgz", "oci://localhost:5000/charts")
        registry.versions("oci://localhost:5000/charts/web")
        registry.pull("oci://localhost:5000/charts/web", version="^1", dest="downloads").path

Names are resolved when first used.
"""

from __future__ import annotations

from navarch import later

TYPE_CHECKING = False
if TYPE_CHECKING:
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

__getattr__ = later(
    __name__,
    {
        "auth": ("Credential",),
        "charts": ("Chosen", "Pulled"),
        "credentials": ("Credentials",),
        "manifest": ("Descriptor",),
        "push": ("Pushed",),
        "reference": ("Reference", "is_oci"),
        "registry": ("Registry",),
    },
)
