"""What .Files offers to templates."""

from __future__ import annotations

from navarch.chart.files import Files

FILES = Files(
    {
        "conf/a.txt": b"one\ntwo\n",
        "conf/sub/b.bin": b"\xff\x00",
        "empty": b"",
        "tail": b"x\n\n",
    }
)


def test_contents() -> None:
    assert FILES.Get("conf/a.txt") == "one\ntwo\n"
    assert FILES.Get("nope") == ""
    assert FILES.Get("conf/sub/b.bin") == "\udcff\x00"
    assert FILES.GetBytes("conf/sub/b.bin") == b"\xff\x00"


def test_lines() -> None:
    assert FILES.Lines("conf/a.txt") == ["one", "two"]
    assert FILES.Lines("tail") == ["x", ""]
    assert FILES.Lines("empty") == []
    assert FILES.Lines("nope") == []


def test_globs() -> None:
    assert sorted(FILES.Glob("conf/*")) == ["conf/a.txt"]
    assert sorted(FILES.Glob("conf/**")) == ["conf/a.txt", "conf/sub/b.bin"]
    assert sorted(FILES.Glob("[")) == sorted(FILES)
    assert type(FILES.Glob("x")) is Files


def test_as_config_and_secrets() -> None:
    some = FILES.Glob("{conf/*.txt,empty}")
    assert some.AsConfig() == 'a.txt: |\n  one\n  two\nempty: ""'
    assert some.AsSecrets() == 'a.txt: b25lCnR3bwo=\nempty: ""'
    assert Files().AsConfig() == "{}"
