"""What templates see of the cluster and of the release."""

from __future__ import annotations

import pytest

from navarch.chart.capabilities import Capabilities, KubeVersion, ReleaseInfo
from navarch.errors import VersionError
from navarch.golang.json import dumps
from navarch.golang.types import Int


@pytest.mark.parametrize(
    ("text", "shown", "version", "minor"),
    [
        ("1.30", "v1.30", "v1.30", "30"),
        ("v1.33.4-gke.1", "v1.33.4", "v1.33.4-gke.1", "33"),
        ("1.2.3.4", "v1.2.3.4", "v1.2.3.4", "2"),
        (" 1.2", "v1.2", "v 1.2", "2"),
        ("1.02", "v1.2", "v1.02", "2"),
        ("1.2.x", "v1.2", "v1.2.x", "2"),
        ("v1.2.3+k3s", "v1.2.3", "v1.2.3+k3s", "2"),
    ],
)
def test_versions_are_read(text: str, shown: str, version: str, minor: str) -> None:
    read = KubeVersion.parse(text)
    assert (str(read), read.GitVersion(), read.Major, read.Minor) == (shown, version, "1", minor)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1", 'illegal version string "1"'),
        ("1..2", 'illegal version string "1..2"'),
        ("01.2", 'illegal zero-prefixed version component "01" in "01.2"'),
        ("x1.2", 'could not parse "x1.2" as version'),
        ("", 'could not parse "" as version'),
    ],
)
def test_what_is_no_version(text: str, message: str) -> None:
    with pytest.raises(VersionError) as caught:
        KubeVersion.parse(text)
    assert str(caught.value) == message


def test_numbers_have_64_bits() -> None:
    with pytest.raises(VersionError) as caught:
        KubeVersion.parse("99999999999999999999.1")
    assert str(caught.value) == (
        'illegal non-numeric version component "99999999999999999999" in "99999999999999999999.1": '
        'strconv.ParseUint: parsing "99999999999999999999": value out of range'
    )


def test_the_defaults() -> None:
    defaults = Capabilities()
    assert defaults.KubeVersion.String() == "v1.37.0"
    assert len(defaults.APIVersions) == 57
    assert defaults.APIVersions.Has("apps/v1")
    assert not defaults.APIVersions.Has("monitoring.coreos.com/v1")
    assert defaults.HelmVersion.Version == "v4.3.1"
    assert dumps(defaults.KubeVersion) == '{"Version":"v1.37.0","Major":"1","Minor":"37"}'
    assert dumps(defaults.HelmVersion).startswith('{"version":"v4.3.1",')


def test_release() -> None:
    release = ReleaseInfo("rel", "demo", 3, is_install=False, is_upgrade=True).as_map()
    assert release == {
        "Name": "rel",
        "Namespace": "demo",
        "Revision": 3,
        "IsInstall": False,
        "IsUpgrade": True,
        "Service": "Helm",
    }
    assert type(release["Revision"]) is Int
