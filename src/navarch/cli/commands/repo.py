"""`nav repo`: the list of chart repositories."""

from __future__ import annotations

from navarch.cli.shared_flags import OUTPUT
from navarch.errors import NavarchError, RepositoryError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.call import Call
    from navarch.cli.global_flags import Row
    from navarch.repos.config import Entry, Repositories
    from navarch.repos.fetch import Fetcher

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

_CLOSED = {
    "//kubernetes-charts.storage.googleapis.com": "https://charts.helm.sh/stable",
    "//kubernetes-charts-incubator.storage.googleapis.com": "https://charts.helm.sh/incubator",
}
"""Repositories that were closed for good, and where their charts are now."""

_NONE_LISTED = "no repositories found. You must add one before updating"


def run(call: Call) -> int:
    """Add, index, list, remove or update. Raises NavarchError."""
    {"add": _add, "index": _index, "list": _list, "remove": _remove, "update": _update}[call.path.rpartition(" ")[2]](
        call
    )
    return 0


def _add(call: Call) -> None:
    from navarch.cli.output import write
    from navarch.golang.strconv import quote
    from navarch.repos.config import Repositories

    name, url = call.args
    if not call.flag("allow-deprecated-repos"):
        _refuse_closed(url)
    with Repositories.edit(call.settings.text("repository-config")) as repositories:
        entry = _entry(call, name, url)
        if "/" in name:
            words = "contains '/', please specify a different name without '/'"
            raise RepositoryError(f"repository name ({name}) {words}")
        known = None if call.flag("force-update") else repositories.get(name)
        if known is not None and known != entry:
            raise RepositoryError(f"repository name ({name}) already exists, please specify a different name")
        if known is not None:
            write(f"{quote(name)} already exists with the same configuration, skipping\n")
            return
        _fetch_first(call, entry)
        repositories.add(entry)
    write(f"{quote(name)} has been added to your repositories\n")


def _refuse_closed(url: str) -> None:
    from navarch.golang.strconv import quote

    for old, new in _CLOSED.items():
        if old in url:
            raise RepositoryError(f"repo {quote(url)} is no longer available; try {quote(new)} instead")


def _entry(call: Call, name: str, url: str) -> Entry:
    from navarch.kube.net.access import Access
    from navarch.repos.config import Entry

    access = Access(
        username=call.flag("username"),
        password=_password(call),
        cert_file=call.flag("cert-file"),
        key_file=call.flag("key-file"),
        ca_file=call.flag("ca-file"),
        insecure_skip_tls_verify=call.flag("insecure-skip-tls-verify"),
        pass_credentials=call.flag("pass-credentials"),
    )
    return Entry(name, url, access)


def _password(call: Call) -> str:
    """The password: given, or asked for where a user name is given alone."""
    given: str = call.flag("password")
    if given or not call.flag("username"):
        return given
    if call.flag("password-stdin"):
        import sys

        text = sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
        return text.removesuffix("\n").removesuffix("\r")
    from navarch.cli.output import write
    from navarch.cli.prompt import ask_silently

    try:
        return ask_silently("Password: ")
    except NavarchError:
        write("\n")
        raise


def _fetch_first(call: Call, entry: Entry) -> None:
    """Fetch the index of a new repository: what has none is not added."""
    from navarch.cli.output import complain
    from navarch.golang.strconv import quote
    from navarch.repos.repository import Repository

    with _fetcher(call) as fetcher:
        repository = Repository(entry, call.settings.text("repository-cache"), fetcher)
        try:
            repository.update(warn=complain)
        except NavarchError as error:
            raise error.within(
                f"looks like {quote(entry.url)} is not a valid chart repository or cannot be reached"
            ) from None


def _fetcher(call: Call) -> Fetcher:
    from navarch.cli.fetching import fetcher

    return fetcher(call, timeout=call.flag("timeout") / 1e9)


def _index(call: Call) -> None:
    import os

    from navarch.cli.output import complain
    from navarch.repos.files import write_file
    from navarch.repos.index import Index

    folder = os.path.abspath(call.args[0])
    found = Index.from_directory(folder, call.flag("url"))
    merge = call.flag("merge")
    if merge and not os.path.exists(merge):
        write_file(merge, _text(call, Index()))
    elif merge:
        try:
            found.merge(Index.load(merge, warn=complain))
        except NavarchError as error:
            raise error.within("merge failed") from None
    found.sort()
    write_file(os.path.join(folder, "index.yaml"), _text(call, found))


def _text(call: Call, index: object) -> bytes:
    from navarch.repos.index import Index

    assert isinstance(index, Index)
    return (index.to_json() if call.flag("json") else index.to_yaml()).encode("utf-8", "surrogateescape")


def _list(call: Call) -> None:
    from navarch.cli.output import complain, table, write
    from navarch.cli.release_output import Fields, to_json, to_yaml
    from navarch.repos.config import Repositories

    try:
        entries = Repositories.load(call.settings.text("repository-config")).entries
    except NavarchError:
        entries = []
    output = call.flag("output")
    if output == "table" and not entries:
        complain("no repositories to show")
    elif output == "table":
        rows = [] if call.flag("no-headers") else [("NAME", "URL")]
        write(table([*rows, *((entry.name, entry.url) for entry in entries)]) + "\n")
    else:
        listed = [Fields({"name": entry.name, "url": entry.url}) for entry in entries]
        write(to_json(listed) if output == "json" else to_yaml(listed))


def _remove(call: Call) -> None:
    import os

    from navarch.repos.config import Repositories

    path = call.settings.text("repository-config")
    if not os.path.exists(path) or not _any(path):
        raise RepositoryError("no repositories configured")
    with Repositories.edit(path) as repositories:
        for name in call.args:
            _remove_one(call, repositories, name)


def _any(path: str) -> bool:
    """Whether a file lists a repository."""
    from navarch.repos.config import Repositories

    try:
        return len(Repositories.load(path)) > 0
    except NavarchError:
        return False


def _remove_one(call: Call, repositories: Repositories, name: str) -> None:
    from navarch.cli.output import write
    from navarch.golang.strconv import quote
    from navarch.repos.repository import forget

    if not repositories.remove(name):
        raise RepositoryError(f"no repo named {quote(name)} found")
    repositories.save()
    forget(call.settings.text("repository-cache"), name)
    write(f"{quote(name)} has been removed from your repositories\n")


def _update(call: Call) -> None:
    from navarch.cli.output import complain, write
    from navarch.repos.refresh import refresh

    chosen = _chosen(call)
    write("Hang tight while we grab the latest from your chart repositories...\n")
    with _fetcher(call) as fetcher:
        failed = refresh(chosen, call.settings.text("repository-cache"), fetcher, say=write, warn=complain)
    if failed:
        raise RepositoryError(f"failed to update the following repositories: [{' '.join(failed)}]")
    write("Update Complete. ⎈Happy Helming!⎈\n")


def _chosen(call: Call) -> list[Entry]:
    """The repositories that are to be updated."""
    import os

    from navarch.cli.fetching import getters
    from navarch.repos.config import Repositories
    from navarch.repos.repository import check_address

    path = call.settings.text("repository-config")
    if not os.path.exists(path):
        raise RepositoryError(_NONE_LISTED)
    try:
        repositories = Repositories.load(path)
    except NavarchError as error:
        raise error.within(f"failed loading file: {path}") from None
    if not len(repositories):
        raise RepositoryError(_NONE_LISTED)
    for name in call.args:
        if name not in repositories:
            raise RepositoryError(f"no repositories found matching '{name}'.  Nothing will be updated")
    chosen = [entry for entry in repositories if not call.args or entry.name in call.args]
    known = getters(call.settings)
    for entry in chosen:
        check_address(entry.url, known)
    return chosen
