"""Progress on a terminal: what its lines say, that there are none elsewhere, and what is left of them."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import textwrap
from typing import Any

import pytest

from navarch.actions.context import Context
from navarch.cli.progress import Board, watched
from navarch.kube.events import Applied, Failed, HookFinished, HookStarted, Ready, Waiting
from navarch.kube.objects import Mapping, Resource

MAPS = Mapping("apps", "v1", "Deployment", "deployments", namespaced=True)


def deployment(name):
    return Resource(MAPS, "shop", name, {})


def told(board, room=99):
    lines, more = board.lines(room)
    return [" ".join(filter(None, (line.label, line.state, line.reason))) for line in lines], more


def test_a_line_for_each_object_and_hook():
    board = Board()
    web = deployment("web")
    board(Applied(web, "created"))
    board(HookStarted("check", "Job", "pre-install"))
    board(Waiting(web, "0 of 2 pods"))
    board(HookFinished("check", "Job", "pre-install", "Failed"))
    board(Failed(deployment("api"), "timed out"))
    assert told(board) == (
        ["Deployment/web waiting 0 of 2 pods", "Job/check failed pre-install hook", "Deployment/api failed timed out"],
        0,
    )
    board(Ready(web))
    assert told(board)[0][0] == "Deployment/web ready"


def test_what_is_unfinished_comes_first_where_there_is_no_room():
    board = Board()
    for number in range(5):
        board(Applied(deployment(f"d{number}"), "created"))
    board(Waiting(deployment("d4"), "soon"))
    board(Failed(deployment("d3"), "no"))
    assert told(board, 3) == (["Deployment/d3 failed no", "Deployment/d4 waiting soon"], 3)
    assert told(board, 1) == ([], 5)


@pytest.mark.parametrize("terminal", [True, False])
def test_only_a_terminal_listens(monkeypatch, terminal):
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    heard = []
    nobody: Any = None
    context = Context(nobody, nobody, "shop", on_event=heard.append)
    with watched(context):
        assert (context.on_event == heard.append) is not terminal
        context.tell(Ready(deployment("web")))
    assert context.on_event == heard.append
    assert len(heard) == 1, "who listened before goes on listening"


SCRIPT = """
import sys, time
import navarch.cli.progress as progress
from navarch.cli import output
from navarch.actions.context import Context
from navarch.cli.output import complain, write
from navarch.kube.events import Waiting
from navarch.kube.objects import Mapping, Resource

progress._PATIENCE = float(sys.argv[1])

def shown(watch):  # waits until lines are drawn, if they are to be, and drawn again
    while progress._PATIENCE < 1 and (watch._painter is None or output._screen is not watch._painter):
        time.sleep(0.05)
    turn = watch._painter._turn if watch._painter else 0
    while watch._painter and watch._painter._turn < turn + 2:
        time.sleep(0.05)

web = Resource(Mapping("", "v1", "Pod", "pods", namespaced=True), "shop", "web", {})
context = Context(None, None, "shop")
try:
    with progress.watched(context) as watch:
        context.tell(Waiting(web, "0 of 1 ready"))
        shown(watch)
        complain("a warning")
        write("some output\\n")
        shown(watch)
        if sys.argv[2] == "cancel":
            raise KeyboardInterrupt
except KeyboardInterrupt:
    pass
print("after", "rich" in sys.modules)
"""


def on_a_terminal(patience, how=""):
    """What a terminal is sent by the script above."""
    main, side = pty.openpty()
    words = [sys.executable, "-c", textwrap.dedent(SCRIPT), str(patience), how]
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
    environment.pop("NO_COLOR", None)
    with subprocess.Popen(words, stdin=side, stdout=side, stderr=side, env=environment) as process:
        os.close(side)
        seen = b""
        while True:
            try:
                part = os.read(main, 65536)
            except OSError:
                break
            if not part:
                break
            seen += part
        assert process.wait() == 0
    os.close(main)
    return seen.decode()


def test_what_is_over_soon_is_not_shown():
    assert on_a_terminal(30) == "a warning\r\nsome output\r\nafter False\r\n"


@pytest.mark.parametrize("how", ["", "cancel"])
def test_lines_are_drawn_and_taken_away(how):
    seen = on_a_terminal(0.05, how)
    assert "Pod/web" in seen
    assert "0 of 1 ready" in seen
    assert screen(seen) == ["a warning", "some output", "after True"]
    assert seen.rindex("\x1b[?25h") > seen.rindex("\x1b[?25l"), "the cursor is visible at the end"


def screen(text):
    """The lines that stay on a terminal: enough of one for what is drawn here."""
    lines, row = [""], 0
    at = 0
    while at < len(text):
        if text[at] == "\x1b":
            end = next(i for i in range(at + 2, len(text)) if text[i].isalpha())
            code, final = text[at + 2 : end], text[end]
            if final == "K":
                lines[row] = ""
            elif final == "A":
                row = max(row - int(code or 1), 0)
            at = end + 1
            continue
        if text[at] == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif text[at] != "\r":
            lines[row] += text[at]
        at += 1
    return [line for line in lines if line]
