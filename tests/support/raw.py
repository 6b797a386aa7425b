"""Requests to an API server as they are: any path, any headers, the answer as JSON with its headers."""

from __future__ import annotations

import base64
import json
import os
import ssl
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from email.message import Message

    from support.cluster import Cluster

__all__ = ["TABLE", "Raw"]

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


class Raw:
    """A server, and the administrator's way into it, as a kubeconfig tells them."""

    def __init__(self, cluster: Cluster) -> None:
        view = json.loads(cluster.kubectl("config", "view", "--raw", "--minify", "--flatten", "-o", "json"))
        server, user = view["clusters"][0]["cluster"], view["users"][0]["user"]
        self.address = server["server"]
        self.headers = {"Authorization": f"Bearer {user['token']}"} if "token" in user else {}
        authority = base64.b64decode(server["certificate-authority-data"]).decode()
        self.context = ssl.create_default_context(cadata=authority)
        if "client-certificate-data" in user:
            self._identify(cluster.home, user)

    def _identify(self, home: str, user: Mapping[str, str]) -> None:
        path = os.path.join(home, "client.pem")
        with open(path, "wb") as file:
            file.write(base64.b64decode(user["client-certificate-data"]) + b"\n")
            file.write(base64.b64decode(user["client-key-data"]))
        self.context.load_cert_chain(path)

    def call(
        self, path: str, body: Any = None, *, method: str = "", headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any, Message]:
        """The code, the body and the headers of an answer."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", "Accept": "application/json", **self.headers, **(headers or {})}
        verb = method or ("GET" if data is None else "POST")
        request = urllib.request.Request(self.address + path, data, sent, method=verb)
        try:
            with urllib.request.urlopen(request, context=self.context, timeout=300) as answer:
                return answer.status, json.load(answer), answer.headers
        except urllib.error.HTTPError as error:
            with error:
                text = error.read()
            return error.code, json.loads(text) if text.startswith(b"{") else text.decode(), error.headers
