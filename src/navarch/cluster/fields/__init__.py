"""Server-side apply and metadata.managedFields: which field belongs to whom, and what if someone else wants it.

`updated` is for objects that are created, updated or patched, `apply` with `finish` for those that are applied, and
`keep_times` for all of them, just before they are written.
"""

from navarch.cluster.fields.apply import Applied, apply, finish, keep_times
from navarch.cluster.fields.manager import updated

__all__ = ["Applied", "apply", "finish", "keep_times", "updated"]
