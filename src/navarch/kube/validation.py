"""What is wrong with a cluster and a user of a kubeconfig, in the words of client-go's clientcmd."""

from __future__ import annotations

import os

from navarch.errors import NavarchError
from navarch.kube.kubeconfig import words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.kube.kubeconfig import Fields

__all__ = ["cluster_problems", "user_problems"]

_INTERACTIVE = ("Never", "IfAvailable", "Always")
_PROXIES = ("http", "https", "socks5")


def cluster_problems(name: str, cluster: Fields) -> list[str]:
    """What client-go's validateClusterInfo says."""
    problems = []
    if proxy := cluster.get("proxy-url"):
        problems += _proxy_problems(name, proxy)
    path = cluster.get("certificate-authority", "")
    if path and cluster.get("certificate-authority-data"):
        both = "certificate-authority-data and certificate-authority are both specified"
        problems.append(f"{both} for {name}. certificate-authority-data will override.")
    if path:
        problems += _unreadable(path, f"unable to read certificate-authority {path} for {name} due to")
    return problems


def _proxy_problems(name: str, proxy: str) -> list[str]:
    from navarch.golang.strconv import quote
    from navarch.golang.url import parse_url

    where = f"invalid 'proxy-url' {quote(proxy)} for cluster {quote(name)}"
    try:
        scheme = parse_url(proxy).scheme
    except NavarchError:
        return [f"{where}: could not parse: {proxy}"]
    if scheme in _PROXIES:
        return []
    return [f"{where}: unsupported scheme {quote(scheme)}, must be http, https, or socks5"]


def _unreadable(path: str, problem: str) -> list[str]:
    try:
        os.close(os.open(path, os.O_RDONLY))
    except OSError as error:
        return [f"{problem} open {path}: {words(error)}"]
    return []


def user_problems(name: str, user: Fields) -> list[str]:
    """What client-go's validateAuthInfo says."""
    problems = []
    if user.get("client-certificate") or user.get("client-certificate-data"):
        problems += _certificate_problems(name, user)
    if (plugin := user.get("exec")) is not None:
        problems += _plugin_problems(name, plugin, with_provider=user.get("auth-provider") is not None)
    if user.get("token") and (user.get("username") or user.get("password")):
        both = "found [token basicAuth], only one is allowed"
        problems.append(f"more than one authentication method found for {name}; {both}")
    if (user.get("as-uid") or user.get("as-groups") or user.get("as-user-extra")) and not user.get("as"):
        problems.append(f"requesting uid, groups or user-extra for {name} without impersonating a user")
    return problems


def _certificate_problems(name: str, user: Fields) -> list[str]:
    problems = []
    certificate, key = user.get("client-certificate", ""), user.get("client-key", "")
    if certificate and user.get("client-certificate-data"):
        both = "client-cert-data and client-cert are both specified"
        problems.append(f"{both} for {name}. client-cert-data will override.")
    if key and user.get("client-key-data"):
        both = "client-key-data and client-key are both specified"
        problems.append(f"{both} for {name}; client-key-data will override")
    if not key and not user.get("client-key-data"):
        needed = "client-key-data or client-key must be specified"
        problems.append(f"{needed} for {name} to use the clientCert authentication method.")
    if certificate:
        problems += _unreadable(certificate, f"unable to read client-cert {certificate} for {name} due to")
    if key:
        problems += _unreadable(key, f"unable to read client-key {key} for {name} due to")
    return problems


def _plugin_problems(name: str, plugin: Fields, *, with_provider: bool) -> list[str]:
    use = f"must be specified for {name} to use exec authentication plugin"
    problems = []
    if with_provider:
        problems.append(f"authProvider cannot be provided in combination with an exec plugin for {name}")
    if not plugin.get("command"):
        problems.append(f"command {use}")
    if not plugin.get("apiVersion"):
        problems.append(f"apiVersion {use}")
    problems += [f"env variable name {use}" for variable in plugin.get("env", ()) if not variable.get("name")]
    mode = plugin.get("interactiveMode", "")
    if not mode:
        problems.append(f"interactiveMode must be specified for {name} to use exec authentication plugin")
    elif mode not in _INTERACTIVE:
        from navarch.golang.strconv import quote

        problems.append(f"invalid interactiveMode for {name}: {quote(mode)}")
    return problems
