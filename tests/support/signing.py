"""Keys and signatures for tests, a folder in which commands find them, and what Helm answers to such commands."""

from __future__ import annotations

import base64
import os
import re
import shlex
import shutil
import subprocess
import tempfile
from functools import lru_cache
from typing import Any

from support.oracle import HELM, HERE

__all__ = [
    "ANSWERS",
    "ARCHIVE",
    "KEYS",
    "command_lines",
    "dearmored",
    "even",
    "helm_answer",
    "lay_out",
    "made",
    "provenance",
    "split",
    "variables",
]

KEYS = os.path.join(HERE, "provenance", "keys")
ARCHIVE = b"an archive\n"
"""What the signatures of KEYS are for, as web-1.0.0.tgz."""

FOLDER = os.path.join(HERE, "cli", "signing")
ANSWERS = os.path.join(FOLDER, "commands.jsonl")


@lru_cache(maxsize=1)
def command_lines() -> tuple[str, ...]:
    with open(os.path.join(FOLDER, "commands.txt"), encoding="utf-8") as file:
        return tuple(line for line in file.read().split("\n") if line and not line.startswith("#"))


def variables(home: str) -> dict[str, str]:
    """The whole environment."""
    return {"HOME": home, "TZ": "UTC", "SOURCE_DATE_EPOCH": "1700000000"}


def split(line: str) -> tuple[list[str], bytes | None]:
    """The words of a command line, and what stdin holds, after `<<<`."""
    words, found, given = line.partition(" <<< ")
    return shlex.split(words), f"{given}\n".encode() if found else None


def even(text: str, folder: str) -> str:
    """An output without its folder, and with a key's names in one order, as Helm's is that of a Go map."""
    signers = sorted(re.findall(r"^Signed by: .*\n", text, re.MULTILINE))
    rest = re.sub(r"^Signed by: .*\n", "", text, flags=re.MULTILINE)
    return ("".join(signers) + rest).replace(os.path.realpath(folder), "<here>").replace(folder, "<here>")


def helm_answer(line: str) -> dict[str, Any]:
    """What Helm answers, in a folder of its own: exit code, stdout, stderr, and which archives and signatures it made."""
    words, stdin = split(line)
    with tempfile.TemporaryDirectory() as folder:
        lay_out(folder)
        done = subprocess.run(
            [HELM, *words],
            env=variables(os.path.join(folder, "home")),
            cwd=folder,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            timeout=300,
            check=False,
        )
        out, err = (even(text.decode(), folder) for text in (done.stdout, done.stderr))
        return {"code": done.returncode, "out": out, "err": err, "made": made(folder)}


def made(folder: str) -> list[str]:
    """The archives and signatures that a command added to the folder of `lay_out`."""
    return sorted(name for name in os.listdir(folder) if name.startswith(("api-", "old-")))


def read(name: str) -> bytes:
    with open(os.path.join(KEYS, name), "rb") as file:
        return file.read()


def provenance(name: str) -> bytes:
    """The signature that GnuPG made with a key."""
    return read(f"{name}.prov")


def dearmored(name: str) -> bytes:
    """A key without its armor."""
    found = re.search(rb"\n\n(.*?)\n=", read(f"{name}.asc"), re.DOTALL)
    assert found
    return base64.b64decode(found[1])


def lay_out(folder: str) -> None:
    """Fill a folder with charts, archives with signatures good and bad, keyrings whole and broken, and passphrases."""
    for path, content in {**_charts(), **_archives(), **_tampered(), **_keyrings(), **_passphrases()}.items():
        whole = os.path.join(folder, path)
        os.makedirs(os.path.dirname(whole), exist_ok=True)
        with open(whole, "wb") as file:
            file.write(content)
    for path in ("archive.tgz", "unreadable/web-1.0.0.tgz.prov", "home"):
        os.makedirs(os.path.join(folder, path))
    shutil.copytree(KEYS, os.path.join(folder, "keys"), ignore=shutil.ignore_patterns("make", "*.base64"))


def _charts() -> dict[str, bytes]:
    api = "apiVersion: v2\nname: api\nversion: 1.0.0\ndescription: '- dashes '\nannotations: {a: \"x \\n y\\t\\n\", b: '- c'}\n"
    return {
        "api/Chart.yaml": api.encode(),
        "old/Chart.yaml": b"apiVersion: v1\nname: old\nversion: 1.0.0+b\n",
    }


def _archives() -> dict[str, bytes]:
    files = {"plain.txt": b"x", "unsigned.tgz": b"x", "unreadable/web-1.0.0.tgz": ARCHIVE}
    for name in ("web-1.0.0.tgz", "other-1.0.0.tgz", "capitals/web-1.0.0.TGZ"):
        files |= {name: ARCHIVE, f"{name}.prov": provenance("rsa")}
    for name in sorted(name[:-5] for name in os.listdir(KEYS) if name.endswith(".prov")):
        files |= {f"by/{name}/web-1.0.0.tgz": ARCHIVE, f"by/{name}/web-1.0.0.tgz.prov": provenance(name)}
    return files


def _tampered() -> dict[str, bytes]:
    """Archives whose signature somebody has touched, each in a folder of its own."""
    good, other = provenance("rsa"), provenance("ed25519")
    at = good.index(b"\n\n", good.index(b"BEGIN PGP SIGNATURE")) + 2
    signature = other.partition(b"SIGNATURE-----\n\n")[2]
    versions = {
        "text": good.replace(b"name: web", b"name: wob"),
        "empty": b"",
        "garbage": b"\x00\xff" * 50,
        "cut": good[: len(good) // 2],
        "hash": good.replace(b"Hash: SHA512", b"Hash: SHA513"),
        "comment": good.replace(b"Hash: SHA512", b"Comment: x"),
        "no-header": good.replace(b"Hash: SHA512\n", b""),
        "crlf": good.replace(b"\n", b"\r\n"),
        "around": b"hello\n" + good + b"\ntrailer",
        "twice": good + b"\n" + good,
        "blanks": good.replace(b"name: web\n", b"name: web  \t\n"),
        "flipped": good[: at + 200] + (b"B" if good[at + 200 : at + 201] == b"A" else b"A") + good[at + 201 :],
        "no-packet": good[:at] + b"AAAA" + good[at + 4 :],
        "no-signature": good[:at] + b"\n-----END PGP SIGNATURE-----\n",
        "a-key": good[:at] + base64.b64encode(dearmored("ed25519"))[:90] + b"\n-----END PGP SIGNATURE-----\n",
        "of-another": good[:at] + signature,
    }
    files = {f"tampered/{name}/web-1.0.0.tgz.prov": content for name, content in versions.items()}
    files |= {f"tampered/{name}/web-1.0.0.tgz": ARCHIVE for name in versions}
    return files | {"changed/web-1.0.0.tgz": b"another\n", "changed/web-1.0.0.tgz.prov": good}


def _keyrings() -> dict[str, bytes]:
    box = base64.b64decode(read("pubring.kbx.base64"))
    rsa, armored = dearmored("rsa"), read("rsa.asc")
    many = rsa + dearmored("ed25519") + dearmored("names") + dearmored("locked")
    return {
        "pubring.kbx": box,
        "cut.kbx": box[:-30],
        "head.kbx": box[:32],
        "zero.kbx": box[:32] + bytes(8),
        "short.kbx": box[:32] + b"\0\0\0\x08\x02\x01\0\0",
        "range.kbx": box[:32] + b"\0\0\0\x10\x02\x01\0\0\0\0\0\x10\0\0\0\x01",
        "tiny.kbx": box[:32] + b"\0\0",
        "rsa.gpg": rsa,
        "ed25519.gpg": dearmored("ed25519"),
        "many.gpg": many,
        "twice.gpg": rsa + rsa,
        "cut.gpg": rsa[:-10],
        "forged.gpg": rsa[:-20] + bytes([rsa[-20] ^ 1]) + rsa[-19:],
        "forged-and-good.gpg": rsa[:-20] + bytes([rsa[-20] ^ 1]) + rsa[-19:] + dearmored("ed25519"),
        "empty.gpg": b"",
        "text.gpg": b"hello world",
        "ones.gpg": b"\xff" * 20,
        "old.gpg": b"\x99\x01" * 20,
        "signature.gpg": base64.b64decode(provenance("rsa").partition(b"SIGNATURE-----\n\n")[2].partition(b"\n=")[0]),
        "message.asc": armored.replace(b"PGP PRIVATE KEY BLOCK", b"PGP MESSAGE"),
        "start.asc": b"-----BEGIN PGP foo\n",
        "cut.asc": armored[:600],
        "nothing.asc": b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n-----END PGP PUBLIC KEY BLOCK-----\n",
    }


def _passphrases() -> dict[str, bytes]:
    return {
        "right": b"open sesame\n",
        "right-crlf": b"open sesame\r\nmore\n",
        "wrong": b"no\n",
        "latin": b"\xff\n",
        "long": b"x" * 5000,
        "blank": b"\n",
        "none": b"",
    }
