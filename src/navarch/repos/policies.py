"""What is done about the signatures of charts that are fetched."""

from __future__ import annotations

__all__ = ["ALWAYS", "IF_POSSIBLE", "LATER", "NEVER"]

NEVER, IF_POSSIBLE, ALWAYS, LATER = range(4)
"""Nothing; checked where there are some; demanded; downloaded for others to check."""
