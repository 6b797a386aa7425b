"""Credential files: read as Docker's and Helm's are, written so that what isn't ours stays. tests/real has the rest."""

import json
import os
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.errors import RegistryError
from navarch.oci.auth import NOBODY, Credential
from navarch.oci.credentials import Credentials, docker_config, server_address
from navarch.oci.rawjson import indented, joined, members

HELPER = """#!/bin/sh
echo "$1 $(cat)" >> "$0.log"
case $1 in
  get) cat "$0.answer" 2>/dev/null || { echo "credentials not found in native keychain"; exit 1; } ;;
esac
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "registry" / "config.json"


@pytest.fixture
def helper(tmp_path, monkeypatch):
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "docker-credential-mine"
    program.write_text(HELPER)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return program


def test_kept_and_found_and_forgotten(path):
    credentials = Credentials(str(path), "")
    assert credentials.find("r:5000") == NOBODY
    credentials.put("r:5000", Credential("user", "p:ss"))
    assert path.read_text() == '{\n\t"auths": {\n\t\t"r:5000": {\n\t\t\t"auth": "dXNlcjpwOnNz"\n\t\t}\n\t}\n}'
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert os.stat(path.parent).st_mode & 0o777 == 0o700
    assert Credentials(str(path), "").find("r:5000") == Credential("user", "p:ss")
    credentials.delete("r:5000")
    assert path.read_text() == '{\n\t"auths": {}\n}'
    assert credentials.find("r:5000") == NOBODY
    assert [file.name for file in path.parent.iterdir()] == ["config.json"]


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        ({"auth": "dTpw"}, Credential("u", "p")),
        ({"AUTH": "dTpw"}, Credential("u", "p")),
        ({"auth": "dTpw", "username": "x", "password": "y"}, Credential("u", "p")),
        ({"username": "x", "password": "y"}, Credential("x", "y")),
        ({"identitytoken": "t"}, Credential(refresh_token="t")),
        ({"registrytoken": "t"}, Credential(access_token="t")),
        ({"auth": "dTpw", "identitytoken": "t"}, Credential("u", "p", "t")),
        ({"auth": "dTpw\n"}, Credential("u", "p")),
        ({}, NOBODY),
        (None, NOBODY),
    ],
)
def test_entries(path, entry, found):
    path.parent.mkdir()
    path.write_text(json.dumps({"auths": {"r": entry}}))
    assert Credentials(str(path), "").find("r") == found


@pytest.mark.parametrize("address", ["https://r/v2/", "http://r", "r/"])
def test_old_addresses(path, address):
    path.parent.mkdir()
    path.write_text(json.dumps({"auths": {address: {"auth": "dTpw"}}}))
    assert Credentials(str(path), "").find("r") == Credential("u", "p")
    assert Credentials(str(path), "").find("other") == NOBODY


def test_new_folders_are_for_their_owner_only(tmp_path):
    Credentials(str(tmp_path / "a/b/config.json"), "").put("r", Credential("u", "p"))
    assert [os.stat(tmp_path / name).st_mode & 0o777 for name in ("a", "a/b")] == [0o700, 0o700]


@pytest.mark.parametrize("text", ["junk", "[]", '{"auths": 5}', '{"credsStore": 5}', None])
def test_a_file_of_dockers_that_is_no_such_file_counts_as_empty(path, tmp_path, text):
    docker = tmp_path / "docker.json"
    docker.mkdir() if text is None else docker.write_text(text)
    credentials = Credentials(str(path), str(docker))
    credentials.put("a", Credential("me", "mine"))
    assert credentials.find("a") == Credential("me", "mine")
    assert credentials.find("b") == NOBODY
    assert docker.is_dir() if text is None else docker.read_text() == text


def test_dockers_file_comes_second(path, tmp_path):
    docker = tmp_path / "docker.json"
    docker.write_text(json.dumps({"auths": {"a": {"auth": "dTpw"}, "b": {"auth": "dTpw"}}}))
    credentials = Credentials(str(path), str(docker))
    credentials.put("a", Credential("me", "mine"))
    assert credentials.find("a") == Credential("me", "mine")
    assert credentials.find("b") == Credential("u", "p")
    credentials.delete("b")
    assert credentials.find("b") == Credential("u", "p")


def test_where_dockers_file_is(monkeypatch):
    monkeypatch.setenv("HOME", "/h")
    monkeypatch.delenv("DOCKER_CONFIG", raising=False)
    assert docker_config() == "/h/.docker/config.json"
    monkeypatch.setenv("DOCKER_CONFIG", "/d")
    assert docker_config() == "/d/config.json"
    monkeypatch.delenv("DOCKER_CONFIG")
    monkeypatch.delenv("HOME")
    assert docker_config() == ""


@pytest.mark.parametrize("name", ["docker.io", "registry-1.docker.io"])
def test_docker_hub_has_an_old_name(name):
    assert server_address(name) == "https://index.docker.io/v1/"
    assert server_address("r") == "r"


@pytest.mark.parametrize("config", [{"credsStore": "mine"}, {"credHelpers": {"r": "mine"}, "credsStore": "other"}])
def test_programs_keep_credentials(path, helper, config):
    path.parent.mkdir()
    path.write_text(json.dumps(config))
    credentials = Credentials(str(path), "")
    assert credentials.find("r") == NOBODY
    credentials.put("r", Credential("u", 'p"'))
    credentials.delete("r")
    log = (helper.parent / "docker-credential-mine.log").read_text()
    assert log == 'get r\nstore {"ServerURL":"r","Username":"u","Secret":"p\\""}\nerase r\n'
    assert json.loads(path.read_text()) == config
    (helper.parent / "docker-credential-mine.answer").write_text('{"Username":"<token>","Secret":"t"}')
    assert credentials.find("r") == Credential(refresh_token="t")


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ("no json", "invalid character 'o' in literal null (expecting 'u')"),
        ("[]", "json: cannot unmarshal array into Go value of type credentials.dockerCredentials"),
        (
            '{"Username":5}',
            "json: cannot unmarshal number into Go struct field dockerCredentials.Username of type string",
        ),
    ],
)
def test_programs_that_talk_nonsense(path, helper, answer, problem):
    path.parent.mkdir()
    path.write_text('{"credsStore":"mine"}')
    (helper.parent / "docker-credential-mine.answer").write_text(answer)
    with pytest.raises(RegistryError) as caught:
        Credentials(str(path), "").find("r")
    assert str(caught.value) == problem


def test_a_usual_helper_is_found_and_remembered(path, helper):
    (helper.parent / "docker-credential-secretservice").write_text(HELPER)
    (helper.parent / "docker-credential-secretservice").chmod(0o755)
    Credentials(str(path), "").put("r", Credential("u", "p"))
    assert json.loads(path.read_text()) == {"auths": {}, "credsStore": "secretservice"}


def test_a_user_with_a_colon(path):
    with pytest.raises(RegistryError, match=r"^bad credential format: colons\(:\) are not allowed in username$"):
        Credentials(str(path), "").put("r", Credential("a:b", "c"))
    assert not path.exists()


def test_a_folder_that_can_not_be_made(tmp_path):
    credentials = Credentials(str(tmp_path / "n" / "config.json"), "")
    (tmp_path / "n").write_text("")
    with pytest.raises(RegistryError, match=r"^failed to make directory .*/n: mkdir .*: file exists$"):
        credentials.put("r", Credential("a", "b"))


def test_many_at_once_lose_nothing(path):
    def login(number):
        Credentials(str(path), "").put(f"r{number}", Credential(f"u{number}", "p"))

    threads = [threading.Thread(target=login, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(json.loads(path.read_text())["auths"]) == 16


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(alphabet=st.characters(exclude_categories=["Cs"])), JSON), st.booleans())
def test_what_is_not_ours_stays(document, ascii_only):
    text = json.dumps(document, ensure_ascii=ascii_only, indent=1)
    again = indented(joined(members(text)))
    assert json.loads(again) == document
    assert json.loads(indented(joined(members(again)))) == document
    assert indented(joined(members(again))) == again


def test_numbers_and_orders_stay_as_they_were_written():
    assert members('{"a": {"z": 1.00, "y": [ 1e3 ]}, "a2": "\\u00e9 : ,"}') == {
        "a": '{"z":1.00,"y":[1e3]}',
        "a2": '"\\u00e9 : ,"',
    }


def test_without_a_file_credentials_are_remembered():
    credentials = Credentials()
    assert credentials.find("r:5000") == NOBODY
    credentials.put("r:5000", Credential("u", "p"))
    assert credentials.find("r:5000") == Credential("u", "p")
    assert Credentials().find("r:5000") == NOBODY
    credentials.delete("r:5000")
    credentials.delete("r:5000")
    assert credentials.find("r:5000") == NOBODY


def test_a_registry_looks_at_no_file_it_was_not_given(tmp_path, monkeypatch):
    from navarch.oci import Registry

    for variable, name in (("HELM_REGISTRY_CONFIG", "helm.json"), ("DOCKER_CONFIG", "")):
        monkeypatch.setenv(variable, str(tmp_path / name))
    for name in ("helm.json", "config.json"):
        (tmp_path / name).write_text('{"auths": {"r": {"auth": "dTpw"}}}')
    with Registry() as registry:
        assert registry.credentials.find("r") == NOBODY
    with Registry(config=str(tmp_path / "helm.json")) as registry:
        assert registry.credentials.find("r") == Credential("u", "p")
