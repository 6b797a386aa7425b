"""Input that is broken, hostile or endless, through the command: a clear error, exit 1, no traceback, nothing half-written.

What the first line says is Helm's; the tests marked real ask it again.
"""

from __future__ import annotations

import gzip
import io
import os
import resource
import signal
import subprocess
import sys
import tarfile
import time

import pytest

from support.oracle import HELM, real_helm

NAV = os.path.join(os.path.dirname(sys.executable), "nav")
META = "apiVersion: v2\nname: c\nversion: 1.0.0\n"
SHOWS_VALUES = "v: {{ toJson .Values | quote }}\n"
MEMORY = 3 << 30


def archive(*entries, raw=None):
    """A chart archive of (name, content) pairs."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in entries:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return gzip.compress(buffer.getvalue() if raw is None else raw, mtime=0)


def header(size):
    info = tarfile.TarInfo("c/x")
    info.size = size
    return info.tobuf(tarfile.GNU_FORMAT)


def aliases(first):
    """Nine aliases of nine aliases of nine …"""
    lines = [f"a: &a {first}"]
    for i in range(9):
        own, before = chr(98 + i), chr(97 + i)
        lines.append(f"{own}: &{own} [{', '.join(['*' + before] * 9)}]")
    return "\n".join(lines) + "\n"


def run(program, folder, *words, stdin=b"", limit=MEMORY, seconds=300, **streams):
    """Run a command in a folder, with little memory and a home of its own."""

    def bounds():
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    return subprocess.run(
        [program, *words],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder / "home"), "TZ": "UTC", "GOMEMLIMIT": "1GiB"},
        input=stdin,
        timeout=seconds,
        check=False,
        preexec_fn=bounds if program == NAV else None,
        **(streams or {"capture_output": True}),
    )


def write(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        made = content() if callable(content) else content  # some would take long to make for every test
        path.write_bytes(made if isinstance(made, bytes) else made.encode())


def first_line(stderr, folder):
    text = stderr.decode("utf-8", "replace").replace(str(folder), "$TMP")
    return next((line for line in text.split("\n") if line.startswith("Error")), text)


def chart(**files):
    """Files of a chart in ./c; `__` in a name is a slash, its last `_` the dot of the ending."""
    made = {"c/Chart.yaml": META}
    for name, content in files.items():
        stem, _, ending = name.replace("__", "/").rpartition("_")
        made[f"c/{stem}.{ending}"] = content
    return made


def template(text, values="{}\n"):
    return chart(templates__t_yaml=text, values_yaml=values)


def schema(text, values="{}\n"):
    return {**chart(templates__t_yaml="x: 1\n", values_yaml=values), "c/values.schema.json": text}


def values(content):
    return {**chart(templates__t_yaml=SHOWS_VALUES), "v.yaml": content}


YAML = "Error: failed to parse v.yaml: cannot unmarshal yaml document: error converting YAML to JSON: yaml: "
JSON = "Error: failed to parse v.yaml: cannot unmarshal yaml document: error unmarshaling JSON: while decoding JSON: json: "
AT = 'Error: template: c/templates/t.yaml:1:6: executing "c/templates/t.yaml" at '
ARCHIVE = "Error: unable to load chart archive"
WITH_VALUES = ("template", "r", "c", "-f", "v.yaml")
PLAIN = ("template", "r", "c")

# name: (files, command line, the first line of Helm's answer)
CASES = {
    # values
    "values not UTF-8": (values(b"a: caf\xe9\n"), WITH_VALUES, YAML + "incomplete UTF-8 octet sequence"),
    "values of UTF-16 cut": (values("a: 1\n".encode("utf-16")), WITH_VALUES, YAML + "incomplete UTF-16 character"),
    "values with NUL": (values(b"a: \0\n"), WITH_VALUES, YAML + "control characters are not allowed"),
    "values of all bytes": (values(bytes(range(256))), WITH_VALUES, YAML + "control characters are not allowed"),
    "values with a surrogate": (values(b"a: \xed\xa0\x80\n"), WITH_VALUES, YAML + "invalid Unicode character"),
    "values torn": (values("a: [1\n"), WITH_VALUES, YAML + "line 1: did not find expected ',' or ']'"),
    "values with tabs": (
        values("a:\n\tb: 1"),
        WITH_VALUES,
        YAML + "line 2: found character that cannot start any token",
    ),
    "values a list": (
        values("- 1"),
        WITH_VALUES,
        JSON + "cannot unmarshal array into Go value of type map[string]interface {}",
    ),
    "values a number": (
        values("5"),
        WITH_VALUES,
        JSON + "cannot unmarshal number into Go value of type map[string]interface {}",
    ),
    "values with an unknown alias": (values("a: *x"), WITH_VALUES, YAML + "unknown anchor 'x' referenced"),
    "values in themselves": (values("a: &a [*a]\n"), WITH_VALUES, YAML + "anchor 'a' value contains itself"),
    "values of YAML 9": (values("%YAML 9.9\n---\na: 1"), WITH_VALUES, YAML + "found incompatible YAML document"),
    "values with an open tag": (values("a: !<x y\n"), WITH_VALUES, YAML + "did not find the expected '>'"),
    "aliases that multiply": (
        values(aliases("[x, x, x, x, x, x, x, x, x]")),
        WITH_VALUES,
        YAML + "document contains excessive aliasing",
    ),
    "lists too deep": (values("a: " + "[" * 10_001 + "]" * 10_001), WITH_VALUES, YAML + "exceeded max depth of 10000"),
    "sequences too deep": (
        values("a:\n" + "- " * 20_000 + "x"),
        WITH_VALUES,
        YAML + "line 2: exceeded max depth of 10000",
    ),
    "values missing": (chart(), WITH_VALUES, "Error: open v.yaml: no such file or directory"),
    "values a folder": (chart(), (*PLAIN, "-f", "/tmp"), "Error: read /tmp: is a directory"),
    "values.yaml not UTF-8": (
        chart(values_yaml=b"a: \xff\n"),
        PLAIN,
        "Error: cannot load values.yaml: cannot unmarshal yaml document: error converting YAML to JSON: yaml: invalid leading UTF-8 octet",
    ),
    "set far": (
        chart(),
        (*PLAIN, "--set", "a[99999999999]=1"),
        "Error: failed parsing --set data: index of 99999999999 is greater than maximum supported index of 65536",
    ),
    "set before the first": (
        chart(),
        (*PLAIN, "--set", "a[-1]=1"),
        "Error: failed parsing --set data: negative -1 index not allowed",
    ),
    "set deep": (
        chart(),
        (*PLAIN, "--set", ".".join(["a"] * 40) + "=1"),
        "Error: failed parsing --set data: value name nested level is greater than maximum supported nested level of 30",
    ),
    "set-json torn": (chart(), (*PLAIN, "--set-json", "a={x"), "Error: failed parsing --set-json data a={x"),
    "set-file a folder": (
        chart(),
        (*PLAIN, "--set-file", "a=/tmp"),
        "Error: failed parsing --set-file data: read /tmp: is a directory",
    ),
    # templates
    "includes without end": (
        template('{{ define "l" }}{{ include "l" . }}{{ end }}x: {{ include "l" . }}'),
        PLAIN,
        'Error: template: c/templates/t.yaml:1:50: executing "c/templates/t.yaml" at <include "l" .>: error calling include: template:',
    ),
    "includes of each other": (
        template(
            '{{ define "l" }}{{ include "m" . }}{{ end }}{{ define "m" }}{{ include "l" . }}{{ end }}x: {{ include "l" . }}'
        ),
        PLAIN,
        'Error: template: c/templates/t.yaml:1:94: executing "c/templates/t.yaml" at <include "l" .>: error calling include: template:',
    ),
    "a file that includes itself": (
        template("x: {{ include .Template.Name . }}"),
        PLAIN,
        AT + "<include .Template.Name .>: error calling include: template:",
    ),
    "templates without end": (
        template('{{ define "l" }}{{ template "l" . }}{{ end }}x: {{ template "l" . }}'),
        PLAIN,
        "Error: c/templates/t.yaml:1:28",
    ),
    "tpl of includes without end": (
        template('{{ define "l" }}{{ tpl "{{ include \\"l\\" . }}" . }}{{ end }}x: {{ include "l" . }}'),
        PLAIN,
        'Error: template: c/templates/t.yaml:1:66: executing "c/templates/t.yaml" at <include "l" .>: error calling include: template:',
    ),
    "tpl of nonsense": (
        template('x: {{ tpl "{{ if ) }}" . }}'),
        PLAIN,
        AT
        + '<tpl "{{ if ) }}" .>: error calling tpl: cannot parse template "{{ if ) }}": template: gotpl:1: unexpected right paren',
    ),
    "tpl of half an action": (
        template('x: {{ tpl "{{" . }}'),
        PLAIN,
        AT + '<tpl "{{" .>: error calling tpl: cannot parse template "{{": template: gotpl:1: unclosed action',
    ),
    "a template not closed": (
        template("x: {{ if true }}"),
        PLAIN,
        "Error: parse error at (c/templates/t.yaml:1): unexpected EOF",
    ),
    "a template not UTF-8": (
        template(b"x: caf\xe9\n"),
        PLAIN,
        "Error: YAML parse error on c/templates/t.yaml: error converting YAML to JSON: yaml: incomplete UTF-8 octet sequence",
    ),
    "a template of all bytes": (
        template(bytes(range(256))),
        PLAIN,
        "Error: YAML parse error on c/templates/t.yaml: error converting YAML to JSON: yaml: control characters are not allowed",
    ),
    "parentheses beyond Go's depth": (
        template("x: {{ " + "(" * 10_001 + "1" + ")" * 10_001 + " }}"),
        PLAIN,
        "Error: parse error at (c/templates/t.yaml:1): max expression depth exceeded",
    ),
    "a pattern too large": (
        template('x: {{ mustRegexMatch "((x{1000}){1000}){1000}" "a" }}'),
        PLAIN,
        AT + '<mustRegexMatch "((x{1000}){1000}){1000}" "a">: error calling mustRegexMatch: error parsing regexp:',
    ),
    "no such function": (
        template("x: {{ nofunc }}"),
        PLAIN,
        'Error: parse error at (c/templates/t.yaml:1): function "nofunc" not defined',
    ),
    "output that is not YAML": (
        template("x: [\n"),
        PLAIN,
        "Error: YAML parse error on c/templates/t.yaml: error converting YAML to JSON: yaml: line 1: did not find expected node content",
    ),
    "a version of 5,000 digits": (
        template('x: {{ semver (printf "%s.0.0" (repeat 5000 "9")) }}'),
        PLAIN,
        AT + '<semver (printf "%s.0.0" (repeat 5000 "9"))>: error calling semver: version string is too long',
    ),
    # charts
    "no chart": ({}, ("template", "r", "./nowhere"), 'Error: path "./nowhere" not found'),
    "an empty folder": (
        {"d/x": ""},
        ("template", "r", "d"),
        "Error: unable to detect chart at $TMP/d/Chart.yaml: open $TMP/d/Chart.yaml: no such file or directory",
    ),
    "no Chart.yaml": (
        {"c/values.yaml": "a: 1\n"},
        PLAIN,
        "Error: unable to detect chart at $TMP/c/Chart.yaml: open $TMP/c/Chart.yaml: no such file or directory",
    ),
    "Chart.yaml with aliases that multiply": (
        {"c/Chart.yaml": aliases("[x, x, x, x, x, x, x, x, x]")},
        PLAIN,
        "Error: cannot load Chart.yaml: error converting YAML to JSON: yaml: document contains excessive aliasing",
    ),
    "a file beyond the limit": (
        {**chart(), "c/big": lambda: b"\0" * (101 << 20)},
        PLAIN,
        "Error: error reading big: chart exceeds maximum decompressed size of 104857600 bytes",
    ),
    "an archive without Chart.yaml": (
        {"a.tgz": archive(("c/values.yaml", b"a: 1\n"))},
        ("template", "r", "a.tgz"),
        "Error: unable to detect chart version, no Chart.yaml found",
    ),
    "a file that is no archive": (
        {"a.tgz": b"hello"},
        ("template", "r", "a.tgz"),
        "Error: file '$TMP/a.tgz' does not appear to be a gzipped archive; got 'application/octet-stream'",
    ),
    "an archive cut": ({"a.tgz": archive(("c/Chart.yaml", META.encode()))[:40]}, ("template", "r", "a.tgz"), ARCHIVE),
    "an archive of garbage": ({"a.tgz": archive(raw=b"x" * 2048)}, ("template", "r", "a.tgz"), ARCHIVE),
    "a name that leads out": (
        {"a.tgz": archive(("c/Chart.yaml", META.encode()), ("c/../../evil", b"x"))},
        ("template", "r", "a.tgz"),
        ARCHIVE,
    ),
    "an absolute name": (
        {"a.tgz": archive(("c/Chart.yaml", META.encode()), ("c//etc/evil", b"x"))},
        ("template", "r", "a.tgz"),
        ARCHIVE,
    ),
    "a drive's name": (
        {"a.tgz": archive(("c/Chart.yaml", META.encode()), ("c/C:/evil", b"x"))},
        ("template", "r", "a.tgz"),
        ARCHIVE,
    ),
    "an entry of 2⁶² bytes": (
        {"a.tgz": archive(raw=header(1 << 62) + b"\0" * 512)},
        ("template", "r", "a.tgz"),
        ARCHIVE,
    ),
    "an archive that unpacks to 150 MB": (
        {"a.tgz": lambda: archive(("c/Chart.yaml", META.encode()), ("c/big", b"\0" * (150 << 20)))},
        ("template", "r", "a.tgz"),
        ARCHIVE,
    ),
    "an archive that unpacks to 300 MB of nothing": (
        {"a.tgz": lambda: archive(raw=b"\0" * (300 << 20))},
        ("template", "r", "a.tgz"),
        ARCHIVE,
    ),
    "a bomb among the dependencies": (
        {**chart(), "c/charts/b.tgz": lambda: archive(("b/Chart.yaml", META.encode()), ("b/big", b"\0" * (101 << 20)))},
        PLAIN,
        "Error: error unpacking subchart b.tgz in c: decompressed chart is larger than the maximum size 104857600",
    ),
    # schemas
    "a schema that is not JSON": (
        schema("{"),
        PLAIN,
        "Error: values don't meet the specifications of the schema(s) in the following chart(s):",
    ),
    "a schema that refers to itself": (
        schema('{"$ref": "#"}'),
        PLAIN,
        "Error: values don't meet the specifications of the schema(s) in the following chart(s):",
    ),
    "a schema elsewhere": (
        schema('{"$ref": "file:///etc/passwd"}'),
        PLAIN,
        "Error: values don't meet the specifications of the schema(s) in the following chart(s):",
    ),
    # the command line
    "no such flag": ({}, ("template", "--nope"), "Error: unknown flag: --nope"),
    "a kube version of 5,000 digits": (
        chart(),
        (*PLAIN, "--kube-version", "9" * 5000),
        f"Error: invalid kube version '{'9' * 5000}': ",
    ),
    "a name that is none": (
        chart(),
        ("template", "Not_A_Name", "c"),
        'Error: release name check failed: release name "Not_A_Name": invalid release name, must match regex',
    ),
    "nothing shown": (
        chart(),
        (*PLAIN, "-s", "templates/none.yaml"),
        "Error: could not find template templates/none.yaml in chart",
    ),
    "a name's template without end": (
        chart(),
        ("template", "--name-template", '{{ define "l" }}{{ template "l" }}{{ end }}{{ template "l" }}', "c"),
        'Error: template: name-template:1:28: executing "l" at <{{template "l"}}>: exceeded maximum template depth (100000)',
    ),
}


def check(done, folder):
    """Refused in a clear way: one message, nothing on stdout, nothing left behind."""
    assert done.returncode == 1
    assert done.stdout == b""
    assert b"Traceback" not in done.stderr
    line = first_line(done.stderr, folder)
    assert line.startswith("Error: ")
    for leak in (
        "RecursionError",
        "MemoryError",
        "ValueError",
        "TypeError",
        "KeyError",
        "IndexError",
        "AttributeError",
        "Unicode",
    ):
        assert not line.startswith(f"Error: {leak}")
    return line


@pytest.mark.parametrize("name", CASES)
def test_refused_in_helm_s_words(name, tmp_path):
    files, words, wanted = CASES[name]
    write(tmp_path, files)
    started = resource.getrusage(resource.RUSAGE_CHILDREN)
    line = check(run(NAV, tmp_path, *words), tmp_path)
    assert line.startswith(wanted)
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert ended.ru_utime + ended.ru_stime - started.ru_utime - started.ru_stime < 100


@pytest.mark.real
@real_helm()
@pytest.mark.parametrize("name", CASES)
def test_they_are_helm_s_words(name, tmp_path):
    files, words, wanted = CASES[name]
    write(tmp_path, files)
    done = run(HELM, tmp_path, *words)
    assert done.returncode == 1
    assert first_line(done.stderr, tmp_path).startswith(wanted)


# What Helm renders, or never ends with: an answer or a clear error.
HARD = {
    "a thousand nested ifs": template("{{ if true }}" * 1000 + "x: 1" + "{{ end }}" * 1000),
    "fifty nested ranges": template("{{ range list 1 }}" * 50 + "x: 1" + "{{ end }}" * 50),
    "a thousand parentheses": template("x: {{ " + "(" * 1000 + "1" + ")" * 1000 + " }}"),
    "parentheses to Go's depth": template("x: {{ " + "(" * 9_999 + "1" + ")" * 9_999 + " }}"),
    "a pipeline of 5,000 stages": template('x: {{ "a"' + " | upper" * 5000 + " }}"),
    "5,000 arguments": template("x: {{ list" + " 1" * 5000 + " | len }}"),
    "a path of 3,000 fields": template("x: {{ .Values" + ".a" * 3000 + " }}"),
    "a tpl of itself": template("x: {{ tpl .Values.t . }}", 't: "{{ tpl .Values.t . }}"\n'),
    "a hostile pattern": template('x: {{ regexMatch "^(a+)+$" (printf "%s!" (repeat 5000 "a")) }}'),
    "a hostile replacement": template('x: {{ regexReplaceAll "(.*)(.*)(.*)(.*)(.*)$" (repeat 3000 "ab") "x" | len }}'),
    "a hostile glob": {**template('x: {{ .Files.Glob (printf "%sb" (repeat 30 "*a")) | len }}'), "c/" + "a" * 200: "x"},
    "a schema with a hostile pattern": schema('{"patternProperties": {"^(a+)+$": {}}}', "a" * 900 + "b: 1\n"),
    "values 5,000 deep": values("a: " + "[" * 5000 + "]" * 5000),
    "mappings 3,000 deep": values("".join(" " * i + "a:\n" for i in range(3000))),
    "a schema 3,000 deep": schema('{"not": ' * 3000 + "{}" + "}" * 3000),
    "Chart.yaml 5,000 deep": {"c/Chart.yaml": META + "annotations: " + "[" * 5000 + "]" * 5000 + "\n"},
    "a number of 5,000 digits": values("a: " + "9" * 5000),
    "fromYaml of 9,000 brackets": template(
        'x: {{ fromYamlArray (printf "%s%s" (repeat 9000 "[") (repeat 9000 "]")) | toYaml | len }}'
    ),
    "fromJson of 20,000 brackets": template('x: {{ (fromJson (repeat 20000 "[")).Error | quote }}'),
    "printf of a wide number": template('x: {{ printf "%1000000d" 1 | len }} {{ printf "%99999999999d" 1 | quote }}'),
}


@pytest.mark.parametrize("name", HARD)
def test_what_is_hard_ends_well(name, tmp_path):
    write(tmp_path, HARD[name])
    words = WITH_VALUES if "v.yaml" in HARD[name] else PLAIN
    done = run(NAV, tmp_path, *words)
    if done.returncode:
        check(done, tmp_path)
    else:
        assert done.stdout.startswith(b"---\n# Source: c/templates/t.yaml\n") or done.stdout == b"\n"
        assert done.stderr == b""


@pytest.mark.parametrize(
    "words", [("--set", "a" + "[0]" * 2000 + "=1"), ("--set-json", "a=" + "[" * 5000 + "]" * 5000)], ids=["set", "json"]
)
def test_deep_values_of_the_command_line(words, tmp_path):
    write(tmp_path, chart(templates__t_yaml=SHOWS_VALUES))
    done = run(NAV, tmp_path, *PLAIN, *words)
    if done.returncode:
        check(done, tmp_path)
    else:
        assert done.stdout.count(b"[") >= 2000


@pytest.mark.parametrize("command", ["lint", "show all", "package", "dependency list"])
@pytest.mark.parametrize(
    "name",
    [
        "Chart.yaml with aliases that multiply",
        "an archive that unpacks to 150 MB",
        "a name that leads out",
        "no Chart.yaml",
        "values torn",
        "a schema that is not JSON",
    ],
)
def test_other_commands_meet_the_same(command, name, tmp_path):
    files, words, _ = CASES[name]
    write(tmp_path, files)
    before = sorted(os.listdir(tmp_path))
    done = run(NAV, tmp_path, *command.split(), words[2])
    assert done.returncode in (0, 1)
    assert b"Traceback" not in done.stderr
    assert done.returncode == 0 or first_line(done.stderr, tmp_path).startswith("Error: ")
    left = set(os.listdir(tmp_path)) - set(before) - {"home"}
    assert left <= {"c-1.0.0.tgz"}
    assert done.returncode == 0 or not left


# files, links and devices


def test_a_link_in_a_circle(tmp_path):
    write(tmp_path, chart())
    os.symlink("s", tmp_path / "c/s")
    assert (
        check(run(NAV, tmp_path, *PLAIN), tmp_path)
        == "Error: error evaluating symlink $TMP/c/s: EvalSymlinks: too many links"
    )


def test_a_folder_linked_into_itself(tmp_path):
    write(tmp_path, chart(templates__t_yaml="x: 1\n"))
    os.symlink("..", tmp_path / "c/templates/up")
    assert check(run(NAV, tmp_path, *PLAIN), tmp_path).startswith("Error: ")


def test_a_pipe_among_the_files(tmp_path):
    write(tmp_path, chart(templates__t_yaml="x: 1\n"))
    os.mkfifo(tmp_path / "c/templates/f")
    assert check(run(NAV, tmp_path, *PLAIN), tmp_path) == (
        "Error: cannot load irregular file $TMP/c/templates/f as it has file mode type bits set"
    )


def test_names_that_are_not_utf_8(tmp_path):
    write(tmp_path, chart(templates__t_yaml="x: 1\n"))
    with open(os.fsencode(tmp_path) + b"/c/templates/\xff\xfe.yaml", "wb") as file:
        file.write(b"y: 2\n")
    done = run(NAV, tmp_path, *PLAIN)
    assert done.returncode == 0
    assert b"# Source: c/templates/\xff\xfe.yaml\ny: 2\n" in done.stdout


@pytest.mark.parametrize("place", ["file", "file/below", "/proc/nowhere", "/dev/null"])
def test_an_output_folder_that_can_t_be_written(place, tmp_path):
    write(tmp_path, {**chart(templates__t_yaml="x: 1\n"), "file": "kept"})
    check(run(NAV, tmp_path, *PLAIN, "--output-dir", place), tmp_path)
    assert (tmp_path / "file").read_text() == "kept"


def test_nothing_is_written_where_rendering_fails(tmp_path):
    write(tmp_path, chart(templates__a_yaml="x: 1\n", templates__b_yaml='{{ fail "no" }}'))
    check(run(NAV, tmp_path, *PLAIN, "--output-dir", "out"), tmp_path)
    assert not (tmp_path / "out").exists()


def test_an_unwritable_cache_is_no_matter(tmp_path):
    write(tmp_path, {**chart(templates__t_yaml="x: 1\n"), "home": "a file"})
    done = run(NAV, tmp_path, *PLAIN)
    assert (done.returncode, done.stderr) == (0, b"")


# streams


def through_shell(tmp_path, line):
    """A shell line, with the command as $NAV."""
    return subprocess.run(
        ["bash", "-c", line],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path / "home"), "NAV": NAV},
        capture_output=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("command", ["template r c", "version", "template --help", "show all c", "env"])
def test_a_full_disk_is_told(command, tmp_path):
    write(tmp_path, chart(templates__t_yaml="x: {{ range until 100000 }}a{{ end }}\n"))
    done = through_shell(tmp_path, f"$NAV {command} >/dev/full")
    assert done.returncode == 1
    assert done.stderr.startswith(b"Error: ")
    assert b"no space left on device" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("line", ["$NAV template r ./none 2>/dev/full", "$NAV template r ./none >/dev/full 2>&1"])
def test_not_even_the_error_can_be_told(line, tmp_path):
    assert through_shell(tmp_path, line).returncode == 1


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("$NAV template r c >&-", 0),
        ("$NAV template r ./none 2>&-", 1),
        ("$NAV template r c <&- >&- 2>&-", 0),
        ("$NAV version >&-", 0),
        ("$NAV template r c <&-", 0),
    ],
)
def test_closed_streams(line, code, tmp_path):
    """Helm ends with the same codes."""
    write(tmp_path, chart(templates__t_yaml="x: 1\n"))
    done = through_shell(tmp_path, line)
    assert done.returncode == code
    assert b"Traceback" not in done.stderr


def test_a_reader_that_goes_away(tmp_path):
    write(tmp_path, chart(templates__t_yaml="x: {{ range until 100000 }}a{{ end }}\n"))
    done = through_shell(tmp_path, "$NAV template r c | head -c 3; echo ${PIPESTATUS[0]}")
    assert done.stdout == b"---141\n"
    assert done.stderr == b""


ENDLESS = "{{ range until 30000 }}{{ range until 30000 }}{{ end }}{{ end }}x: 1\n"


def worked(pid):
    """Seconds for which a process had a core: how far it is, however busy the machine."""
    with open(f"/proc/{pid}/schedstat", "rb") as file:
        return int(file.read().split()[0]) / 1e9


def interrupted(tmp_path, *words, after):
    process = subprocess.Popen(
        [NAV, *words],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path / "home")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    while worked(process.pid) < after:
        time.sleep(0.002)
    process.send_signal(signal.SIGINT)
    try:
        out, err = process.communicate(timeout=120)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
        assert b"Exception ignored in: <function _get_module_lock" in err
    finally:
        process.kill()
    return process.returncode, out, err


def cost(folder):
    """Seconds for which a run has a core that has next to nothing to render: by then, another one is well under way."""
    folder.mkdir()
    write(folder, chart(templates__a_yaml="y: 2\n"))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert run(NAV, folder, *PLAIN).returncode == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.parametrize("times", [2, 4])
def test_ctrl_c_ends_a_long_render_at_once(times, tmp_path):
    write(tmp_path, chart(templates__a_yaml="y: 2\n", templates__t_yaml=ENDLESS))
    after = times * cost(tmp_path / "small") + 0.1
    code, out, err = interrupted(tmp_path, *PLAIN, "--output-dir", "out", after=after)
    assert (code, out, err) == (130, b"", b"")
    assert not (tmp_path / "out").exists()
    kept = list((tmp_path / "home").rglob("*.tmp"))
    assert kept == []


@pytest.mark.parametrize("after", [0.0, 0.005, 0.01, 0.015, 0.02, 0.03])
def test_ctrl_c_while_starting_leaves_no_traceback(after, tmp_path):
    """What Python says before anything of ours runs is its own affair; so is that it may print an interrupt and go on."""
    write(tmp_path, chart(templates__t_yaml=ENDLESS))
    code, out, err = interrupted(tmp_path, *PLAIN, after=after)
    assert out == b""
    assert b"navarch" not in err
    assert code in (130, -signal.SIGINT) or b"KeyboardInterrupt" in err


LOSES_IT = """
import os, signal, sys, weakref
from navarch.cli.main import _dropped

class Thing: ...

def callback(_):
    os.kill(os.getpid(), signal.SIGINT)
    for _ in range(1000): ...

sys.unraisablehook = _dropped
thing = Thing()
reference = weakref.ref(thing, callback)
try:
    del thing
    for _ in range(10**9): ...
except KeyboardInterrupt:
    print("interrupted")
"""


def test_ctrl_c_is_not_lost_in_a_callback():
    done = subprocess.run([sys.executable, "-c", LOSES_IT], capture_output=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == (b"interrupted\n", b"")
