"""`nav registry serve`: from the command line to the running server."""

from __future__ import annotations

import sys

from navarch.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.call import Call

__all__ = ["serve_registry"]


def serve_registry(call: Call) -> int:
    """Serve until a signal ends it. Raises NavarchError."""
    from navarch.cli.settings import data_path
    from navarch.registry.config import load_config, parse_address, parse_config

    root = data_path("navarch", "registry")
    path = call.flag("config")
    config = load_config(path, root=root) if path else parse_config("", root=root)
    if call.flag("listen"):
        host, port = parse_address(call.flag("listen"))
        config = config._replace(host=host, port=port)
    try:
        from navarch.registry.serve import serve
    except ImportError as error:
        raise UsageError(f"the server needs the extra navarch[server]: {error}") from error
    serve(config, say=_say)
    return 0


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
