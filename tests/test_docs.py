"""The documents hold what they promise: their examples run, their command lines parse, what they point to is there.

Python blocks of a page run one after the other; a text block after one is what it prints. Console blocks show command
lines after "$ ", and below them the beginning of what they print; a line "…" stands for any lines.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import runpy
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

import navarch
from navarch.cli.main import _check_arguments, command_module, flag_set
from navarch.cli.route import find
from navarch.cli.table import COMMANDS
from support.local import processes

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src/navarch"
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")])
NAV = (sys.executable, "-c", "from navarch.cli.main import entry; entry()")


class Block(NamedTuple):
    """A fenced part of a page, and the line it begins on."""

    language: str
    line: int
    text: str


class Command(NamedTuple):
    """A command line of a console block, and what is shown below it."""

    line: str
    shown: str


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    fences = re.finditer(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [Block(f[1], text.count("\n", 0, f.start()) + 1, f[2]) for f in fences]


def commands(page: Path) -> list[Command]:
    found = []
    for block in blocks(page):
        if block.language == "console":
            parts = re.split(r"^\$ (.*)\n", block.text, flags=re.MULTILINE)
            found += [Command(line, shown) for line, shown in zip(parts[1::2], parts[2::2], strict=True)]
    return found


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def with_blocks(language: str) -> pytest.MarkDecorator:
    pages = [page for page in PAGES if any(block.language == language for block in blocks(page))]
    return pytest.mark.parametrize("page", pages, ids=name)


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for variable in [variable for variable in os.environ if variable.startswith("HELM_")]:
        monkeypatch.delenv(variable)
    for kind in ("CACHE", "CONFIG", "DATA"):
        monkeypatch.setenv(f"HELM_{kind}_HOME", str(tmp_path / kind.lower()))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    monkeypatch.chdir(ROOT)
    yield
    for cluster in tmp_path.glob("data/navarch/clusters/*"):  # of a page whose commands failed
        subprocess.run([*NAV, "cluster", "down", "--delete", "--name", cluster.name], check=False)


@with_blocks("python")
def test_python_blocks_run_and_print_what_is_shown(page: Path) -> None:
    names: dict[str, object] = {}
    printed = ""
    for block in blocks(page):
        if block.language == "python":
            code = compile("\n" * block.line + block.text, str(page), "exec", dont_inherit=True)
            with contextlib.redirect_stdout(io.StringIO()) as output:
                exec(code, names)
            printed = output.getvalue()
        elif block.language == "text":
            assert printed.rstrip() == block.text.rstrip()


@pytest.mark.parametrize("script", sorted(ROOT.glob("examples/*.py")), ids=name)
def test_scripts_run(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(script), run_name="__main__")
    assert capsys.readouterr().out.strip()


def nav_words(line: str) -> list[list[str]]:
    """The arguments of each call of nav in a shell's command line."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    calls: list[list[str]] = []
    current: list[str] | None = None
    for word in lexer:
        if set(word) <= set(lexer.punctuation_chars):
            current = None
        elif current is not None:
            current.append(word)
        elif word == "nav":
            current = []
            calls.append(current)
        elif "=" not in word:  # another program, if it isn't a variable; nav may be among its arguments
            current = []
    return calls


def written_commands(page: Path) -> list[str]:
    """The command lines of a page: in console blocks, in indented ones, and within sentences."""
    text = page.read_text(encoding="utf-8")
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    indented = re.findall(r"^    (nav .*)$", prose, re.MULTILINE)
    return [*(command.line for command in commands(page)), *indented]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_command_lines_parse(page: Path) -> None:
    for line in written_commands(page):
        for words in nav_words(line):
            if (
                words and (ROOT / "examples/plugins" / words[0]).is_dir()
            ):  # what its command takes is a plugin's own business
                continue
            path, rest = find(words)
            flags = flag_set(path, command_module(path))
            flags.parse(rest)
            limits = COMMANDS[path][1] if path else None
            if limits and not flags.values.get("help"):
                _check_arguments(path, limits, len(flags.args))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_in_sentences_exist(page: Path) -> None:
    for line in re.findall(r"`nav ([^`\n|]*)", page.read_text(encoding="utf-8")):
        path, rest = find(shlex.split(line))
        assert path or rest == ["…"] or not rest, line
        flag_set(path, command_module(path)).parse(rest)


@with_blocks("console")
def test_commands_print_what_is_shown(page: Path, tmp_path: Path) -> None:
    """All that are nothing but nav are run, in one folder and in the order of the page."""
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / "examples").symlink_to(ROOT / "examples")
    for command in commands(page):
        variables, words = alone(command.line)
        if words is None:
            continue
        done = subprocess.run(
            [*NAV, *words],
            cwd=folder,
            env={**os.environ, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == ("Error:" in command.shown), f"{command.line}\n{done.stdout}"
        if command.shown:
            assert re.fullmatch(pattern(command.shown), done.stdout.rstrip() + "\n"), f"{command.line}\n{done.stdout}"


def alone(line: str) -> tuple[dict[str, str], list[str] | None]:
    """The variables and arguments of a line that is a call of nav; no arguments for one that is something else."""
    calls = nav_words(line)
    words = shlex.split(line)
    variables = {}
    while words and re.match(r"[A-Z_]+=", words[0]):
        key, _, value = words.pop(0).partition("=")
        variables[key] = value
    return variables, calls[0] if calls and words == ["nav", *calls[0]] else None


def pattern(shown: str) -> str:
    return "".join(r"(?:.*\n)*" if line == "…" else re.escape(line) + r"\n" for line in shown.rstrip().split("\n"))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("https://", "http://")):
            continue
        path, _, anchor = target.partition("#")
        place = (page.parent / path).resolve() if path else page
        assert place.exists(), target
        assert not anchor or anchor in anchors(place), target


def anchors(page: Path) -> list[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


@pytest.mark.parametrize("page", ["ARCHITECTURE.md", "CONTRIBUTING.md", *map(name, ROOT.glob("docs/decisions/*.md"))])
def test_files_that_are_named_exist(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    words = re.findall(r"`([^`\s]+)`", prose) + re.findall(r"^    (\S+)  ", prose, re.MULTILINE)
    paths = [word for word in words if re.fullmatch(r"[\w./-]+/[\w./-]*|[\w-]+\.(py|md|toml)", word)]
    missing = [path for path in paths if not (ROOT / path).exists() and not (PACKAGE / path).exists()]
    assert not missing


def test_the_architecture_names_every_folder() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    folders = [file.parent.relative_to(PACKAGE).as_posix() for file in PACKAGE.rglob("*/__init__.py")]
    assert [folder for folder in folders if f"`{folder}/" not in text] == []


def test_the_library_page_names_every_public_name() -> None:
    text = (ROOT / "docs/library.md").read_text(encoding="utf-8")
    assert [public for public in navarch.__all__ if f"`{public}`" not in text] == []


def test_the_readme_begins_with_two_commands() -> None:
    first, second, *_ = (ROOT / "README.md").read_text(encoding="utf-8").split("\n")
    assert first.split()[:2] == ["make", "demo"]
    assert second.split()[:2] == ["make", "test"]


def demo(folder: Path) -> tuple[list[str], dict[str, str]]:
    """The demo's command line, and an environment with a home and a place for temporary files in that folder."""
    nav = folder / "nav"
    nav.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{NAV[2]}" "$@"\n')
    nav.chmod(0o755)
    for name in ("tmp", "home"):
        (folder / name).mkdir()
    places = {"TMPDIR": str(folder / "tmp"), "HOME": str(folder / "home")}
    return [str(ROOT / "examples/demo"), str(nav)], {**os.environ, **places}


def test_the_demo_runs_and_leaves_nothing(tmp_path: Path) -> None:
    words, environment = demo(tmp_path)
    done = subprocess.run(words, env=environment, capture_output=True, text=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "\x1b" not in done.stdout
    assert "_helpers.tpl:" in done.stdout
    assert "  4       \tdeployed  \tRollback to 2" in done.stdout
    assert [*(tmp_path / "tmp").iterdir(), *(tmp_path / "home").iterdir(), *processes(tmp_path)] == []


@pytest.mark.parametrize("line", ["$ nav install", "$ nav upgrade"])
def test_an_interrupted_demo_leaves_nothing(tmp_path: Path, line: str) -> None:
    words, environment = demo(tmp_path)
    null, pipe = subprocess.DEVNULL, subprocess.PIPE
    with subprocess.Popen(
        words, env=environment, stdout=pipe, stderr=null, start_new_session=True, text=True
    ) as process:
        assert process.stdout is not None
        assert any(line in shown for shown in process.stdout)
        time.sleep(0.5)
        os.killpg(process.pid, signal.SIGINT)
        process.stdout.read()
        assert process.wait(timeout=300) == 130
    assert [*(tmp_path / "tmp").iterdir(), *(tmp_path / "home").iterdir(), *processes(tmp_path)] == []
