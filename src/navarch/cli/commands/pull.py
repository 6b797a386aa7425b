"""`nav pull`: download a chart."""

from __future__ import annotations

import os

from navarch.cli.shared_flags import CHART_SOURCE, DEVEL
from navarch.errors import ChartError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.call import Call
    from navarch.cli.global_flags import Row
    from navarch.repos.download import Downloader, Located

__all__ = ["ABOUT", "FLAGS", "run"]

ABOUT = {
    "pull": """
Download charts from a repository, a registry or an address, as archives or, with --untar, as folders. With --prov
the signature is downloaded as well, with --verify it is checked, and a chart that fails is not kept.
"""
}

FLAGS: dict[str, tuple[Row, ...]] = {
    "pull": (
        *CHART_SOURCE,
        ("destination", "d", "string", ".", "folder to put the archive in; with --untar, the one --untardir is below"),
        DEVEL,
        ("prov", "", "bool", "false", "download the signature too, without checking it"),
        ("untar", "", "bool", "false", "unpack the chart"),
        ("untardir", "", "string", ".", "folder to unpack into"),
    ),
}


def run(call: Call) -> int:
    """Download each chart. What is to be said of a chart is said when all went well. Raises NavarchError."""
    from navarch.cli.charts import check_certificates
    from navarch.cli.fetching import downloader
    from navarch.cli.output import write

    check_certificates(call)
    for reference in call.args:
        said: list[str] = []
        with downloader(call, say=said.append) as source:
            located = _pull(call, source, reference)
            if call.flag("verify") and located.verification is not None:
                from navarch.cli.signatures import verified_lines

                said.append(verified_lines(located.verification))
        write("".join(said))
    return 0


def _pull(call: Call, source: Downloader, reference: str) -> Located:
    if not call.flag("untar"):
        return _save(call, source, reference, call.flag("destination"))
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="helm-") as folder:
        located = _save(call, source, reference, folder)
        _unpack(call, reference, located.path)
        return located


def _save(call: Call, source: Downloader, reference: str, folder: str) -> Located:
    from navarch.cli.fetching import access_of
    from navarch.repos.download import ALWAYS, LATER, NEVER

    version = call.flag("version") or (">0.0.0-0" if call.flag("devel") else "")
    verify = ALWAYS if call.flag("verify") else LATER if call.flag("prov") else NEVER
    return source.save(
        reference,
        folder,
        version=version,
        repo_url=call.flag("repo"),
        access=access_of(call),
        verify=verify,
        keyring=call.flag("keyring"),
    )


def _unpack(call: Call, reference: str, archive: str) -> None:
    """Unpack an archive below --untardir, which may not have a file or folder of the reference's name yet."""
    from navarch.chart.unpack import unpack_chart

    folder = call.flag("untardir")
    if not os.path.isabs(folder):
        folder = os.path.normpath(os.path.join(call.flag("destination"), folder))
    name = reference.rpartition("/")[2]
    taken = name if folder == "." else os.path.normpath(os.path.join(folder, name))
    if os.path.exists(taken):
        raise ChartError(f"failed to untar: a file or directory with the name {taken} already exists")
    try:
        os.makedirs(taken)
    except OSError as error:
        from navarch.chart.load import reason

        raise ChartError(f"failed to untar (mkdir): mkdir {error.filename}: {reason(error)}") from error
    unpack_chart(archive, folder)
