"""The little of a kubeconfig that rendering needs: which namespace the current context names, by client-go's rules."""

from __future__ import annotations

import os

from navarch.errors import NavarchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["context_namespace", "contexts"]

_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"


def context_namespace(explicit: str, context: str) -> str:
    """The namespace of a context ("" is the current one), else that of the pod we run in; "" if neither has one.

    `explicit` is the one file to read ("": those of $KUBECONFIG, else ~/.kube/config). Files that can't be read, and
    contexts that don't exist, count as no namespace.
    """
    try:
        current, known = contexts(explicit)
    except (OSError, NavarchError):
        return ""
    name = context or current
    if name and name not in known:
        return ""
    return _text(known.get(name, {}).get("namespace")) or _pod_namespace()


def contexts(explicit: str) -> tuple[str, dict[str, dict[str, Any]]]:
    """The current context's name and all contexts by name; of several files the first that says something counts.

    Raises OSError and NavarchError for files that can't be read; only an explicit one has to exist.
    """
    current = ""
    known: dict[str, dict[str, Any]] = {}
    paths = [explicit] if explicit else _usual_paths()
    for path in paths:
        if not explicit and not os.path.exists(path):
            continue
        config = _load(path)
        current = current or _text(config.get("current-context"))
        for entry in config.get("contexts") or ():
            if isinstance(entry, dict) and isinstance(entry.get("context"), dict):
                known.setdefault(_text(entry.get("name")), entry["context"])
    return current, known


def _usual_paths() -> list[str]:
    listed = os.environ.get("KUBECONFIG", "")
    if listed:
        return [path for path in listed.split(os.pathsep) if path]
    return [os.path.join(os.environ.get("HOME", ""), ".kube", "config")]


def _load(path: str) -> dict[str, Any]:
    from navarch.golang.yaml import load

    with open(path, "rb") as file:
        config = load(file.read())
    return config if isinstance(config, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _pod_namespace() -> str:
    """The namespace of the pod that this process runs in; "" outside a cluster."""
    if not (os.environ.get("KUBERNETES_SERVICE_HOST") and os.environ.get("KUBERNETES_SERVICE_PORT")):
        return ""
    if not os.path.isfile(f"{_ACCOUNT}/token"):
        return ""
    if named := os.environ.get("POD_NAMESPACE"):
        return named
    try:
        with open(f"{_ACCOUNT}/namespace", encoding="utf-8") as file:
            return file.read().strip()
    except (OSError, UnicodeDecodeError):
        return ""
