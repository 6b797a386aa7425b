"""What a render knows of its surroundings: the cluster (.Capabilities) and the release (.Release).

Templates see these objects as Go's structs: `go_type` and `go_kind` are Go's names, `go_fields` the fields in order
(those in lower case can't be reached by templates, but are printed), `go_methods` the methods with the types of their
parameters and of their result, `go_json` the object as encoding/json sees it.
"""

from __future__ import annotations

from navarch.errors import VersionError
from navarch.golang.types import Int, Strings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

__all__ = ["Capabilities", "HelmVersion", "KubeVersion", "ReleaseInfo", "VersionSet", "default_capabilities"]


class KubeVersion:
    """The cluster's version: `Version` as it says it (v1.33.4-gke.1245000), normalised (v1.33.4), major and minor."""

    __slots__ = ("Major", "Minor", "Version", "normalizedVersion")
    go_type = "common.KubeVersion"
    go_kind = "struct"
    go_fields = ("Version", "normalizedVersion", "Major", "Minor")
    go_methods = {"String": ("", "string"), "GitVersion": ("", "string")}  # noqa: RUF012 - a table
    go_stringer = "pointer"
    """String belongs to the pointer: {{ .Capabilities.KubeVersion }} uses it, printf "%v" doesn't."""

    def __init__(self, version: str, major: str, minor: str, normalized: str = "") -> None:
        self.Version = version
        self.Major = major
        self.Minor = minor
        self.normalizedVersion = normalized

    @classmethod
    def parse(cls, text: str) -> KubeVersion:
        """The version that a text such as "1.30" or "v1.33.4-gke.1" names.

        Raises VersionError with the words of k8s.io/apimachinery's ParseGeneric.
        """
        numbers = _generic_numbers(text)
        version = text if text.startswith("v") else f"v{text}"
        return cls(version, numbers[0], numbers[1], "v" + ".".join(numbers))

    def String(self) -> str:  # noqa: N802 - Go's name
        """The version that constraints are checked against."""
        return self.normalizedVersion or self.Version

    def GitVersion(self) -> str:  # noqa: N802 - Go's name
        return self.Version

    def __str__(self) -> str:
        return self.String()

    def go_json(self) -> dict[str, Any]:
        return {"Version": self.Version, "Major": self.Major, "Minor": self.Minor}


def _generic_numbers(text: str) -> list[str]:
    """The numbers at the head of a version, as Kubernetes' generic parser reads them; at least major and minor.

    version = {blank} ["v"] number "." number {"." number} [anything]
    """
    body = text.lstrip(" \t\n\f\r").removeprefix("v")
    end = next((i for i, char in enumerate(body) if char not in "0123456789."), len(body))
    head = body[:end].partition("..")[0].removesuffix(".")
    if not head or head.startswith(".") or "\n" in body:
        raise VersionError(f"could not parse {_quote(text)} as version")
    numbers = head.split(".")
    if len(numbers) < 2:
        raise VersionError(f"illegal version string {_quote(text)}")
    if numbers[0].startswith("0") and numbers[0] != "0":
        raise VersionError(f"illegal zero-prefixed version component {_quote(numbers[0])} in {_quote(text)}")
    for number in numbers:
        if len(number.lstrip("0")) > 20 or int(number) >> 64:
            raise VersionError(
                f"illegal non-numeric version component {_quote(number)} in {_quote(text)}: "
                f"strconv.ParseUint: parsing {_quote(number)}: value out of range"
            )
    return [str(int(number)) for number in numbers]


class VersionSet(Strings):
    """The API versions that a cluster serves: "apps/v1", and with kinds "apps/v1/Deployment"."""

    __slots__ = ()
    go_type = "common.VersionSet"
    go_methods = {"Has": ("string", "bool")}  # noqa: RUF012 - a table

    def Has(self, version: str) -> bool:  # noqa: N802 - Go's name
        return version in self


class HelmVersion:
    """The Helm whose behaviour is given: what .Capabilities.HelmVersion holds."""

    __slots__ = ("GitCommit", "GitTreeState", "GoVersion", "KubeClientVersion", "Version")
    go_type = "version.BuildInfo"
    go_kind = "struct"
    go_fields = ("Version", "GitCommit", "GitTreeState", "GoVersion", "KubeClientVersion")

    def __init__(
        self,
        version: str = "v4.3.1",
        git_commit: str = "",
        git_tree_state: str = "",
        go_version: str = "go1.26.8",
        kube_client_version: str = "v1.37",
    ) -> None:
        self.Version = version
        self.GitCommit = git_commit
        self.GitTreeState = git_tree_state
        self.GoVersion = go_version
        self.KubeClientVersion = kube_client_version

    def go_json(self) -> dict[str, Any]:
        optional = {
            "version": self.Version,
            "git_commit": self.GitCommit,
            "git_tree_state": self.GitTreeState,
            "go_version": self.GoVersion,
        }
        fields = {name: value for name, value in optional.items() if value}
        return {**fields, "kube_client_version": self.KubeClientVersion}


class Capabilities:
    """What templates see as .Capabilities; `api_versions` are added to the defaults by the caller, if so wanted."""

    __slots__ = ("APIVersions", "HelmVersion", "KubeVersion")
    go_type = "*common.Capabilities"
    go_kind = "ptr"
    go_fields = ("KubeVersion", "APIVersions", "HelmVersion")
    go_methods = {"Copy": ("", "*common.Capabilities")}  # noqa: RUF012 - a table

    def __init__(
        self,
        kube_version: KubeVersion | str = "v1.37.0",
        api_versions: Iterable[str] | None = None,
        helm_version: HelmVersion | None = None,
    ) -> None:
        """Raises VersionError where `kube_version` is a text that can't be read."""
        self.KubeVersion = KubeVersion.parse(kube_version) if isinstance(kube_version, str) else kube_version
        self.APIVersions = VersionSet(API_VERSIONS if api_versions is None else api_versions)
        self.HelmVersion = HelmVersion() if helm_version is None else helm_version

    def Copy(self) -> Capabilities:  # noqa: N802 - Go's name
        return Capabilities(self.KubeVersion, self.APIVersions, self.HelmVersion)

    def go_json(self) -> dict[str, Any]:
        return {
            "KubeVersion": self.KubeVersion,
            "APIVersions": list(self.APIVersions),
            "HelmVersion": self.HelmVersion,
        }


class ReleaseInfo:
    """The release that a render is for."""

    __slots__ = ("is_install", "is_upgrade", "name", "namespace", "revision", "service")

    def __init__(
        self,
        name: str = "release-name",
        namespace: str = "default",
        revision: int = 1,
        *,
        is_install: bool = True,
        is_upgrade: bool = False,
        service: str = "Helm",
    ) -> None:
        self.name = name
        self.namespace = namespace
        self.revision = revision
        self.is_install = is_install
        self.is_upgrade = is_upgrade
        self.service = service

    def as_map(self) -> dict[str, Any]:
        """What templates see as .Release."""
        return {
            "Name": self.name,
            "Namespace": self.namespace,
            "IsUpgrade": self.is_upgrade,
            "IsInstall": self.is_install,
            "Revision": Int(self.revision),
            "Service": self.service,
        }


def default_capabilities() -> Capabilities:
    """What Helm 4.3.1 takes for granted without a cluster."""
    return Capabilities()


def _quote(text: str) -> str:
    from navarch.golang.strconv import quote

    return quote(text)


API_VERSIONS = (
    "v1",
    "admissionregistration.k8s.io/v1",
    "admissionregistration.k8s.io/v1alpha1",
    "admissionregistration.k8s.io/v1beta1",
    "internal.apiserver.k8s.io/v1alpha1",
    "apps/v1",
    "apps/v1beta1",
    "apps/v1beta2",
    "authentication.k8s.io/v1",
    "authentication.k8s.io/v1alpha1",
    "authentication.k8s.io/v1beta1",
    "authorization.k8s.io/v1",
    "authorization.k8s.io/v1beta1",
    "autoscaling/v1",
    "autoscaling/v2",
    "batch/v1",
    "batch/v1beta1",
    "certificates.k8s.io/v1",
    "certificates.k8s.io/v1beta1",
    "certificates.k8s.io/v1alpha1",
    "coordination.k8s.io/v1alpha2",
    "coordination.k8s.io/v1beta1",
    "coordination.k8s.io/v1",
    "discovery.k8s.io/v1",
    "discovery.k8s.io/v1beta1",
    "events.k8s.io/v1",
    "events.k8s.io/v1beta1",
    "extensions/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1",
    "flowcontrol.apiserver.k8s.io/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1beta2",
    "flowcontrol.apiserver.k8s.io/v1beta3",
    "lifecycle.k8s.io/v1alpha1",
    "networking.k8s.io/v1",
    "networking.k8s.io/v1beta1",
    "node.k8s.io/v1",
    "node.k8s.io/v1alpha1",
    "node.k8s.io/v1beta1",
    "policy/v1",
    "policy/v1beta1",
    "rbac.authorization.k8s.io/v1",
    "rbac.authorization.k8s.io/v1beta1",
    "rbac.authorization.k8s.io/v1alpha1",
    "resource.k8s.io/v1",
    "resource.k8s.io/v1beta2",
    "resource.k8s.io/v1beta1",
    "resource.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1beta1",
    "scheduling.k8s.io/v1",
    "storage.k8s.io/v1beta1",
    "storage.k8s.io/v1",
    "storage.k8s.io/v1alpha1",
    "storagemigration.k8s.io/v1",
    "storagemigration.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1",
)
"""The API versions that client-go 1.37 knows, in its order."""
