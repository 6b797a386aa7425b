"""Connections: addresses, proxies, TLS, HTTP/1.1, and the pool that keeps them. Nothing here knows of the API."""
