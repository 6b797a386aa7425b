"""The configuration: the first server's file as it is, the new keys, and where a mistake is."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.registry.clouds import EVERYWHERE, PARAMETERS
from navarch.registry.config import Config, Logs, load_config, parse_address, parse_config
from navarch.registry.drivers import open_objects
from navarch.registry.keys import SettingsError
from navarch.registry.store.bucket import Bucket
from navarch.registry.store.filesystem import Filesystem
from navarch.registry.store.reading import Limits

FIRST_SERVERS = """
listen: ":8099"
manager:
  name: "simple"
  parameters:
    resourcelocker: memory
    storagedriver: filesystem
    rootdirectory: "/data"
    locktimeout: 200
"""


def test_the_first_servers_file_is_taken() -> None:
    config = parse_config(FIRST_SERVERS)
    assert (config.host, config.port) == ("0.0.0.0", 8099)
    assert config.parameters == {"rootdirectory": "/data"}
    assert (config.locker, config.lock_seconds) == ("memory", 0.2)  # its locktimeout is milliseconds
    more = FIRST_SERVERS + "    maxthreads: 50\n    lockerparameters: {any: thing}\n"
    assert parse_config(more).threads == 50


def test_without_a_file_only_this_machine_is_served(tmp_path) -> None:
    config = parse_config("", root=str(tmp_path))
    assert config == Config(parameters={"rootdirectory": str(tmp_path)})
    assert (config.host, config.port, config.is_loopback, config.auth) == ("127.0.0.1", 8099, True, None)


def test_new_keys(tmp_path) -> None:
    config = parse_config(
        """
        workers: 2
        limits: {uploadbytes: 1000, decompressedbytes: 2000, chartsperspace: 3, requestspersecond: 1.5, burst: 9}
        tls: {certificate: c, key: k, clientca: a}
        autocreatespaces: false
        strictnames: true
        log: {access: off, audit: /a, format: json}
        trustedproxies: [10.0.0.0/8]
        hosts: [Charts.example]
        """,
        root=str(tmp_path),
    )
    assert (config.workers, config.requests, config.burst) == (2, 1.5, 9)
    assert config.limits == Limits(upload=1000, decompressed=2000, charts=3)
    assert config.tls == ("c", "k", "a")
    assert (config.create_spaces, config.strict_names) == (False, True)
    assert config.logs == Logs(access="", audit="/a", form="json")
    assert (config.proxies, config.hosts) == (("10.0.0.0/8",), ("charts.example",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lisen: x", "lisen is an unknown key"),
        ("limits: {charts: 1}", "limits.charts is an unknown key"),
        ("limits: {burst: many}", "limits.burst should be a number, but is text"),
        ("limits: {uploadbytes: -1}", "limits.uploadbytes should be a number from 0"),
        ("limits: {uploadbytes: 1.5}", "limits.uploadbytes should be a whole number, but is 1.5"),
        ("limits: 7", "limits should be a mapping, but is a number"),
        ("- a", "the configuration should be a mapping, but is a list"),
        ("a: [", "error converting YAML to JSON"),
        ("strictnames: yes please", "strictnames should be true or false, but is text"),
        ("workers: 0", "workers should be a number from 1 to 256, but is 0"),
        ("listen: http://x", "listen should be an address like"),
        ("listen: 127.0.0.1:99999", "listen should be an address like"),
        ("manager: {name: complex}", "manager.name should be simple, but is complex"),
        ("manager: {parameters: {rootdir: /x}}", "manager.parameters.rootdir is an unknown key"),
        ("manager: {parameters: {storagedriver: tape}}", "manager.parameters.storagedriver should be filesystem,"),
        (
            "manager: {parameters: {resourcelocker: etcd}}",
            "manager.parameters.resourcelocker should be memory, file or",
        ),
        ("manager: {parameters: {storagedriver: s3}}", "manager.parameters.bucket is missing"),
        ("manager: {parameters: {storagedriver: s3, bucket: b, x: 1}}", "manager.parameters.x is an unknown key"),
        ("manager: {parameters: {storagedriver: inmemory, rootdirectory: /x}}", "rootdirectory is an unknown key"),
        ("{manager: {parameters: {storagedriver: inmemory}}, workers: 2}", "workers should be 1 where"),
        ("tls: {key: k}", "tls.certificate is missing"),
        ("log: {format: xml}", "log.format should be text or json, but is xml"),
        ("trustedproxies: [nowhere]", "trustedproxies: 'nowhere' does not appear to be"),
        ("trustedproxies: 10.0.0.0/8", "trustedproxies should be a list of texts, but is text"),
        ("auth: {htpaswd: x}", "auth.htpaswd is an unknown key"),
        ("auth: {users: {a: {x: [pull]}}}", "auth.htpasswd is missing: auth.users names users"),
        ("auth: {anonymous: {x: [pul]}}", "auth.anonymous.x should be a list of pull, push, delete"),
        ("auth: {anonymous: {x: pull}}", "auth.anonymous.x should be a list of pull, push, delete"),
        ("auth: {anonymous: {'x*y': [pull]}}", "auth.anonymous.x*y should be a space"),
        ("auth: {tokens: [{name: ci}]}", "auth.tokens[0].sha256 should be the SHA-256 of the token"),
        ("auth: {tokens: [{name: 'a:b'}]}", "auth.tokens[0].name should be a name without a colon"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_config(text, root="/somewhere")
    assert message in str(caught.value)


def test_tokens_times_and_doubles() -> None:
    token = "{name: a, sha256: " + "ab" * 32
    with pytest.raises(SettingsError, match=r"auth.tokens\[0\].expires should be a time like"):
        parse_config(f"auth: {{tokens: [{token}, expires: tomorrow}}]}}", root="/x")
    with pytest.raises(SettingsError, match=r"auth.tokens has a twice"):
        parse_config(f"auth: {{tokens: [{token}}}, {token}}}]}}", root="/x")
    auth = parse_config(f"auth: {{tokens: [{token}, expires: 1970-01-02T00:00:00}}]}}", root="/x").auth
    assert auth is not None
    assert auth.tokens[0].expires == 86400


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:80", "127.0.0.1", 80),
        (":8099", "0.0.0.0", 8099),
        ("[::1]:9", "::1", 9),
        ("[::1]", "::1", 8099),
        ("localhost", "localhost", 8099),
        ("9000", "127.0.0.1", 9000),
    ],
)
def test_addresses(text: str, host: str, port: int) -> None:
    assert parse_address(text) == (host, port)


def test_a_file_that_is_not_there_is_named(tmp_path) -> None:
    with pytest.raises(SettingsError, match=r"no.yaml: No such file"):
        load_config(str(tmp_path / "no.yaml"))
    (tmp_path / "c.yaml").write_text("x: 1")
    with pytest.raises(SettingsError, match=r"c.yaml: x is an unknown key"):
        load_config(str(tmp_path / "c.yaml"), root="/x")


def test_a_key_that_stands_twice_is_named(tmp_path) -> None:
    """Else the first of them, which may be the one that keeps strangers out, would count for nothing."""
    (tmp_path / "c.yaml").write_text("auth: {anonymous: [a]}\nlisten: :1\nauth: {anonymous: []}\n")
    with pytest.raises(SettingsError, match=r'c.yaml: line 3: key "auth" already set in map'):
        load_config(str(tmp_path / "c.yaml"), root="/x")
    with pytest.raises(SettingsError, match=r'^line 2: key "workers" already set in map'):
        parse_config("workers: 1\nworkers: 2\n", root="/x")


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_KEYS = st.sampled_from(
    "listen manager name parameters storagedriver limits burst auth users tokens anonymous tls key log access".split()
)


@given(st.dictionaries(_KEYS, _VALUES | st.dictionaries(_KEYS, _VALUES, max_size=4), max_size=5))
def test_whatever_is_in_it_only_settings_errors_come_out(value: dict[str, object]) -> None:
    import json

    try:
        parse_config(json.dumps(value), root="/x")
    except SettingsError:
        pass


def test_drivers(tmp_path) -> None:
    def opened(parameters: str) -> object:
        return open_objects(parse_config(f"manager: {{parameters: {parameters}}}", root=str(tmp_path)))

    assert isinstance(opened("{}"), Filesystem)
    assert isinstance(opened("{storagedriver: inmemory}"), Bucket)
    s3 = "{storagedriver: s3, bucket: b, regionendpoint: 'http://127.0.0.1:1', accesskey: a, secretkey: s, rootdirectory: /x}"
    assert isinstance(opened(s3), Bucket)
    azure = "{storagedriver: azure, container: c, accountname: a, accountkey: a2V5}"
    assert isinstance(opened(azure), Bucket)
    with pytest.raises(SettingsError, match=r"manager.parameters: storage driver gcs: "):
        opened("{storagedriver: gcs, bucket: b, keyfile: /nonexistent}")


PAGE = Path(__file__).parents[2] / "docs/registry-server.md"


def test_the_examples_of_the_page_are_what_they_say() -> None:
    usual, large, *storage, cleaning = re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert [parse_config(one).driver for one in storage] == ["s3", "s3", "gcs", "gcs", "azure", "azure"]
    assert parse_config(usual) == parse_config("", root="/data")
    plan = parse_config(cleaning, root="/data").upkeep
    assert (plan.collect_every, plan.retain_every, plan.rules[0].releases) == (86400, 86400, (10, 90 * 86400, ">=2"))
    config = parse_config(large)
    assert config.auth is not None
    assert config.auth.tokens[0].sha256 == hashlib.sha256(b"TOKEN").hexdigest()
    assert (config.driver, config.workers, config.tls is not None) == ("s3", 4, True)


def test_the_page_has_every_parameter() -> None:
    table = {
        cells[1].strip("` "): cells[2]
        for line in PAGE.read_text("utf-8").splitlines()
        if len(cells := line.split("|")) == 4
    }
    for driver, parameters in {**PARAMETERS, "the last three": EVERYWHERE}.items():
        assert re.findall("`(.*?)`", table[driver]) == [name for name, *_ in parameters]
