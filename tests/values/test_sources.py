"""Values from files and flags, in Helm's order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from navarch.errors import DownloadError, ValuesError
from navarch.values.sources import ValueOptions, parse_values

if TYPE_CHECKING:
    from pathlib import Path


def test_later_sources_win(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("a: {x: 1, l: [1, 2]}\nb: one\n---\nc: second document\n")
    (tmp_path / "two.yaml").write_text("a: {z: 2}\nb: two\n")
    (tmp_path / "text").write_text("from\na file")
    options = ValueOptions(
        files=[str(tmp_path / "one.yaml"), str(tmp_path / "two.yaml")],
        set_json=['{"j": {"k": 1}, "b": "json"}', 'j.l=[1,{"m":null}]'],
        set=["b=set,a.l[1]=9"],
        set_string=["b=string,n=1"],
        set_file=[f"t={tmp_path}/text"],
        set_literal=["b=a,b"],
    )
    assert options.merge() == {
        "a": {"x": 1.0, "l": [1.0, 9], "z": 2.0},
        "b": "a,b",
        "c": "second document",
        "j": {"k": 1.0, "l": [1.0, {"m": None}]},
        "n": "1",
        "t": "from\na file",
    }


def test_standard_input_is_read_once() -> None:
    assert ValueOptions(files=["-", " - "]).merge(stdin=b"a: 1\n") == {"a": 1.0}


def test_addresses_go_through_what_is_handed_in(tmp_path: Path) -> None:
    options = ValueOptions(files=["https://example.com/v.yaml", "s3://x"], set_file=["k=x-y+z.1:v"])
    asked: list[str] = []

    def fetch(url: str) -> bytes:
        asked.append(url)
        return f"a: {url}\n".encode()

    assert options.merge(fetch=fetch) == {"a": "s3://x", "k": "a: x-y+z.1:v\n"}
    assert asked == ["https://example.com/v.yaml", "s3://x", "x-y+z.1:v"]
    with pytest.raises(ValuesError, match=r"https://example\.com/v\.yaml"):
        options.merge()
    named = tmp_path / "a%20b"
    named.write_text("b: 1\n")
    assert ValueOptions(files=[str(named)]).merge(fetch=fetch) == {"b": 1.0}


def test_what_nobody_is_for_is_a_file() -> None:
    with pytest.raises(ValuesError, match=r"^open s3://x: no such file or directory$"):
        ValueOptions(files=["s3://x"]).merge(fetch=lambda _: None)


def test_what_can_not_be_fetched() -> None:
    def fetch(url: str) -> bytes:
        raise DownloadError(f"no {url}")

    with pytest.raises(DownloadError, match=r"^no http://x$"):
        ValueOptions(files=["http://x"]).merge(fetch=fetch)
    with pytest.raises(DownloadError, match=r"^failed parsing --set-file data: no http://x$"):
        ValueOptions(set_file=["k=http://x"]).merge(fetch=fetch)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (ValueOptions(files=["/nope.yaml"]), "open /nope.yaml: no such file or directory"),
        (ValueOptions(files=["/"]), "read /: is a directory"),
        (ValueOptions(set=["a"]), 'failed parsing --set data: key "a" has no value'),
        (ValueOptions(set_string=["a"]), 'failed parsing --set-string data: key "a" has no value'),
        (ValueOptions(set_literal=["a"]), 'failed parsing --set-literal data: key "a" has no value'),
        (ValueOptions(set_json=["a=x"]), "failed parsing --set-json data a=x"),
        (ValueOptions(set_json=[' {"a"}']), 'failed parsing --set-json data JSON:  {"a"}'),
        (
            ValueOptions(set_file=["a=/nope"]),
            "failed parsing --set-file data: open /nope: no such file or directory",
        ),
    ],
)
def test_errors_name_their_source(options: ValueOptions, message: str) -> None:
    with pytest.raises(ValuesError) as caught:
        options.merge()
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("a%zz.yaml", 'parse "a%zz.yaml": invalid URL escape "%zz"'),
        (":x", 'parse ":x": missing protocol scheme'),
        ("x_y:z", 'parse "x_y:z": first path segment in URL cannot contain colon'),
        ("x\x01y", 'parse "x\\x01y": net/url: invalid control character in URL'),
    ],
)
def test_what_is_no_address_and_no_file(path: str, message: str) -> None:
    with pytest.raises(ValuesError) as caught:
        ValueOptions(files=[path]).merge()
    assert str(caught.value) == message


def test_a_file_that_is_no_mapping() -> None:
    with pytest.raises(ValuesError) as caught:
        ValueOptions(files=["-"]).merge(stdin=b"- 1\n")
    assert str(caught.value) == (
        "failed to parse -: cannot unmarshal yaml document: error unmarshaling JSON: while decoding JSON: "
        "json: cannot unmarshal array into Go value of type map[string]interface {}"
    )


def test_parse_values() -> None:
    assert parse_values("a: 1\nb: yes\n") == {"a": 1.0, "b": True}
    assert parse_values("") == {}
