"""The heads of rendered documents; the messages are those of helm template."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from navarch.errors import YamlError
from navarch.golang.yaml.decode import decode
from navarch.golang.yaml.heads import head, head_of
from navarch.golang.yaml.lines import GiveUpError
from navarch.golang.yaml.skim import skim

CONVERTING = "error converting YAML to JSON: "
DECODING = "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal "
METADATA = (
    'Go struct field SimpleHead.metadata of type struct { Name string "json:\\"name\\""; '
    'Annotations map[string]string "json:\\"annotations\\"" }'
)

REFUSED = [
    ("apiVersion: v1\nkind: [a]\n", DECODING + "array into Go struct field SimpleHead.kind of type string"),
    ("kind: {a: b}\n", DECODING + "object into Go struct field SimpleHead.kind of type string"),
    ("metadata: x\n", DECODING + "string into " + METADATA),
    ("metadata: [a]\n", DECODING + "array into " + METADATA),
    ("metadata: 3\n", DECODING + "number into " + METADATA),
    ("metadata: true\n", DECODING + "bool into " + METADATA),
    (
        "metadata:\n  annotations: x\n",
        DECODING + "string into Go struct field .metadata.annotations of type map[string]string",
    ),
    (
        "metadata:\n  annotations: [x]\n",
        DECODING + "array into Go struct field .metadata.annotations of type map[string]string",
    ),
    (
        "metadata:\n  annotations:\n    a: [1]\n",
        DECODING + "array into Go struct field .metadata.annotations of type string",
    ),
    (
        "metadata:\n  annotations:\n    a: {b: c}\n",
        DECODING + "object into Go struct field .metadata.annotations of type string",
    ),
    ("metadata:\n  name: [x]\n", DECODING + "array into Go struct field .metadata.name of type string"),
    ("- a\n", DECODING + "array into Go value of type util.SimpleHead"),
    ("foo\n", DECODING + "string into Go value of type util.SimpleHead"),
    ("12\n", DECODING + "number into Go value of type util.SimpleHead"),
    ("true\n", DECODING + "bool into Go value of type util.SimpleHead"),
    ("a: .inf\n", CONVERTING + "json: unsupported value: +Inf"),
    ("a: .nan\n", CONVERTING + "json: unsupported value: NaN"),
    ("~: x\n", CONVERTING + 'unsupported map key of type: %!s(<nil>), key: <nil>, value: "x"'),
    ("a: b: c\n", CONVERTING + "yaml: mapping values are not allowed in this context"),
    (
        "kind: [1]\nmetadata: x\napiVersion: {}\n",
        DECODING + "object into Go struct field SimpleHead.apiVersion of type string",
    ),
    ("Kind: [1]\nkind: ConfigMap\n", DECODING + "array into Go struct field SimpleHead.kind of type string"),
    ("a: 1\n\tb: 2\n", CONVERTING + "yaml: line 2: found a tab character that violates indentation"),
    ("a: *x\n", CONVERTING + "yaml: unknown anchor 'x' referenced"),
    ("a: 'x\n", CONVERTING + "yaml: line 2: found unexpected end of stream"),
    ("a: [1, 2\n", CONVERTING + "yaml: line 1: did not find expected ',' or ']'"),
    ("kind: x\n  y: 1\n", CONVERTING + "yaml: line 2: mapping values are not allowed in this context"),
    ('a: "\\q"\n', CONVERTING + "yaml: found unknown escape character"),
    ("- a\nb: c\n", CONVERTING + "yaml: line 1: did not find expected '-' indicator"),
    ("a: &x [*x]\n", CONVERTING + "yaml: anchor 'x' value contains itself"),
    ("? [a]\n: b\n", CONVERTING + 'yaml: invalid map key: []interface {}{"a"}'),
    (
        "18446744073709551615: a\n",
        CONVERTING + 'unsupported map key of type: uint64, key: 0xffffffffffffffff, value: "a"',
    ),
    ("a: \x01\n", CONVERTING + "yaml: control characters are not allowed"),
    ("a:\n  - b\n c: d\n", CONVERTING + "yaml: line 2: did not find expected key"),
]

READ = [
    (
        (
            "apiVersion: 1\n"
            "kind: 2.5\n"
            "metadata:\n"
            "  name: true\n"
            "  annotations:\n"
            "    a: 1\n"
            "    b: 1.10\n"
            "    c: yes\n"
            "    d: null\n"
            "    e: 12345678901\n"
            "    f: 1e9\n"
            "    helm.sh/hook: pre-install\n"
        ),
        (
            "1",
            "2.5",
            "true",
            {
                "a": "1",
                "b": "1.1",
                "c": "true",
                "d": "",
                "e": "12345678901",
                "f": "1e+09",
                "helm.sh/hook": "pre-install",
            },
        ),
    ),
    (
        ("KIND: X\nMetadata:\n  NAME: foo\n  Annotations:\n    helm.sh/hook: pre-install\n"),
        ("", "X", "foo", {"helm.sh/hook": "pre-install"}),
    ),
    ('metadata:\n  name: x\n  annotations:\n    k: ""\n', ("", "", "x", {"k": ""})),
    (" # only\n", ("", "", "", {})),
    ("---\n", ("", "", "", {})),
    ("{a: b, metadata: {name: x, annotations: {a: 5}}}\n", ("", "", "x", {"a": "5"})),
    ("metadata: null\nkind: null\n", ("", "", "", {})),
]


def fields(found):
    return (found.api_version, found.kind, found.name, found.annotations)


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_refused(text, message):
    with pytest.raises(YamlError) as caught:
        head(text)
    assert caught.value.message == message


@pytest.mark.parametrize(("text", "expected"), READ)
def test_read(text, expected):
    assert fields(head(text)) == expected
    assert fields(head(text)) == expected  # what was remembered of its lines is the same


DEPLOYMENT = """\
# Source: c/templates/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  labels: {app: x}
  name: web  # the name
  annotations:
    # a comment
    "helm.sh/hook": pre-install,post-install
    helm.sh/hook-weight: "-5"
    text: |
      several: lines
      # no comment
  namespace: demo
spec:
  template:
    spec:
      containers:
      - name: web
        args: ["--a", '--b=c: d']
        command:
        - sh
        - -c
        - |
          echo: x

          y
        env:
        - {name: A, value: b}
        - name: B
          value: one
            two
      volumes: []
"""


def test_a_deployment_is_skimmed():
    found = head_of(skim(DEPLOYMENT))
    assert fields(found) == (
        "apps/v1",
        "Deployment",
        "web",
        {
            "helm.sh/hook": "pre-install,post-install",
            "helm.sh/hook-weight": "-5",
            "text": "several: lines\n# no comment\n",
        },
    )


@pytest.mark.parametrize("line", DEPLOYMENT.splitlines()[3:])
@pytest.mark.parametrize("change", ["{}: x", "  {}", "{} *x", "{}\n\t", "{}\n-", "{}\n  x", "{}'", "{}\n{}"])
def test_changed_lines_are_skimmed_as_the_complete_reader_has_them(line, change):
    text = DEPLOYMENT.replace(line, change.replace("{}", line), 1)
    with suppress(GiveUpError):
        assert outcome(skim(text)) == outcome(decode(text, raw=True))


LINES = st.sampled_from(
    [
        *(
            "kind: A",
            "kind:",
            "  name: x",
            "metadata:",
            "  annotations:",
            "    a: b",
            "    a: 1.50",
            "    - c",
            "- d",
            "  - e: f",
        ),
        *(
            "    g: |",
            "      h",
            "",
            "# i",
            "  # j",
            "metadata: {name: k}",
            "  name:",
            "    l",
            '  "name": "m',
            '  n"',
            "  labels:",
        ),
        *(
            "    o: p",
            "apiVersion: v1",
            "Kind: q",
            "  'r': s",
            "spec: [t,",
            "  u]",
            "  v: w: x",
            "  name: [y]",
            "  <<: z",
        ),
    ]
)


@settings(max_examples=300)
@given(st.lists(LINES, max_size=10))
def test_skimming_agrees_with_the_complete_reader(lines):
    text = "\n".join(lines)
    try:
        skimmed = skim(text)
    except GiveUpError:
        return
    assert outcome(skimmed) == outcome(decode(text, raw=True))


def outcome(document):
    try:
        return fields(head_of(document))
    except YamlError as error:
        return error.message
