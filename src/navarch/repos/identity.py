"""Whether a downloaded archive is the chart that it was downloaded for: its Chart.yaml must say so."""

from __future__ import annotations

from navarch.errors import IntegrityError, NavarchError
from navarch.repos.build import same_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from navarch.chart.model import Metadata

__all__ = ["check_identity", "check_wanted"]


def check_identity(path: str, name: str, version: str, source: str) -> None:
    """Raise IntegrityError unless the archive at `path`, from `source`, is this version of this chart."""
    data = _metadata(path, source)
    if data.name != name or not same_version(version, data.version):
        raise IntegrityError(
            f"{source} is {data.name} {data.version} by its Chart.yaml, but {name} {version} was asked for", url=source
        )


def check_wanted(path: str, wanted: str, source: str) -> None:
    """Raise IntegrityError unless the archive at `path`, from `source`, has a version that fits the constraint."""
    from navarch.errors import VersionError
    from navarch.golang.semver import satisfies

    data = _metadata(path, source)
    try:
        if same_version(wanted, data.version) or satisfies(wanted, data.version):
            return
    except VersionError:
        pass
    raise IntegrityError(
        f"{source} has version {data.version} by its Chart.yaml, but {wanted} was asked for", url=source
    )


def _metadata(path: str, source: str) -> Metadata:
    from navarch.chart.archive import check_archive, peek_file
    from navarch.chart.load import load_metadata

    try:
        with open(path, "rb") as file:
            check_archive(source, file.read(512))
        content = peek_file(path, "Chart.yaml")
        if content is None:
            raise IntegrityError("Chart.yaml file is missing")
        return load_metadata(content)
    except NavarchError as error:
        raise IntegrityError(f"{source} is no chart: {error}", url=source) from error
