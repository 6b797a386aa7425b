"""Flags by pflag's rules: what a command line gives, and the words for what it can't."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.cli.flag_values import BadValue, read, read_csv
from navarch.cli.flags import HELP, FlagSet
from navarch.errors import UsageError
from navarch.golang.duration import SECOND

ROWS = (
    ("namespace", "n", "string", "", "words"),
    ("quiet", "q", "bool", "false", "words"),
    ("all", "A", "bool", "false", "words"),
    ("verify", "", "bool", "true", "words"),
    ("max", "m", "int", "256", "words"),
    ("width", "", "uint", "80", "words"),
    ("qps", "", "float32", "0", "words"),
    ("timeout", "", "duration", "5m0s", "words"),
    ("values", "f", "stringSlice", "[]", "words"),
    ("set", "", "stringArray", "[]", "words"),
    ("labels", "l", "stringToString", "[]", "words"),
    ("output", "o", "format", "table", "words"),
    ("wait", "", "WaitStrategy", "hookOnly", "words"),
    ("dry-run", "", "dryRun", "none", "words"),
    ("force", "", "bool", "false", "words"),
    HELP,
)


def parse(*words):
    flags = FlagSet((ROWS,), {"force": "use --force-replace instead"})
    flags.parse(list(words))
    return flags


@pytest.mark.parametrize(
    ("words", "values", "args"),
    [
        ("", {}, []),
        ("a b", {}, ["a", "b"]),
        ("a --namespace x b", {"namespace": "x"}, ["a", "b"]),
        ("--namespace=x", {"namespace": "x"}, []),
        ("--namespace= a", {"namespace": ""}, ["a"]),
        ("--namespace=a=b", {"namespace": "a=b"}, []),
        ("-n x", {"namespace": "x"}, []),
        ("-nx", {"namespace": "x"}, []),
        ("-n=x", {"namespace": "x"}, []),
        ("-n=", {"namespace": "="}, []),  # with nothing behind it the sign is the value
        ("-n -q", {"namespace": "-q"}, []),
        ("-q", {"quiet": True}, []),
        ("-q=false", {"quiet": False}, []),
        ("--quiet=0", {"quiet": False}, []),
        ("--quiet false", {"quiet": True}, ["false"]),
        ("-qA", {"quiet": True, "all": True}, []),
        ("-qAn x", {"quiet": True, "all": True, "namespace": "x"}, []),
        ("-qnx", {"quiet": True, "namespace": "x"}, []),
        ("-- -q --namespace", {}, ["-q", "--namespace"]),
        ("a -- b", {}, ["a", "b"]),
        ("- a", {}, ["-", "a"]),
        ("--max 0x10", {"max": 16}, []),
        ("--max -5", {"max": -5}, []),
        ("--max 010", {"max": 8}, []),
        ("--max 1_000", {"max": 1000}, []),
        ("--width 7", {"width": 7}, []),
        ("--qps 0x1p-2", {"qps": 0.25}, []),
        ("--timeout 1m30s", {"timeout": 90 * SECOND}, []),
        ("-f a -f b,c", {"values": ["a", "b", "c"]}, []),
        ('-f a,"b,c"', {"values": ["a", "b,c"]}, []),
        ("--set a=1,b=2 --set c=3", {"set": ["a=1,b=2", "c=3"]}, []),
        ("-l a=b,c=d", {"labels": {"a": "b", "c": "d"}}, []),
        ("-l a=b,c -l e=f", {"labels": {"a": "b,c", "e": "f"}}, []),
        ("-o json", {"output": "json"}, []),
        ("--wait a", {"wait": "watcher"}, ["a"]),
        ("--wait=legacy", {"wait": "legacy"}, []),
        ("--dry-run a", {"dry-run": "unset"}, ["a"]),
        ("--dry-run=server", {"dry-run": "server"}, []),
        ("-test.v", {}, []),
    ],
)
def test_what_a_command_line_gives(words, values, args):
    flags = parse(*words.split())
    assert flags.values == values
    assert flags.args == args


def test_empty_words_are_arguments():
    assert parse("", "--namespace", "").args == [""]


def test_an_empty_list_is_one_without_items():
    assert parse("-f", "").values == {"values": []}
    assert parse("-f", ",").values == {"values": ["", ""]}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--foo", "unknown flag: --foo"),
        ("--foo=1", "unknown flag: --foo"),
        ("-x", "unknown shorthand flag: 'x' in -x"),
        ("-qx", "unknown shorthand flag: 'x' in -x"),
        ("-é", "unknown shorthand flag: 'Ã' in -é"),
        ("-'", "unknown shorthand flag: '\\'' in -'"),
        ("--=x", "bad flag syntax: --=x"),
        ("---x", "bad flag syntax: ---x"),
        ("--namespace", "flag needs an argument: --namespace"),
        ("-n", "flag needs an argument: 'n' in -n"),
        ("-qn", "flag needs an argument: 'n' in -n"),
        (
            "--quiet=maybe",
            'invalid argument "maybe" for "-q, --quiet" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
        ),
        ("--max x", 'invalid argument "x" for "-m, --max" flag: strconv.ParseInt: parsing "x": invalid syntax'),
        ("--max=", 'invalid argument "" for "-m, --max" flag: strconv.ParseInt: parsing "": invalid syntax'),
        (
            "--max 99999999999999999999",
            (
                'invalid argument "99999999999999999999" for "-m, --max" flag: '
                'strconv.ParseInt: parsing "99999999999999999999": value out of range'
            ),
        ),
        ("--width -1", 'invalid argument "-1" for "--width" flag: strconv.ParseUint: parsing "-1": invalid syntax'),
        ("--qps x", 'invalid argument "x" for "--qps" flag: strconv.ParseFloat: parsing "x": invalid syntax'),
        (
            "--qps 1e99",
            'invalid argument "1e99" for "--qps" flag: strconv.ParseFloat: parsing "1e99": value out of range',
        ),
        ("--timeout x", 'invalid argument "x" for "--timeout" flag: time: invalid duration "x"'),
        ("--timeout 5", 'invalid argument "5" for "--timeout" flag: time: missing unit in duration "5"'),
        (
            '-f a"b',
            (
                'invalid argument "a\\"b" for "-f, --values" flag: '
                'parse error on line 1, column 2: bare " in non-quoted-field'
            ),
        ),
        (
            '-f "a',
            (
                'invalid argument "\\"a" for "-f, --values" flag: '
                'parse error on line 1, column 3: extraneous or missing " in quoted-field'
            ),
        ),
        ("-l foo", 'invalid argument "foo" for "-l, --labels" flag: foo must be formatted as key=value'),
        ("-l a=b,c=d,e", 'invalid argument "a=b,c=d,e" for "-l, --labels" flag: e must be formatted as key=value'),
        ("-o xml", 'invalid argument "xml" for "-o, --output" flag: invalid format type'),
        (
            "--wait=x",
            (
                'invalid argument "x" for "--wait" flag: '
                'invalid wait input "x". Valid inputs are watcher, hookOnly, and legacy'
            ),
        ),
    ],
)
def test_faults_are_told_in_pflags_words(words, message):
    with pytest.raises(UsageError) as caught:
        parse(*words.split())
    assert str(caught.value) == message


def test_a_flag_that_was_probably_meant_is_a_hint():
    with pytest.raises(UsageError) as caught:
        parse("--namspace", "x")
    assert caught.value.hint == "did you mean --namespace?"


def test_defaults():
    flags = parse()
    found = {row[0]: flags.get(row[0]) for row in ROWS if row[0] not in ("help", "force", "all")}
    assert found == {
        "namespace": "",
        "quiet": False,
        "verify": True,
        "max": 256,
        "width": 80,
        "qps": 0.0,
        "timeout": 300 * SECOND,
        "values": [],
        "set": [],
        "labels": {},
        "output": "table",
        "wait": "hookOnly",
        "dry-run": "none",
    }


def test_deprecated_flags_are_told_each_time():
    line = "Flag --force has been deprecated, use --force-replace instead"
    assert parse("--force", "--force").notices == [line, line]


def test_where_the_dashes_stood():
    assert parse("a", "--", "b").dash == 1
    assert parse("a").dash == -1


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("a", ["a"]),
        ("a,b", ["a", "b"]),
        ("a\nb", ["a"]),
        ("\n\na,b\r\n", ["a", "b"]),
        ('"a""b"', ['a"b']),
        ('"a\nb",c', ["a\nb", "c"]),
        ('"a\r\nb"', ["a\nb"]),
        ('"",', ["", ""]),
        ("a\r", ["a"]),
        (" a , b ", [" a ", " b "]),
    ],
)
def test_csv(text, fields):
    assert read_csv(text) == fields


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\n", "EOF"),
        ('"a"b', 'parse error on line 1, column 3: extraneous or missing " in quoted-field'),
        ('"a\nb', 'parse error on line 2, column 2: extraneous or missing " in quoted-field'),
        ('ä"', 'parse error on line 1, column 3: bare " in non-quoted-field'),
    ],
)
def test_csv_faults(text, message):
    with pytest.raises(BadValue, match=r"^") as caught:
        read_csv(text)
    assert str(caught.value).removeprefix("record on line 1; ") == message


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0")), min_size=1))
def test_csv_reads_back_what_was_written(fields):
    out = io.StringIO()
    csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL).writerow(fields)
    assert read_csv(out.getvalue()) == fields


@given(st.lists(st.sampled_from(["-q", "-n", "x", "--", "--max", "3", "-qn=", "--set", "a=b", "-", "--wait", "-A"])))
def test_any_command_line_is_read_or_refused(words):
    try:
        flags = parse(*words)
    except UsageError:
        return
    assert len(flags.args) <= len(words)


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        ("goBool", "x", "parse error"),
        ("uint64", "x", "parse error"),
        ("uint64", "99999999999999999999", "value out of range"),
        ("severity", "foo", 'strconv.ParseInt: parsing "foo": invalid syntax'),
        ("Level", "x", 'strconv.ParseInt: parsing "x": invalid syntax'),
        ("traceLocation", "x", "syntax error: expect file.go:234"),
        ("moduleSpec", "x", "syntax error: expect comma-separated list of filename=N"),
        ("postRendererString", "foo", "plugin: {Name:foo Type:postrenderer/v1} not found"),
    ],
)
def test_faults_of_rarer_kinds(kind, text, message):
    with pytest.raises(BadValue) as caught:
        read(kind, text, None)
    assert str(caught.value) == message
