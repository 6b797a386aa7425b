"""Every error that Navarch raises on purpose; this module imports nothing of ours.

NavarchError                what a user can cause: message, where, hint
├── ChartError              a chart that can't be loaded or is not valid
├── ValuesError             values that can't be read, merged, or fail the chart's schema
├── YamlError               text that is not YAML (or doesn't fit where it stands)
├── JsonError, TomlError    the same for JSON and TOML
├── VersionError            a version or constraint that can't be parsed
├── TemplateError           a template that can't be parsed or rendered
│   └── FunctionError       what a template function answers instead of a value
├── ManifestError           rendered text that is not a manifest
├── KubernetesError         what goes wrong between us and an API server
│   ├── ConfigError         a kubeconfig that can't be read or is not complete, credentials that can't be had
│   ├── UnreachableError    no answer: no connection, no trust, no time
│   ├── ApiError            an answer that says no: code, reason, details
│   └── WaitError           objects that were not ready in time
├── ReleaseError            what stands between a command and the record of a release
│   ├── ReleaseNotFoundError, ReleaseExistsError, NoDeployedReleasesError
│   ├── RecordError         a record that can't be read, or is too big to be stored
│   ├── PendingError        a record says that an operation is in progress
│   └── LeaseHeldError      somebody is working on the release right now
├── RepositoryError         a list of repositories or an index that can't be read, or lacks what is asked for
├── RegistryError           an OCI registry that gives no answer, or one that says no, or a name that can't be one there
├── DownloadError           something that can't be fetched: no answer, an answer that says no, a refused address
│   └── IntegrityError      what was fetched is not what it claims to be: digest, length, name, version
├── PluginError             a plugin that can't be loaded, installed or run
│   └── PluginExitError     a plugin that ran and failed: exit_code
├── ProvenanceError         a signature that doesn't hold, can't be made or can't be read, or a keyring that can't
├── ClusterError            the embedded control plane can't be started, stopped or kept
└── UsageError              a command line that can't be understood
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Self

__all__ = [
    "ApiError",
    "ChartError",
    "ClusterError",
    "ConfigError",
    "DownloadError",
    "FunctionError",
    "IntegrityError",
    "JsonError",
    "KubernetesError",
    "LeaseHeldError",
    "ManifestError",
    "NavarchError",
    "NoDeployedReleasesError",
    "PendingError",
    "PluginError",
    "PluginExitError",
    "ProvenanceError",
    "RecordError",
    "RegistryError",
    "ReleaseError",
    "ReleaseExistsError",
    "ReleaseNotFoundError",
    "RepositoryError",
    "TemplateError",
    "TomlError",
    "UnreachableError",
    "UsageError",
    "ValuesError",
    "VersionError",
    "WaitError",
    "YamlError",
]


class NavarchError(Exception):
    """What went wrong (`str(error)`), and where known what to do about it (`hint`).

    `reference` is a stable kebab-case name of the kind of error, for those who match on errors in code.
    """

    reference = "error"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message

    def within(self, words: str) -> Self:
        """The same error, its message after the words of what it kept from happening: "words: message"."""
        self.message = f"{words}: {self.message}"
        return self


class ChartError(NavarchError):
    """A chart that can't be loaded, or whose metadata is not valid."""

    reference = "chart"


class ValuesError(NavarchError):
    """Values that can't be read or merged, or that the chart's schema refuses."""

    reference = "values"


class YamlError(NavarchError):
    """Text that is not YAML. The message is goyaml's; `line` counts from 1, or is 0 where unknown."""

    reference = "yaml"

    def __init__(self, message: str, *, line: int = 0, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.line = line


class JsonError(NavarchError):
    """Text that is not JSON, or a value that JSON can't hold. The message is encoding/json's."""

    reference = "json"


class TomlError(NavarchError):
    """Text that is not TOML, or a value that TOML can't hold. The message is BurntSushi/toml's."""

    reference = "toml"


class VersionError(NavarchError):
    """A version or version constraint that can't be parsed. The message is Masterminds/semver's."""

    reference = "version"


class TemplateError(NavarchError):
    """A template that can't be parsed or rendered.

    The message is Helm's. `template`, `line` and `column` (from 1, in characters; 0 where unknown) name the innermost
    place, `chain` the include and tpl calls that led there, outermost first, as (template, line, column, action).
    """

    reference = "template"

    def __init__(
        self,
        message: str,
        *,
        template: str = "",
        line: int = 0,
        column: int = 0,
        chain: tuple[tuple[str, int, int, str], ...] = (),
        hint: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.template = template
        self.line = line
        self.column = column
        self.chain = chain


class FunctionError(TemplateError):
    """What a template function answers instead of a value; the engine adds where it was called."""

    reference = "function"


class ManifestError(NavarchError):
    """Rendered text that is not a manifest. `path` names the template, `line` the place in its output, from 1."""

    reference = "manifest"

    def __init__(self, message: str, *, path: str = "", line: int = 0, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.path = path
        self.line = line


class KubernetesError(NavarchError):
    """What goes wrong between us and an API server."""

    reference = "kubernetes"


class ConfigError(KubernetesError):
    """A kubeconfig that can't be read or is not complete, or credentials that can't be had. client-go's message."""

    reference = "kubeconfig"


class UnreachableError(KubernetesError):
    """No answer from the API server: no connection, no trust, no time.

    The message is that of Go's HTTP client: `Get "https://…": dial tcp …: connect: connection refused`. `cause` is
    the part behind the address. `timeout` tells whether time ran out, `sent` whether the server may have acted.
    """

    reference = "unreachable"

    def __init__(
        self, message: str, *, cause: str = "", timeout: bool = False, sent: bool = False, hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.cause = cause
        self.timeout = timeout
        self.sent = sent


class ApiError(KubernetesError):
    """An API server's answer that says no.

    `code` is the HTTP status, `reason` Kubernetes' word for it ("NotFound", "Conflict", …; "" if the server gave
    none), `details` what else the Status object tells, `body` the answer as it came.
    """

    reference = "api"

    def __init__(
        self,
        message: str,
        *,
        code: int,
        reason: str = "",
        details: Mapping[str, Any] | None = None,
        body: bytes = b"",
        hint: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.code = code
        self.reason = reason
        self.details = dict(details or {})
        self.body = body

    def _says(self, reason: str, code: int) -> bool:
        """Whether this is the reason, or the code without a reason that is known (apimachinery's pkg/api/errors)."""
        return self.reason == reason or (self.code == code and self.reason not in _REASONS)

    @property
    def is_not_found(self) -> bool:
        return self._says("NotFound", 404)

    @property
    def is_conflict(self) -> bool:
        return self._says("Conflict", 409)

    @property
    def is_already_exists(self) -> bool:
        return self.reason == "AlreadyExists"

    @property
    def is_forbidden(self) -> bool:
        return self._says("Forbidden", 403)

    @property
    def is_unauthorized(self) -> bool:
        return self._says("Unauthorized", 401)

    @property
    def is_invalid(self) -> bool:
        return self._says("Invalid", 422)

    @property
    def is_bad_request(self) -> bool:
        return self._says("BadRequest", 400)

    @property
    def is_gone(self) -> bool:
        return self._says("Gone", 410)

    @property
    def is_expired(self) -> bool:
        """A resourceVersion or continue token too old to go on from."""
        return self.reason == "Expired"

    @property
    def is_method_not_allowed(self) -> bool:
        return self._says("MethodNotAllowed", 405)

    @property
    def is_not_acceptable(self) -> bool:
        return self._says("NotAcceptable", 406)

    @property
    def is_unsupported_media_type(self) -> bool:
        return self._says("UnsupportedMediaType", 415)

    @property
    def is_too_many_requests(self) -> bool:
        return self._says("TooManyRequests", 429)

    @property
    def is_internal(self) -> bool:
        return self._says("InternalError", 500)

    @property
    def is_server_timeout(self) -> bool:
        return self.reason == "ServerTimeout"

    @property
    def is_timeout(self) -> bool:
        return self._says("Timeout", 504)

    @property
    def is_service_unavailable(self) -> bool:
        return self._says("ServiceUnavailable", 503)


_REASONS = frozenset(
    (
        "Unauthorized",
        "Forbidden",
        "NotFound",
        "AlreadyExists",
        "Conflict",
        "Gone",
        "Invalid",
        "ServerTimeout",
        "Timeout",
        "TooManyRequests",
        "BadRequest",
        "MethodNotAllowed",
        "NotAcceptable",
        "RequestEntityTooLarge",
        "UnsupportedMediaType",
        "InternalError",
        "Expired",
        "ServiceUnavailable",
        "StoreReadError",
    )
)


class WaitError(KubernetesError):
    """Objects that were not ready in time. `objects` has (resource, why) for each of them."""

    reference = "wait"

    def __init__(self, message: str, *, objects: Sequence[tuple[Any, str]] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.objects = tuple(objects)


class ReleaseError(NavarchError):
    """What stands between a command and the record of a release. The messages are those of Helm's storage drivers."""

    reference = "release"


class ReleaseNotFoundError(ReleaseError):
    """There is no such release, or no such revision of it."""

    reference = "release-not-found"

    def __init__(self, message: str = "release: not found", *, hint: str = "") -> None:
        super().__init__(message, hint=hint)


class ReleaseExistsError(ReleaseError):
    """The revision is stored already."""

    reference = "release-exists"

    def __init__(self, message: str = "release: already exists", *, hint: str = "") -> None:
        super().__init__(message, hint=hint)


class NoDeployedReleasesError(ReleaseError):
    """No revision of the release `name` is deployed."""

    reference = "no-deployed-releases"

    def __init__(self, message: str, *, name: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.name = name


class RecordError(ReleaseError):
    """A record that can't be read (not base64, not gzip, not JSON, not a release), or that is too big to be stored."""

    reference = "record"


class PendingError(ReleaseError):
    """A record says that an operation is in progress, and nothing shows that it was cut off."""

    reference = "pending"

    def __init__(
        self, message: str = "another operation (install/upgrade/rollback) is in progress", *, hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint)


class LeaseHeldError(ReleaseError):
    """Somebody is working on the release right now. `holder` says who, since when and on what."""

    reference = "lease-held"

    def __init__(self, message: str, *, holder: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.holder = holder


class RepositoryError(NavarchError):
    """A list of repositories or an index that can't be read, or that lacks what is asked for."""

    reference = "repository"


class RegistryError(NavarchError):
    """An OCI registry that gives no answer, or one that says no; or a reference or credentials that can't be read.

    `url` is what was asked for; `status` the HTTP status of an answer that says no, 0 without one; `codes` are the
    registry's own words for why ("MANIFEST_UNKNOWN", "DENIED", …); `timeout` tells whether time ran out.
    """

    reference = "registry"

    def __init__(
        self,
        message: str,
        *,
        url: str = "",
        status: int = 0,
        codes: Sequence[str] = (),
        timeout: bool = False,
        hint: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.url = url
        self.status = status
        self.codes = tuple(codes)
        self.timeout = timeout


class DownloadError(NavarchError):
    """Something that can't be fetched: no answer, an answer that says no, an address that is refused.

    `url` is what was asked for, without a password; `status` the HTTP status of an answer that says no, 0 without one;
    `timeout` tells whether time ran out.
    """

    reference = "download"

    def __init__(self, message: str, *, url: str = "", status: int = 0, timeout: bool = False, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.url = url
        self.status = status
        self.timeout = timeout


class IntegrityError(DownloadError):
    """What was fetched is not what it claims to be: its digest, its length, its name or its version."""

    reference = "integrity"


class PluginError(NavarchError):
    """A plugin that can't be loaded, installed or run, or a plugin.yaml that isn't valid."""

    reference = "plugin"


class PluginExitError(PluginError):
    """A plugin that ran and failed. `exit_code` is its own: a program's exit status, what a module's function returned.

    -1 for a program that a signal ended.
    """

    reference = "plugin-exit"

    def __init__(self, message: str, *, exit_code: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.exit_code = exit_code


class ProvenanceError(NavarchError):
    """A signature that doesn't hold, can't be made or can't be read, or a keyring that can't be read."""

    reference = "provenance"


class ClusterError(NavarchError):
    """The embedded control plane can't be started, stopped or kept."""

    reference = "cluster"


class UsageError(NavarchError):
    """A command line that can't be understood."""

    reference = "usage"
