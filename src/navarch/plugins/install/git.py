"""Working copies of git repositories, through the program git: cloned, brought to a version, updated.

Messages are those of Masterminds/vcs, which Helm uses. git sees no variables that would lead it to another repository
than the one in the folder, and doesn't look above that folder for one.
"""

from __future__ import annotations

import os
import re

from navarch.errors import NavarchError, PluginError, VersionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["WorkingCopy", "clone"]

_MISLEADING = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_PREFIX")
_TAG = re.compile(r"tags/(\S+)$", re.MULTILINE)
_SUBMODULES = "Unexpected error while defensively "


def clone(remote: str, folder: str) -> WorkingCopy:
    """Clone a repository, with its submodules, into a new folder. Raises PluginError with what git said."""
    code, out = _git(["clone", "--recursive", "--", remote, folder], os.path.dirname(folder))
    if code:
        raise PluginError(f"Unable to get repository: {out}: {_status(code)}")
    return WorkingCopy(folder)


class WorkingCopy:
    """A working copy in a folder."""

    __slots__ = ("folder",)

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def _run(self, *words: str) -> tuple[int, str]:
        return _git(words, self.folder)

    def _must(self, failed: str, *words: str) -> str:
        code, out = self._run(*words)
        if code:
            raise PluginError(f"{failed}: {_status(code)}", hint=out.strip())
        return out

    def remote(self) -> str:
        """Where it was cloned from. Raises PluginError where that is not known."""
        return self._must("Unable to retrieve local repo information", "config", "--get", "remote.origin.url").strip()

    def is_dirty(self) -> bool:
        """Whether files that git keeps were changed."""
        code, out = self._run("diff")
        return bool(code or out)

    def go_to(self, version: str, remote: str) -> None:
        """Check a tag, branch or commit out, or the latest tag that satisfies a constraint. Raises NavarchError."""
        target = version if self._is_reference(version) else self._choose(version, remote)
        self._must("Unable to update checked out version", "checkout", target, "--")
        self._renew_submodules()

    def _is_reference(self, name: str) -> bool:
        if name.startswith("-"):
            return False
        return not self._run("rev-parse", "--verify", name)[0] or not self._run("show-ref", name)[0]

    def _choose(self, wanted: str, remote: str) -> str:
        from functools import cmp_to_key

        from navarch.golang.semver import Version, parse_constraint, parse_version
        from navarch.golang.strconv import quote

        constraint = parse_constraint(wanted)
        versions: list[Version] = []
        for tag in _TAG.findall(self._must("Unable to retrieve tags", "show-ref")):
            try:
                versions.append(parse_version(tag))
            except VersionError:
                continue
        for version in sorted(versions, key=cmp_to_key(Version.compare), reverse=True):
            if constraint.check(version):
                return version.original
        raise PluginError(f"requested version {quote(wanted)} does not exist for plugin {quote(remote)}")

    def update(self, *, owned: bool, check: Callable[[], object]) -> None:
        """Fetch, and go on to the newest commit of the branch; what stands at a version stays there.

        `check` may raise an error for what came. Only in a copy that is `owned`, nobody's workplace, files that git
        doesn't know are deleted, as those of former versions, and what failed the check is undone. Raises NavarchError.
        """
        failed = "Unable to update repository"
        before = self._run("rev-parse", "HEAD")[1].strip()
        self._must(failed, "fetch", "--tags", "--", "origin")
        if self._run("symbolic-ref", "-q", "HEAD")[0]:
            return
        self._pull(failed)
        try:
            check()
        except NavarchError:
            if owned:
                self._must(failed, "reset", "--hard", before, "--")
            raise
        self._renew_submodules(tidy=owned)

    def _pull(self, failed: str) -> None:
        """Raises PluginError, and leaves no half of a merge."""
        try:
            self._must(failed, "pull")
        except PluginError:
            self._run("merge", "--abort")
            raise

    def _renew_submodules(self, *, tidy: bool = True) -> None:
        clean = ("clean", "-x", "-d", "-f", "-f")
        self._must(f"{_SUBMODULES}updating submodules", "submodule", "update", "--init", "--recursive")
        if not tidy:
            return
        failed = f"{_SUBMODULES}cleaning up after possible derelict "
        self._must(f"{failed}submodule directories", *clean)
        each = ("submodule", "foreach", "--recursive", f"git {' '.join(clean)}")
        self._must(f"{failed}nested submodule directories", *each)


def _git(words: list[str] | tuple[str, ...], folder: str) -> tuple[int, str]:
    """The exit status of git, and what it wrote. Raises PluginError where there is no git."""
    import subprocess

    environment = {name: value for name, value in os.environ.items() if name not in _MISLEADING}
    environment |= {"PWD": folder, "GIT_CEILING_DIRECTORIES": os.path.dirname(folder)}
    try:
        done = subprocess.run(  # noqa: S603 - fixed words, and addresses after "--"
            ["git", *words],  # noqa: S607 - the one that is on the path
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    except FileNotFoundError as error:
        raise PluginError("git is not installed") from error
    return done.returncode, done.stdout.decode("utf-8", "surrogateescape")


def _status(code: int) -> str:
    return f"exit status {code}" if code > 0 else f"signal: {-code}"
