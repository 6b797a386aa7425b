"""`nav registry gc`, `retain` and `mirror`: looking after a chart registry."""

from __future__ import annotations

import os

from navarch.cli.spaces import open_client, print_list
from navarch.errors import NavarchError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from navarch.cli.call import Call
    from navarch.kube.net.access import Access
    from navarch.registry.config import Config
    from navarch.registry.mirroring import Copied
    from navarch.registry.sources_of_charts import Source
    from navarch.registry.store.store import Store

__all__ = ["run_upkeep"]

_KINDS = {
    "blobs": "blobs set aside",
    "trash": "blobs deleted",
    "links": "links to blobs",
    "uploads": "parts of unfinished uploads",
    "spaces": "keys of removed spaces",
    "manifests": "manifests without a tag",
}


def run_upkeep(call: Call) -> int:
    """Do what one of the commands says. Raises NavarchError."""
    return {"registry gc": _collect, "registry retain": _retain, "registry mirror": _mirror}[call.path](call)


def _collect(call: Call) -> int:
    from navarch.registry.collecting import collect

    config, store = _opened(call)
    spare = call.flag("spare") / 1e9 if call.given("spare") else config.upkeep.spare
    untagged = call.flag("untagged") / 1e9 if call.given("untagged") else config.upkeep.untagged
    found = collect(store.objects, spare=spare, untagged=untagged, dry_run=call.flag("dry-run"))
    rows = [
        {"kind": kind, "what": _KINDS[kind], "number": tally.number, "bytes": tally.size}
        for kind, tally in found._asdict().items()
    ]
    print_list(call, {"what": "WHAT", "number": "NUMBER", "bytes": "BYTES"}, rows, "")
    return 0


def _retain(call: Call) -> int:
    from navarch.registry.retention import retain
    from navarch.registry.upkeep import audited

    config, store = _opened(call)
    if not config.upkeep.rules:
        raise UsageError("the configuration has no retention.rules")
    dry_run = call.flag("dry-run")
    tell = None if dry_run else audited(config.logs, "nav registry retain")
    found = retain(store, config.upkeep.rules, dry_run=dry_run, say=tell)
    rows = [
        {"name": f"{one.space}/{one.chart}", "version": one.version, "created": one.created, "bytes": one.size}
        for one in found.removed
    ]
    columns = {"name": "NAME", "version": "CHART VERSION", "created": "CREATED", "bytes": "BYTES"}
    print_list(call, columns, rows, f"nothing to remove: {found.kept} versions stay")
    return 0


def _opened(call: Call) -> tuple[Config, Store]:
    """The configuration of the registry, and its store. Raises NavarchError where there can't be anything."""
    from navarch.cli.settings import data_path
    from navarch.registry.config import load_config, parse_config
    from navarch.registry.drivers import open_store

    root = data_path("navarch", "registry")
    path = call.flag("config")
    config = load_config(path, root=root) if path else parse_config("", root=root)
    if config.driver == "inmemory":
        raise UsageError("charts that are in a server's memory can be looked after by the server alone")
    root = str(config.parameters.get("rootdirectory", ""))
    if config.driver == "filesystem" and not os.path.isdir(root):
        raise UsageError(f"there is no registry in {root}")
    return config, open_store(config)


def _mirror(call: Call) -> int:
    from navarch.errors import VersionError
    from navarch.registry.mirroring import Selection, mirror, problems

    text, space = call.args
    selection = Selection(tuple(call.flag("chart") or ()), call.flag("version"), call.flag("newest"))
    if selection.newest < 0:
        raise UsageError("--newest has to be 0 or more")
    said: list[Copied] = []
    with open_client(call) as registry, _source(call, text) as source:
        options = {"replace": call.flag("replace"), "dry_run": call.flag("dry-run")}
        try:
            done = mirror(source, registry, space, selection, say=said.append, **options)
        except VersionError as error:
            raise UsageError(f"--version: {error}") from error
        except NavarchError:
            if said:
                _show(call, said)
            raise
    _show(call, done)
    return 1 if problems(done) else 0


def _show(call: Call, done: list[Copied]) -> None:
    """Print what came of versions; in a table only of those that weren't there as they should be."""
    from navarch.cli.output import complain
    from navarch.registry.mirroring import PRESENT

    shown = [one for one in done if one.state != PRESENT or call.flag("output") != "table"]
    rows = [
        {"chart": one.chart, "version": one.version, "state": one.state, "bytes": one.size, "problem": one.problem}
        for one in shown
    ]
    columns = {"chart": "NAME", "version": "CHART VERSION", "state": "STATE", "bytes": "BYTES"}
    nothing = f"nothing to copy: {len(done)} versions are there" if done else "no versions to copy"
    print_list(call, columns, rows, nothing)
    for one in shown:
        if one.problem:
            complain(f"{one.chart} {one.version}: {one.problem}")


def _source(call: Call, text: str) -> AbstractContextManager[Source]:
    """What a source's address or name means. Raises NavarchError."""
    from contextlib import contextmanager

    from navarch.cli.fetching import fetcher
    from navarch.cli.registries import open_registry
    from navarch.kube.net.access import Access
    from navarch.oci.reference import is_oci
    from navarch.registry.sources_of_charts import IndexSource, OciSource
    from navarch.repos.config import Entry, Repositories

    access = _source_access(call)

    def entry() -> Entry:
        if "://" in text:
            return Entry("", text, access)
        found = Repositories.load(call.settings.text("repository-config"), missing=True).get(text)
        if found is None:
            raise UsageError(f'no repository "{text}" was added, and it is no address')
        return found

    @contextmanager
    def opened() -> Iterator[Source]:
        is_known = not is_oci(text) and "://" not in text
        own = Access() if is_known else access
        plain = call.flag("source-plain-http")
        user, password = (own.username, own.password) if is_oci(text) else ("", "")
        with (
            fetcher(call) as web,
            open_registry(call, own, username=user, password=password, plain_http=plain, say=_ignore) as registry,
        ):
            yield OciSource(text, registry) if is_oci(text) else IndexSource(entry(), web, registry)

    return opened()


def _source_access(call: Call) -> Access:
    from navarch.kube.net.access import Access

    return Access(
        username=call.flag("source-username"),
        password=call.flag("source-password"),
        ca_file=call.flag("source-ca-file"),
        cert_file=call.flag("source-cert-file"),
        key_file=call.flag("source-key-file"),
        insecure_skip_tls_verify=call.flag("source-insecure-skip-tls-verify"),
        plain_http=call.flag("source-plain-http"),
    )


def _ignore(_line: str) -> None:
    pass
