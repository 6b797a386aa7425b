"""Plugins to install: folders, archives good and bad, repositories, and registries that hold some."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import subprocess
import tarfile
import urllib.request
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["ARTIFACT", "LAYER", "Entry", "archive", "commit", "folder", "manifest", "plugin_yaml", "upload"]

ARTIFACT = "application/vnd.helm.plugin.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_EMPTY = "application/vnd.oci.empty.v1+json"
_TITLE = "org.opencontainers.image.title"


def plugin_yaml(name: str, version: str = "1.0.0", *, hooks: str = "{}") -> str:
    """A plugin.yaml of a plugin with a command; `hooks` is YAML: {install: [{command: …}]}."""
    return (
        f"apiVersion: v1\nname: {name}\nversion: {version}\ntype: cli/v1\nruntime: subprocess\nconfig: {{}}\n"
        f"runtimeConfig:\n  platformCommand: [{{command: echo}}]\n  platformHooks: {hooks}\n"
    )


def folder(path: Path, name: str, version: str = "1.0.0", *, hooks: str = "{}") -> Path:
    """A plugin's folder, with a script in it."""
    path.mkdir(parents=True, exist_ok=True)
    (path / "plugin.yaml").write_text(plugin_yaml(name, version, hooks=hooks))
    (path / "run.sh").write_text("#!/bin/sh\n")
    (path / "run.sh").chmod(0o755)
    return path


class Entry(NamedTuple):
    """What an archive is made of. The kind is tar's letter for it."""

    name: str
    data: str | bytes = b""
    kind: bytes = tarfile.REGTYPE
    link: str = ""
    mode: int = 0o644


def archive(*entries: Entry) -> bytes:
    """A gzipped tar, the same bytes each time."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for entry in entries:
            data = entry.data if isinstance(entry.data, bytes) else entry.data.encode()
            info = tarfile.TarInfo(entry.name)
            info.type, info.linkname, info.mode, info.size = entry.kind, entry.link, entry.mode, len(data)
            tar.addfile(info, io.BytesIO(data))
    return gzip.compress(out.getvalue(), 1, mtime=0)


def commit(path: Path, *tags: str, message: str = "x") -> None:
    """Make a folder a git repository, commit all that is in it, and tag that."""
    names = {f"GIT_{who}_{what}": f"{who}@x" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {"PATH": os.environ["PATH"], "HOME": str(path), **names}
    lines = [] if (path / ".git").exists() else [["init", "-q", "-b", "main"]]
    lines += [["add", "."], ["commit", "-q", "--allow-empty", "-m", message], *(["tag", tag] for tag in tags)]
    for words in lines:
        subprocess.run(["git", *words], cwd=path, env=environment, check=True, capture_output=True)


def manifest(
    layers: Iterable[tuple[str, str, bytes]], *, artifact: str = ARTIFACT, config: tuple[str, bytes] = (_EMPTY, b"{}")
) -> dict[str, object]:
    """A plugin's manifest: layers are (media type, title, data)."""
    described = [{**_descriptor(kind, data), "annotations": {_TITLE: title}} for kind, title, data in layers]
    found = {"schemaVersion": 2, "mediaType": MANIFEST, "config": _descriptor(*config), "layers": described}
    return {**found, "artifactType": artifact} if artifact else found


def _descriptor(kind: str, data: bytes) -> dict[str, object]:
    return {"mediaType": kind, "digest": f"sha256:{hashlib.sha256(data).hexdigest()}", "size": len(data)}


def upload(url: str, repository: str, tag: str, document: bytes, blobs: Iterable[bytes]) -> str:
    """Put a manifest, and what it is made of, into a real registry; answers the manifest's digest."""
    base = f"{url}/v2/{repository}"
    for blob in (b"{}", *blobs):
        place = _send("POST", f"{base}/blobs/uploads/", b"").headers["location"]
        joint = "&" if "?" in place else "?"
        _send(
            "PUT", f"{place}{joint}digest=sha256:{hashlib.sha256(blob).hexdigest()}", blob, "application/octet-stream"
        )
    return _send("PUT", f"{base}/manifests/{tag}", document, MANIFEST).headers["docker-content-digest"]


def _send(method: str, url: str, data: bytes, kind: str = "") -> urllib.request._UrlopenRet:
    request = urllib.request.Request(url, data=data, method=method, headers={"content-type": kind} if kind else {})
    return urllib.request.urlopen(request)
