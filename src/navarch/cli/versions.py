"""The versions that there are of a chart, wherever it lives."""

from __future__ import annotations

import os

from navarch.errors import NavarchError, RepositoryError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from navarch.cli.call import Call
    from navarch.repos.index import Listed

__all__ = ["chart_versions"]


def chart_versions(call: Call, reference: str) -> list[str]:
    """The versions of a chart that fit --version, the latest first. Raises NavarchError where there is no chart."""
    reference = reference.strip()
    if call.flag("repo"):
        return _fitting(call, _listed(call, call.flag("repo"), reference))
    if reference.startswith("oci://"):
        from navarch.cli.registries import flags_registry

        with flags_registry(call) as registry:
            return _fitting(call, registry.versions(reference))
    if os.path.exists(reference):
        from navarch.chart.load import load_chart

        return [load_chart(reference, detect=False).metadata.version]
    return _fitting(call, _added(call, reference))


def _fitting(call: Call, versions: Iterable[str]) -> list[str]:
    from navarch.golang.semver import parse_constraint, parse_version

    constraint = parse_constraint(call.flag("version") or (">=0.0.0-0" if call.flag("devel") else "*"))
    found: list[str] = []
    for version in versions:
        try:
            fits = constraint.check(parse_version(version))
        except NavarchError:  # no version
            continue
        if fits:
            found.append(version)
    return found


def _added(call: Call, reference: str) -> list[str]:
    """The versions of REPO/NAME in the copy of the repository's index."""
    from navarch.cli.output import complain
    from navarch.repos.config import Repositories
    from navarch.repos.index import Index
    from navarch.repos.repository import index_path

    name, slash, chart = reference.partition("/")
    if not slash:
        raise RepositoryError(f"non-absolute URLs should be in form of repo_name/path_to_chart, got: {reference}")
    if Repositories.load(call.settings.text("repository-config"), missing=True).get(name) is None:
        raise RepositoryError(f"repo {name} not found")
    index = Index.load(index_path(call.settings.text("repository-cache"), name), warn=complain)
    return _versions(index.versions(chart), chart, name)


def _listed(call: Call, repo_url: str, chart: str) -> list[str]:
    """The versions of a chart in a repository that wasn't added."""
    from navarch.cli.fetching import access_of, fetcher
    from navarch.cli.output import complain
    from navarch.repos.config import Entry
    from navarch.repos.repository import fetch_index

    with fetcher(call) as source:
        index, _, _ = fetch_index(Entry("", repo_url, access_of(call)), source, warn=complain)
    return _versions(index.versions(chart), chart, repo_url)


def _versions(listed: Iterable[Listed], chart: str, where: str) -> list[str]:
    found = [one.version for one in listed]
    if not found:
        raise RepositoryError(f'chart "{chart}" not found in {where} repository')
    return found
