"""Records: what Helm writes is read and written again byte for byte, what is damaged is refused in its words."""

from __future__ import annotations

import gzip
import json
import os
from base64 import b64decode, b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import RecordError
from navarch.releases import codec
from navarch.releases.codec import decode, decode_json, encode, release_json, unpack
from navarch.releases.model import Execution, Hook, Info, Release, Status

HERE = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(HERE, "helm-record.json"), "rb") as file:
    RECORD = file.read()
"""As Helm 4.3.1 wrote it: HTML in texts, numbers of all sizes, a hook that ran, dependencies, bytes, a zone."""

MINIMAL = {
    "name": "d",
    "info": {"status": "deployed", "first_deployed": "2020-01-01T00:00:00Z"},
    "chart": {"metadata": {"name": "c", "version": "1", "apiVersion": "v2"}, "values": {}},
    "version": 1,
    "namespace": "n",
}


def packed(value: Any) -> bytes:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return b64encode(gzip.compress(data, mtime=0))


def changed(**fields: Any) -> dict[str, Any]:
    return MINIMAL | fields


def info(**fields: Any) -> dict[str, Any]:
    return changed(info=MINIMAL["info"] | fields)  # type: ignore[operator]


def test_helms_record_survives_byte_for_byte():
    assert release_json(decode_json(RECORD)).encode() == RECORD
    assert unpack(encode(decode_json(RECORD))) == RECORD


def test_every_part_of_helms_record_is_read():
    release = decode_json(RECORD)
    assert (release.name, release.namespace, release.revision, release.apply_method) == ("p1", "rel-probe", 3, "ssa")
    assert release.info.last_deployed == "2026-11-21T23:46:20.756424482+09:00"
    assert (release.info.status, release.info.description) == (Status.DEPLOYED, "Upgrade complete")
    assert release.chart_name == "probe-1.2.3"
    assert release.app_version == "4.5"
    assert release.config == {"a": {"b": 1.0}, "c": True, "d": None}
    hook = release.hooks[0]
    assert (hook.name, hook.kind, hook.weight, hook.events) == (
        "probe-hook",
        "ConfigMap",
        3,
        ["pre-install", "post-upgrade"],
    )
    assert hook.last_run.phase == "Succeeded"
    assert release.labels == {}


def test_a_records_container_is_what_helm_makes():
    data = b64decode(encode(decode_json(RECORD)), validate=True)
    assert data[:4] == b"\x1f\x8b\x08\x00"
    assert gzip.decompress(data) == RECORD


def test_fields_that_are_empty_are_left_out_as_go_does():
    release = Release("r", "n", 1, info=Info(status="failed"), hooks=[Hook("h")], config={}, chart=None)
    assert release_json(release) == (
        '{"name":"r","info":{"status":"failed"},"hooks":[{"name":"h","last_run":{"phase":""}}],"version":1,"namespace":"n"}'
    )


def test_what_go_never_leaves_out_is_null_or_zero():
    release = Release("r", "n", 1, chart={"metadata": None})
    assert release_json(release) == (
        '{"name":"r","info":{},"chart":{"metadata":null,"lock":null,"templates":null,"values":null,"schema":null,'
        '"schemamodtime":"0001-01-01T00:00:00Z","files":null},"version":1,"namespace":"n"}'
    )


def test_null_and_empty_stay_apart():
    chart = changed(chart={"metadata": {}, "templates": [], "files": None, "values": {}, "schema": "", "lock": None})
    text = release_json(decode(packed(chart)))
    assert '"templates":[],"values":{},"schema":"","schemamodtime":"0001-01-01T00:00:00Z","files":null' in text


@pytest.mark.parametrize(
    ("number", "written"),
    [
        ("1", "1"),
        ("1.0", "1"),
        ("-0.0", "-0"),
        ("1e30", "1e+30"),
        ("1e20", "100000000000000000000"),
        ("1e21", "1e+21"),
        ("0.0000001", "1e-7"),
        ("0.000001", "0.000001"),
        ("12345678901234567890", "12345678901234567000"),
        ("3.14", "3.14"),
    ],
)
def test_numbers_are_written_as_encoding_json_does(number: str, written: str):
    record = json.dumps(changed(config={"n": "?"})).replace('"?"', number)
    assert f'"config":{{"n":{written}}}' in release_json(decode(packed(record.encode())))


def test_texts_are_written_as_encoding_json_does():
    release = Release("r", "n", 1, manifest="<a> & 'b' \u2028 \x01 \x7f é \t\n\\ \"")
    assert (
        r'"manifest":"\u003ca\u003e \u0026 '
        "'b' "
        r"\u2028 \u0001 "
        "\x7f é "
        r'\t\n\\ \""' in release_json(release)
    )


def test_map_keys_are_sorted_and_fields_are_not():
    record = changed(config={"b": {"z": 1, "a": 2}, "a": 1})
    shuffled = dict(reversed(record.items()))
    text = release_json(decode(packed(shuffled)))
    assert text.startswith('{"name":"d","info":')
    assert '"config":{"a":1,"b":{"a":2,"z":1}}' in text


def test_unknown_fields_of_a_newer_version_are_kept():
    newer = changed(
        sequence={"b": 1, "a": [None]},
        info=MINIMAL["info"] | {"mood": "good"},  # type: ignore[operator]
        hooks=[{"name": "h", "last_run": {"phase": "", "exit": 3}, "cost": 1}],
        chart={"metadata": {"name": "c", "apiVersion": "v3", "new": True}, "dependencies": ["x"]},
    )
    again = json.loads(release_json(decode(packed(newer))))
    assert again["sequence"] == {"a": [None], "b": 1}
    assert again["info"]["mood"] == "good"
    assert again["hooks"][0]["cost"] == 1
    assert again["hooks"][0]["last_run"]["exit"] == 3
    assert again["chart"]["metadata"]["new"] is True
    assert again["chart"]["dependencies"] == ["x"]


def test_names_are_found_without_regard_to_case_as_go_does():
    record = {("NAME" if key == "name" else key): value for key, value in MINIMAL.items()}
    assert decode(packed(record)).name == "d"


def test_empty_times_of_old_records_are_no_times():
    hooks = [{"last_run": {"started_at": "", "completed_at": None, "phase": "Running"}}]
    release = decode(packed(changed(hooks=hooks, info={"deleted": "", "last_deployed": "0001-01-01T00:00:00Z"})))
    assert release.info.deleted == release.info.last_deployed == release.hooks[0].last_run.started_at == ""
    assert '"info":{}' in release_json(release)
    assert '"last_run":{"phase":"Running"}' in release_json(release)


def test_records_from_before_compression_are_read():
    assert decode(b64encode(json.dumps(MINIMAL).encode())).name == "d"


def test_line_breaks_in_base64_are_skipped_as_go_does():
    text = b64encode(json.dumps(MINIMAL).encode())
    assert decode(text[:40] + b"\r\n" + text[40:]).name == "d"


def test_a_file_of_several_gzip_members_is_read_whole():
    text = json.dumps(MINIMAL).encode()
    assert decode(b64encode(gzip.compress(text[:50]) + gzip.compress(text[50:]))).name == "d"


GZIP = gzip.compress(json.dumps(MINIMAL).encode(), mtime=0)


# The messages are Helm's for the same records.
@pytest.mark.parametrize(
    ("stored", "message"),
    [
        (b"not base64!!", "illegal base64 data at input byte 3"),
        (b"", "unexpected end of JSON input"),
        (b"YWJj=", "illegal base64 data at input byte 4"),
        (b"YWJj====", "illegal base64 data at input byte 4"),
        (b"YWJjZ", "illegal base64 data at input byte 4"),
        (b"YWI=", "invalid character 'a' looking for beginning of value"),
        (b"YQ==x", "illegal base64 data at input byte 4"),
        (b"YQ=x", "illegal base64 data at input byte 2"),
        (b"YQ=", "illegal base64 data at input byte 3"),
        (b"=abc", "illegal base64 data at input byte 0"),
        (b64encode(b"hello"), "invalid character 'h' looking for beginning of value"),
        (b64encode(GZIP[: len(GZIP) // 2]), "unexpected EOF"),
        (b64encode(GZIP[:5]), "unexpected EOF"),
        (b64encode(GZIP[:-3]), "unexpected EOF"),
        (b64encode(GZIP[:-8] + b"\0\0\0\0" + GZIP[-4:]), "gzip: invalid checksum"),
        (b64encode(GZIP[:-4] + b"\0\0\0\0"), "gzip: invalid checksum"),
        (b64encode(GZIP + b"garbage"), "unexpected EOF"),
        (b64encode(GZIP + b"long enough for a header"), "gzip: invalid header"),
        (packed(b"hello"), "invalid character 'h' looking for beginning of value"),
        (packed(b""), "unexpected end of JSON input"),
        (packed([]), "json: cannot unmarshal array into Go value of type v1.Release"),
        (packed(1), "json: cannot unmarshal number into Go value of type v1.Release"),
        (packed(b'{"name":"d"} x'), "invalid character 'x' after top-level value"),
    ],
)
def test_what_is_no_record_is_refused_in_helms_words(stored: bytes, message: str):
    with pytest.raises(RecordError) as caught:
        decode(stored)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("record", "found", "place", "go_type"),
    [
        (changed(name=1), "number", "Release.name", "string"),
        (changed(version="1"), "string", "Release.version", "int"),
        (changed(version=1.5), "number 1.5", "Release.version", "int"),
        (changed(info=[]), "array", "Release.info", "map[string]interface {}"),
        (info(status=5), "number", "Release.info.status", "common.Status"),
        (info(rollback_revision="x"), "string", "Release.info.rollback_revision", "int"),
        (changed(chart="x"), "string", "Release.chart", "v2.Chart"),
        (changed(chart={"metadata": []}), "array", "Chart.chart.metadata", "v2.Metadata"),
        (changed(chart={"metadata": {"name": 5}}), "number", "Metadata.chart.metadata.name", "string"),
        (changed(chart={"metadata": {"keywords": [1]}}), "number", "Metadata.chart.metadata.keywords", "string"),
        (
            changed(chart={"metadata": {"annotations": {"a": 1}}}),
            "number",
            "Metadata.chart.metadata.annotations",
            "string",
        ),
        (
            changed(chart={"metadata": {"dependencies": [{"name": 1}]}}),
            "number",
            "Dependency.chart.metadata.dependencies.name",
            "string",
        ),
        (
            changed(chart={"metadata": {"dependencies": {}}}),
            "object",
            "Metadata.chart.metadata.dependencies",
            "[]*v2.Dependency",
        ),
        (changed(chart={"metadata": {"deprecated": "x"}}), "string", "Metadata.chart.metadata.deprecated", "bool"),
        (changed(chart={"templates": [{"name": 1}]}), "number", "File.chart.templates.name", "string"),
        (changed(chart={"templates": ["x"]}), "string", "Chart.chart.templates", "common.File"),
        (changed(chart={"templates": [{"data": 5}]}), "number", "File.chart.templates.data", "[]uint8"),
        (changed(chart={"values": []}), "array", "Chart.chart.values", "map[string]interface {}"),
        (changed(config=[]), "array", "Release.config", "map[string]interface {}"),
        (changed(manifest={}), "object", "Release.manifest", "string"),
        (changed(hooks={}), "object", "Release.hooks", "[]*v1.Hook"),
        (changed(hooks=["x"]), "string", "Release.hooks", "v1.Hook"),
        (changed(hooks=[{"events": "x"}]), "string", "Hook.hooks.events", "[]v1.HookEvent"),
        (changed(hooks=[{"events": [1]}]), "number", "Hook.hooks.events", "v1.HookEvent"),
        (changed(hooks=[{"weight": "1"}]), "string", "Hook.hooks.weight", "int"),
        (changed(hooks=[{"last_run": []}]), "array", "Hook.hooks.last_run", "map[string]interface {}"),
        (changed(hooks=[{"last_run": {"phase": 1}}]), "number", "Hook.hooks.last_run.phase", "v1.HookPhase"),
    ],
)
def test_fields_of_the_wrong_type_are_named_as_encoding_json_does(
    record: dict[str, Any], found: str, place: str, go_type: str
):
    with pytest.raises(RecordError) as caught:
        decode(packed(record))
    assert str(caught.value) == f"json: cannot unmarshal {found} into Go struct field {place} of type {go_type}"


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (
            info(first_deployed="yesterday"),
            'parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"',
        ),
        (info(last_deployed=5), "Time.UnmarshalJSON: input is not a JSON string"),
        (
            changed(chart={"schemamodtime": ""}),
            'parsing time "" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "2006"',
        ),
        (changed(chart={"templates": [{"data": "!!"}]}), "illegal base64 data at input byte 0"),
        (changed(chart={"schema": "a"}), "illegal base64 data at input byte 0"),
        (None, "the record is damaged: it has no info"),
        (changed(info=None), "the record is damaged: it has no info"),
        (changed(hooks=[None]), "the record is damaged: one of its hooks is null"),
    ],
)
def test_other_faults_in_fields(record: Any, message: str):
    with pytest.raises(RecordError) as caught:
        decode(packed(record))
    assert str(caught.value) == message


def test_a_record_that_expands_without_end_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(codec, "MAX_SIZE", 1 << 20)
    assert unpack(packed(b" " * (1 << 20))) == b" " * (1 << 20)
    with pytest.raises(RecordError, match="expands to more than 1 MiB"):
        unpack(packed(b" " * ((1 << 20) + 1)))


def test_a_value_that_json_cannot_hold_is_refused():
    with pytest.raises(RecordError, match=r"json: unsupported value: \+Inf"):
        encode(Release("r", "n", 1, config={"x": float("inf")}))


TEXT = st.text(st.characters(codec="utf-8"))
JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=10,
)
TIMES = st.sampled_from(("", "2026-11-21T14:43:29.5Z", "2026-11-21T23:46:20.756424482+09:00", "1999-12-31T23:59:59Z"))
RUNS = st.builds(Execution, started_at=TIMES, completed_at=TIMES, phase=TEXT)
HOOKS = st.builds(
    Hook,
    name=TEXT,
    kind=TEXT,
    path=TEXT,
    manifest=TEXT,
    events=st.lists(TEXT, max_size=2),
    last_run=RUNS,
    weight=st.integers(-(2**31), 2**31),
    delete_policies=st.lists(TEXT, max_size=2),
)
INFOS = st.builds(
    Info,
    first_deployed=TIMES,
    last_deployed=TIMES,
    deleted=TIMES,
    description=TEXT,
    status=TEXT,
    rollback_revision=st.integers(0, 10),
    notes=TEXT,
)
CHARTS = st.none() | st.fixed_dictionaries(
    {
        "metadata": st.none() | st.fixed_dictionaries({"name": TEXT, "keywords": st.lists(TEXT, max_size=2)}),
        "values": st.none() | st.dictionaries(TEXT, JSON, max_size=3),
        "templates": st.none()
        | st.lists(
            st.fixed_dictionaries({"name": TEXT, "data": st.binary().map(lambda data: b64encode(data).decode())}),
            max_size=2,
        ),
        "schemamodtime": TIMES,
    }
)
RELEASES = st.builds(
    Release,
    TEXT,
    TEXT,
    st.integers(0, 10**6),
    info=INFOS,
    chart=CHARTS,
    config=st.dictionaries(TEXT, JSON, max_size=3),
    manifest=TEXT,
    hooks=st.lists(HOOKS, max_size=2),
    apply_method=st.sampled_from(("", "ssa", "csa")),
)


@given(RELEASES)
def test_what_is_written_is_read_again(release: Release):
    again = decode(encode(release))
    assert release_json(again) == release_json(release)
    assert (again.name, again.namespace, again.revision) == (release.name, release.namespace, release.revision)
    assert again.config == release.config
    assert [hook.last_run.started_at for hook in again.hooks] == [hook.last_run.started_at for hook in release.hooks]


@given(RELEASES)
def test_what_is_written_is_json_that_others_read_alike(release: Release):
    value = json.loads(release_json(release), parse_int=float)
    assert value.get("name", "") == release.name
    assert value.get("manifest", "") == release.manifest
    assert value.get("config", {}) == release.config


@given(st.binary())
def test_no_bytes_bring_the_reader_down(data: bytes):
    for stored in (data, b64encode(data), packed(data)):
        try:
            decode(stored)
        except RecordError:
            pass


@given(
    st.recursive(
        st.sampled_from((None, True, 1, 1.5, "x", "a=")),
        lambda one: (
            st.lists(one)
            | st.dictionaries(
                st.sampled_from(
                    ("name", "info", "chart", "metadata", "hooks", "last_run", "templates", "data", "version", "status")
                ),
                one,
            )
        ),
    )
)
def test_no_json_brings_the_reader_down(value: Any):
    try:
        release = decode(packed(value))
    except RecordError:
        return
    assert decode(encode(release)).name == release.name
