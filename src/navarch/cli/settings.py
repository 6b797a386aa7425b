"""The settings of a run: global flags, environment variables and defaults, by the rules of Helm's pkg/cli.

Nothing is looked up before it is asked for. `default(name)` answers the default of a flag whose table says "$".
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["COLOR_MODES", "Settings", "cache_path", "config_path", "data_path", "default", "keyring"]

COLOR_MODES = ("never", "auto", "always")
_DEFAULT_BURST = 100
_DEFAULT_HISTORY = 10
_TRUE = ("1", "t", "T", "true", "TRUE", "True")
_DRIVERS = ("", "secret", "secrets", "configmap", "configmaps", "memory", "sql")


def cache_path(*below: str) -> str:
    """A path below Helm's cache folder: $HELM_CACHE_HOME, $XDG_CACHE_HOME/helm or ~/.cache/helm."""
    return _home("HELM_CACHE_HOME", "XDG_CACHE_HOME", ".cache", below)


def config_path(*below: str) -> str:
    """A path below Helm's configuration folder."""
    return _home("HELM_CONFIG_HOME", "XDG_CONFIG_HOME", ".config", below)


def data_path(*below: str) -> str:
    """A path below Helm's data folder, the home of plugins and starters."""
    return _home("HELM_DATA_HOME", "XDG_DATA_HOME", ".local/share", below)


def _home(helm: str, xdg: str, usual: str, below: tuple[str, ...]) -> str:
    base = os.environ.get(helm, "")
    if not base:
        base = os.environ.get(xdg, "") or os.path.join(os.environ.get("HOME", ""), usual)
        base = os.path.join(base, "helm")
    return os.path.normpath(os.path.join(base, *below))


def keyring() -> str:
    """GnuPG's public keyring, in the first of its two formats that exists."""
    folder = os.environ.get("GNUPGHOME", os.path.join(os.environ.get("HOME", ""), ".gnupg"))
    legacy, keybox = os.path.join(folder, "pubring.gpg"), os.path.join(folder, "pubring.kbx")
    return keybox if os.path.exists(keybox) and not os.path.exists(legacy) else legacy


def color_mode() -> str:
    """never, auto or always, from NO_COLOR and HELM_COLOR."""
    if os.environ.get("NO_COLOR"):
        return "never"
    asked = os.environ.get("HELM_COLOR", "").lower()
    return asked if asked in ("never", "always") else "auto"


def _flag(variable: str) -> str:
    return "true" if os.environ.get(variable) in _TRUE else "false"


def _number(variable: str, otherwise: int) -> str:
    text = os.environ.get(variable, "")
    digits = text[1:] if text[:1] in ("+", "-") else text
    return str(int(text)) if digits.isascii() and digits.isdigit() else str(otherwise)


def _qps() -> str:
    text = os.environ.get("HELM_QPS", "0")
    from navarch.cli.flag_values import BadValue, read

    try:
        return f"{read('float32', text, None):g}"
    except BadValue:
        return "0"


def _text(variable: str) -> Callable[[], str]:
    return lambda: os.environ.get(variable, "")


_DEFAULTS: dict[str, Callable[[], str]] = {
    "burst-limit": lambda: _number("HELM_BURST_LIMIT", _DEFAULT_BURST),
    "color": color_mode,
    "colour": color_mode,
    "content-cache": lambda: os.environ.get("HELM_CONTENT_CACHE", cache_path("content")),
    "debug": lambda: _flag("HELM_DEBUG"),
    "history-max": lambda: _number("HELM_MAX_HISTORY", _DEFAULT_HISTORY),
    "keyring": keyring,
    "kube-apiserver": _text("HELM_KUBEAPISERVER"),
    "kube-as-group": lambda: "[" + ",".join(_groups()) + "]",
    "kube-as-user": _text("HELM_KUBEASUSER"),
    "kube-ca-file": _text("HELM_KUBECAFILE"),
    "kube-context": _text("HELM_KUBECONTEXT"),
    "kube-insecure-skip-tls-verify": lambda: _flag("HELM_KUBEINSECURE_SKIP_TLS_VERIFY"),
    "kube-tls-server-name": _text("HELM_KUBETLS_SERVER_NAME"),
    "kube-token": _text("HELM_KUBETOKEN"),
    "namespace": _text("HELM_NAMESPACE"),
    "qps": _qps,
    "registry-config": lambda: os.environ.get("HELM_REGISTRY_CONFIG", config_path("registry", "config.json")),
    "repository-cache": lambda: os.environ.get("HELM_REPOSITORY_CACHE", cache_path("repository")),
    "repository-config": lambda: os.environ.get("HELM_REPOSITORY_CONFIG", config_path("repositories.yaml")),
}


def default(name: str) -> str:
    """The default, as help shows it, of a flag that takes it from the environment."""
    return _DEFAULTS[name]()


def _groups() -> list[str]:
    text = os.environ.get("HELM_KUBEASGROUPS", "").strip(", ")
    return text.split(",") if text else []


class Settings:
    """The settings of a run. `given` holds the flags of its command line, by name."""

    __slots__ = ("given",)

    def __init__(self, given: dict[str, Any] | None = None) -> None:
        self.given = given or {}

    def color_known(self) -> bool:
        """Whether --color is one of its three modes; if not, it was said on stderr, in the form of Helm's log."""
        mode = self.given.get("color", "auto")
        if mode in COLOR_MODES:
            return True
        from navarch.cli.output import warn
        from navarch.golang.strconv import quote

        warn("command failed", error=f"invalid color mode {quote(mode)}: must be one of: never, auto, always")
        return False

    def driver_known(self) -> bool:
        """Whether HELM_DRIVER names a storage that there is; if not, it was said on stderr."""
        driver = os.environ.get("HELM_DRIVER", "")
        if driver in _DRIVERS:
            return True
        from navarch.cli.output import warn
        from navarch.golang.strconv import quote

        warn(f"unknown driver {quote(driver)}", level="INFO")
        return False

    def text(self, name: str) -> str:
        """A text setting by its flag's name."""
        return str(self.given[name]) if name in self.given else default(name)

    @property
    def debug(self) -> bool:
        return bool(self.given["debug"]) if "debug" in self.given else os.environ.get("HELM_DEBUG") in _TRUE

    @property
    def kube_as_groups(self) -> list[str]:
        """The groups to act as. Given ones count twice, as Helm reads its command line twice and appends."""
        return list(self.given["kube-as-group"]) * 2 if "kube-as-group" in self.given else _groups()

    @property
    def plugins(self) -> str:
        return os.environ.get("HELM_PLUGINS", data_path("plugins"))

    @property
    def plugin_timeout(self) -> float | None:
        """How many seconds a plugin may take that fetches or post-renders: NAVARCH_PLUGIN_TIMEOUT; None for any."""
        text = os.environ.get("NAVARCH_PLUGIN_TIMEOUT", "") or "10m"
        from navarch.errors import NavarchError, UsageError
        from navarch.golang.duration import parse_duration

        try:
            return int(parse_duration(text)) / 1e9 or None
        except NavarchError as error:
            raise UsageError(f"NAVARCH_PLUGIN_TIMEOUT: {error}") from error

    @property
    def colored(self) -> bool | None:
        """Whether to colour output; None where the terminal decides."""
        mode = self.given.get("color") or color_mode()
        return None if mode == "auto" else mode == "always"

    @property
    def namespace(self) -> str:
        """The namespace to work in: the flag, the variable, the kubeconfig's context, the pod's own, "default"."""
        named = self.given.get("namespace", os.environ.get("HELM_NAMESPACE", ""))
        if named:
            return str(named)
        from navarch.cli.kubeconfig import context_namespace

        return context_namespace(self.given.get("kubeconfig", ""), self.text("kube-context")) or "default"
