"""`nav package`: make archives of chart folders."""

from __future__ import annotations

import os

from navarch.cli.shared_flags import CREDENTIALS, SIGNING
from navarch.errors import ChartError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.cli.call import Call
    from navarch.cli.global_flags import Row
    from navarch.cli.signatures import PackageSigner

ABOUT = {
    "package": """
Make an archive NAME-VERSION.tgz of every chart folder that is given, without the files that .helmignore names.

The archive of the same files is the same, byte for byte, if SOURCE_DATE_EPOCH is set: it then stands for the time of
every file. With --sign a signature is put beside the archive.
"""
}

FLAGS: dict[str, tuple[Row, ...]] = {
    "package": (
        *CREDENTIALS,
        *SIGNING,
        ("app-version", "", "string", "", "write this appVersion into the archive"),
        ("dependency-update", "u", "bool", "false", "fetch the dependencies into charts/ first"),
        ("destination", "d", "string", ".", "folder to put the archive in"),
        ("sign", "", "bool", "false", "sign the archive with --key"),
        ("version", "", "string", "", "write this version into the archive"),
    ),
}


def run(call: Call) -> int:
    """Write the archives, and say where each is. Raises NavarchError at the first chart that can't be packaged."""
    from navarch.chart.package import package_chart
    from navarch.cli.charts import check_certificates
    from navarch.cli.dependencies import chart_dependencies
    from navarch.cli.epoch import source_date_epoch
    from navarch.cli.output import complain, write

    if not call.args:
        raise UsageError("need at least one argument, the path to the chart")
    epoch = source_date_epoch()
    signer = _signer(call)
    check_certificates(call)
    for path in call.args:
        _check_path(path)
        if call.flag("dependency-update"):
            chart_dependencies(call, os.path.abspath(path), say=_silent).update()
        archive = package_chart(
            path,
            call.flag("destination"),
            version=call.flag("version"),
            app_version=call.flag("app-version"),
            epoch=epoch,
            warn=complain,
        )
        if signer:
            signer.sign(archive)
        write(f"Successfully packaged chart and saved it to: {archive}\n")
    return 0


def _silent(_text: str) -> None:
    pass


def _check_path(path: str) -> None:
    from navarch.chart.load import reason

    try:
        os.stat(path)
    except OSError as error:
        raise ChartError(f"stat {path}: {reason(error)}") from error


def _signer(call: Call) -> PackageSigner | None:
    """What signs the archives, None if they are not to be signed. Raises UsageError."""
    if not call.flag("sign"):
        return None
    if not call.flag("key"):
        raise UsageError("--key is required for signing a package")
    if not call.flag("keyring"):
        raise UsageError("--keyring is required for signing a package")
    from navarch.cli.signatures import PackageSigner

    return PackageSigner(
        keyring=call.flag("keyring"), key=call.flag("key"), passphrase_file=call.flag("passphrase-file")
    )
