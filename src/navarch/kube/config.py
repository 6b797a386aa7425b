"""Which cluster, as whom, in which namespace: from flags, kubeconfigs and the pod we run in to one Config.

The rules, their order and the messages are client-go's (tools/clientcmd) with the overrides that Helm's flags make.
Nothing heavy is imported: the namespace alone is asked for by commands that never talk to a cluster.
"""

from __future__ import annotations

import os

from navarch.errors import ConfigError, NavarchError
from navarch.kube.kubeconfig import Kubeconfig, joined, load, read_file
from navarch.kube.validation import cluster_problems, user_problems

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from navarch.kube.kubeconfig import Fields

__all__ = ["Config", "Impersonation", "Overrides", "load_config", "load_namespace"]

_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
_EXTENSION = "client.authentication.k8s.io/exec"
_BURST = 10
"""How many requests go out at once where a rate is given and no burst, as in client-go."""


class Overrides:
    """What flags and their variables say; "" and None leave it to the kubeconfig."""

    __slots__ = (
        "apiserver",
        "as_groups",
        "as_user",
        "burst",
        "ca_file",
        "context",
        "insecure_skip_tls_verify",
        "kubeconfig",
        "namespace",
        "qps",
        "tls_server_name",
        "token",
    )

    def __init__(
        self,
        *,
        kubeconfig: str | None = None,
        context: str | None = None,
        namespace: str | None = None,
        apiserver: str | None = None,
        token: str | None = None,
        as_user: str | None = None,
        as_groups: Sequence[str] | None = None,
        ca_file: str | None = None,
        insecure_skip_tls_verify: bool | None = None,
        tls_server_name: str | None = None,
        qps: float | None = None,
        burst: int | None = None,
    ) -> None:
        self.kubeconfig = kubeconfig or ""
        self.context = context or ""
        self.namespace = namespace or ""
        self.apiserver = apiserver or ""
        self.token = token or ""
        self.as_user = as_user or ""
        self.as_groups = tuple(as_groups or ())
        self.ca_file = ca_file or ""
        self.insecure_skip_tls_verify = bool(insecure_skip_tls_verify)
        self.tls_server_name = tls_server_name or ""
        self.qps = qps or 0.0
        self.burst = _BURST if burst is None else burst


class Impersonation:
    """Whom to act as."""

    __slots__ = ("extra", "groups", "uid", "user")

    def __init__(
        self,
        user: str,
        *,
        uid: str = "",
        groups: Sequence[str] = (),
        extra: dict[str, list[str]] | None = None,
    ) -> None:
        self.user = user
        self.uid = uid
        self.groups = tuple(groups)
        self.extra = extra or {}


class Config:
    """How to reach a cluster. `server` is an address with scheme and maybe a path; data is PEM.

    `exec_plugin` and `auth_provider` are the kubeconfig's fields of these names; `exec_config` is what the cluster's
    entry has for the plugin; `user` and `user_file` tell where refreshed tokens belong. `qps` 0 is no limit.
    """

    __slots__ = (
        "auth_provider",
        "burst",
        "ca_data",
        "ca_file",
        "cert_data",
        "cert_file",
        "disable_compression",
        "exec_config",
        "exec_plugin",
        "impersonation",
        "insecure",
        "key_data",
        "key_file",
        "namespace",
        "password",
        "proxy_url",
        "qps",
        "server",
        "tls_server_name",
        "token",
        "token_file",
        "user",
        "user_file",
        "username",
    )

    def __init__(self, server: str, *, namespace: str = "default") -> None:
        self.server = server
        self.namespace = namespace
        self.ca_file = self.cert_file = self.key_file = self.token_file = ""
        self.ca_data = self.cert_data = self.key_data = b""
        self.token = self.username = self.password = ""
        self.insecure = self.disable_compression = False
        self.tls_server_name = self.proxy_url = ""
        self.exec_plugin: Fields | None = None
        self.exec_config: object = None
        self.auth_provider: Fields | None = None
        self.impersonation: Impersonation | None = None
        self.user = self.user_file = ""
        self.qps = 0.0
        self.burst = 0


class _Chosen:
    """The context, cluster and user that count, with overrides on top."""

    __slots__ = ("cluster", "cluster_name", "context", "context_name", "kubeconfig", "missing", "overrides", "user")

    def __init__(self, kubeconfig: Kubeconfig, overrides: Overrides) -> None:
        self.kubeconfig = kubeconfig
        self.overrides = overrides
        name = self.context_name = overrides.context or kubeconfig.current_context
        self.missing = bool(name) and name not in kubeconfig.contexts
        self.context = dict(kubeconfig.contexts.get(name, {}))
        if overrides.namespace:
            self.context["namespace"] = overrides.namespace
        self.cluster_name: str = self.context.get("cluster", "")
        self.cluster = self._cluster()
        self.user = self._user()

    @property
    def user_name(self) -> str:
        name: str = self.context.get("user", "")
        return name

    def _cluster(self) -> Fields:
        flags = self.overrides
        default = os.environ.get("KUBERNETES_MASTER") or "http://localhost:8080"
        cluster = {"server": default, **_set(self.kubeconfig.clusters.get(self.cluster_name, {}))}
        if flags.apiserver:
            cluster["server"] = flags.apiserver
        if flags.insecure_skip_tls_verify or flags.ca_file:
            cluster["insecure-skip-tls-verify"] = flags.insecure_skip_tls_verify
            cluster["certificate-authority"] = flags.ca_file
            cluster["certificate-authority-data"] = b""
        if flags.tls_server_name or flags.apiserver:
            cluster["tls-server-name"] = flags.tls_server_name
        return cluster

    def _user(self) -> Fields:
        flags = self.overrides
        user = dict(self.kubeconfig.users.get(self.user_name, {}))
        if flags.token:
            user["token"] = flags.token
        if flags.as_user:
            user["as"] = flags.as_user
        if flags.as_groups:
            user["as-groups"] = list(flags.as_groups)
        return user

    def check(self) -> None:
        """Raise ConfigError where this can't work, with all that is wrong."""
        problems = [_context_missing(self.context_name)] if self.missing else []
        problems += user_problems(self.user_name, self.user)
        problems += cluster_problems(self.cluster_name, self.cluster)
        if problems:
            raise ConfigError(f"invalid configuration: {joined(problems)}")


def _set(fields: Fields) -> Fields:
    """The fields that are not empty."""
    return {key: value for key, value in fields.items() if value}


def _context_missing(name: str) -> str:
    return f"context was not found for specified context: {name}"


def load_config(overrides: Overrides | None = None) -> Config:
    """The configuration of the cluster that the flags and kubeconfigs choose, or of the one we run in.

    Raises ConfigError.
    """
    flags = overrides or Overrides()
    chosen = _Chosen(load(flags.kubeconfig), flags)
    if chosen.missing and flags.context:
        raise ConfigError(f'context "{flags.context}" does not exist')
    chosen.check()
    config = _complete(chosen)
    if _in_pod() and _is_default(config):
        config = _in_cluster(flags)
    config.namespace = _namespace(chosen)
    config.qps, config.burst = flags.qps, flags.burst
    if config.qps > 0 and config.burst <= 0:
        raise ConfigError(
            "burst is required to be greater than 0 when RateLimiter is not set and QPS is set to greater than 0"
        )
    return config


def load_namespace(overrides: Overrides) -> str:
    """The namespace to work in. Raises ConfigError where the kubeconfig can't be used."""
    if overrides.namespace:
        return overrides.namespace
    chosen = _Chosen(load(overrides.kubeconfig), overrides)
    chosen.check()
    return _namespace(chosen)


def _namespace(chosen: _Chosen) -> str:
    named: str = chosen.context.get("namespace", "")
    return named or (_pod_namespace() if _in_pod() else "default")


def _complete(chosen: _Chosen) -> Config:
    config = Config(_without_query(chosen.cluster["server"]))
    cluster, user = chosen.cluster, chosen.user
    config.proxy_url = cluster.get("proxy-url", "")
    config.disable_compression = cluster.get("disable-compression", False)
    if user.get("as"):
        config.impersonation = Impersonation(
            user["as"],
            uid=user.get("as-uid", ""),
            groups=user.get("as-groups", ()),
            extra=user.get("as-user-extra"),
        )
    if is_tls(config.server):  # what is not encrypted gets no credentials
        _identify_user(config, chosen)
        config.ca_file = cluster.get("certificate-authority", "")
        config.ca_data = cluster.get("certificate-authority-data", b"")
        config.insecure = cluster.get("insecure-skip-tls-verify", False)
        config.tls_server_name = cluster.get("tls-server-name", "")
    return config


def _identify_user(config: Config, chosen: _Chosen) -> None:
    user = chosen.user
    config.user, config.user_file = chosen.user_name, chosen.kubeconfig.origins.get(chosen.user_name, "")
    config.token, config.token_file = user.get("token", ""), user.get("tokenFile", "")
    if config.token_file and not config.token:
        config.token = _read_token(config.token_file)
    if user.get("client-certificate") or user.get("client-certificate-data"):
        config.cert_file, config.key_file = user.get("client-certificate", ""), user.get("client-key", "")
        config.cert_data, config.key_data = user.get("client-certificate-data", b""), user.get("client-key-data", b"")
    config.username, config.password = user.get("username", ""), user.get("password", "")
    config.auth_provider, config.exec_plugin = user.get("auth-provider"), user.get("exec")
    for extension in chosen.cluster.get("extensions", ()):
        if extension.get("name") == _EXTENSION:
            config.exec_config = extension.get("extension")


def _read_token(path: str) -> str:
    return read_file(path).decode("utf-8", "replace")


def _without_query(server: str) -> str:
    """An address with a path, without its query and fragment; any other as it is."""
    from navarch.golang.url import parse_url

    try:
        url = parse_url(server)
    except NavarchError:
        return server
    if (not url.scheme and not server.startswith("/")) or url.opaque or len(url.path) <= 1:
        return server
    url.query = url.fragment = url.raw_fragment = ""
    url.force_query = False
    return str(url)


def is_tls(server: str) -> bool:
    """Whether an address is one of https, as client-go's rest package sees it before it knows of certificates."""
    return server[:6].lower() == "https:" and bool(server[6:].lstrip("/"))


def _in_pod() -> bool:
    where = os.environ.get("KUBERNETES_SERVICE_HOST"), os.environ.get("KUBERNETES_SERVICE_PORT")
    return all(where) and os.path.exists(f"{_ACCOUNT}/token") and not os.path.isdir(f"{_ACCOUNT}/token")


def _pod_namespace() -> str:
    if named := os.environ.get("POD_NAMESPACE"):
        return named
    try:
        with open(f"{_ACCOUNT}/namespace", encoding="utf-8") as file:
            return file.read().strip() or "default"
    except (OSError, UnicodeDecodeError):
        return "default"


def _is_default(config: Config) -> bool:
    """Whether nothing but the default address is known."""
    default = Config(_without_query(os.environ.get("KUBERNETES_MASTER") or "http://localhost:8080"))
    names = [name for name in Config.__slots__ if name not in ("user", "user_file")]
    return all(getattr(config, name) == getattr(default, name) for name in names)


def _in_cluster(flags: Overrides) -> Config:
    """The cluster whose pod we are, as client-go's rest.InClusterConfig with clientcmd's overrides."""
    host, port = os.environ["KUBERNETES_SERVICE_HOST"], os.environ["KUBERNETES_SERVICE_PORT"]
    config = Config(flags.apiserver or f"https://{f'[{host}]' if ':' in host else host}:{port}")
    config.token, config.token_file = _read_token(f"{_ACCOUNT}/token"), f"{_ACCOUNT}/token"
    if flags.token:
        config.token, config.token_file = flags.token, ""
    if flags.ca_file:
        config.ca_file = flags.ca_file
    elif os.path.exists(f"{_ACCOUNT}/ca.crt"):
        config.ca_file = f"{_ACCOUNT}/ca.crt"
    return config
