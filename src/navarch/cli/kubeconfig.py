"""The little of a kubeconfig that commands without a cluster need: names of contexts, and the current namespace."""

from __future__ import annotations

import os

from navarch.errors import NavarchError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["context_namespace", "contexts"]


def context_namespace(explicit: str, context: str) -> str:
    """The namespace of a context ("" is the current one), else that of the pod we run in; "" if neither has one.

    `explicit` is the one file to read ("": those of $KUBECONFIG, else ~/.kube/config). Files that can't be read, and
    configurations that can't be used, count as no namespace, as Helm has it.
    """
    told = explicit or context or "KUBECONFIG" in os.environ or "KUBERNETES_SERVICE_HOST" in os.environ
    if not told and not os.path.exists(os.path.join(os.environ.get("HOME", ""), ".kube")):
        return ""  # the usual case where charts are only rendered: nothing to import
    from navarch.kube.config import Overrides, load_namespace

    try:
        return load_namespace(Overrides(kubeconfig=explicit, context=context))
    except NavarchError:
        return ""


def contexts(explicit: str) -> tuple[str, dict[str, dict[str, Any]]]:
    """The current context's name and all contexts by name; of several files the first that says something counts.

    Raises NavarchError for files that can't be read; only an explicit one has to exist.
    """
    from navarch.kube.kubeconfig import load

    config = load(explicit)
    return config.current_context, config.contexts
