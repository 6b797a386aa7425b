"""What was worked out once and is looked up by content: compiled templates, parsed YAML, heads of documents.

A cache is one file for one chart's place, holding sections of entries. The place only chooses the file: every entry is
found by a digest of the content that it was made from, so a stale file costs time, never correctness. The file is
written whole and moved into place; a damaged one, or one of another version of Navarch or Python, counts as empty.
"""

from __future__ import annotations

import marshal
import os
import sys
from time import time

from navarch import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

try:  # hashlib takes 3 ms to import, the module behind it none
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b

__all__ = ["Cache", "cache_folder", "digest", "open_cache", "prune"]

ABANDONED = 3600
"""After how many seconds a file that is still being written belongs to nobody."""

MAKERS = (
    "chart/documents.py",
    "golang/yaml/__init__.py",
    "golang/yaml/compose.py",
    "golang/yaml/decode.py",
    "golang/yaml/documents.py",
    "golang/yaml/flow.py",
    "golang/yaml/heads.py",
    "golang/yaml/keys.py",
    "golang/yaml/lines.py",
    "golang/yaml/quick.py",
    "golang/yaml/reader.py",
    "golang/yaml/scalars.py",
    "golang/yaml/scan.py",
    "golang/yaml/skim.py",
    "manifests/sort.py",
    "repos/entry.py",
    "repos/index.py",
    "repos/listed.py",
    "repos/pattern.py",
    "repos/scan.py",
    "repos/scanjson.py",
    "repos/scanlines.py",
    "repos/summary.py",
    "repos/versions.py",
    "templates/compile.py",
    "templates/engine.py",
    "templates/functions/__init__.py",
    "templates/lex.py",
    "templates/nodes.py",
    "templates/parse.py",
    "templates/runtime.py",
    "values/schema/__init__.py",
    "values/schema/document.py",
    "values/schema/proof.py",
)
"""The modules whose work is kept. When one of them changes, so may what it makes: the old entries are not used."""

LIMIT = 64 * 1024 * 1024
"""A file over this many bytes is not read, nor written."""

MOST = 512
"""How many files are kept; the ones not written for longest go first."""


def digest(content: str | bytes) -> bytes:
    """16 bytes that stand for a content."""
    if isinstance(content, str):
        content = content.encode("utf-8", "surrogatepass")
    return blake2b(content, digest_size=16).digest()


def cache_folder() -> str:
    """HELM_CACHE_HOME/navarch, or "" when NAVARCH_CACHE=off."""
    env = os.environ
    if env.get("NAVARCH_CACHE", "").lower() in ("off", "0", "false", "no"):
        return ""
    home = env.get("HELM_CACHE_HOME")
    if not home:
        base = env.get("XDG_CACHE_HOME") or os.path.join(env.get("HOME", ""), ".cache")
        home = os.path.join(base, "helm")
    return os.path.join(home, "navarch")


def open_cache(place: str) -> Cache | None:
    """The cache of a chart's place (its path); None when caching is off."""
    folder = cache_folder()
    if not folder:
        return None
    return Cache(os.path.join(folder, f"{digest(os.path.abspath(place)).hex()}.chart"))


class Cache:
    """Sections of entries, read from `path`. Entries that a run neither used nor made are dropped when it saves."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.sections: dict[str, dict[bytes, Any]] = _read(path)
        self.used: dict[str, dict[bytes, Any]] = {}
        self.changed = False

    def get(self, section: str, content: str | bytes) -> Any:
        """The entry made from a content, or None."""
        key = digest(content)
        entry = self.sections.get(section, {}).get(key)
        if entry is not None:
            self.used.setdefault(section, {})[key] = entry
        return entry

    def put(self, section: str, content: str | bytes, entry: Any) -> None:
        """Keep an entry: numbers, texts, bytes, lists, dicts and tuples of such."""
        key = digest(content)
        self.sections.setdefault(section, {})[key] = entry
        self.used.setdefault(section, {})[key] = entry
        self.changed = True

    def touch(self) -> None:
        """Note that an entry was changed in place."""
        self.changed = True

    def save(self) -> None:
        """Write what this run used, if it added anything. A cache that can't be written is no error."""
        if not self.changed:
            return
        try:
            content = marshal.dumps(self.used)
        except ValueError:
            return
        if len(content) > LIMIT:
            return
        _write(self.path, _header() + digest(content) + content)
        self.changed = False


def _header() -> bytes:
    """What a file of ours begins with: the Python and the makers that it is for."""
    here = os.path.dirname(os.path.abspath(__file__))
    stamps: list[int] = []
    for maker in MAKERS:
        try:
            state = os.stat(f"{here}/{maker}")
        except OSError:  # not every way of installing leaves sources
            continue
        stamps += (state.st_size, state.st_mtime_ns)
    return f"navarch {__version__} {sys.hexversion:x} {' '.join(map(str, stamps))}\n".encode()


def _read(path: str) -> dict[str, dict[bytes, Any]]:
    header = _header()
    try:
        with open(path, "rb", buffering=0) as file:
            state = os.fstat(file.fileno())
            if state.st_size > LIMIT or state.st_uid not in (os.geteuid(), 0) or state.st_mode & 0o022:
                return {}  # what others could have written is not run
            raw = file.read()
        if raw is None or not raw.startswith(header):
            return {}
        content = raw[len(header) + 16 :]
        if digest(content) != raw[len(header) : len(header) + 16]:
            return {}
        sections = marshal.loads(content)
    except (OSError, ValueError, EOFError, TypeError):
        return {}
    return sections if isinstance(sections, dict) else {}


def _write(path: str, content: bytes) -> None:
    """Write a file of the owner's alone, all of it or nothing."""
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        try:
            with open(descriptor, "wb") as file:
                file.write(content)
            os.replace(temporary, path)
        except OSError:
            os.unlink(temporary)
        _trim(os.path.dirname(path))
    except OSError:
        return


def prune(unused: float = 0) -> int:
    """Delete what was not written for so many seconds; answers how many bytes that were."""
    folder = cache_folder()
    freed = 0
    try:
        with os.scandir(folder) as found:
            for entry in found:
                state = entry.stat(follow_symlinks=False)
                if entry.name.endswith((".chart", ".tmp")) and time() - state.st_mtime >= unused:
                    os.unlink(entry.path)
                    freed += state.st_size
    except OSError:
        pass
    return freed


def _trim(folder: str) -> None:
    """Delete the oldest files of a folder that holds too many, and what killed processes left half-written."""
    with os.scandir(folder) as found:
        names = list(found)
    entries = [entry for entry in names if entry.name.endswith(".chart")]
    for entry in names:
        if entry.name.endswith(".tmp") and entry.stat().st_mtime < time() - ABANDONED:
            os.unlink(entry.path)
    if len(entries) > MOST:
        entries.sort(key=lambda entry: entry.stat().st_mtime_ns)
        for entry in entries[: len(entries) - MOST]:
            os.unlink(entry.path)
