"""Manifests in the order of installing, hooks apart."""

from __future__ import annotations

import os
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.cache import Cache
from navarch.errors import ManifestError
from navarch.manifests.sort import INSTALL_ORDER, UNINSTALL_ORDER, sort_manifests
from support.corpus import GOLDEN


def document(kind, name="x", **annotations):
    lines = [f"kind: {kind}", "apiVersion: v1", "metadata:", f"  name: {name}"]
    if annotations:
        lines += [
            "  annotations:",
            *(f'    helm.sh/{key.replace("_", "-")}: "{value}"' for key, value in annotations.items()),
        ]
    return "\n".join(lines) + "\n"


def hook(**annotations):
    (found,), manifests = sort_manifests({"c/templates/h.yaml": document("Job", **annotations)})
    assert manifests == []
    return found


def test_kinds_that_helm_knows_come_in_its_order():
    text = "---\n".join(document(kind) for kind in sorted(INSTALL_ORDER))
    assert [m.kind for m in sort_manifests({"t.yaml": text})[1]] == list(INSTALL_ORDER)


def test_helm_removes_in_the_same_order_backwards_but_for_services():
    backwards = list(reversed(INSTALL_ORDER))
    moved = {"Service", "ConfigMap", "StorageClass", "Secret", "SecretList"}
    assert sorted(UNINSTALL_ORDER) == sorted(INSTALL_ORDER)
    assert [k for k in UNINSTALL_ORDER if k in ("Namespace", "Ingress", "Pod", "Role")] == [
        k for k in backwards if k in ("Namespace", "Ingress", "Pod", "Role")
    ]
    assert moved <= set(UNINSTALL_ORDER)


def test_other_kinds_follow_by_name_and_equals_keep_their_place():
    files = {
        "b.yaml": document("Zebra") + "---\n" + document("Service", "s2"),
        "a.yaml": document("Alpha") + "---\n" + document("Service", "s1"),
    }
    files["c.yaml"] = document("alpha") + "---\n" + document("Zebra", "z")
    assert [(m.kind, m.name, m.path) for m in sort_manifests(files)[1]] == [
        ("Service", "s1", "a.yaml"),
        ("Service", "s2", "b.yaml"),
        ("Alpha", "x", "a.yaml"),
        ("Zebra", "x", "b.yaml"),
        ("Zebra", "z", "c.yaml"),
        ("alpha", "x", "c.yaml"),
    ]


def test_the_corpus_agrees():
    """The kinds in Helm's own output of tests/corpus/charts/kinds, sorted again."""
    with open(os.path.join(GOLDEN, "hooks-kinds.out"), encoding="utf-8") as file:
        text = file.read()
    order = re.findall(r'(?m)^{?"?kind"?: "?(\w+)', text)
    assert len(order) > 30
    files = {"t.yaml": re.sub(r"(?m)^# Source.*\n", "", text)}
    assert [m.kind for m in sort_manifests(files)[1] if m.kind] == order


def test_partials_and_blank_files_are_left_out():
    hooks, manifests = sort_manifests(
        {"_p.yaml": document("Pod"), "sub/_q.yaml": "[", "b.yaml": " \n", "t.yaml": document("Pod")}
    )
    assert hooks == []
    assert [m.path for m in manifests] == ["t.yaml"]


def test_a_document_keeps_its_comments_and_spaces():
    text = "# about it\n\nkind: Pod  # really\n\n# the end\n"
    assert sort_manifests({"t.yaml": text})[1][0].content == text


@pytest.mark.parametrize(
    ("value", "events"),
    [
        ("pre-install", ["pre-install"]),
        ("test-success", ["test"]),
        (" Pre-Install ,POST-upgrade", ["pre-install", "post-upgrade"]),
        ("test,test", ["test", "test"]),
    ],
)
def test_events(value, events):
    assert list(hook(hook=value).events) == events


@pytest.mark.parametrize("value", ["no-such", "pre-install,no-such", "crd-install", "test-failure", "", ","])
def test_a_hook_of_no_known_event_is_dropped_and_told(value):
    told = []
    hooks, manifests = sort_manifests({"t.yaml": document("Job", hook=value)}, warn=told.append)
    assert (hooks, manifests) == ([], [])
    assert [line.partition(" hookTypes")[0] for line in told] == ['level=INFO msg="skipping unknown hooks"']


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("5", 5),
        ("-5", -5),
        ("+5", 5),
        ("007", 7),
        ("", 0),
        ("x", 0),
        ("1.5", 0),
        (" 1", 0),
        ("1_0", 0),
        ("٣", 0),
        ("-", 0),
    ],
)
def test_weights_are_read_as_go_reads_numbers(text, weight):
    assert hook(hook="test", hook_weight=text).weight == weight


def test_policies():
    found = hook(
        hook="test", hook_delete_policy=" Before-Hook-Creation, hook-failed", hook_output_log_policy="hook-succeeded"
    )
    assert list(found.delete_policies) == ["before-hook-creation", "hook-failed"]
    assert list(found.output_log_policies) == ["hook-succeeded"]
    assert list(hook(hook="test").delete_policies) == []


def test_hooks_are_sorted_by_kind():
    files = {"t.yaml": "---\n".join(document(kind, hook="test") for kind in ("Pod", "Job", "Namespace", "Zebra"))}
    assert [h.kind for h in sort_manifests(files)[0]] == ["Namespace", "Pod", "Job", "Zebra"]


@pytest.mark.parametrize("text", ["a: [1", "a:\n\tb: 1", "kind: Pod\nkind: [", "- a: 1\nb: 2"])
def test_what_is_not_yaml_is_named(text):
    with pytest.raises(
        ManifestError, match=r"^YAML parse error on c/t\.yaml: error converting YAML to JSON: yaml: "
    ) as caught:
        sort_manifests({"c/t.yaml": "kind: Pod\n---\n" + text})
    assert caught.value.path == "c/t.yaml"


def test_the_line_counts_from_the_file_s_start():
    with pytest.raises(ManifestError) as caught:
        sort_manifests({"t.yaml": "\nkind: Pod\n---\na: 1\n b: 2\n"})
    assert caught.value.line == 5


@given(st.lists(st.tuples(st.sampled_from(["Pod", "Service", "Job", "Odd", "Other"]), st.booleans()), max_size=8))
def test_nothing_is_lost_and_order_is_stable(made):
    files = {
        f"{i}.yaml": document(kind, f"n{i}", **({"hook": "test"} if is_hook else {}))
        for i, (kind, is_hook) in enumerate(made)
    }
    hooks, manifests = sort_manifests(files)
    assert sorted(m.name for m in [*hooks, *manifests]) == sorted(f"n{i}" for i in range(len(made)))
    for kept in (hooks, manifests):
        for first, second in zip(kept, kept[1:], strict=False):
            assert first.kind != second.kind or first.name < second.name


def test_heads_are_the_same_from_the_cache(tmp_path):
    files = {"a.yaml": document("Job", hook="pre-install", hook_weight="3"), "b.yaml": "kind: Pod\n---\nlist: [1]\n"}
    cache = Cache(str(tmp_path / "x.chart"))
    fresh = sort_manifests(files, cache)
    cache.save()
    kept = sort_manifests(files, Cache(str(tmp_path / "x.chart")))

    def facts(sorted_):
        return [
            [(m.path, m.content, m.kind, m.name, m.api_version, getattr(m, "weight", None)) for m in part]
            for part in sorted_
        ]

    assert facts(kept) == facts(fresh) == facts(sort_manifests(files))
