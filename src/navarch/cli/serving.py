"""`nav registry serve`: from the command line to the running server."""

from __future__ import annotations

import sys

from navarch.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.call import Call

__all__ = ["serve_registry"]

_EXTRA = ("granian", "starlette", "obstore", "prometheus_client", "python_multipart", "markdown_it")


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
    _check_extra()
    from navarch.registry.serve import serve

    serve(config, say=_say)
    return 0


def _check_extra() -> None:
    """Raise UsageError where the packages are missing that only the server needs."""
    from importlib.util import find_spec

    missing = [name for name in _EXTRA if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"the server needs packages that aren't installed: {', '.join(missing)}",
            hint="pip install 'navarch[server]'",
        )


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
