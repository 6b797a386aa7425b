"""Templates, values and YAML made by chance: nothing but NavarchError comes out, the same each time, and what Helm says.

The tests against Helm walk the same way through the grammar each time; NAVARCH_FUZZ_SEED takes another,
NAVARCH_FUZZ_SECONDS goes further on it (default: 20 a kind of text in CI, 5 elsewhere). They print the shortest texts on
which the answers differ.
"""

from __future__ import annotations

import contextlib
import json
import os
import random as chance
import signal
import time

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import navarch
from navarch.cache import Cache
from support.grammar import Grammar
from support.oracle import asked, ours, real_helm, theirs

MESSAGES = "NAVARCH_FUZZ_MESSAGES" in os.environ
TURNS = 1_000_000 if "NAVARCH_FUZZ_SECONDS" in os.environ else 8
SECONDS = float(os.environ.get("NAVARCH_FUZZ_SECONDS") or (20 if os.environ.get("CI") == "true" else 5))
SEED = int(os.environ.get("NAVARCH_FUZZ_SEED") or 1)
EXAMPLES = settings(max_examples=int(40 * max(1.0, SECONDS / 5)), suppress_health_check=[HealthCheck.too_slow])
RANDOM = st.randoms(use_true_random=False)
SHOW_VALUES = "{{ toJson .Values }}\n{{ toYaml .Values }}{{ range $k, $v := .Values }}{{ $v }}{{ end }}"
READ_TEXT = (
    "{{ fromYaml .Values.a | toJson }}{{ fromYaml .Values.a | toYaml }}{{ fromYamlArray .Values.a | toYaml }}"
    "{{ range $k, $v := fromYaml .Values.a }}{{ $v }}{{ end }}"
)


@pytest.fixture(autouse=True)
def _utc(monkeypatch):
    """The oracle is asked in UTC."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def template(grammar):
    return asked(grammar.template(grammar.pick_int(1, 3)), strict=grammar.chance(15))


def call(grammar):
    return asked(grammar.one_call(), strict=grammar.chance(15))


def broken(grammar):
    return asked(grammar.broken())


def values(grammar):
    return asked(SHOW_VALUES, values=grammar.yaml())


def broken_values(grammar):
    return asked(SHOW_VALUES, values=grammar.broken_yaml())


def yaml_text(grammar):
    return asked(READ_TEXT, values="a: " + json.dumps(grammar.broken_yaml() if grammar.chance(50) else grammar.yaml()))


KINDS = [template, call, broken, values, broken_values, yaml_text]

ours(asked(""))  # which raises the recursion limit: Hypothesis complains when that happens inside a test


# whatever Helm says


@pytest.mark.parametrize("kind", KINDS)
@EXAMPLES
@given(random=RANDOM)
def test_only_our_errors_come_out_and_answers_last(kind, random):
    """`ours` lets everything but NavarchError through, which fails this test."""
    question = kind(Grammar(random))
    assert ours(question) == ours(question)


@settings(EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(random=RANDOM, kind=st.sampled_from([template, call, broken]))
def test_cached_code_does_the_same(random, kind, tmp_path_factory):
    question = kind(Grammar(random))
    path = str(tmp_path_factory.mktemp("cache") / "x.chart")
    plain = ours(question)
    for _ in range(2):
        cache = Cache(path)
        assert ours(question, cache) == plain
        cache.save()


@EXAMPLES
@given(text=st.text(max_size=60))
@example(text="\x00{{ . }}\uffff")
def test_any_text_is_a_template_or_refused(text):
    ours(asked("{{" + text))
    ours(asked(text))


@EXAMPLES
@given(text=st.text(max_size=60) | st.binary(max_size=60).map(lambda data: data.decode("utf-8", "surrogateescape")))
def test_any_text_is_values_or_refused(text):
    ours(asked(SHOW_VALUES, values=text))


@EXAMPLES
@given(
    data=st.binary(max_size=200),
    name=st.sampled_from(["Chart.yaml", "values.yaml", "templates/t.yaml", "values.schema.json"]),
)
def test_any_bytes_are_a_chart_s_file_or_refused(data, name):
    files = {
        "Chart.yaml": b"apiVersion: v2\nname: c\nversion: 1.0.0\n",
        "templates/a.yaml": b"a: {{ toJson .Values }}\n",
        name: data,
    }
    with contextlib.suppress(navarch.NavarchError):
        navarch.template(navarch.Chart.from_files(files))


@EXAMPLES
@given(
    text=st.text(alphabet="ab.=,[]{}01\\-\"'null ", max_size=25),
    flag=st.sampled_from(["set", "set_string", "set_json", "set_literal"]),
)
def test_any_words_after_set_are_values_or_refused(text, flag):
    with contextlib.suppress(navarch.NavarchError):
        navarch.ValueOptions(**{flag: [text]}).merge()


# what Helm says


@pytest.mark.real
@real_helm()
@pytest.mark.parametrize("kind", KINDS)
def test_helm_says_the_same(kind):
    differing = []
    end = time.monotonic() + SECONDS
    turn = 0
    while time.monotonic() < end and turn < TURNS and len(differing) < 20:
        grammar = Grammar(chance.Random(f"{SEED} {kind.__name__} {turn}"))
        differing += differences([kind(grammar) for _ in range(300)])
        turn += 1
    differing.sort(key=lambda found: len(found[0]["t"]) + len(found[0]["y"]))
    assert not differing, "\n".join(map(told, differing[:8]))


def differences(questions):
    """The questions that Helm's engine and ours answer in different ways, with both answers."""
    return [
        (question, helm, our)
        for question, helm in zip(questions, theirs(questions), strict=True)
        if helm is not None
        and not same(our := in_time(question), helm)
        and not accepted(question, helm)
        and lasting(question, helm)
    ]


def in_time(question):
    """Our answer, if it comes within some seconds."""

    def late(*_):
        raise TimeoutError

    before = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, 10)  # of our work, not of the clock: others may be at work
    try:
        return ours(question)
    except TimeoutError:
        return {"err": "no answer in 10 seconds"}
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def same(our, helm):
    """Whether two answers agree: in what comes out, or in that nothing does (and in why, with NAVARCH_FUZZ_MESSAGES)."""
    return our == helm or ("err" in our and "err" in helm and not MESSAGES)


def lasting(question, answer):
    """Whether Helm answers so each time: Go's maps, which have no order, show through here and there."""
    return theirs([question] * 6) == [answer] * 6


ACCEPTED = {
    # sprig reaches behind the end of a Go slice, up to its capacity, which depends on how it was made
    "slice": lambda question, helm: "slice" in question["t"].lower() and "out" in helm,
    # Go's syntax of structs with hidden fields
    "%#v": lambda question, helm: (
        "%#v" in question["t"] and ("time.Date(" in str(helm) or "semver.Version{" in str(helm))
    ),
    # a merge into one of Go's structs or typed maps
    "merge": lambda question, helm: "merge" in question["t"] and "reflect" in helm.get("err", ""),
    # text/template's own limits come later than ours
    "depth": lambda question, _: question["t"].count("range") > 18,
    # Go tells the static type of a range's elements ("in type int"), where we only know the element
    "element": lambda question, helm: "range" in question["t"] and "can't evaluate field" in helm.get("err", ""),
    # ... and refuses arguments of what is no method before it evaluates them
    "arguments": lambda _, helm: "is not a method but has arguments" in helm.get("err", ""),
    # ... and tells fields of no data at all from fields that are nil
    "no data": lambda question, helm: "define" in question["t"] and "value; expected " in helm.get("err", ""),
    # what it prints of a YAML mapping with a null for a key, merged and in an order of its own
    "null key": lambda question, helm: "unsupported map key of type" in str(helm),
    # addresses in memory
    "pointer": lambda _, helm: "0xc0" in str(helm),
}


def accepted(question, helm):
    """Whether a difference is one of those that we know and leave."""
    return any(rule(question, helm) for rule in ACCEPTED.values())


def told(found):
    question, helm, our = found
    text = question["t"] if question["t"] not in (SHOW_VALUES, READ_TEXT) else question["y"]
    return f"{'strict ' * question['strict']}{text!r}\n    helm {helm}\n    ours {our}"
