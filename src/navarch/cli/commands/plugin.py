"""`nav plugin`: manage plugins."""

from __future__ import annotations

from navarch.cli.later import not_yet as run
from navarch.cli.shared_flags import CREDENTIALS, KEYRING, SIGNING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.global_flags import Row

__all__ = ["ABOUT", "FLAGS", "run"]

ABOUT = {
    "plugin": "Manage plugins: programs that add commands, ways to fetch charts, or steps after rendering.",
    "plugin install": "Install a plugin from a folder, an archive, a repository of source code or a registry.",
    "plugin list": "List the plugins that are installed.",
    "plugin package": "Make a signed archive of a plugin folder.",
    "plugin uninstall": "Remove plugins.",
    "plugin update": "Fetch the newest versions of plugins from where they were installed.",
    "plugin verify": "Check that a plugin's archive is the one that its signature was made for.",
}

FLAGS: dict[str, tuple[Row, ...]] = {
    "plugin install": (
        *CREDENTIALS,
        KEYRING,
        ("verify", "", "bool", "true", "check the plugin's signature first"),
        ("version", "", "string", "", "version or range to install; the latest if left out"),
    ),
    "plugin list": (("type", "", "string", "", "list plugins of this type only"),),
    "plugin package": (
        *SIGNING,
        ("destination", "d", "string", ".", "folder to put the archive in"),
        ("sign", "", "bool", "true", "sign the archive"),
    ),
    "plugin verify": (KEYRING,),
}
