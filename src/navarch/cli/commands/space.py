"""`nav space`: the spaces of a chart registry."""

from __future__ import annotations

from navarch.cli.shared_flags import OUTPUT
from navarch.cli.spaces import SERVER, open_client, print_list

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.call import Call
    from navarch.cli.global_flags import Row
    from navarch.registry.client import Client

__all__ = ["ABOUT", "FLAGS", "run"]

ABOUT = {
    "space": """
Look after the spaces of a chart registry (`nav registry serve`). A space holds charts; each is a repository of its own
for `nav repo add`.
""",
    "space create": "Make spaces. One that is there already is an error.",
    "space delete": "Delete spaces with all charts that are in them.",
    "space list": "List the spaces that you may see.",
}

FLAGS: dict[str, tuple[Row, ...]] = {
    "space create": SERVER,
    "space delete": SERVER,
    "space list": (*SERVER, OUTPUT),
}


def run(call: Call) -> int:
    """Do what one of the commands says. Raises NavarchError."""
    with open_client(call) as registry:
        _RUN[call.path](call, registry)
    return 0


def _create(call: Call, registry: Client) -> None:
    from navarch.cli.output import write

    for name in call.args:
        registry.create_space(name)
        write(f'Space "{name}" is created\n')


def _delete(call: Call, registry: Client) -> None:
    from navarch.cli.output import write

    for name in call.args:
        registry.delete_space(name)
        write(f'Space "{name}" is deleted\n')


def _list(call: Call, registry: Client) -> None:
    print_list(call, {"name": "NAME"}, [{"name": name} for name in registry.spaces()], "no spaces to show")


_RUN = {"space create": _create, "space delete": _delete, "space list": _list}
