"""Flags that several commands have in common, in the rows of navarch.cli.global_flags."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.global_flags import Row

__all__ = [
    "CHART_SOURCE",
    "CREDENTIALS",
    "DEVEL",
    "DOWNLOAD",
    "DRY_RUN",
    "EXCLUSIVE_FORCE",
    "FORCE_NOTICE",
    "INSTALL",
    "KEYRING",
    "KUBE_VERSION",
    "OUTPUT",
    "POST_RENDERER",
    "REVISION",
    "ROLLBACK_NOTICE",
    "SIGNING",
    "SKIP_SCHEMA",
    "TIMEOUT",
    "VALUES",
    "VERIFY",
    "WAIT",
    "WAIT_FOR_JOBS",
]

FORCE_NOTICE = {"force": "use --force-replace instead"}
ROLLBACK_NOTICE = {"atomic": "use --rollback-on-failure instead"}
EXCLUSIVE_FORCE = (("force", "force-conflicts"), ("force-replace", "force-conflicts"))

CREDENTIALS: tuple[Row, ...] = (
    ("ca-file", "", "string", "", "file with the authorities that the server's certificate is checked against"),
    ("cert-file", "", "string", "", "client certificate for TLS"),
    ("insecure-skip-tls-verify", "", "bool", "false", "accept any certificate from the server"),
    ("key-file", "", "string", "", "private key that belongs to --cert-file"),
    ("password", "", "string", "", "password for the server"),
    ("plain-http", "", "bool", "false", "talk to the server without TLS"),
    ("username", "", "string", "", "user name for the server"),
)

KEYRING: Row = ("keyring", "", "string", "$", "keyring with the public keys that signatures are checked against")
VERIFY: Row = ("verify", "", "bool", "false", "check the signature before the chart is used")

# Where a chart comes from.
CHART_SOURCE: tuple[Row, ...] = (
    *CREDENTIALS,
    KEYRING,
    ("pass-credentials", "", "bool", "false", "send the credentials to other hosts too, where the index points there"),
    ("repo", "", "string", "", "address of the repository that has the chart"),
    VERIFY,
    ("version", "", "string", "", "chart version, 1.2.3 or a range like ^1.2.0; the latest if left out"),
)

# How dependencies are fetched.
DOWNLOAD: tuple[Row, ...] = (
    *CREDENTIALS,
    KEYRING,
    ("skip-refresh", "", "bool", "false", "make do with the repository indexes that are there"),
    ("verify", "", "bool", "false", "check the signatures of what is fetched"),
)

SIGNING: tuple[Row, ...] = (
    ("key", "", "string", "", "name of the key to sign with"),
    ("keyring", "", "string", "$", "keyring that has the key"),
    ("passphrase-file", "", "string", "", "file with the key's passphrase, - for stdin"),
)

DEVEL: Row = ("devel", "", "bool", "false", "count pre-releases too, as --version '>0.0.0-0' does")
OUTPUT: Row = ("output", "o", "format", "table", "how to print the result: table, json or yaml")
REVISION: Row = ("revision", "", "int", "0", "revision to look at; the latest if left out")
KUBE_VERSION: Row = ("kube-version", "", "string", "", "Kubernetes version to assume")
SKIP_SCHEMA: Row = ("skip-schema-validation", "", "bool", "false", "don't check the values against the chart's schema")
TIMEOUT: Row = ("timeout", "", "duration", "5m0s", "longest time to wait for any one thing, like 90s or 1h30m")
WAIT_FOR_JOBS: Row = ("wait-for-jobs", "", "bool", "false", "with --wait, wait for jobs to finish as well")
WAIT: Row = (
    "wait",
    "",
    "WaitStrategy",
    "hookOnly",
    "what to wait for: watcher (given bare) watches until everything is ready, legacy polls, hookOnly waits for hooks",
)
DRY_RUN: Row = (
    "dry-run",
    "",
    "dryRun",
    "none",
    "only try it: client asks no cluster, server has the cluster check, none does it for real",
)

VALUES: tuple[Row, ...] = (
    ("set", "", "stringArray", "[]", "set values: a.b=1,c[0]=x; repeat it as needed"),
    ("set-file", "", "stringArray", "[]", "set values to the content of files: a.b=path"),
    ("set-json", "", "stringArray", "[]", 'set values written as JSON: a.b={"c": 1}, or one object for all'),
    ("set-literal", "", "stringArray", "[]", "set a value to a text in which no character is special"),
    ("set-string", "", "stringArray", "[]", "set values as --set does, but always to text"),
    ("values", "f", "stringSlice", "[]", "read values from YAML files or URLs, later ones win; - is stdin"),
)

POST_RENDERER: tuple[Row, ...] = (
    ("post-renderer", "", "postRendererString", "", "plugin that the manifests are passed through"),
    ("post-renderer-args", "", "postRendererArgsSlice", "[]", "argument for the post-renderer; repeat it for more"),
    (
        "post-renderer-strategy",
        "",
        "postRenderStrategy",
        "combined",
        "what the post-renderer gets: combined (hooks too), separate (hooks on their own), nohooks",
    ),
)

# What install and template share; upgrade has most of it too.
INSTALL: tuple[Row, ...] = (
    ("atomic", "", "bool", "false", "the old name of --rollback-on-failure"),
    ("create-namespace", "", "bool", "false", "make the namespace if it isn't there"),
    ("dependency-update", "", "bool", "false", "fetch missing dependencies first"),
    ("description", "", "string", "", "say in the record what this release is"),
    DEVEL,
    ("disable-openapi-validation", "", "bool", "false", "don't check the manifests against the cluster's schemas"),
    ("enable-dns", "", "bool", "false", "let templates look up host names"),
    ("force", "", "bool", "false", "the old name of --force-replace"),
    ("force-conflicts", "", "bool", "false", "take fields over from other managers in server-side apply"),
    ("force-replace", "", "bool", "false", "replace objects instead of patching them"),
    ("generate-name", "g", "bool", "false", "make up a release name; NAME is then left out"),
    ("hide-notes", "", "bool", "false", "don't print the notes"),
    ("labels", "l", "stringToString", "[]", "labels for the release's record: a=b,c=d"),
    ("name-template", "", "string", "", "template that the release name is made from"),
    ("no-hooks", "", "bool", "false", "leave hooks out"),
    ("render-subchart-notes", "", "bool", "false", "print the subcharts' notes as well"),
    ("replace", "", "bool", "false", "use the name of an uninstalled release again; not for production"),
    ("rollback-on-failure", "", "bool", "false", "undo everything if it fails; implies --wait"),
    ("server-side", "", "bool", "true", "let the API server merge changes (server-side apply)"),
    ("skip-crds", "", "bool", "false", "leave the chart's CRDs out"),
    SKIP_SCHEMA,
    ("take-ownership", "", "bool", "false", "adopt objects that are there already, whoever made them"),
    TIMEOUT,
    WAIT,
    WAIT_FOR_JOBS,
)
