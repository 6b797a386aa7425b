"""`nav env`: print the settings that come from the environment, as they are in effect."""

from __future__ import annotations

import sys

from navarch.cli.output import write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.call import Call
    from navarch.cli.global_flags import Row
    from navarch.cli.settings import Settings

__all__ = ["ABOUT", "FLAGS", "run", "variables"]

ABOUT = {
    "env": """
Print the settings of this command line as variables, one a line, or the value of the one that is named. What they
mean is told by `nav help`.
"""
}

FLAGS: dict[str, tuple[Row, ...]] = {}


def run(call: Call) -> int:
    """Print every variable, or one value; a name that there is not has none."""
    values = variables(call.settings)
    if call.args:
        write(values.get(call.args[0], "") + "\n")
    else:
        write("".join(f'{name}="{value}"\n' for name, value in values.items()))
    return 0


def variables(settings: Settings) -> dict[str, str]:
    """The settings by their variables' names, in alphabetical order."""
    from navarch.cli.settings import cache_path, config_path, data_path, default

    text = settings.text
    found = {
        "HELM_BIN": sys.argv[0],
        "HELM_BURST_LIMIT": text("burst-limit"),
        "HELM_CACHE_HOME": cache_path(),
        "HELM_CONFIG_HOME": config_path(),
        "HELM_CONTENT_CACHE": text("content-cache"),
        "HELM_DATA_HOME": data_path(),
        "HELM_DEBUG": "true" if settings.debug else "false",
        "HELM_KUBEAPISERVER": text("kube-apiserver"),
        "HELM_KUBEASGROUPS": ",".join(settings.kube_as_groups),
        "HELM_KUBEASUSER": text("kube-as-user"),
        "HELM_KUBECAFILE": text("kube-ca-file"),
        "HELM_KUBECONTEXT": text("kube-context"),
        "HELM_KUBEINSECURE_SKIP_TLS_VERIFY": text("kube-insecure-skip-tls-verify").lower(),
        "HELM_KUBETLS_SERVER_NAME": text("kube-tls-server-name"),
        "HELM_KUBETOKEN": text("kube-token"),
        "HELM_MAX_HISTORY": default("history-max"),
        "HELM_NAMESPACE": settings.namespace,
        "HELM_PLUGINS": settings.plugins,
        "HELM_QPS": f"{float(text('qps')):.2f}",
        "HELM_REGISTRY_CONFIG": text("registry-config"),
        "HELM_REPOSITORY_CACHE": text("repository-cache"),
        "HELM_REPOSITORY_CONFIG": text("repository-config"),
    }
    if kubeconfig := settings.given.get("kubeconfig"):
        found["KUBECONFIG"] = str(kubeconfig)
    return found
