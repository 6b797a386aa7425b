"""The cache: what is kept comes back the same, and no state of its file or folder does harm."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import navarch
from navarch import cache as module
from navarch.cache import Cache, cache_folder, digest, open_cache
from navarch.manifests.render import Engine

NAV = os.path.join(os.path.dirname(sys.executable), "nav")
FILES = {
    "Chart.yaml": b"apiVersion: v2\nname: c\nversion: 1.0.0\n",
    "values.yaml": b"a: 1\n",
    "templates/_h.tpl": b'{{ define "h" }}{{ .Values.a }}!{{ end }}{{ define "unused" }}{{ .x.y }}{{ end }}',
    "templates/a.yaml": b'kind: Pod\nmetadata: {name: a-{{ include "h" . }}}\n',
    "templates/b.yaml": b'kind: Job\nmetadata: {name: b-{{ tpl "{{ .Values.a | add 1 }}" . }}}\n',
}
OUTPUT = {
    "c/templates/a.yaml": "kind: Pod\nmetadata: {name: a-1!}\n",
    "c/templates/b.yaml": "kind: Job\nmetadata: {name: b-2}\n",
}


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "navarch" / "x.chart")


def rendered(path, files=FILES):
    """Render a chart as a new process would, and keep what was compiled."""
    cache = Cache(path)
    made = Engine(cache=cache).render(navarch.Chart.from_files(files))
    cache.save()
    return made


@pytest.fixture
def work(monkeypatch):
    """The names of the templates that are parsed, and how many bodies are compiled, from here on."""
    from navarch.templates import compile as compiling
    from navarch.templates import parse as parsing

    done = {"parsed": [], "compiled": []}
    parse, compile_body = parsing.parse, compiling.compile_body

    def counted_parse(name, *rest):
        done["parsed"].append(name)
        return parse(name, *rest)

    def counted_compile(body, *rest):
        done["compiled"].append(body.name)
        return compile_body(body, *rest)

    monkeypatch.setattr(parsing, "parse", counted_parse)
    monkeypatch.setattr(compiling, "compile_body", counted_compile)
    return done


def test_entries_come_back(path):
    cache = Cache(path)
    entry = (1, "two", b"3", [4.5, None], {"k": (True,)})
    cache.put("things", "content", entry)
    cache.put("things", b"bytes", "other")
    assert cache.get("things", "content") == entry
    cache.save()
    again = Cache(path)
    assert again.get("things", "content") == entry
    assert again.get("things", b"bytes") == "other"
    assert again.get("things", "else") is None
    assert again.get("else", "content") is None


def test_texts_and_bytes_of_the_same_content_are_the_same():
    assert digest("é") == digest("é".encode())
    assert digest("\udce9") != digest("\udcea")
    assert len(digest("")) == 16


def test_a_second_run_neither_parses_nor_compiles(path, work):
    assert rendered(path) == OUTPUT
    assert sorted(work["parsed"]) == ["c/templates/_h.tpl", "c/templates/a.yaml", "c/templates/b.yaml", "gotpl"]
    assert "unused" not in work["compiled"]
    work["parsed"].clear()
    work["compiled"].clear()
    assert rendered(path) == OUTPUT
    assert work == {"parsed": [], "compiled": []}


def test_an_edit_costs_only_what_was_edited(path, work):
    rendered(path)
    work["parsed"].clear()
    work["compiled"].clear()
    edited = {**FILES, "templates/a.yaml": b'kind: Pod\nmetadata: {name: new-{{ include "h" . }}}\n'}
    assert rendered(path, edited)["c/templates/a.yaml"] == "kind: Pod\nmetadata: {name: new-1!}\n"
    assert work == {"parsed": ["c/templates/a.yaml"], "compiled": ["c/templates/a.yaml"]}


def test_a_moved_template_is_found_by_its_content(path, work):
    rendered(path)
    work["parsed"].clear()
    moved = {("templates/z.yaml" if name == "templates/a.yaml" else name): data for name, data in FILES.items()}
    assert rendered(path, moved)["c/templates/z.yaml"] == OUTPUT["c/templates/a.yaml"]
    assert work["parsed"] == []


def test_errors_name_the_right_file_from_the_cache(path):
    files = {**FILES, "templates/b.yaml": b"x\n{{ .Values.q.w }}"}
    moved = {**FILES, "templates/c.yaml": b"x\n{{ .Values.q.w }}"}
    for given_files, name in ((files, "b"), (files, "b"), (moved, "c")):
        cache = Cache(path)
        with pytest.raises(navarch.TemplateError, match=f"^c/templates/{name}.yaml:2:10\n") as caught:
            Engine(cache=cache).render(navarch.Chart.from_files(given_files))
        assert caught.value.line == 2
        cache.save()


def test_strict_and_loose_share_code(path):
    files = {**FILES, "templates/b.yaml": b"{{ .Values.none }}"}
    rendered(path, files)
    with pytest.raises(navarch.TemplateError, match="map has no entry"):
        Engine(cache=Cache(path), strict=True).render(navarch.Chart.from_files(files))


def test_a_template_that_can_t_be_parsed_is_not_kept(path):
    files = {**FILES, "templates/b.yaml": b"{{ if }}"}
    for _ in range(2):
        cache = Cache(path)
        with pytest.raises(
            navarch.TemplateError, match=r"parse error at \(c/templates/b.yaml:1\): missing value for if"
        ):
            Engine(cache=cache).render(navarch.Chart.from_files(files))
        cache.save()


def test_functions_of_the_caller_are_not_kept(path):
    chart = navarch.Chart.from_files({**FILES, "templates/b.yaml": b"{{ mine }}"})
    for word in ("one", "two"):
        cache = Cache(path)
        made = Engine(cache=cache, functions={"mine": lambda word=word: word}).render(chart)
        cache.save()
        assert made["c/templates/b.yaml"] == word
    with pytest.raises(navarch.TemplateError, match='function "mine" not defined'):
        rendered(path, {**FILES, "templates/b.yaml": b"{{ mine }}"})


# the file


def test_file_and_folder_are_the_owner_s_alone(path):
    rendered(path)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode) == 0o700
    assert os.listdir(os.path.dirname(path)) == ["x.chart"]


DAMAGE = {
    "empty": lambda raw: b"",
    "cut": lambda raw: raw[: len(raw) // 2],
    "cut in the head": lambda raw: raw[:10],
    "one byte less": lambda raw: raw[:-1],
    "longer": lambda raw: raw + b"x",
    "a bit flipped": lambda raw: raw[:-20] + bytes([raw[-20] ^ 1]) + raw[-19:],
    "a digest flipped": lambda raw: raw.replace(b"\n", b"\n\0", 1),
    "another version": lambda raw: raw.replace(b"navarch ", b"navarch 9", 1),
    "text": lambda raw: b"not a cache\n" * 100,
    "only the head": lambda raw: raw[: raw.index(b"\n") + 1],
}


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_file_counts_as_empty_and_is_replaced(path, how, work):
    rendered(path)
    with open(path, "rb") as file:
        raw = file.read()
    with open(path, "wb") as file:
        file.write(DAMAGE[how](raw))
    assert Cache(path).sections == {}
    work["parsed"].clear()
    assert rendered(path) == OUTPUT
    assert len(work["parsed"]) == 4
    with open(path, "rb") as file:
        assert file.read() == raw


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 10_000), byte=st.integers(1, 255))
def test_no_flipped_byte_does_harm(tmp_path, at, byte):
    path = str(tmp_path / "f" / "x.chart")
    rendered(path)
    with open(path, "rb") as file:
        raw = bytearray(file.read())
    raw[at % len(raw)] ^= byte
    with open(path, "wb") as file:
        file.write(raw)
    assert rendered(path) == OUTPUT


def test_a_file_of_another_python_counts_as_empty(path, monkeypatch):
    rendered(path)
    monkeypatch.setattr(sys, "hexversion", sys.hexversion + 1)
    assert Cache(path).sections == {}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_another_user_s_file_is_not_believed(path):
    rendered(path)
    os.chown(path, 12345, 12345)
    assert Cache(path).sections == {}
    assert rendered(path) == OUTPUT


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_can_write_is_not_believed(path, mode):
    rendered(path)
    os.chmod(path, mode)
    assert Cache(path).sections == {}
    assert rendered(path) == OUTPUT


def test_too_large_a_file_is_neither_read_nor_written(path, monkeypatch):
    rendered(path)
    monkeypatch.setattr(module, "LIMIT", 50)
    assert Cache(path).sections == {}
    os.unlink(path)
    assert rendered(path) == OUTPUT
    assert not os.path.exists(path)


def test_entries_that_are_not_used_are_dropped(path):
    cache = Cache(path)
    for i in range(50):
        cache.put("s", f"{i}", "x" * 1000)
    cache.save()
    cache = Cache(path)
    cache.get("s", "7")
    cache.put("s", "new", "y")
    cache.save()
    assert len(Cache(path).sections["s"]) == 2


def test_the_folder_holds_no_more_than_its_share(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MOST", 5)
    for i in range(9):
        cache = Cache(str(tmp_path / f"{i}.chart"))
        cache.put("s", "c", i)
        cache.save()
        os.utime(cache.path, (i + 1, i + 1))
    (tmp_path / "other.txt").write_text("not ours to delete")
    kept = sorted(name for name in os.listdir(tmp_path) if name.endswith(".chart"))
    assert len(kept) <= 6
    assert "8.chart" in kept
    assert (tmp_path / "other.txt").exists()


# the folder


def test_a_symbolic_link_in_the_temporary_s_place_is_not_followed(path, tmp_path):
    os.makedirs(os.path.dirname(path), mode=0o700)
    victim = tmp_path / "victim"
    victim.write_text("precious")
    os.symlink(victim, f"{path}.{os.getpid()}.tmp")
    assert rendered(path) == OUTPUT
    assert victim.read_text() == "precious"


def test_a_symbolic_link_in_the_file_s_place_is_replaced(path, tmp_path):
    os.makedirs(os.path.dirname(path), mode=0o700)
    victim = tmp_path / "victim"
    victim.write_text("precious")
    os.symlink(victim, path)
    assert rendered(path) == OUTPUT
    assert victim.read_text() == "precious"
    assert not os.path.islink(path)


def test_a_folder_that_can_t_be_made_is_no_error(tmp_path):
    (tmp_path / "file").write_text("")
    assert rendered(str(tmp_path / "file" / "navarch" / "x.chart")) == OUTPUT
    assert rendered("/dev/null/x.chart") == OUTPUT
    assert rendered("/proc/none/x.chart") == OUTPUT


def test_a_folder_in_the_file_s_place_is_no_error(path):
    os.makedirs(path)
    assert rendered(path) == OUTPUT
    assert os.listdir(os.path.dirname(path)) == ["x.chart"]


def test_a_full_disk_is_no_error(path, monkeypatch):
    rendered(path)
    before = os.stat(path).st_size
    real = os.open
    monkeypatch.setattr(os, "open", lambda name, flags, mode=0o777: real("/dev/full", os.O_WRONLY))
    edited = {**FILES, "templates/a.yaml": b"{{ 1 }}"}
    assert rendered(path, edited)["c/templates/a.yaml"] == "1"
    assert os.stat(path).st_size == before


def test_where_it_lies(monkeypatch):
    for name in ("HELM_CACHE_HOME", "XDG_CACHE_HOME", "NAVARCH_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/h")
    assert cache_folder() == "/h/.cache/helm/navarch"
    monkeypatch.setenv("XDG_CACHE_HOME", "/x")
    assert cache_folder() == "/x/helm/navarch"
    monkeypatch.setenv("HELM_CACHE_HOME", "/c")
    assert cache_folder() == "/c/navarch"
    assert open_cache("chart").path.startswith("/c/navarch/")
    assert open_cache("chart").path == open_cache("./chart").path != open_cache("other").path


@pytest.mark.parametrize("word", ["off", "OFF", "0", "false", "no"])
def test_off(monkeypatch, word):
    monkeypatch.setenv("NAVARCH_CACHE", word)
    assert cache_folder() == ""
    assert open_cache("chart") is None


# the command


@pytest.fixture
def chart(tmp_path):
    for name, data in FILES.items():
        place = tmp_path / "chart" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return tmp_path


def nav(folder, **environment):
    settings_ = {"PATH": "/usr/bin:/bin", "HOME": str(folder / "home"), **environment}
    return subprocess.run(
        [NAV, "template", "chart"], cwd=folder, env=settings_, capture_output=True, text=True, check=False
    )


def test_cold_warm_and_off_print_the_same(chart):
    cold = nav(chart)
    assert cold.returncode == 0
    (kept,) = (chart / "home/.cache/helm/navarch").iterdir()
    written = kept.stat().st_mtime_ns
    warm, off = nav(chart), nav(chart, NAVARCH_CACHE="off")
    assert (warm.stdout, warm.stderr) == (off.stdout, off.stderr) == (cold.stdout, cold.stderr)
    assert kept.stat().st_mtime_ns == written  # nothing was new


def test_off_writes_nothing(chart):
    assert nav(chart, NAVARCH_CACHE="off").returncode == 0
    assert not (chart / "home").exists()


def test_an_unwritable_home_is_no_error(chart):
    (chart / "file").write_text("")
    made = nav(chart, HELM_CACHE_HOME=str(chart / "file" / "x"))
    assert (made.returncode, made.stderr) == (0, "")


def test_racing_processes_agree(chart):
    """Twelve at once on an empty cache, which is then whole."""
    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(lambda _: nav(chart), range(12)))
    assert len({(one.returncode, one.stdout, one.stderr) for one in made}) == 1
    assert made[0].returncode == 0
    folder = chart / "home/.cache/helm/navarch"
    (kept,) = folder.iterdir()
    assert Cache(str(kept)).sections
