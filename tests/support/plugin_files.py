"""Texts of plugin.yaml, and what the real Helm says of each; '' where it takes it. tests/real asks it again."""

from __future__ import annotations

__all__ = ["CASES", "V1", "as_bytes"]

V1 = "apiVersion: v1\nname: foo\nversion: 1.2.3\ntype: cli/v1\nruntime: subprocess\n"

CASES: dict[str, tuple[str, str]] = {
    "nothing": (
        "",
        "failed to peek plugin.yaml API version: EOF",
    ),
    "a comment": (
        "# x\n",
        "failed to peek plugin.yaml API version: EOF",
    ),
    "null": (
        "---\n",
        'invalid plugin name "": must contain only a-z, A-Z, 0-9, _ and -',
    ),
    "a list": (
        "- a\n",
        (
            "failed to peek plugin.yaml API version: yaml: unmarshal errors:\n"
            "  line 1: cannot unmarshal !!seq into plugin.apiVersion"
        ),
    ),
    "a word": (
        "abcdefghijkl\n",
        (
            "failed to peek plugin.yaml API version: yaml: unmarshal errors:\n"
            "  line 1: cannot unmarshal !!str `abcdefg...` into plugin.apiVersion"
        ),
    ),
    "no yaml": (
        "name: [\n",
        "failed to peek plugin.yaml API version: yaml: line 1: did not find expected node content",
    ),
    "unknown version": (
        "apiVersion: v2\nname: foo\n",
        'invalid plugin apiVersion: "v2"',
    ),
    "a version that is a list": (
        "apiVersion: [v1]\n",
        (
            "failed to peek plugin.yaml API version: yaml: unmarshal errors:\n"
            "  line 1: cannot unmarshal !!seq into string"
        ),
    ),
    "a version that is a number": (
        "apiVersion: 1\n",
        'invalid plugin apiVersion: "1"',
    ),
    "legacy": (
        "name: foo\n",
        "",
    ),
    "legacy without a name": (
        "version: 1.0.0\n",
        'invalid plugin name "": must contain only a-z, A-Z, 0-9, _ and -',
    ),
    "legacy with a bad name": (
        'name: "foo bar"\n',
        'invalid plugin name "foo bar": must contain only a-z, A-Z, 0-9, _ and -',
    ),
    "legacy with a path": (
        "name: ../x\n",
        'invalid plugin name "../x": must contain only a-z, A-Z, 0-9, _ and -',
    ),
    "legacy with a bad version": (
        "name: foo\nversion: v1.0.0\n",
        'invalid plugin version "v1.0.0": must be valid semver',
    ),
    "legacy with half a version": (
        'name: foo\nversion: "1.0"\n',
        'invalid plugin version "1.0": must be valid semver',
    ),
    "legacy with two commands": (
        "name: foo\ncommand: a\nplatformCommand:\n- command: b\n",
        "both platformCommand and command are set",
    ),
    "legacy with two kinds of hooks": (
        "name: foo\nhooks: {install: a}\nplatformHooks: {install: [{command: b}]}\n",
        "both platformHooks and hooks are set",
    ),
    "legacy with an empty downloader": (
        "name: foo\ndownloaders:\n- protocols: [a]\n",
        "downloader 0 has empty command",
    ),
    "legacy without protocols": (
        "name: foo\ndownloaders:\n- command: a\n",
        "downloader 0 has no protocols",
    ),
    "legacy with an empty protocol": (
        "name: foo\ndownloaders:\n- command: a\n  protocols: [a]\n- command: a\n  protocols: [a, '']\n",
        "downloader 1 has empty protocol at index 1",
    ),
    "legacy with unknown fields": (
        "name: foo\ntags: x\nuseTunnel: true\n",
        "",
    ),
    "legacy with types that don't fit": (
        "name: [a]\nusage: {a: b}\nignoreFlags: maybe\nhooks: x\nplatformCommand: {a: b}\nversion: 1.0.0-this-is-long\n",
        (
            "yaml: unmarshal errors:\n"
            "  line 1: cannot unmarshal !!seq into string\n"
            "  line 2: cannot unmarshal !!map into string\n"
            "  line 3: cannot unmarshal !!str `maybe` into bool\n"
            "  line 4: cannot unmarshal !!str `x` into plugin.Hooks\n"
            "  line 5: cannot unmarshal !!map into []plugin.PlatformCommand"
        ),
    ),
    "legacy with old bools": (
        "name: foo\nignoreFlags: yes\n",
        "",
    ),
    "legacy with a number for a name": (
        "name: 0x10\n",
        "",
    ),
    "legacy with repeated keys": (
        "name: foo\nname: bar\nusage: a\nname: c\n",
        (
            "failed to peek plugin.yaml API version: yaml: unmarshal errors:\n"
            '  line 2: mapping key "name" already defined at line 1\n'
            '  line 4: mapping key "name" already defined at line 1\n'
            '  line 4: mapping key "name" already defined at line 2'
        ),
    ),
    "legacy with repeated keys below": (
        "name: foo\nhooks:\n  a: b\n  a: c\n",
        ('yaml: unmarshal errors:\n  line 4: mapping key "a" already defined at line 3'),
    ),
    "v1": (
        V1,
        "",
    ),
    "v1 with everything": (
        V1
        + "sourceURL: https://example.com\nconfig: {usage: foo, shortHelp: a, longHelp: b, ignoreFlags: true}\nruntimeConfig:\n  platformCommand: [{os: linux, arch: amd64, command: a, args: [b]}]\n  platformHooks: {install: [{command: a}]}\n  protocolCommands: [{protocols: [a], platformCommand: [{command: a}]}]\n",
        "",
    ),
    "v1 without a name": (
        "apiVersion: v1\nversion: 1.2.3\ntype: cli/v1\nruntime: subprocess\n",
        "invalid plugin `name`",
    ),
    "v1 with a bad name": (
        "apiVersion: v1\nname: fo.o\nversion: 1.2.3\ntype: cli/v1\nruntime: subprocess\n",
        "invalid plugin `name`",
    ),
    "v1 without a version": (
        "apiVersion: v1\nname: foo\ntype: cli/v1\nruntime: subprocess\n",
        "plugin `version` is required",
    ),
    "v1 with a bad version": (
        "apiVersion: v1\nname: foo\nversion: latest\ntype: cli/v1\nruntime: subprocess\n",
        'invalid plugin `version` "latest": must be valid semver',
    ),
    "v1 without a type": (
        "apiVersion: v1\nname: foo\nversion: 1.2.3\nruntime: subprocess\n",
        "`type` missing",
    ),
    "v1 without a runtime": (
        "apiVersion: v1\nname: foo\nversion: 1.2.3\ntype: cli/v1\n",
        "`runtime` missing",
    ),
    "v1 of an unknown type": (
        "apiVersion: v1\nname: foo\nversion: 1.2.3\ntype: cli/v2\nruntime: subprocess\n",
        'failed to convert MetadataV1 to Metadata: unknown plugin type "cli/v2"',
    ),
    "v1 with an unknown runtime": (
        "apiVersion: v1\nname: foo\nversion: 1.2.3\ntype: cli/v1\nruntime: container\n",
        'failed to convert MetadataV1 to Metadata: unsupported plugin runtime type: "container"',
    ),
    "v1 with an unknown field": (
        V1 + "usage: x\ncommand: y\n",
        (
            "yaml: unmarshal errors:\n"
            "  line 6: field usage not found in type plugin.MetadataV1\n"
            "  line 7: field command not found in type plugin.MetadataV1"
        ),
    ),
    "v1 with an unknown field below": (
        V1 + "config:\n  shortHelp: a\n  longHelp: |\n    two\n    lines\n  what: x\n  ever: {a: b}\n",
        (
            "failed to convert MetadataV1 to Metadata: yaml: unmarshal errors:\n"
            "  line 1: field ever not found in type schema.ConfigCLIV1\n"
            "  line 7: field what not found in type schema.ConfigCLIV1"
        ),
    ),
    "v1 with an unknown runtime field": (
        V1 + "runtimeConfig: {what: x}\n",
        "",
    ),
    "v1 with types that don't fit": (
        V1 + "config:\n  usage: [a, b]\n  ignoreFlags: maybe\n  shortHelp: {a: b}\n",
        (
            "failed to convert MetadataV1 to Metadata: yaml: unmarshal errors:\n"
            "  line 1: cannot unmarshal !!str `maybe` into bool\n"
            "  line 3: cannot unmarshal !!map into string\n"
            "  line 5: cannot unmarshal !!seq into string"
        ),
    ),
    "v1 with runtime types that don't fit": (
        V1
        + "runtimeConfig:\n  platformCommand:\n  - command: [a]\n    args: b\n  - {os: {a: b}}\n  platformHooks: [a]\n  protocolCommands: x\n",
        (
            "failed to convert MetadataV1 to Metadata: failed to unmarshal runtimeConfig for subprocess runtime: yaml: unmarshal errors:\n"
            "  line 2: cannot unmarshal !!str `b` into []string\n"
            "  line 4: cannot unmarshal !!seq into string\n"
            "  line 6: cannot unmarshal !!map into string\n"
            "  line 8: cannot unmarshal !!seq into plugin.PlatformHooks\n"
            "  line 9: cannot unmarshal !!str `x` into []plugin.SubprocessProtocolCommand"
        ),
    ),
    "v1 with a list for a config": (
        V1 + "config: [a]\n",
        ("yaml: unmarshal errors:\n  line 6: cannot unmarshal !!seq into map[string]interface {}"),
    ),
    "v1 with a word for a config": (
        V1 + "config: a\n",
        ("yaml: unmarshal errors:\n  line 6: cannot unmarshal !!str `a` into map[string]interface {}"),
    ),
    "v1 with nothing for a config": (
        V1 + "config:\nruntimeConfig: ~\n",
        "",
    ),
    "v1 with repeated keys": (
        V1 + "config: {usage: a, usage: b}\n",
        ('yaml: unmarshal errors:\n  line 6: mapping key "usage" already defined at line 6'),
    ),
    "v1 with a date for a usage": (
        V1 + "config: {usage: 2020-01-02, shortHelp: 1.50, longHelp: 0x1f}\n",
        "",
    ),
    "a getter without protocols": (
        V1.replace("cli/v1", "getter/v1"),
        "config validation failed: getter has no protocols",
    ),
    "a getter with an empty protocol": (
        V1.replace("cli/v1", "getter/v1") + "config: {protocols: [a, '', b]}\n",
        "config validation failed: getter has empty protocol at index 1",
    ),
    "a getter with null among its protocols": (
        V1.replace("cli/v1", "getter/v1") + "config: {protocols: [~, a]}\n",
        "",
    ),
    "a post-renderer with a config": (
        V1.replace("cli/v1", "postrenderer/v1") + "config: {a: b}\n",
        (
            "failed to convert MetadataV1 to Metadata: yaml: unmarshal errors:\n"
            "  line 1: field a not found in type schema.ConfigPostRendererV1"
        ),
    ),
    "a post-renderer": (
        V1.replace("cli/v1", "postrenderer/v1"),
        "",
    ),
    "a test": (
        V1.replace("cli/v1", "test/v1"),
        "",
    ),
    "a module": (
        V1.replace("subprocess", "extism/v1"),
        "",
    ),
    "a module's limits": (
        V1.replace("subprocess", "extism/v1")
        + "runtimeConfig:\n  memory: {maxPages: 4294967296, maxHttpResponseBytes: -1}\n  timeout: -1\n  config: {a: 1, b: [c]}\n  fileSystem: x\n",
        (
            "failed to convert MetadataV1 to Metadata: failed to unmarshal runtimeConfig for extism/v1 runtime: yaml: unmarshal errors:\n"
            "  line 4: cannot unmarshal !!seq into string\n"
            "  line 5: cannot unmarshal !!str `x` into plugin.RuntimeConfigExtismV1FileSystem\n"
            "  line 8: cannot unmarshal !!int `4294967296` into uint32\n"
            "  line 9: cannot unmarshal !!int `-1` into uint64"
        ),
    ),
    "merged fields": (
        "base: &base {usage: a, command: b}\nname: foo\n<<: *base\n",
        "",
    ),
    "an alias of nothing": (
        "name: *foo\n",
        "failed to peek plugin.yaml API version: yaml: unknown anchor 'foo' referenced",
    ),
    "merged wrongly": (
        "name: foo\n<<: bar\n",
        "failed to peek plugin.yaml API version: yaml: map merge requires map or sequence of maps as the value",
    ),
    "a tag that doesn't fit": (
        "name: foo\nusage: !!int x\n",
        "yaml: cannot decode !!str `x` as a !!int",
    ),
    "binary": (
        "name: !!binary Zm9v\n",
        "",
    ),
    "bad binary": (
        "name: !!binary '*'\n",
        "yaml: !!binary value contains invalid base64 data",
    ),
    "a tab": (
        "name: foo\n\tusage: x\n",
        "failed to peek plugin.yaml API version: yaml: line 2: found a tab character that violates indentation",
    ),
    "a control character": (
        "name: foo\x01\n",
        "failed to peek plugin.yaml API version: yaml: control characters are not allowed",
    ),
    "no text": (
        "name: \xff\n",
        "failed to peek plugin.yaml API version: yaml: invalid leading UTF-8 octet",
    ),
    "a fault behind a fault": (
        'name: foo\nusage: "a\n  b: c\nd: "e"\n',
        "failed to peek plugin.yaml API version: yaml: line 3: did not find expected key",
    ),
    "a key that is a list": (
        "name: foo\nhooks: {[a, {b: 1}]: c}\n",
        ("yaml: unmarshal errors:\n  line 2: cannot unmarshal !!seq into string"),
    ),
    "a key that is null": (
        "name: foo\nhooks: {~: c, a: ~}\n",
        "",
    ),
    "two documents": (
        "name: foo\n---\nname: bar\n",
        "",
    ),
}


def as_bytes(text: str) -> bytes:
    """A case's text as it lies in a file: a character is a byte."""
    return text.encode("latin-1")
