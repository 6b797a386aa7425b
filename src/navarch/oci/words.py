"""What is said about charts in registries, and which step of oras-go's an error belongs to: words that scripts know."""

from __future__ import annotations

from navarch.errors import IntegrityError, RegistryError
from navarch.oci.client import ContentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")

__all__ = ["tell", "within"]

_UNDERSCORE = """
OCI artifact references (e.g. tags) do not support the plus sign (+). To support
storing semantic versions, Helm adopts the convention of changing plus (+) to
an underscore (_) in chart version tags when pushing to a registry and back to
a plus (+) when pulling from a registry."""


def tell(say: Callable[[str], object], what: str, reference: str, digest: str, *, underscore: bool) -> None:
    say(f"{what}: {reference}")
    say(f"Digest: {digest}")
    if underscore:
        say(f"{reference} contains an underscore.")
        say(_UNDERSCORE)


def within(operation: str, side: str, act: Callable[[], T]) -> T:
    """What `act` gives; its errors with oras-go's words before them.

    What comes is read in another step than it is asked for.
    """
    try:
        return act()
    except ContentError as error:
        reading = {"Fetch": "Push", "FetchReference": "Successors"}.get(operation, operation)
        side = "destination" if reading == "Push" else side
        raise error.within(f'failed to perform "{reading}" on {side}') from error.__cause__
    except (RegistryError, IntegrityError) as error:
        raise error.within(f'failed to perform "{operation}" on {side}') from error.__cause__
