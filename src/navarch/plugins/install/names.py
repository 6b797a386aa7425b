"""What the name of an archive says about the plugin in it, and which folder a source's plugin gets.

Helm takes the name of a file for the plugin's, whatever its plugin.yaml says. Here a file that is named for a version
has to hold that version, of a plugin that its name mentions; as helm-diff-linux-amd64-3.9.4.tgz does for diff 3.9.4.
"""

from __future__ import annotations

import re

from navarch.errors import IntegrityError, NavarchError, PluginError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.plugins.metadata import Metadata

__all__ = ["check_claim", "check_folder_name", "claim", "is_archive", "plain_name"]

_SUFFIXES = (".tar.gz", ".tgz")
_NAMED = re.compile(r"(.*)-\d+\..*")


def is_archive(name: str) -> bool:
    """Whether a file's name or an address ends as that of an archive does."""
    return name.endswith(_SUFFIXES)


def plain_name(file_name: str) -> str:
    """An archive's name without its version and ending: what Helm takes for the plugin's name."""
    return _NAMED.sub(r"\1", _stem(file_name))


def _stem(file_name: str) -> str:
    return next((file_name.removesuffix(end) for end in _SUFFIXES if file_name.endswith(end)), "")


def claim(file_name: str) -> tuple[str, str]:
    """The name and the version that an archive's name has; ("", "") where there is no version in it."""
    stem = _stem(file_name)
    match = _NAMED.fullmatch(stem)
    return (match[1], stem[len(match[1]) + 1 :]) if match else ("", "")


def check_claim(metadata: Metadata, name: str, version: str, called: str) -> None:
    """Refuse a plugin that isn't the one it was named as; "" for what nothing was said of. Raises IntegrityError."""
    if _mentions(name, metadata.name) and (not version or not metadata.version or _same(version, metadata.version)):
        return
    held = f"{metadata.name} {metadata.version}".rstrip()
    raise IntegrityError(f"{called} holds the plugin {held}, not {name or metadata.name} {version}".rstrip())


def _mentions(name: str, wanted: str) -> bool:
    """Whether a name has a word in it, between its ends, dashes, dots and underscores."""
    return not name or bool(re.search(rf"(?:^|[-._]){re.escape(wanted)}(?:$|[-._])", name))


def _same(named: str, found: str) -> bool:
    """Whether a version is the one that was named, or none was; what stands behind a + counts where it was named.

    What follows the version in a name, as -linux-amd64, reads as a pre-release.
    """
    from navarch.golang.semver import parse_strict

    if any(named.startswith(f"{found}{sign}") for sign in "-._"):
        return True
    try:
        one, other = parse_strict(named.removeprefix("v")), parse_strict(found)
    except NavarchError:
        return True
    return one.compare(other) == 0 and one.metadata in ("", other.metadata)


def check_folder_name(name: str, source: str) -> str:
    """The name that a source's plugin folder gets. Raises PluginError for one that is no folder's own."""
    if name in ("", ".", "..") or name.startswith(".") or "/" in name or "\0" in name:
        from navarch.golang.strconv import quote

        raise PluginError(f"{source}: no plugin's folder can be named {quote(name)}")
    return name
