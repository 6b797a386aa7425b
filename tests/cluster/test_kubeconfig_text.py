"""Kubeconfigs change where they should, and nowhere else."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.cluster.kubeconfig_text import LISTS, put, remove, set_current
from navarch.errors import YamlError
from navarch.golang.yaml import dump, load

KUBECTL = """\
apiVersion: v1
clusters:
- cluster:
    certificate-authority: /ca.crt
    server: https://one:6443
  name: one  # the old one
# between
- cluster:
    server: https://two:6443
  name: two
contexts:
- context:
    cluster: one
    user: one
  name: one
current-context: one # chosen by hand
kind: Config
preferences: {}

# who we are
users:
- name: one
  user:
    token: secret   # rotate me
"""
NEW = {"server": "https://127.0.0.1:1", "certificate-authority-data": "QQ=="}


def test_an_entry_comes_last_and_nothing_else_changes():
    lines = KUBECTL.splitlines(keepends=True)
    added = "- cluster:\n    certificate-authority-data: QQ==\n    server: https://127.0.0.1:1\n  name: new\n"
    assert put(KUBECTL, "clusters", "new", NEW) == "".join([*lines[:10], added, *lines[10:]])


def test_an_entry_is_replaced_in_its_place():
    text = put(KUBECTL, "clusters", "two", NEW)
    assert [one["name"] for one in load(text)["clusters"]] == ["one", "two"]
    assert load(text)["clusters"][1]["cluster"] == NEW
    assert "# the old one\n# between\n- cluster:\n    certificate-authority-data" in text
    assert put(text, "clusters", "two", NEW) == text


def test_what_was_put_and_removed_leaves_the_text_as_it_was():
    text = KUBECTL
    for section in LISTS:
        text = put(text, section, "new", {"a": 1})
    for section in LISTS:
        text = remove(text, section, "new")
    assert set_current(set_current(text, "new"), "one") == KUBECTL


def test_the_current_context_keeps_its_comment():
    assert "\ncurrent-context: new # chosen by hand\nkind: Config\n" in set_current(KUBECTL, "new")
    assert '\ncurrent-context: "" # chosen by hand\n' in set_current(KUBECTL, "")


def test_lists_that_are_empty_or_missing():
    for text in ("clusters: []\n", "clusters: null # none\n", "clusters:\n", "", "kind: Config", "clusters: {}\n"):
        changed = put(text, "clusters", "new", NEW)
        assert load(changed)["clusters"] == [{"name": "new", "cluster": NEW}], text
    assert put("clusters: null # none\n", "clusters", "new", NEW).startswith("clusters: # none\n- cluster:\n")


def test_items_that_are_indented():
    text = "users:\n  - name: a\n    user: {}\n\n  # b is next\n  - user: {}\n    name: b\nkind: Config\n"
    assert remove(text, "users", "a") == "users:\n\n  # b is next\n  - user: {}\n    name: b\nkind: Config\n"
    assert put(text, "users", "c", {}).endswith("    name: b\n  - name: c\n    user: {}\nkind: Config\n")


def test_what_is_not_there_is_not_removed():
    assert remove(KUBECTL, "users", "nobody") == KUBECTL
    assert remove("", "users", "nobody") == ""


@pytest.mark.parametrize(
    "text",
    [
        "clusters: [{name: a, cluster: {server: x}}]\nkind: Config\n",
        "clusters: [\n{name: a, cluster: {server: x}}\n]\n",
        'apiVersion: v1\n"clusters":\n- {name: a, cluster: {server: x}}\n',
        "base: &b {server: x}\nclusters:\n- name: a\n  cluster: *b\n",
        "{clusters: [{name: a, cluster: {server: x}}]}\n",
    ],
)
def test_other_styles_mean_the_same_afterwards(text):
    changed = put(text, "clusters", "new", NEW)
    assert load(changed)["clusters"] == [{"name": "a", "cluster": {"server": "x"}}, {"name": "new", "cluster": NEW}]
    assert load(remove(changed, "clusters", "new"))["clusters"] == load(text)["clusters"]


def test_json_stays_json():
    text = json.dumps({"kind": "Config", "clusters": [{"name": "a", "cluster": {"server": "x"}}], "n": 1})
    assert json.loads(put(text, "clusters", "new", NEW))["clusters"][1]["name"] == "new"
    assert json.loads(set_current(text, "a"))["n"] == 1


def test_broken_yaml_is_refused():
    with pytest.raises(YamlError):
        put("clusters: [", "clusters", "new", NEW)


NAMES = st.text("abc-: #'é", min_size=1, max_size=5)
ENTRIES = st.dictionaries(NAMES, st.dictionaries(NAMES, st.text("ab: #\n-'", max_size=6), max_size=2), max_size=3)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(LISTS, ENTRIES)), NAMES, st.sampled_from(sorted(LISTS)))
def test_any_document_gains_and_loses_just_the_entry(parts, name, section):
    document = {
        key: [{"name": one, LISTS[key]: fields} for one, fields in entries.items()] for key, entries in parts.items()
    }
    text = dump(document)
    changed = load(put(text, section, name, {"a": "b"}))
    found = {one["name"]: one[LISTS[section]] for one in changed[section]}
    assert found == {**parts.get(section, {}), name: {"a": "b"}}
    assert {key: value for key, value in changed.items() if key != section} == {
        key: value for key, value in document.items() if key != section
    }
    without = load(remove(put(text, section, name, {"a": "b"}), section, name))
    assert [one["name"] for one in without[section] or []] == [one for one in parts.get(section, {}) if one != name]
