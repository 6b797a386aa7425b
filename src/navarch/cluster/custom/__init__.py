"""CustomResourceDefinitions, and the objects of the kinds that they define.

Rules in CEL (x-kubernetes-validations) aren't evaluated: a definition may have them, and what they forbid is let
through. Objects are converted between versions by their apiVersion alone, as with the strategy "None"; webhooks
aren't called.
"""

from __future__ import annotations

from navarch.cluster.custom.checks import creating, updating
from navarch.cluster.custom.objects import convert, from_stored, to_stored
from navarch.cluster.custom.resources import resources
from navarch.cluster.custom.strategy import before_create, before_update, deprecation

__all__ = [
    "before_create",
    "before_update",
    "convert",
    "creating",
    "deprecation",
    "from_stored",
    "resources",
    "to_stored",
    "updating",
]
