"""The OCI face: the distribution API 1.1 for whatever is pushed, and for every chart of a space."""

from __future__ import annotations

from navarch.registry.faces.oci.routes import PREFIXES, refusal, routes

__all__ = ["PREFIXES", "refusal", "routes"]
