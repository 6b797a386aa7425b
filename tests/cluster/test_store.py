"""Where objects are kept: revisions, events, order, and what a killed process leaves."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from navarch.cluster.store import Key, Store
from navarch.errors import ClusterError


def config_map(name, **data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "n"}, "data": data}


def at(name, namespace="n"):
    return Key("", "configmaps", namespace, name)


def test_every_write_has_a_revision_of_its_own():
    store = Store()
    first = store.put(at("a"), config_map("a"))
    second = store.put(at("b"), config_map("b"))
    gone = store.remove(at("a"))
    revisions = [int(one["metadata"]["resourceVersion"]) for one in (first, second, gone)]
    assert revisions == [revisions[0], revisions[0] + 1, revisions[0] + 2]
    assert store.get(at("a")) is None
    assert store.remove(at("a")) is None


def test_listeners_hear_of_changes_in_order():
    store, heard = Store(), []
    store.listen(heard.append)
    store.put(at("a"), config_map("a"))
    store.put(at("a"), config_map("a", k="v"))
    store.remove(at("a"))
    assert [event.type for event in heard] == ["ADDED", "MODIFIED", "DELETED"]
    assert heard[1].old["metadata"]["resourceVersion"] == str(heard[0].revision)


def test_lists_are_ordered_and_can_go_on():
    store = Store()
    for namespace, name in (("b", "x"), ("a", "z"), ("a", "y"), ("a-b", "q")):
        store.put(Key("", "configmaps", namespace, name), config_map(name))
    assert [one["metadata"]["name"] for one in store.list("", "configmaps")] == ["y", "z", "q", "x"]
    assert [one["metadata"]["name"] for one in store.list("", "configmaps", after=("a", "y"))] == ["z", "q", "x"]
    assert [one["metadata"]["name"] for one in store.list("", "configmaps", "a", after=("a", "y"))] == ["z"]
    assert store.list("apps", "configmaps") == []


def test_old_events_are_forgotten_and_that_is_known():
    store = Store()
    begin = store.revision
    for number in range(1100):
        store.put(at("a"), config_map("a", n=str(number)))
    assert store.since(begin) is None
    recent = store.since(store.revision - 10)
    assert recent is not None
    assert [event.revision for event in recent] == list(range(store.revision - 9, store.revision + 1))
    assert store.since(store.revision) == []


def test_a_file_is_opened_again(tmp_path):
    path = str(tmp_path / "store")
    store = Store(path)
    store.put(at("a"), config_map("a", k="ü\ud800"[:1]))
    revision = store.revision
    store.close()
    again = Store(path)
    assert again.get(at("a"))["data"] == {"k": "ü"}
    assert again.revision == revision
    assert again.since(revision - 1) is None, "a watch can't begin before the start"
    again.close()


def test_a_killed_process_leaves_a_store_that_opens(tmp_path):
    """Killed in the middle of writes: what was answered is there, and nothing is half there."""
    path = str(tmp_path / "store")
    script = textwrap.dedent("""
        import sys
        from navarch.cluster.store import Key, Store
        store = Store(sys.argv[1])
        for number in range(100_000):
            store.put(Key("", "configmaps", "n", f"c{number:06}"), {"metadata": {"name": f"c{number:06}"}})
            print(number, flush=True)
    """)
    process = subprocess.Popen([sys.executable, "-c", script, path], stdout=subprocess.PIPE, text=True)
    for _ in range(300):
        last = int(process.stdout.readline())
    process.kill()
    told = process.stdout.read().split()
    process.wait()
    process.stdout.close()
    last = max([last, *map(int, told)])
    store = Store(path)
    names = [one["metadata"]["name"] for one in store.list("", "configmaps")]
    assert names[: last + 1] == [f"c{number:06}" for number in range(last + 1)]
    assert len(names) <= last + 2
    store.put(at("after"), config_map("after"))
    store.close()


def test_what_is_no_store_is_refused(tmp_path):
    path = tmp_path / "store"
    path.write_text("something else\n" * 200)
    with pytest.raises(ClusterError, match="can't be opened"):
        Store(str(path))
    assert path.read_text().startswith("something else")


def test_a_store_of_another_version_is_refused(tmp_path):
    path = str(tmp_path / "store")
    store = Store(path)
    store._connection.execute("update meta set value = 99 where name = 'format'")
    store.close()
    with pytest.raises(ClusterError, match="format 99"):
        Store(path)


def test_a_full_disk_refuses_writes_and_keeps_the_rest(tmp_path):
    store = Store(str(tmp_path / "store"))
    store.put(at("a"), config_map("a"))
    pages = store._connection.execute("pragma page_count").fetchone()[0]
    store._connection.execute(f"pragma max_page_count = {pages + 2}")
    with pytest.raises(ClusterError, match="can't be written"):
        store.put(at("b"), config_map("b", big="x" * 100_000))
    revision = store.revision
    assert store.get(at("a")) is not None
    store._connection.execute("pragma max_page_count = 100000")
    assert int(store.put(at("c"), config_map("c"))["metadata"]["resourceVersion"]) == revision + 1
    store.close()


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.booleans())))
def test_events_retell_the_store(changes):
    """What is there is what the events say, in whatever order things come and go."""
    store, told = Store(), {}

    def hear(event):
        if event.type == "DELETED":
            del told[event.key.name]
        else:
            assert (event.type == "ADDED") == (event.key.name not in told)
            told[event.key.name] = event.object

    store.listen(hear)
    for name, keep in changes:
        if keep:
            store.put(at(name), config_map(name))
        else:
            store.remove(at(name))
    assert [told[name] for name in sorted(told)] == store.list("", "configmaps")
    assert store.count() == len(told)
