"""The lines that show on a terminal how far downloads are, and that nobody sees elsewhere."""

import io
import os
import pty
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from navarch import Chart
from navarch.cli import output
from navarch.cli.transfers import Transfers
from support.httpd import Httpd, answer

NAV = [sys.executable, "-c", "from navarch.cli.main import entry; entry()"]


class Terminal(io.StringIO):
    """Takes what is written to a terminal of 80 columns; `shown` is what can be read on it."""

    def __init__(self, columns=80):
        super().__init__()
        self.text = ""
        self.columns = columns

    def write(self, text):
        self.text += text
        return len(text)

    def flush(self):
        pass

    def fileno(self):
        raise OSError

    @property
    def shown(self):
        lines = [""]
        row = 0
        for part in filter(None, re.split(r"(\x1b\[\d*[A-Z]|\r|\n)", self.text)):
            if part == "\r":
                column = 0
            elif part == "\n":
                row += 1
                lines += [""] * (row + 1 - len(lines))
            elif part.startswith("\x1b") and part.endswith("A"):
                row -= int(part[2:-1])
            elif part == "\x1b[J":
                assert column == 0
                lines[row:] = [""]
            else:
                lines[row] += part
                column = len(lines[row])
        return [line for line in lines if line]


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    yield now
    output.show_on(None)


def test_a_line_for_each(clock):
    terminal = Terminal()
    told = Transfers(terminal)
    told("https://x/a-1.tgz?token=x", 0, 4 << 20)
    told("https://x/b-1.tgz", 10, None)
    assert terminal.shown == []
    clock[0] += 0.6
    told("https://x/a-1.tgz?token=x", 1 << 20, 4 << 20)
    assert terminal.shown == ["a-1.tgz  ━━━━━━━" + " " * 23 + "  1.0 MiB of 4.0 MiB", "b-1.tgz  10 B"]
    clock[0] += 0.2
    told("https://x/b-1.tgz", 2048, None)
    assert terminal.shown[1] == "b-1.tgz  2.0 KiB"
    told("https://x/a-1.tgz?token=x", 4 << 20, 4 << 20)
    assert terminal.shown == ["b-1.tgz  2.0 KiB"]
    told("https://x/b-1.tgz", 3000, 3000)
    assert terminal.shown == []


def test_quick_ones_are_not_shown(clock):
    terminal = Terminal()
    told = Transfers(terminal)
    for size in range(5):
        clock[0] += 0.1
        told("a", size, 5)
    told("a", 5, 5)
    assert terminal.text == ""


def test_what_is_printed_stands_above(clock, capfdbinary):
    terminal = Terminal()
    told = Transfers(terminal)
    told("a", 0, 5)
    clock[0] += 1
    told("a", 1, 5)
    assert terminal.shown != []
    output.write("Pulled\n")
    assert terminal.shown == []
    clock[0] += 1
    told("a", 2, 5)
    assert len(terminal.shown) == 1
    told("a", 5, 5)
    output.write("Pulled\n")
    assert terminal.shown == []


@pytest.fixture
def slow(tmp_path):
    files = {"Chart.yaml": b"apiVersion: v2\nname: web\nversion: 1.0.0\n", "noise": os.urandom(4 << 20)}
    data = Path(Chart.from_files(files).save(tmp_path)).read_bytes()
    seen = threading.Event()

    def respond(request):
        whole, at = answer(body=data), 600 << 10
        request.sock.sendall(whole[:at])
        while not seen.wait(0.5) and at < len(whole) - (256 << 10):
            request.sock.sendall(whole[at : at + (64 << 10)])
            at += 64 << 10
        request.sock.sendall(whole[at:-5])
        time.sleep(0.1)
        return whole[-5:]

    with Httpd(respond) as server:
        yield server, seen


def run(words, folder, stderr):
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "TERM": "xterm"}
    return subprocess.Popen(
        [*NAV, *words], cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr
    )


def test_a_slow_download_on_a_terminal_and_in_a_pipe(slow, tmp_path):
    server, shown = slow
    words = ["pull", f"{server.url}/web-1.0.0.tgz"]
    line = rb"web-1\.0\.0\.tgz  (\xe2\x94\x81)+ +[0-9.]+ .iB of 4.0 MiB"
    mine, theirs = pty.openpty()
    (tmp_path / "a").mkdir()
    process = run([*words, "-d", "a"], tmp_path, theirs)
    piped = run(words, tmp_path, subprocess.PIPE)
    os.close(theirs)
    seen = b""
    try:
        while piece := os.read(mine, 1000):
            seen += piece
            if re.search(line, seen):
                shown.set()
    except OSError:  # the other end was closed
        pass
    os.close(mine)
    out, err = piped.communicate()
    assert (process.communicate()[0], process.returncode, out, err, piped.returncode) == (b"", 0, b"", b"", 0)
    assert re.search(line, seen)
    assert seen.endswith(b"\r\x1b[J")
