"""The flags that every command takes: (name, shorthand, kind, default, words) each.

A default of "$" comes from the environment (navarch.cli.settings); kinds are those of navarch.cli.flags.
"""

from __future__ import annotations

__all__ = ["GLOBAL", "LOGGING", "Row"]

Row = tuple[str, str, str, str, str]

GLOBAL: tuple[Row, ...] = (
    ("burst-limit", "", "int", "$", "most requests sent to the API server at once"),
    ("color", "", "string", "$", "when to colour the output: never, auto or always"),
    ("colour", "", "string", "$", "the same as --color"),
    ("content-cache", "", "string", "$", "folder for downloaded content"),
    ("debug", "", "bool", "$", "say more about what is done"),
    ("kube-apiserver", "", "string", "$", "address of the API server"),
    ("kube-as-group", "", "stringArray", "$", "group to act as; repeat it for more groups"),
    ("kube-as-user", "", "string", "$", "user to act as"),
    ("kube-ca-file", "", "string", "$", "file with the authorities that the API server is checked against"),
    ("kube-context", "", "string", "$", "context to use from the kubeconfig"),
    ("kube-insecure-skip-tls-verify", "", "bool", "$", "accept any certificate from the API server"),
    ("kube-tls-server-name", "", "string", "$", "name to expect in the API server's certificate"),
    ("kube-token", "", "string", "$", "bearer token for the API server"),
    ("kubeconfig", "", "string", "", "kubeconfig file to use"),
    ("namespace", "n", "string", "$", "namespace to work in"),
    ("qps", "", "float32", "$", "requests a second to the API server, bursts aside"),
    ("registry-config", "", "string", "$", "file with the logins to registries"),
    ("repository-cache", "", "string", "$", "folder for the repositories' indexes"),
    ("repository-config", "", "string", "$", "file with the repositories' names and addresses"),
)

# Accepted because klog's flags are; nothing here logs that way, and help doesn't list them.
LOGGING: tuple[Row, ...] = (
    ("add-dir-header", "", "goBool", "false", ""),
    ("alsologtostderr", "", "goBool", "false", ""),
    ("alsologtostderrthreshold", "", "severity", "0", ""),
    ("legacy-stderr-threshold-behavior", "", "goBool", "true", ""),
    ("log-backtrace-at", "", "traceLocation", ":0", ""),
    ("log-dir", "", "string", "", ""),
    ("log-file", "", "string", "", ""),
    ("log-file-max-size", "", "uint64", "1800", ""),
    ("logtostderr", "", "goBool", "true", ""),
    ("one-output", "", "goBool", "false", ""),
    ("skip-headers", "", "goBool", "false", ""),
    ("skip-log-headers", "", "goBool", "false", ""),
    ("stderrthreshold", "", "severity", "2", ""),
    ("v", "v", "Level", "0", ""),
    ("vmodule", "", "moduleSpec", "", ""),
)
