"""A guestbook: one page, a form, the latest entries. Python's standard library and nothing else.

    python app.py settings.json

The entries are kept in Valkey (or Redis) where the settings name one, else in memory.
"""

import json
import os
import socket
import sys
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<style>body {{ font: 1.1em/1.5 system-ui; max-width: 34em; margin: 2em auto; padding: 0 1em }}
input {{ font: inherit; width: 80% }} button {{ font: inherit }}</style>
<h1>{title}</h1><p>{greeting}</p>
<form method="post"><input name="entry" maxlength="300" required autofocus> <button>Sign</button></form>
<ul>{entries}</ul></html>
"""


class Memory:
    """Entries of this process, newest first."""

    def __init__(self, limit):
        self.limit = limit
        self.entries = []

    def add(self, entry):
        self.entries = [entry, *self.entries][: self.limit]

    def latest(self):
        return self.entries


class Cache:
    """Entries in a list of Valkey's, newest first. Every request has a connection of its own."""

    def __init__(self, address, limit):
        host, _, port = address.rpartition(":")
        self.address = (host, int(port))
        self.limit = limit

    def add(self, entry):
        self.ask(["LPUSH", "entries", entry], ["LTRIM", "entries", "0", str(self.limit - 1)])

    def latest(self):
        return self.ask(["LRANGE", "entries", "0", str(self.limit - 1)])[0]

    def ask(self, *commands):
        """The answers to some commands. Raises OSError when the cache is away or refuses."""
        with socket.create_connection(self.address, timeout=3) as link, link.makefile("rb") as answers:
            for words in commands:
                parts = [f"*{len(words)}\r\n".encode()]
                for word in words:
                    data = word.encode()
                    parts.append(b"$%d\r\n%s\r\n" % (len(data), data))
                link.sendall(b"".join(parts))
            return [self.answer(answers) for _ in commands]

    def answer(self, answers):
        line = answers.readline().decode().rstrip("\r\n")
        kind, rest = line[:1], line[1:]
        if kind == "*":
            return [self.answer(answers) for _ in range(int(rest))]
        if kind == "$":
            return answers.read(int(rest) + 2)[:-2].decode()
        if kind in {"+", ":"}:
            return rest
        raise OSError(rest or "the cache hung up")


class Guestbook(BaseHTTPRequestHandler):
    """GET / shows the page, POST / signs; /alive and /ready are for probes."""

    settings = {}
    store = Memory(1)

    def do_GET(self):
        if self.path == "/alive":
            return self.answer(200, "alive")
        try:
            entries = self.store.latest()
        except OSError as error:
            return self.answer(503, f"The entries can't be reached: {error}")
        if self.path == "/ready":
            return self.answer(200, "ready")
        if self.path != "/":
            return self.answer(404, "There is nothing here.")
        items = "".join(f"<li>{escape(entry)}</li>" for entry in entries)
        title, greeting = escape(self.settings["title"]), escape(self.settings["greeting"])
        return self.answer(200, PAGE.format(title=title, greeting=greeting, entries=items), "text/html")

    def do_POST(self):
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 < length <= 4096:
            return self.answer(413, "That is too much for a guestbook.")
        form = parse_qs(self.rfile.read(length).decode("utf-8", "replace"))
        entry = form.get("entry", [""])[0].strip()[:300]
        try:
            if entry:
                self.store.add(entry)
        except OSError as error:
            return self.answer(503, f"The entry can't be kept: {error}")
        self.send_response(303)
        self.send_header("Location", "/")
        self.send_header("Content-Length", "0")
        return self.end_headers()

    def answer(self, status, text, kind="text/plain"):
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def main(path):
    with open(path, encoding="utf-8") as file:
        settings = Guestbook.settings = json.load(file)
    limit = settings["entries"]
    Guestbook.store = Cache(settings["cache"], limit) if settings["cache"] else Memory(limit)
    ThreadingHTTPServer(("", int(os.environ.get("PORT", "8080"))), Guestbook).serve_forever()


if __name__ == "__main__":
    main(sys.argv[1])
