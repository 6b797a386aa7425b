"""A hub's answers, read as far as Helm reads them (tests/real compares with Helm itself)."""

from __future__ import annotations

import pytest

from navarch.errors import DownloadError, RepositoryError
from navarch.repos.fetch import Fetcher
from navarch.repos.hub import search_hub
from support.httpd import Httpd, answer

VERSION = '{"relationships": {"latestChartVersion": {"data": {"version": "1", "created": %s}}}}, {"id": "b"}'


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"data": [{"id": "a"}]} more', [("a", "")]),
        ('{"data": [{"id": "a"}]', []),
        ("[]", []),
        ('{"DATA": [{"ID": "a", "id": null}]}', [("a", "")]),
        ('{"data": [null, "x", {"id": 5}]}', [("", "")] * 3),
        (f'{{"data": [{VERSION % "7"}]}}', [("", "1")]),
        (f'{{"data": [{VERSION % "null"}]}}', [("", "1"), ("b", "")]),
    ],
)
def test_odd_answers(text: str, found: list[tuple[str, str]]) -> None:
    with Httpd(lambda _: answer(body=text.encode())) as hub, Fetcher() as fetcher:
        charts = search_hub(hub.url, "x", fetcher)
        assert [(chart.url.removeprefix(f"{hub.url}/charts/"), chart.version) for chart in charts] == found


def test_only_http_is_spoken() -> None:
    with Fetcher(getters=lambda _: lambda _: b'{"data": [{}]}') as fetcher:
        with pytest.raises(DownloadError, match=r'^Get "s3://hub/api/.*q=x": unsupported protocol scheme "s3"$'):
            search_hub("s3://hub", "x", fetcher)
        with pytest.raises(RepositoryError, match=r"^no hostname provided$"):
            search_hub("hub", "x", fetcher)
