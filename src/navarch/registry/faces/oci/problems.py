"""What an OCI client is refused with: one of the codes of the distribution specification."""

from __future__ import annotations

import json

from navarch.registry.problems import INTERNAL, REQUEST, Problem

__all__ = ["OciProblem", "unknown_blob", "unknown_manifest", "unknown_name", "unknown_upload", "written"]

_CODES = {
    400: "UNSUPPORTED",
    401: "UNAUTHORIZED",
    403: "DENIED",
    404: "NAME_UNKNOWN",
    405: "UNSUPPORTED",
    409: "DENIED",
    413: "SIZE_INVALID",
    416: "BLOB_UPLOAD_INVALID",
    423: "DENIED",
    429: "TOOMANYREQUESTS",
}


class OciProblem(Problem):
    """A problem with a code of its own. `detail` is what the code is about: a digest, a name."""

    def __init__(self, status: int, code: str, message: str, detail: str = "") -> None:
        super().__init__(status, INTERNAL if status == 404 else REQUEST, message)
        self.code = code
        self.detail = detail


def unknown_name(name: str) -> OciProblem:
    """404: there is no such repository."""
    return OciProblem(404, "NAME_UNKNOWN", "repository name not known to registry", name)


def unknown_blob(digest: str) -> OciProblem:
    """404: the repository has no such blob."""
    return OciProblem(404, "BLOB_UNKNOWN", "blob unknown to registry", digest)


def unknown_manifest(reference: str) -> OciProblem:
    """404: the repository has no such manifest or tag."""
    return OciProblem(404, "MANIFEST_UNKNOWN", "manifest unknown", reference)


def unknown_upload(upload: str) -> OciProblem:
    """404: there is no such upload, or no more."""
    return OciProblem(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry", upload)


def written(problem: Problem) -> bytes:
    """A problem as the specification's JSON."""
    found: dict[str, object] = {"code": _CODES.get(problem.status, "UNKNOWN"), "message": str(problem)}
    if isinstance(problem, OciProblem):
        found["code"] = problem.code
        if problem.detail:
            found["detail"] = problem.detail
    return json.dumps({"errors": [found]}).encode()
