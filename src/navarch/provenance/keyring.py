"""Keyrings: files of keys, in each of the forms that GnuPG has.

pubring.gpg and secring.gpg are packets, pubring.kbx is a keybox, and `gpg --export --armor` writes text; armored blocks
may follow one another.
"""

from __future__ import annotations

from navarch.errors import ProvenanceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from navarch.provenance.entities import Entity, Subkey
    from navarch.provenance.keys import PublicKey
    from navarch.provenance.signatures import Signature

__all__ = ["Keyring"]

_KINDS = ("PGP PUBLIC KEY BLOCK", "PGP PRIVATE KEY BLOCK")


class Keyring:
    """Some keys, in the order of their file."""

    __slots__ = ("entities",)

    def __init__(self, entities: list[Entity]) -> None:
        self.entities = entities

    @classmethod
    def load(cls, path: str) -> Keyring:
        """The keys of a file. Raises ProvenanceError for one that can't be read, or holds no whole key."""
        from navarch.provenance.files import read_file

        return cls.parse(read_file(path), path)

    @classmethod
    def parse(cls, data: bytes, path: str = "keyring") -> Keyring:
        """The keys in some bytes; `path` is how messages call them."""
        from navarch.provenance.armor import is_armored
        from navarch.provenance.entities import read_entities
        from navarch.provenance.keybox import is_keybox, keybox_keys

        if is_keybox(data):
            try:
                data = keybox_keys(data)
            except ProvenanceError as error:
                raise ProvenanceError(f"reading keybox {path}: {error.message}") from error
        elif is_armored(data):
            try:
                return cls(_armored(data))
            except ProvenanceError as error:
                raise ProvenanceError(f"reading armored keyring {path}: {error.message}") from error
        return cls(read_entities(data))

    def find(self, name: str) -> Entity | None:
        """The key one of whose users is `name`, or has it as a part of the name.

        Raises ProvenanceError if there are several of which that is a part, and none that it is the whole of.
        """
        found: list[Entity] = []
        for entity in self.entities:
            if name in entity.identities:
                return entity
            found += [entity for user in entity.identities if name in user]
        if len(found) > 1:
            from navarch.golang.strconv import quote

            raise ProvenanceError(f"more than one key contain the id {quote(name)}")
        return found[0] if found else None

    def signers(self, key_id: int) -> Iterator[tuple[Entity, PublicKey, Signature, Subkey | None]]:
        """The keys of an id that may sign documents: whose it is, the key, its self-signature, and the subkey it is."""
        for entity in self.entities:
            for key, binding, subkey in entity.signers(key_id):
                yield entity, key, binding, subkey


def _armored(data: bytes) -> list[Entity]:
    from navarch.golang.strconv import quote
    from navarch.provenance.armor import read_armor
    from navarch.provenance.entities import read_entities

    entities: list[Entity] = []
    lines = data.removesuffix(b"\n").split(b"\n")
    while block := read_armor(lines):
        if block.kind not in _KINDS:
            raise ProvenanceError(f"expected a public or private key block, got {quote(block.kind)}")
        entities += read_entities(block.content)
        lines = block.rest
    if not entities:
        raise ProvenanceError("no keys found")
    return entities
