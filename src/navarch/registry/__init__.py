"""A chart registry: charts stored once, served as spaces, as an OCI registry, as classic repositories, as web pages.

    with Client("http://127.0.0.1:8099", token="…") as registry:
        registry.upload("library", "web-1.2.0.tgz")
        registry.versions("library", "web")

Names are resolved when first used. The client needs nothing but Navarch; the server (`nav registry serve`) needs the
extra "server".
"""

from __future__ import annotations

from navarch import later

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.registry.client import ChartMetadata, Client, Page, Version
    from navarch.registry.mirroring import Copied, Selection, mirror
    from navarch.registry.sources_of_charts import IndexSource, OciSource

__all__ = [
    "ChartMetadata",
    "Client",
    "Copied",
    "IndexSource",
    "OciSource",
    "Page",
    "Selection",
    "Version",
    "mirror",
]

__getattr__ = later(
    __name__,
    {
        "client": ("ChartMetadata", "Client", "Page", "Version"),
        "mirroring": ("Copied", "Selection", "mirror"),
        "sources_of_charts": ("IndexSource", "OciSource"),
    },
)
