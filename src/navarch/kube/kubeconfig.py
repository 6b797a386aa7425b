"""Kubeconfig files: which there are, what stands in them, and how several become one. The first step to a cluster.

client-go's rules: `$KUBECONFIG` lists files, of which missing ones are passed over; the first file that has a name or
a setting counts; paths in a file are relative to it. Reading is cheap on purpose: commands that never talk to a
cluster come here for the namespace of the current context.
"""

from __future__ import annotations

import os

from navarch.errors import ConfigError, YamlError
from navarch.kube.typed import Filler, check_head

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    # the fields of a cluster, user or context that are set, by their names in the file; base64 is decoded
    Fields = dict[str, Any]

__all__ = ["Kubeconfig", "decode", "joined", "load", "read_file", "usual_paths", "words"]

_CONVERTING = "error converting YAML to JSON: "

# The structs of client-go's tools/clientcmd/api/v1, as the types that their fields have in Go.
_STRUCTS: dict[str, dict[str, str]] = {
    "Config": {
        "kind": "string",
        "apiVersion": "string",
        "preferences": "Preferences",
        "clusters": "[]NamedCluster",
        "users": "[]NamedAuthInfo",
        "contexts": "[]NamedContext",
        "current-context": "string",
        "extensions": "[]NamedExtension",
    },
    "Preferences": {"colors": "bool", "extensions": "[]NamedExtension"},
    "NamedCluster": {"name": "string", "cluster": "Cluster"},
    "NamedAuthInfo": {"name": "string", "user": "AuthInfo"},
    "NamedContext": {"name": "string", "context": "Context"},
    "NamedExtension": {"name": "string", "extension": "any"},
    "Cluster": {
        "server": "string",
        "tls-server-name": "string",
        "insecure-skip-tls-verify": "bool",
        "certificate-authority": "string",
        "certificate-authority-data": "[]uint8",
        "proxy-url": "string",
        "disable-compression": "bool",
        "extensions": "[]NamedExtension",
    },
    "AuthInfo": {
        "client-certificate": "string",
        "client-certificate-data": "[]uint8",
        "client-key": "string",
        "client-key-data": "[]uint8",
        "token": "string",
        "tokenFile": "string",
        "as": "string",
        "as-uid": "string",
        "as-groups": "[]string",
        "as-user-extra": "map[string][]string",
        "username": "string",
        "password": "string",
        "auth-provider": "AuthProviderConfig",
        "exec": "ExecConfig",
        "extensions": "[]NamedExtension",
    },
    "Context": {"cluster": "string", "user": "string", "namespace": "string", "extensions": "[]NamedExtension"},
    "AuthProviderConfig": {"name": "string", "config": "map[string]string"},
    "ExecConfig": {
        "command": "string",
        "args": "[]string",
        "env": "[]ExecEnvVar",
        "apiVersion": "string",
        "installHint": "string",
        "provideClusterInfo": "bool",
        "interactiveMode": "string",
    },
    "ExecEnvVar": {"name": "string", "value": "string"},
}
# the lists of a file: their own field, the field of an entry, and the words of client-go's conversion
_LISTS = (
    ("clusters", "cluster", "*[]NamedCluster into *map[string]*api.Cluster"),
    ("users", "user", "*[]NamedAuthInfo into *map[string]*api.AuthInfo"),
    ("contexts", "context", "*[]NamedContext into *map[string]*api.Context"),
)
_PATHS = {
    "clusters": ("certificate-authority",),
    "users": ("client-certificate", "client-key", "tokenFile"),
    "contexts": (),
}
_OPTIONAL_MODE = ("client.authentication.k8s.io/v1beta1", "client.authentication.k8s.io/v1alpha1")


class Kubeconfig:
    """One file, or several merged. `origins` names the file that each user came from."""

    __slots__ = ("clusters", "contexts", "current_context", "origins", "users")

    def __init__(self) -> None:
        self.current_context = ""
        self.clusters: dict[str, Fields] = {}
        self.users: dict[str, Fields] = {}
        self.contexts: dict[str, Fields] = {}
        self.origins: dict[str, str] = {}

    def add(self, other: Kubeconfig) -> None:
        """Take over what another file says about names and settings that have not been heard of yet."""
        self.current_context = self.current_context or other.current_context
        self.clusters = {**other.clusters, **self.clusters}
        self.users = {**other.users, **self.users}
        self.contexts = {**other.contexts, **self.contexts}
        self.origins = {**other.origins, **self.origins}


def usual_paths() -> list[str]:
    """The files that count where none was named: those of $KUBECONFIG, else the one in the home folder."""
    listed = os.environ.get("KUBECONFIG", "")
    if listed:
        return list(dict.fromkeys(path for path in listed.split(os.pathsep) if path))
    return [os.path.join(os.environ.get("HOME", ""), ".kube", "config")]


def load(explicit: str = "") -> Kubeconfig:
    """The file `explicit`, or the usual ones merged, with absolute paths. Raises ConfigError, in client-go's words.

    A file that was named has to exist, others needn't.
    """
    if explicit and not os.path.exists(explicit):
        raise ConfigError(f"stat {explicit}: no such file or directory")
    merged = Kubeconfig()
    problems: list[str] = []
    for path in [explicit] if explicit else usual_paths():
        try:
            if os.path.exists(path) and (data := read_file(path)):
                merged.add(_resolve(decode(data), path))
        except ConfigError as error:
            problems.append(f'error loading config file "{path}": {error}')
    if problems:
        raise ConfigError(joined(problems))
    return merged


def joined(problems: list[str]) -> str:
    """Several messages as apimachinery's Aggregate prints them."""
    unique = list(dict.fromkeys(problems))
    return unique[0] if len(unique) == 1 else f"[{', '.join(unique)}]"


def read_file(path: str) -> bytes:
    """A file's content. Raises ConfigError in Go's words."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except IsADirectoryError:
        raise ConfigError(f"read {path}: is a directory") from None
    except OSError as error:
        raise ConfigError(f"open {path}: {words(error)}") from error


def words(error: OSError) -> str:
    """The reason of a failed system call as Go words it."""
    text = os.strerror(error.errno) if error.errno else str(error)
    return text[:1].lower() + text[1:]


def decode(data: bytes) -> Kubeconfig:
    """One kubeconfig. Raises ConfigError with the message of client-go's decoder."""
    from navarch.golang.yaml import load as load_yaml

    try:
        document = load_yaml(data, exact=True)
    except YamlError as error:
        raise ConfigError(error.message.removeprefix(_CONVERTING)) from error
    if document is None:
        return Kubeconfig()
    _check_kind(document)
    fields = Filler("v1", _STRUCTS).fill("Config", document)
    config = Kubeconfig()
    config.current_context = fields.get("current-context", "")
    for key, part, conversion in _LISTS:
        _fill(getattr(config, key), fields.get(key, ()), part, conversion)
    return config


def _fill(named: dict[str, Fields], entries: list[Fields], part: str, conversion: str) -> None:
    """Entries by name. What entries hold is left out of the message, as it may be a password."""
    for entry in entries:
        name = entry.get("name", "")
        if name in named:
            raise ConfigError(f'error converting {conversion}: duplicate name "{name}" in list')
        named[name] = entry.get(part, {})
        plugin = named[name].get("exec")
        if plugin and not plugin.get("interactiveMode") and plugin.get("apiVersion") in _OPTIONAL_MODE:
            plugin["interactiveMode"] = "IfAvailable"


def _check_kind(document: Any) -> None:
    """Refuse what is not a Config of version v1; both may be left out."""
    check_head(document)
    version, kind = document.get("apiVersion") or "v1", document.get("kind") or "Config"
    if version.count("/") > 1:
        raise ConfigError(f"unexpected GroupVersion string: {version}")
    if (version, kind) != ("v1", "Config"):
        from navarch.golang.strconv import quote

        scheme = 'in scheme "pkg/runtime/scheme.go:111"'
        raise ConfigError(f"no kind {quote(kind)} is registered for version {quote(version)} {scheme}")


def _resolve(config: Kubeconfig, path: str) -> Kubeconfig:
    """Make the paths in a file absolute, and remember where its users came from."""
    base = os.path.dirname(os.path.abspath(path))
    for section, keys in _PATHS.items():
        for fields in getattr(config, section).values():
            for key in keys:
                _absolute(fields, key, base)
    for name, fields in config.users.items():
        config.origins[name] = path
        if os.sep in fields.get("exec", {}).get("command", ""):
            _absolute(fields["exec"], "command", base)
    return config


def _absolute(fields: Fields, key: str, base: str) -> None:
    if fields.get(key) and not os.path.isabs(fields[key]):
        fields[key] = os.path.normpath(os.path.join(base, fields[key]))
