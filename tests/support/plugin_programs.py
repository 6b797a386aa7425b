"""Plugins of the tests' own: folders with a plugin.yaml and a shell script or a module."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from navarch.plugins import load_plugin

if TYPE_CHECKING:
    from pathlib import Path

    from navarch.plugins import Plugin

ECHO = """
(module
  (import "extism:host/env" "input_length" (func $length (result i64)))
  (import "extism:host/env" "input_load_u8" (func $load (param i64) (result i32)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (func (export "helm_plugin_main") (result i32)
    (local $n i64) (local $at i64) (local $i i64)
    (local.set $n (call $length))
    (local.set $at (call $alloc (local.get $n)))
    (block $end (loop $next
      (br_if $end (i64.ge_u (local.get $i) (local.get $n)))
      (call $store (i64.add (local.get $at) (local.get $i)) (call $load (local.get $i)))
      (local.set $i (i64.add (local.get $i) (i64.const 1)))
      (br $next)))
    (call $output (local.get $at) (local.get $n))
    (i32.const 0)))
"""


def answering(text: str, *, code: int = 0, before: str = "") -> str:
    """A module that answers a text, whatever it is told; `before` are instructions that come first."""
    stores = _stores(text)
    size = len(text.encode())
    return f"""
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (memory (export "memory") 1)
  (func (export "helm_plugin_main") (result i32)
    (local $at i64)
    {before}
    (local.set $at (call $alloc (i64.const {size})))
    {stores}
    (call $output (local.get $at) (i64.const {size}))
    (i32.const {code})))
"""


def asking(url: str) -> str:
    """A module that answers what lies at an address."""
    request = f'{{"url": "{url}"}}'
    stores = _stores(request)
    return f"""
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "http_request" (func $ask (param i64 i64) (result i64)))
  (import "extism:host/env" "http_status_code" (func $status (result i32)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (func (export "helm_plugin_main") (result i32)
    (local $at i64)
    (local.set $at (call $alloc (i64.const {len(request)})))
    {stores}
    (local.set $at (call $ask (local.get $at) (i64.const 0)))
    (call $output (local.get $at) (call $length (local.get $at)))
    (i32.ne (call $status) (i32.const 200))))
"""


def _stores(text: str) -> str:
    """Instructions that write a text to where $at points."""
    return "".join(
        f"(call $store (i64.add (local.get $at) (i64.const {at})) (i32.const {byte}))"
        for at, byte in enumerate(text.encode())
    )


def getter(
    folder: Path, script: str, *, name: str = "fetch", command: str = "fetch.sh", protocols: str = "s3"
) -> Plugin:
    """A getter of the legacy kind that runs a shell script."""
    place = folder / name
    place.mkdir(parents=True)
    downloaders = f"downloaders: [{{command: '{command}', protocols: [{protocols}]}}]\n"
    (place / "plugin.yaml").write_text(f"name: {name}\nversion: 1.0.0\n{downloaders}")
    _script(place / "fetch.sh", script)
    return load_plugin(str(place))


def post_renderer(folder: Path, script: str, *, name: str = "render", command: str = "") -> Plugin:
    """A post-renderer that runs a shell script."""
    place = folder / name
    place.mkdir(parents=True)
    head = f"apiVersion: v1\nname: {name}\ntype: postrenderer/v1\nruntime: subprocess\nversion: 1.0.0\n"
    command = command or "${HELM_PLUGIN_DIR}/render.sh"
    commands = f"runtimeConfig: {{platformCommand: [{{command: '{command}', args: ['$HELM_PLUGIN_NAME']}}]}}\n"
    (place / "plugin.yaml").write_text(head + commands)
    _script(place / "render.sh", script)
    return load_plugin(str(place))


def module(folder: Path, text: str, *, name: str = "wasm", type: str = "getter/v1", runtime: str = "{}") -> Plugin:  # noqa: A002
    """A plugin that is a module, given as text. `runtime` is its runtimeConfig."""
    place = folder / name
    place.mkdir(parents=True)
    config = "{protocols: [w]}" if type == "getter/v1" else "{}"
    head = f"apiVersion: v1\nname: {name}\ntype: {type}\nruntime: extism/v1\nversion: 1.0.0\n"
    (place / "plugin.yaml").write_text(f"{head}config: {config}\nruntimeConfig: {runtime}\n")
    (place / "plugin.wasm").write_text(text)
    return load_plugin(str(place))


def _script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def installed(package: Path, site: Path) -> Path:
    """A folder in which a package is installed, for the path of modules; pip does it, without the network."""
    words = ("install", "-q", "--disable-pip-version-check", "--no-deps", "--no-build-isolation", "--no-index")
    subprocess.run([sys.executable, "-m", "pip", *words, "--target", str(site), str(package)], check=True, timeout=120)
    return site
