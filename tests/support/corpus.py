"""The charts of tests/corpus, the command lines that are run on them, and what came out."""

from __future__ import annotations

import io
import os
import shlex
import shutil
import subprocess
import tempfile
import tomllib
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["CORPUS", "GOLDEN", "Case", "Seen", "cases", "clean", "golden", "run", "run_here"]

CORPUS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "corpus")
GOLDEN = os.path.join(CORPUS, "golden")


class Case(NamedTuple):
    """A command line without the program's name, run in tests/corpus; `$TMP` in it is a fresh folder.

    `stdin` is what it is fed, `environment` what is set besides.
    """

    name: str
    run: str
    stdin: str
    environment: dict[str, str]


class Seen(NamedTuple):
    """What a command did: its exit code, what it printed, the files it left in `$TMP`."""

    code: int
    out: str
    err: str
    files: str

    def save(self, path: str) -> None:
        """Keep it: the exit code and stderr in PATH.err (nothing if it was 0 without a word), stdout in PATH.out."""
        os.makedirs(os.path.dirname(path), exist_ok=True)
        kept = {".out": self.out, ".files": self.files, ".err": f"exit {self.code}\n{self.err}"}
        if self.err == "" and self.code == 0:
            del kept[".err"]
        for ending, text in kept.items():
            if text or ending == ".err":
                with open(path + ending, "wb") as file:
                    file.write(text.encode("utf-8", "surrogateescape"))


def cases() -> list[Case]:
    """The cases of cases.toml, in its order."""
    with open(os.path.join(CORPUS, "cases.toml"), "rb") as file:
        table = tomllib.load(file)
    return [
        Case(f"{group}-{name}", case, "", {})
        if isinstance(case, str)
        else Case(f"{group}-{name}", case["run"], case.get("stdin", ""), case.get("env", {}))
        for group, members in table.items()
        for name, case in members.items()
    ]


def golden(case: Case) -> Seen:
    """What Helm did."""
    path = os.path.join(GOLDEN, case.name)
    head, _, err = (_read(path + ".err") or "exit 0\n").partition("\n")
    return Seen(int(head.removeprefix("exit ")), _read(path + ".out"), err, _read(path + ".files"))


def clean() -> None:
    """Throw all goldens away."""
    shutil.rmtree(GOLDEN, ignore_errors=True)


def run(case: Case, program: Sequence[str]) -> Seen:
    """Run a case with a program."""

    def start(words: list[str], environment: dict[str, str]) -> tuple[int, bytes, bytes]:
        done = subprocess.run(
            [*program, *words],
            input=case.stdin.encode(),
            capture_output=True,
            cwd=CORPUS,
            env=environment,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    return _seen(case, start)


def run_here(case: Case) -> Seen:
    """Run a case with our command, in this process: ten times as quick as starting one."""

    def start(words: list[str], environment: dict[str, str]) -> tuple[int, bytes, bytes]:
        from navarch.cli.main import main

        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(CORPUS)
            for name in set(os.environ) - set(environment):
                patch.delenv(name)
            for name, value in environment.items():
                patch.setenv(name, value)
            patch.setattr("sys.argv", ["nav"])
            streams = {name: io.TextIOWrapper(io.BytesIO(), "utf-8") for name in ("stdin", "stdout", "stderr")}
            streams["stdin"].buffer.write(case.stdin.encode())
            streams["stdin"].buffer.seek(0)
            for name, stream in streams.items():
                patch.setattr(f"sys.{name}", stream)
            code = main(words)
            written = []
            for name in ("stdout", "stderr"):
                streams[name].flush()
                written.append(streams[name].buffer.getvalue())
        return code, written[0], written[1]

    return _seen(case, start)


def _seen(case: Case, start: Callable[[list[str], dict[str, str]], tuple[int, bytes, bytes]]) -> Seen:
    """What came of a case in folders of its own; paths of this machine are evened out."""
    folder = tempfile.mkdtemp(prefix="corpus-")
    try:
        home = os.path.join(folder, "home")
        scratch = os.path.join(folder, "tmp")
        os.makedirs(scratch)
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": home,
            "TZ": "UTC",
            "NO_COLOR": "1",
            "KUBECONFIG": os.path.join(folder, "none"),
            **{f"HELM_{kind}_HOME": os.path.join(home, kind.lower()) for kind in ("CACHE", "CONFIG", "DATA")},
            **case.environment,
        }
        words = [word.replace("$TMP", scratch) for word in shlex.split(case.run)]
        code, out, err = start(words, environment)
        return Seen(code, _evened(out, folder), _evened(err, folder), _left(scratch))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _read(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return file.read().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return ""


def _evened(data: bytes, folder: str) -> str:
    text = data.decode("utf-8", "surrogateescape")
    return text.replace(os.path.join(folder, "tmp"), "$TMP").replace(folder, "$FOLDER").replace(CORPUS, "$CORPUS")


def _left(folder: str) -> str:
    """The files below a folder, with their texts."""
    found = []
    for top, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(top, name)
            text = "(an archive)\n" if name.endswith(".tgz") else _read(path)
            found.append(f"==> {os.path.relpath(path, folder)}\n{text}")
    return "".join(sorted(found))
