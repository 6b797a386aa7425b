"""What is configured of buckets, and what comes of it in requests: keys, tokens, identities, plain HTTP, no secrets told."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any

import pytest

from navarch.registry.config import parse_config
from navarch.registry.drivers import open_objects
from navarch.registry.keys import SettingsError
from navarch.registry.store.bucket_errors import explain, is_without_bucket
from navarch.registry.store.objects import AbsentError, StorageError
from support.certificates import Authority, server_context
from support.httpd import Httpd, Request, answer

if TYPE_CHECKING:
    import ssl
    from pathlib import Path

    from navarch.registry.store.objects import Objects

S3 = "storagedriver: s3, bucket: b"
GCS = "storagedriver: gcs, bucket: b"
AZURE = "storagedriver: azure, container: c"


def opened(parameters: str) -> Objects:
    return open_objects(parse_config(f"manager: {{parameters: {{{parameters}}}}}"))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (f"{S3}, accesskey: k", "secretkey is missing"),
        (f"{S3}, secretkey: k", "accesskey is missing"),
        (f"{S3}, sessiontoken: k", "accesskey is missing"),
        (f"{S3}, accesskey: k, secretkey: s, anonymous: true", "accesskey and anonymous can't both be given"),
        (f"{S3}, keyfile: x", "keyfile is an unknown key"),
        (f"{S3}, secure: maybe", "secure should be true or false"),
        (f"{S3}, regionendpoint: 'http://h', secure: true", "regionendpoint is plain HTTP, but secure is true"),
        (f"{S3}, regionendpoint: 'ftp://h'", "regionendpoint should be an address like"),
        (f"{S3}, storagetimeout: 5", "storagetimeout should be a number from 100 to"),
        ("storagedriver: gcs", "bucket is missing"),
        (f"{GCS}, keyfile: k, anonymous: true", "keyfile and anonymous can't both be given"),
        (f"{GCS}, regionendpoint: 'http://h'", "regionendpoint is an unknown key"),
        ("storagedriver: azure, accountname: a", "container is missing"),
        (f"{AZURE}, accountname: a, accountkey: k, sastoken: t", "accountkey and sastoken can't both be given"),
        (f"{AZURE}, accountname: a, clientsecret: t", "clientid is missing"),
        (f"{AZURE}, accountname: a, tokenfile: t, clientid: i", "tenantid is missing"),
        (f"{AZURE}, connectionstring: nonsense", "connectionstring should have AccountName"),
    ],
)
def test_a_mistake_is_told_with_its_place(parameters: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        opened(parameters)
    assert str(caught.value).startswith(f"manager.parameters.{message}")


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (f"{GCS}, keyfile: /nonexistent", "/nonexistent: No such file or directory"),
        (f"{S3}, accesskey: k, secretkey: s, cafile: /nonexistent", "No such file or directory"),
        (f"{AZURE}, accountkey: k", "Account must be specified"),
        (f"{AZURE}, accountname: a, accountkey: '???'", "Invalid"),
    ],
)
def test_what_cannot_be_opened_is_said_with_its_driver(
    parameters: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)
    with pytest.raises(SettingsError) as caught:
        opened(parameters)
    assert str(caught.value).startswith("manager.parameters: storage driver ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


_ENVIRONMENT = ("AWS_", "AZURE_", "GOOGLE_", "GCE_", "METADATA_")


class Cloud:
    """Says that no key is there, and gives tokens to those who ask at `tokens`' paths. It keeps what was asked."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, tokens: dict[str, Any], tls: ssl.SSLContext | None = None
    ) -> None:
        for name in [name for name in os.environ if name.startswith(_ENVIRONMENT)]:
            monkeypatch.delenv(name)
        self._tokens = tokens
        self.pause = 0.0
        self.server = Httpd(self._respond, tls=tls)
        self.asked: list[Request] = []

    def _respond(self, request: Request) -> bytes:
        self.asked.append(request)
        found = next((token for path, token in self._tokens.items() if request.target.startswith(path)), None)
        return answer(404) if found is None else answer(200, found)

    def headers(self, parameters: str) -> dict[str, str]:
        """Those with which a key is asked for."""
        with self.server:
            objects = opened(parameters.replace("URL", self.server.url))
            for _ in range(2):
                with pytest.raises(AbsentError):
                    objects.get("x")
                time.sleep(self.pause)
        return self.asked[-1].headers


def test_keys_that_are_given_go_without_a_token_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = Cloud(monkeypatch, {})
    monkeypatch.setenv("AWS_SESSION_TOKEN", "stray")
    headers = cloud.headers(f"{S3}, regionendpoint: URL, accesskey: ours, secretkey: s")
    assert "x-amz-security-token" not in headers
    assert "Credential=ours/" in headers["authorization"]


def test_a_session_token(monkeypatch: pytest.MonkeyPatch) -> None:
    given = f"{S3}, regionendpoint: URL, accesskey: ours, secretkey: s, sessiontoken: t"
    assert Cloud(monkeypatch, {}).headers(given)["x-amz-security-token"] == "t"


def test_keys_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = Cloud(monkeypatch, {})
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "theirs")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    assert "Credential=theirs/" in cloud.headers(f"{S3}, regionendpoint: URL")["authorization"]


@pytest.mark.parametrize("cloud", [f"{S3}, regionendpoint: URL", f"{AZURE}, accountname: a, endpoint: URL/a"])
def test_nobody_in_particular(monkeypatch: pytest.MonkeyPatch, cloud: str) -> None:
    assert "authorization" not in Cloud(monkeypatch, {}).headers(f"{cloud}, anonymous: true")


def test_a_workload_of_amazons(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("identity")
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    keys = f"<AccessKeyId>lent</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>{until}</Expiration>"
    wrapped = f"<AssumeRoleWithWebIdentityResult><Credentials>{keys}</Credentials></AssumeRoleWithWebIdentityResult>"
    told = f"<AssumeRoleWithWebIdentityResponse>{wrapped}</AssumeRoleWithWebIdentityResponse>".encode()
    authority = Authority()
    (tmp_path / "ca.pem").write_bytes(authority.certificate)
    cloud = Cloud(monkeypatch, {"/?": told}, server_context(authority.issue(ips=("127.0.0.1",))))
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("AWS_ROLE_ARN", "arn:aws:iam::1:role/registry")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", cloud.server.url)
    headers = cloud.headers(f"{S3}, regionendpoint: URL, cafile: {tmp_path}/ca.pem")
    assert "Credential=lent/" in headers["authorization"]
    assert headers["x-amz-security-token"] == "t"
    assert "WebIdentityToken=identity" in cloud.asked[0].target


def test_a_workload_of_azures(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("identity")
    cloud = Cloud(monkeypatch, {"/tenant/": {"access_token": "lent", "expires_in": 3600}})
    monkeypatch.setenv("AZURE_AUTHORITY_HOST", cloud.server.url)
    given = f"accountname: a, clientid: i, tenantid: tenant, tokenfile: {tmp_path}/token, endpoint: URL/a"
    assert cloud.headers(f"{AZURE}, {given}")["authorization"] == "Bearer lent"
    assert b"client_assertion=identity" in cloud.asked[0].body


def test_a_program_of_azures(monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = Cloud(monkeypatch, {"/tenant/": {"access_token": "lent", "expires_in": 3600}})
    monkeypatch.setenv("AZURE_AUTHORITY_HOST", cloud.server.url)
    given = "accountname: a, clientid: i, tenantid: tenant, clientsecret: hidden, endpoint: URL/a"
    assert cloud.headers(f"{AZURE}, {given}")["authorization"] == "Bearer lent"
    assert b"client_secret=hidden" in cloud.asked[0].body


def test_a_signature_of_azures_is_used_though_there_is_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = Cloud(monkeypatch, {})
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", "a2V5")
    headers = cloud.headers(f"{AZURE}, accountname: a, endpoint: URL/a, sastoken: '?sv=2024-11-04&sig=x%3D'")
    assert "authorization" not in headers
    assert cloud.asked[-1].target == "/a/c/x?sv=2024-11-04&sig=x%3D"


def test_a_connection_string(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "AccountName=a;AccountKey=a2V5;BlobEndpoint=URL/a;DefaultEndpointsProtocol=http"
    headers = Cloud(monkeypatch, {}).headers(f"{AZURE}, connectionstring: {text}")
    assert headers["authorization"].startswith("SharedKey a:")


def test_a_connection_string_for_another_cloud() -> None:
    text = "AccountName=a;AccountKey=a2V5;EndpointSuffix=core.chinacloudapi.cn;DefaultEndpointsProtocol=https"
    config = parse_config(f"manager: {{parameters: {{{AZURE}, connectionstring: {text}}}}}")
    assert config.parameters["endpoint"] == "https://a.blob.core.chinacloudapi.cn"


def test_a_machine_of_googles_and_tokens_that_expire(monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = Cloud(monkeypatch, {"/computeMetadata/": {"access_token": "lent", "expires_in": 1}})
    monkeypatch.setenv("GCE_METADATA_HOST", cloud.server.url.partition("//")[2])
    cloud.pause = 0.15  # for less than that a token is taken to be good
    assert cloud.headers(f"{GCS}, endpoint: URL")["authorization"] == "Bearer lent"
    assert sum("/computeMetadata/" in request.target for request in cloud.asked) == 2  # a new one for each


def test_a_keyfile_of_a_user_and_one_of_an_emulators(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = Cloud(monkeypatch, {})
    key = {"gcs_base_url": cloud.server.url, "disable_oauth": True, "client_email": "", "private_key": ""}
    (tmp_path / "key").write_text(json.dumps({**key, "private_key_id": ""}))
    cloud.headers(f"{GCS}, keyfile: {tmp_path}/key, secure: false")
    user = {"type": "authorized_user", "client_id": "i", "client_secret": "s", "refresh_token": "t"}
    (tmp_path / "user").write_text(json.dumps(user))
    opened(f"{GCS}, keyfile: {tmp_path}/user")


@pytest.mark.parametrize(
    "parameters",
    [
        f"{S3}, accesskey: k, secretkey: s, regionendpoint: 127.0.0.1:PORT",
        f"{AZURE}, accountname: a, accountkey: a2V5, endpoint: 127.0.0.1:PORT/a",
        f"{GCS}, anonymous: true, endpoint: 127.0.0.1:PORT",
    ],
)
def test_plain_http_is_for_those_who_ask_for_it(parameters: str) -> None:
    with Httpd(lambda request: answer(404)) as server:
        given = parameters.replace("PORT", server.url.rpartition(":")[2])
        with pytest.raises(AbsentError):
            opened(f"{given}, secure: false").get("x")
        with pytest.raises(StorageError, match="GET https://127"):
            opened(f"{given}, storagetimeout: 200").get("x")


def test_plain_http_of_the_environment_has_to_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(StorageError, match="plain HTTP isn't allowed"):
        opened(f"{S3}, accesskey: k, secretkey: s").get("x")


def test_certificates_are_checked(tmp_path: Path) -> None:
    authority = Authority()
    (tmp_path / "ca.pem").write_bytes(authority.certificate)
    with Httpd(lambda request: answer(404), tls=server_context(authority.issue(ips=("127.0.0.1",)))) as server:
        given = f"{S3}, accesskey: k, secretkey: s, regionendpoint: '{server.url}', storagetimeout: 4000"
        with pytest.raises(StorageError, match="UnknownIssuer"):
            opened(given).get("x")
        for more in (f"cafile: {tmp_path}/ca.pem", "skipverify: true"):
            with pytest.raises(AbsentError):
                opened(f"{given}, {more}").get("x")


_SIGNED = """Generic S3 error: Error performing GET http://h/b/x?X-Amz-Signature=abc in 5ms, after 1 retries - HTTP error: error sending request

Debug source:
    uri: http://h/b/x?X-Amz-Signature=abc
"""


def test_what_is_told_is_a_line_without_signatures() -> None:
    assert explain(_SIGNED) == "GET http://h/b/x: error sending request"
    text = "Object at x not found: Error performing GET http://h in 1ms - Server returned non-2xx status code: 404 Not Found: <Error><Code>NoSuchBucket</Code><Message>It isn't\nthere</Message></Error>"
    assert explain(text) == "404 Not Found: NoSuchBucket: It isn't"
    assert is_without_bucket(text)
    assert not is_without_bucket(text.replace("NoSuchBucket", "NoSuchKey"))
