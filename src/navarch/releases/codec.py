"""A release and the text that is stored for it: base64 of gzip of JSON, as Helm writes and reads it.

`encode` and `decode` are the two ways.
A field that Helm knows is written where and as Helm writes it; fields that nobody here knows are kept. The number
types are Go's: what stood in a record as 1 or 1.0 is a float afterwards, and is written as 1.

Sources: pkg/storage/driver/util.go, pkg/release/v1, encoding/json.
"""

from __future__ import annotations

import zlib
from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64

from navarch.errors import JsonError, RecordError
from navarch.releases.fields import EXECUTION, HOOK, INFO, RELEASE, corrupt_at, is_canonical, read_struct, write_struct
from navarch.releases.model import Execution, Hook, Info, Release

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.releases.fields import Struct

__all__ = ["MAX_SIZE", "decode", "decode_json", "encode", "release_from", "release_json", "unpack"]

MAX_SIZE = 256 << 20
"""How many bytes of JSON a record may hold; a Secret holds at most 1 MiB of it compressed."""

_GZIP = b"\x1f\x8b\x08"
_HEADER = 10
_STEP = 1 << 20


def encode(release: Release) -> bytes:
    """The text that is stored for a release. Raises RecordError for values that JSON can't hold."""
    from navarch.golang.runes import to_bytes

    try:
        text = release_json(release)
    except JsonError as error:
        raise RecordError(str(error)) from error
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b2a_base64(packer.compress(to_bytes(text)) + packer.flush(), newline=False)


def decode(data: bytes | str) -> Release:
    """The release that a stored text tells of. Raises RecordError, with Helm's words where Helm has some."""
    return decode_json(unpack(data))


def release_json(release: Release) -> str:
    """A release as json.Marshal writes it; labels are no part of it. Raises JsonError."""
    return write_struct(_plain(release), RELEASE)


def decode_json(data: bytes) -> Release:
    """The release that a JSON text tells of. Raises RecordError."""
    from navarch.golang.json import loads
    from navarch.golang.runes import from_bytes

    try:
        value = loads(from_bytes(data))
    except JsonError as error:
        raise RecordError(str(error)) from error
    return release_from(value)


def release_from(value: Any) -> Release:
    """The release that decoded JSON tells of. Raises RecordError."""
    fields = read_struct({} if value is None else value, RELEASE, go_type="v1.Release")
    info = fields["info"]
    if info is None:
        raise _damaged("it has no info")
    hooks = fields["hooks"] or []
    if None in hooks:
        raise _damaged("one of its hooks is null")
    return Release(
        fields["name"],
        fields["namespace"],
        fields["version"],
        info=Info(**_arguments(info, INFO)),
        chart=fields["chart"],
        config=fields["config"],
        manifest=fields["manifest"],
        hooks=[_hook(hook) for hook in hooks],
        apply_method=fields["apply_method"],
        extra=_extra(fields, RELEASE),
    )


def _damaged(why: str) -> RecordError:
    hint = "Restore the record from a backup, or delete it; then the revision before it is the latest."
    return RecordError(f"the record is damaged: {why}", hint=hint)


def _hook(fields: dict[str, Any]) -> Hook:
    run = fields["last_run"]
    arguments = _arguments(fields, HOOK)
    for name in ("events", "delete_policies", "output_log_policies"):
        arguments[name] = arguments[name] or ()
    arguments["last_run"] = Execution(**_arguments(run, EXECUTION)) if run else None
    return Hook(**arguments)


def _arguments(fields: dict[str, Any], struct: Struct) -> dict[str, Any]:
    """A struct's fields as the arguments of the class that stands for it, which has the same names."""
    known = {field.name: fields[field.name] for field in struct.fields}
    known["extra"] = _extra(fields, struct)
    return known


def _extra(fields: dict[str, Any], struct: Struct) -> dict[str, Any]:
    if len(fields) == len(struct.fields):
        return {}
    return {name: value for name, value in fields.items() if name not in struct.names}


def _plain(release: Release) -> dict[str, Any]:
    """A release as the dict that `fields.RELEASE` describes."""
    return {
        "name": release.name,
        "info": _attributes(release.info, INFO),
        "chart": release.chart,
        "config": release.config,
        "manifest": release.manifest,
        "hooks": [
            _attributes(hook, HOOK) | {"last_run": _attributes(hook.last_run, EXECUTION)} for hook in release.hooks
        ],
        "version": release.revision,
        "namespace": release.namespace,
        "apply_method": release.apply_method,
        **release.extra,
    }


def _attributes(value: Info | Hook | Execution, struct: Struct) -> dict[str, Any]:
    known = {field.name: getattr(value, field.name) for field in struct.fields}
    known.update(value.extra)
    return known


def unpack(data: bytes | str) -> bytes:
    """The JSON in a stored text; records of Helm's first days are not compressed. Raises RecordError."""
    packed = _from_base64(data.encode() if isinstance(data, str) else data)
    if len(packed) > 3 and packed.startswith(_GZIP):
        return _gunzip(packed)
    return packed


def _from_base64(data: bytes) -> bytes:
    try:
        decoded = a2b_base64(data, strict_mode=True)
    except Base64Error:
        decoded = b""
    if is_canonical(data, decoded):
        return decoded
    at = corrupt_at(data)
    if at is not None:
        raise RecordError(f"illegal base64 data at input byte {at}")
    return a2b_base64(data)


def _gunzip(packed: bytes) -> bytes:
    """All members of a gzip file, one after the other, as Go's reader takes them. Raises RecordError."""
    found: list[bytes] = []
    room = MAX_SIZE
    while packed:
        if len(packed) < _HEADER:
            raise RecordError("unexpected EOF")
        if not packed.startswith(b"\x1f\x8b"):
            raise RecordError("gzip: invalid header")
        reader = zlib.decompressobj(31)
        pending = packed
        while not reader.eof:
            try:
                part = reader.decompress(pending, min(_STEP, room + 1))
            except zlib.error as error:
                raise _corrupt(str(error), packed) from error
            room -= len(part)
            if room < 0:
                raise _damaged(f"it expands to more than {MAX_SIZE >> 20} MiB")
            found.append(part)
            pending = reader.unconsumed_tail
            if not pending and not part and not reader.eof:
                raise RecordError("unexpected EOF")
        packed = reader.unused_data
    return b"".join(found)


def _corrupt(message: str, packed: bytes) -> RecordError:
    """The words of Go's readers for what zlib refuses."""
    if "incorrect data check" in message or "incorrect length check" in message:
        return RecordError("gzip: invalid checksum")
    if "header" in message or "unknown compression method" in message:
        return RecordError("gzip: invalid header")
    return RecordError(f"flate: corrupt input before offset {_refused_at(packed) - _HEADER}")


def _refused_at(packed: bytes) -> int:
    """How many bytes of a gzip file zlib takes before it refuses one."""
    reader = zlib.decompressobj(31)
    for at in range(len(packed)):
        try:
            reader.decompress(packed[at : at + 1])
        except zlib.error:
            return at + 1
    return len(packed)
