"""`nav repo`: the list of chart repositories."""

from __future__ import annotations

from navarch.cli.later import not_yet as run
from navarch.cli.shared_flags import OUTPUT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.global_flags import Row

__all__ = ["ABOUT", "FLAGS", "run"]

ABOUT = {
    "repo": """
Manage the list of chart repositories: web servers with an index.yaml and archives. A chart of a repository that was
added under a name is called name/chart.
""",
    "repo add": "Remember the address of a repository, and its credentials, under a name.",
    "repo index": """
Write index.yaml for the chart archives in a folder, so that a web server can offer it as a repository. With --merge
the charts of another index are kept in it.
""",
    "repo list": "List the repositories that were added.",
    "repo remove": "Forget repositories, and the copies of their indexes.",
    "repo update": "Fetch the indexes of the repositories that are named, or of all, so that new charts are seen.",
}

_TIMEOUT: Row = ("timeout", "", "duration", "2m0s", "longest time to wait for an index")

FLAGS: dict[str, tuple[Row, ...]] = {
    "repo add": (
        ("allow-deprecated-repos", "", "bool", "false", "accept addresses of repositories that were closed for good"),
        ("ca-file", "", "string", "", "file with the authorities that the server's certificate is checked against"),
        ("cert-file", "", "string", "", "client certificate for TLS"),
        ("force-update", "", "bool", "false", "replace a repository of that name"),
        ("insecure-skip-tls-verify", "", "bool", "false", "accept any certificate from the server"),
        ("key-file", "", "string", "", "private key that belongs to --cert-file"),
        ("pass-credentials", "", "bool", "false", "send the credentials to other hosts too"),
        ("password", "", "string", "", "password for the repository"),
        ("password-stdin", "", "bool", "false", "read the password from stdin"),
        _TIMEOUT,
        ("username", "", "string", "", "user name for the repository"),
    ),
    "repo index": (
        ("json", "", "bool", "false", "write the index as JSON"),
        ("merge", "", "string", "", "index whose charts are taken over"),
        ("url", "", "string", "", "address of the repository, put before the archives' names"),
    ),
    "repo list": (("no-headers", "", "bool", "false", "leave the table's headings out"), OUTPUT),
    "repo update": (_TIMEOUT,),
}
