"""Credentials from a plugin: a program that is run, told about the cluster, and prints a token or a certificate.

client.authentication.k8s.io v1 and v1beta1, by client-go's rules: what was printed counts until it expires or the
server refuses it, for all of the process.
"""

from __future__ import annotations

import errno
import json
import os
import threading
import time

from navarch.errors import ConfigError, NavarchError
from navarch.golang.strconv import quote
from navarch.kube.credentials import Certificate, Credentials
from navarch.kube.kubeconfig import read_file, words
from navarch.kube.typed import Filler, check_head

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from navarch.kube.config import Config
    from navarch.kube.kubeconfig import Fields

__all__ = ["plugin_credentials"]

_GROUP = "client.authentication.k8s.io"
_VERSIONS = (f"{_GROUP}/v1", f"{_GROUP}/v1beta1")
_HELP = """

It looks like you are trying to use a client-go credential plugin that is not installed.

To learn more about this feature, consult the documentation available at:
      https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins"""
_MOST_HELP = 10  # so often that is said
_CONVERTING = "error converting YAML to JSON: "
_STRUCTS = {
    "ExecCredential": {"status": "ExecCredentialStatus"},
    "ExecCredentialStatus": {
        "expirationTimestamp": "any",
        "token": "string",
        "clientCertificateData": "string",
        "clientKeyData": "string",
    },
}

_known: dict[str, _Plugin] = {}
_lock = threading.Lock()


def plugin_credentials(config: Config) -> Credentials:
    """The credentials of a configuration's plugin; one and the same for equal configurations. Raises ConfigError."""
    plugin = config.exec_plugin or {}
    if plugin.get("apiVersion") not in _VERSIONS:
        raise ConfigError(f"exec plugin: invalid apiVersion {quote(plugin.get('apiVersion', ''))}")
    cluster = _cluster(config) if plugin.get("provideClusterInfo") else None
    key = json.dumps([plugin, cluster], sort_keys=True)
    with _lock:
        return _known.setdefault(key, _Plugin(plugin, cluster))


def _cluster(config: Config) -> dict[str, Any]:
    """What a plugin is told about its cluster, as fields of ExecCredential's spec."""
    from binascii import b2a_base64

    try:
        authorities = config.ca_data or (read_file(config.ca_file) if config.ca_file else b"")
    except ConfigError as error:
        raise ConfigError(f"failed to load CA bundle for execProvider: {error}") from error

    fields = {
        "server": config.server,
        "tls-server-name": config.tls_server_name,
        "insecure-skip-tls-verify": config.insecure,
        "certificate-authority-data": b2a_base64(authorities, newline=False).decode(),
        "proxy-url": config.proxy_url,
        "disable-compression": config.disable_compression,
    }
    cluster = {name: value for name, value in fields.items() if value or name == "server"}
    return {**cluster, "config": _sorted(config.exec_config)}


class _Plugin(Credentials):
    """Runs the program when needed, one thread at a time."""

    def __init__(self, plugin: Fields, cluster: dict[str, Any] | None) -> None:
        super().__init__()
        self._plugin = plugin
        self._cluster = cluster
        self._lock = threading.Lock()
        self._current: tuple[str, Certificate | None] | None = None
        self._expires: float | None = None
        self._helped = 0

    def authorization(self) -> str:
        token, _ = self._get()
        return f"Bearer {token}" if token else ""

    def certificate(self) -> Certificate | None:
        return self._get()[1]

    def refused(self, _authorization: str) -> bool:
        with self._lock:
            token = self._current[0] if self._current else ""
            if _authorization == (f"Bearer {token}" if token else ""):  # else another thread has been here
                try:
                    self._refresh()
                except ConfigError:
                    return False
        return True

    def _get(self) -> tuple[str, Certificate | None]:
        with self._lock:
            if self._current is None or (self._expires is not None and time.time() > self._expires):
                return self._refresh()
            return self._current

    def _refresh(self) -> tuple[str, Certificate | None]:
        try:
            status = self._status(self._run())
            self._current = _credentials(status)
            self._expires = _expiry(status)
        except ConfigError as error:
            raise ConfigError(f"getting credentials: {error}", hint=error.hint) from error
        return self._current

    def _run(self) -> bytes:
        """What the program prints. Its stderr is ours; it gets our stdin where it may ask the user."""
        import subprocess

        interactive = self._interactive()
        spec: dict[str, Any] = {} if self._cluster is None else {"cluster": self._cluster}
        told = {"kind": "ExecCredential", "apiVersion": self._plugin["apiVersion"]}
        told = {**told, "spec": {**spec, "interactive": interactive}}
        added = {variable.get("name", ""): variable.get("value", "") for variable in self._plugin.get("env") or ()}
        environment = {**os.environ, **added, "KUBERNETES_EXEC_INFO": _go_json(told)}
        command = os.path.normpath(self._plugin["command"])
        try:
            ran = subprocess.run(  # noqa: S603, the user's kubeconfig names it
                [_found(command), *(self._plugin.get("args") or ())],
                env=environment,
                stdin=None if interactive else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                check=False,
            )
        except OSError as error:
            raise self._not_run(command, error) from error
        except ValueError as error:
            raise ConfigError(f"exec: {error}") from error
        if ran.returncode:
            code = ran.returncode if ran.returncode > 0 else -1
            raise ConfigError(f"exec: executable {command} failed with exit code {code}")
        return ran.stdout

    def _interactive(self) -> bool:
        mode = self._plugin.get("interactiveMode", "")
        terminal = _has_terminal()
        if mode == "Always" and not terminal:
            raise ConfigError("exec plugin cannot support interactive mode: standard input is not a terminal")
        if mode not in ("Never", "IfAvailable", "Always"):
            raise ConfigError(f"exec plugin cannot support interactive mode: unknown interactiveMode: {quote(mode)}")
        return mode != "Never" and terminal

    def _not_run(self, command: str, error: OSError) -> ConfigError:
        if os.sep in command:
            return ConfigError(f"exec: fork/exec {command}: {words(error)}")
        message = f"exec: executable {command} not found"
        if self._helped < _MOST_HELP:
            self._helped += 1
            message += _HELP
            if hint := self._plugin.get("installHint"):
                message += f"\n\n{_visible(hint)}"
        return ConfigError(message)

    def _status(self, printed: bytes) -> Fields:
        """The status of the ExecCredential that a plugin printed."""
        try:
            found = _document(printed)
            check_head(found)
        except NavarchError as error:
            raise ConfigError(f"decoding stdout: {error}") from error
        wanted = self._plugin["apiVersion"]
        version, kind = found.get("apiVersion") or f"{_GROUP}/__internal", found.get("kind") or "ExecCredential"
        if kind != "ExecCredential" or version not in (*_VERSIONS, f"{_GROUP}/__internal"):
            scheme = 'in scheme "pkg/runtime/scheme.go:111"'
            problem = f"no kind {quote(kind)} is registered for version {quote(version)} {scheme}"
            raise ConfigError(f"decoding stdout: {problem}")
        try:
            filled = Filler(version.rpartition("/")[2], _STRUCTS).fill("ExecCredential", found)
        except ConfigError as error:
            raise ConfigError(f"decoding stdout: {error}") from error
        if version != wanted:
            configured = f"exec plugin is configured to use API version {wanted}"
            raise ConfigError(f"{configured}, plugin returned version {version}")
        if "status" not in filled:
            raise ConfigError("exec plugin didn't return a status field")
        status: Fields = filled["status"]
        return status


def _document(printed: bytes) -> Any:
    """What was printed: JSON where it starts with a brace, else YAML; nothing is an empty object."""
    if printed.lstrip().startswith(b"{"):
        from navarch.golang.json import loads

        try:
            return loads(printed.decode("utf-8", "replace"))
        except NavarchError as error:
            raise ConfigError(f"couldn't get version/kind; json parse error: {error}") from error
    from navarch.golang.yaml import load

    try:
        found = load(printed, exact=True)
    except NavarchError as error:
        raise ConfigError(str(error).removeprefix(_CONVERTING)) from error
    return {} if found is None else found


def _credentials(status: Fields) -> tuple[str, Certificate | None]:
    token, chain, key = (status.get(name, "") for name in ("token", "clientCertificateData", "clientKeyData"))
    if not (token or chain or key):
        raise ConfigError("exec plugin didn't return a token or cert/key pair")
    if bool(chain) != bool(key):
        raise ConfigError("exec plugin returned only certificate or key, not both")
    if not chain:
        return token, None
    from navarch.kube.net.certificates import check_pair

    certificate = Certificate(chain.encode(), key.encode())
    try:
        check_pair(certificate)
    except ConfigError as error:
        raise ConfigError(f"failed parsing client key/certificate: {error}") from error
    return token, certificate


def _expiry(status: Fields) -> float | None:
    """When credentials end, in seconds since 1970; None for never."""
    text = status.get("expirationTimestamp")
    if not text:
        return None
    from navarch.golang.time_parse import parse_in_location
    from navarch.golang.zones import UTC

    try:
        moment = parse_in_location("2006-01-02T15:04:05Z07:00", str(text), UTC)
    except NavarchError as error:
        raise ConfigError(f"decoding stdout: {error}") from error
    return float(moment.unix())


def _found(command: str) -> str:
    """The program of a name, by our own $PATH, whatever the plugin's will be. Raises FileNotFoundError."""
    if os.sep in command:
        return command
    for folder in os.get_exec_path():
        path = os.path.join(folder, command)
        if os.path.isabs(path) and os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), command)


def _go_json(told: dict[str, Any]) -> str:
    """JSON as Go's encoder writes it: a line, the angle brackets of HTML escaped."""
    text = json.dumps(told, separators=(",", ":"), ensure_ascii=False)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return f"{text}\n"


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def _has_terminal() -> bool:
    try:
        return os.isatty(0)
    except OSError:
        return False


def _visible(text: str) -> str:
    """A text without control characters other than spaces, so that it can't do things to a terminal."""
    return "".join(char if char.isprintable() or char.isspace() else f"U+{ord(char):04X}" for char in text)
