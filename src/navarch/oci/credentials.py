"""Who we are at which registry: Helm's registry/config.json, Docker's config.json, and the programs they name.

Helm's file is written, Docker's only read, where Helm's knows nothing. What is in them that is not ours stays as it is,
to the letter. Files are locked while they are changed, and replaced whole, readable for their owner only.
"""

from __future__ import annotations

import os

from navarch.errors import RegistryError
from navarch.golang.json import decode, mismatch
from navarch.oci.auth import NOBODY, Credential

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Credentials", "docker_config", "server_address"]

_DOCKER_HUB = "https://index.docker.io/v1/"
_FORMAT = "invalid config format"
_RAW = "map[string]json.RawMessage"
_ENTRY_FIELDS = ("auth", "identitytoken", "registrytoken", "username", "password")


def server_address(registry: str) -> str:
    """Under which name a registry's credentials are kept: Docker Hub's go by its old address."""
    return _DOCKER_HUB if registry in ("docker.io", "registry-1.docker.io") else registry


def docker_config() -> str:
    """The path of Docker's configuration: in $DOCKER_CONFIG, or ~/.docker; "" where there is no home."""
    folder = os.environ.get("DOCKER_CONFIG", "")
    if not folder:
        home = os.environ.get("HOME", "")
        if not home:
            return ""
        folder = os.path.join(home, ".docker")
    return os.path.join(folder, "config.json")


class Credentials:
    """The credentials that files and their helper programs know.

    `path` is Helm's file, which logging in and out change; without it they are remembered as long as this lives.
    `docker` is the path of Docker's, "" for none. Helm's raises RegistryError at once if it can't be read; Docker's
    then counts as empty, as it is for other programs in the first place.
    """

    def __init__(self, path: str = "", docker: str = "") -> None:
        self._file = _ConfigFile(path) if path else _Memory()
        self._files = [self._file, *_of_docker(docker)]

    def find(self, host: str) -> Credential:
        """The credential for a registry's host, with its port; NOBODY if there is none. Raises RegistryError."""
        if not host:
            return NOBODY
        address = server_address(host)
        return next((found for file in self._files if (found := file.get(address)) != NOBODY), NOBODY)

    def put(self, registry: str, credential: Credential) -> None:
        """Keep a registry's credential. Raises RegistryError."""
        self._file.put(server_address(registry), credential)

    def delete(self, registry: str) -> None:
        """Forget a registry's credential; one that isn't there is no error. Raises RegistryError."""
        self._file.delete(server_address(registry))


class _Memory:
    """Credentials that are in no file."""

    def __init__(self) -> None:
        self._known: dict[str, Credential] = {}

    def get(self, address: str) -> Credential:
        return self._known.get(address, NOBODY)

    def put(self, address: str, credential: Credential) -> None:
        self._known[address] = credential

    def delete(self, address: str) -> None:
        self._known.pop(address, None)


class _ConfigFile:
    """One configuration file, in Docker's format."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.text = ""
        self.auths: dict[str, Any] = {}
        self.store = ""
        self.helpers: dict[str, str] = {}
        self.read()
        configured = self.store or self.helpers or self.auths
        self.detected = "" if configured else _usual_helper()

    def read(self) -> None:
        """Take in what the file says now. Raises RegistryError."""
        self.text = self._content()
        fields = self._fields() or {}
        self.store = _field(fields, "credsStore", "creds store", dict_of_texts=False) or ""
        self.helpers = _field(fields, "credHelpers", "cred helpers", dict_of_texts=True) or {}
        auths = fields.get("auths")
        if auths is not None and not isinstance(auths, dict):
            raise RegistryError(f"failed to unmarshal auths field: {_FORMAT}: {mismatch(auths, _RAW)}")
        self.auths = auths or {}

    def _content(self) -> str:
        """The text of the file; "" where it isn't there."""
        try:
            with open(self.path, "rb") as file:
                return file.read().decode("utf-8", "surrogateescape")
        except FileNotFoundError:
            return ""
        except OSError as error:
            verb = "read" if isinstance(error, IsADirectoryError) else "open"
            problem = f"{verb} {self.path}: {_reason(error)}"
            what = "failed to decode config file" if verb == "read" else "failed to open config file at"
            how = f"{_FORMAT}: " if verb == "read" else ""
            raise RegistryError(f"{what} {self.path}: {how}{problem}") from error

    def _fields(self) -> dict[str, Any] | None:
        if not self.text.strip():
            return None
        found: dict[str, Any] | None
        found, problem = decode(self.text)
        if problem.endswith("after top-level value"):  # of which a stream of values knows nothing
            from navarch.golang.jsontext import Reader

            found, problem, _ = Reader(self.text.lstrip()).read_first()
        if not problem and found is not None and not isinstance(found, dict):
            problem = mismatch(found, _RAW)
        if problem:
            problem = "unexpected EOF" if problem == "unexpected end of JSON input" else problem
            raise RegistryError(f"failed to decode config file {self.path}: {_FORMAT}: {problem}")
        return found

    def helper(self, address: str) -> str:
        """The program, without its prefix, that keeps a registry's credential; "" where this file does it."""
        return self.helpers.get(address) or self.store or self.detected

    def get(self, address: str) -> Credential:
        """A registry's credential; NOBODY if there is none."""
        if helper := self.helper(address):
            from navarch.oci.helpers import get

            return get(helper, address)
        if address in self.auths:
            return _credential(self.auths[address])
        # old files have addresses with a scheme and a path
        return next((_credential(entry) for name, entry in self.auths.items() if _hostname(name) == address), NOBODY)

    def put(self, address: str, credential: Credential) -> None:
        """Keep a credential; a helper that was found on this machine gets its name into the file."""
        if helper := self.helper(address):
            from navarch.oci.helpers import store

            store(helper, address, credential)
            if self.detected:
                self._change(store=self.detected)
        elif ":" in credential.username:
            raise RegistryError("bad credential format: colons(:) are not allowed in username")
        else:
            self._change(address, _entry(credential))

    def delete(self, address: str) -> None:
        """Forget a credential."""
        if helper := self.helper(address):
            from navarch.oci.helpers import erase

            erase(helper, address)
        elif address in self.auths:
            self._change(address)

    def _change(self, address: str = "", entry: str = "", *, store: str = "") -> None:
        """Write the file with an entry changed, or taken out, on top of what others have written meanwhile."""
        from navarch.golang.json import dumps
        from navarch.oci.rawjson import indented, joined, members

        folder = os.path.dirname(self.path) or "."
        try:
            _make_folders(folder)
        except OSError as error:
            raise RegistryError(f"failed to make directory {folder}: mkdir {folder}: {_reason(error)}") from error
        with _Locked(folder):
            self.read()
            fields = members(self.text)
            auths = members(fields.get("auths", ""))
            if address:
                auths.pop(address, None)
            if entry:
                auths[address] = entry
            fields["auths"] = joined(auths)
            self.store = store or self.store
            fields.pop("credsStore", None)
            if self.store:
                fields["credsStore"] = dumps(self.store)
            _replace(self.path, indented(joined(fields)))
            self.read()


def _of_docker(path: str) -> list[_ConfigFile]:
    """Docker's file, if there is one that can be read."""
    try:
        return [_ConfigFile(path)] if path else []
    except RegistryError:
        return []


def _field(fields: dict[str, Any], name: str, called: str, *, dict_of_texts: bool) -> Any:
    """A field's value, None where it is missing or null. Raises RegistryError for one of another kind."""
    found = fields.get(name)
    problem = ""
    if not dict_of_texts:
        problem = "" if found is None or isinstance(found, str) else mismatch(found, "string")
    elif isinstance(found, dict):
        wrong = [value for value in found.values() if value is not None and not isinstance(value, str)]
        problem = mismatch(wrong[0], "string") if wrong else ""
    elif found is not None:
        problem = mismatch(found, "map[string]string")
    if problem:
        raise RegistryError(f"failed to unmarshal {called} field: {_FORMAT}: {problem}")
    return found


class _Locked:
    """A block in which nobody else changes the files of a folder."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._handle = -1

    def __enter__(self) -> None:
        import fcntl

        self._handle = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX)
        except OSError:  # a file system without locks
            pass

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)


def _make_folders(path: str) -> None:
    """Make a folder and those it lies in, where they aren't there, for their owner only. Raises OSError."""
    if os.path.isdir(path):
        return
    parent = os.path.dirname(path)
    if parent and parent != path:
        _make_folders(parent)
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        if not os.path.isdir(path):
            raise


def _replace(path: str, text: str) -> None:
    """Write a file whole or not at all, for its owner's eyes."""
    from navarch.files import write_file

    try:
        write_file(path, text.encode("utf-8", "surrogateescape"), 0o600)
    except OSError as error:
        raise RegistryError(f"failed to save config file: {error.filename or path}: {_reason(error)}") from error


def _entry(credential: Credential) -> str:
    """What the file says of a credential."""
    from binascii import b2a_base64

    from navarch.golang.json import dumps

    fields: list[tuple[str, str]] = []
    if credential.username or credential.password:
        pair = f"{credential.username}:{credential.password}".encode("utf-8", "surrogateescape")
        fields.append(("auth", b2a_base64(pair, newline=False).decode()))
    fields += [("identitytoken", credential.refresh_token), ("registrytoken", credential.access_token)]
    return "{" + ",".join(f"{dumps(name)}:{dumps(value)}" for name, value in fields if value) + "}"


def _credential(entry: Any) -> Credential:
    """The credential that an entry of the file is. Raises RegistryError."""
    fields: dict[str, str] = {}
    problem = "" if entry is None or isinstance(entry, dict) else mismatch(entry, "config.AuthConfig")
    for name, value in entry.items() if isinstance(entry, dict) else ():
        if name.lower() not in _ENTRY_FIELDS or value is None:
            continue
        if not isinstance(value, str):
            problem = problem or mismatch(value, "string").replace(
                "value of", f"struct field AuthConfig.{name.lower()} of"
            )
        fields[name.lower()] = value
    if problem:
        raise RegistryError(f"failed to unmarshal auth field: {_FORMAT}: {problem}")
    username, password = fields.get("username", ""), fields.get("password", "")
    if fields.get("auth"):
        username, password = _decoded(fields["auth"])
    return Credential(username, password, fields.get("identitytoken", ""), fields.get("registrytoken", ""))


def _decoded(text: str) -> tuple[str, str]:
    """User and password of a file's auth field."""
    from binascii import Error, a2b_base64

    failed = f"failed to decode auth field: {_FORMAT}"
    plain = text.replace("\r", "").replace("\n", "")
    try:
        pair = a2b_base64(plain, strict_mode=True).decode("utf-8", "surrogateescape")
    except (Error, ValueError) as error:
        raise RegistryError(f"{failed}: illegal base64 data at input byte {_first_illegal(plain)}") from error
    username, colon, password = pair.partition(":")
    if not colon:
        raise RegistryError(f"{failed}: auth '{pair}' does not conform the base64(username:password) format")
    return username, password


def _first_illegal(text: str) -> int:
    """The place of the first byte that base64 doesn't have."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return next((at for at, char in enumerate(text) if char not in letters), len(text) // 4 * 4)


def _hostname(address: str) -> str:
    """An address without scheme and path."""
    return address.removeprefix("http://").removeprefix("https://").partition("/")[0]


def _usual_helper() -> str:
    """The helper that this system usually has, where it is installed: pass, or the desktop's secret service."""
    from shutil import which

    usual = "pass" if which("pass") else "secretservice"
    return usual if which(f"docker-credential-{usual}") else ""


def _reason(error: OSError) -> str:
    text = error.strerror or str(error)
    return text[:1].lower() + text[1:]
