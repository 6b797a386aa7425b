"""SHA-256, as quick to import as can be: hashlib brings a dozen other digests along."""

from __future__ import annotations

try:
    from _hashlib import openssl_sha256 as sha256
except ImportError:  # a Python without OpenSSL
    from hashlib import sha256

__all__ = ["sha256"]
