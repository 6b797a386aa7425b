"""Post-rendering: what passes through, in which streams, and where what comes back belongs."""

import pytest

from navarch.actions.postrender import by_strategy
from navarch.errors import NavarchError, YamlError

MARK = "postrenderer.helm.sh/postrender-filename"
A = "kind: A\nmetadata:\n  name: a\n"
B = "kind: B\nmetadata:\n  name: b\n  annotations:\n    x: y\n"
HOOK = "kind: C\nmetadata:\n  name: c\n  annotations:\n    helm.sh/hook: pre-install\n"
FILES = {"w/b.yaml": f"{HOOK}---\n{B}", "w/a.yaml": A, "w/_help.tpl": "x", "w/empty.yaml": " \n"}


class Passed:
    """A post-renderer that changes nothing, and keeps what it saw."""

    def __init__(self):
        self.seen = []

    def __call__(self, text):
        self.seen.append(text)
        return text


def marked(text, path):
    note = f"    {MARK}: '{path}'\n"
    return text + (note if "annotations" in text else f"  annotations:\n{note}")


def test_without_a_post_renderer():
    assert by_strategy(None, "combined") is None


@pytest.mark.parametrize("strategy", ["combined", ""])
def test_combined(strategy):
    passed = Passed()
    assert by_strategy(passed, strategy)(dict(FILES)) == {"w/a.yaml": A, "w/b.yaml": f"{HOOK}---\n{B}"}
    stream = [marked(A, "w/a.yaml"), marked(HOOK, "w/b.yaml"), marked(B, "w/b.yaml")]
    assert passed.seen == ["---\n".join(stream)]


def test_separate():
    passed = Passed()
    assert by_strategy(passed, "separate")(dict(FILES)) == {"w/a.yaml": A, "w/b.yaml": f"{HOOK}\n---\n{B}"}
    assert passed.seen == [marked(HOOK, "w/b.yaml"), marked(A, "w/a.yaml") + "---\n" + marked(B, "w/b.yaml")]


def test_nohooks():
    passed = Passed()
    untouched = HOOK.replace("name: c", "name:   c")
    files = {"w/b.yaml": f"{untouched}---\n{B}"}
    assert by_strategy(passed, "nohooks")(files) == {"w/b.yaml": f"{untouched}\n---\n{B}"}
    assert passed.seen == [marked(B, "w/b.yaml")]


def test_without_hooks_there_is_one_stream():
    passed = Passed()
    by_strategy(passed, "separate")({"w/a.yaml": A})
    assert len(passed.seen) == 1


def test_nothing_at_all():
    passed = Passed()
    assert by_strategy(passed, "separate")({}) == {}
    assert passed.seen == []


def test_an_unknown_strategy():
    with pytest.raises(NavarchError, match=r"^unknown post-render strategy: 'both'$"):
        by_strategy(Passed(), "both")


@pytest.mark.parametrize(
    ("strategy", "paths"),
    [
        ("combined", ["generated-by-postrender-0.yaml", "generated-by-postrender-1.yaml"]),
        ("separate", ["generated-by-postrender-manifests-0.yaml", "generated-by-postrender-manifests-1.yaml"]),
    ],
)
def test_new_documents_get_names(strategy, paths):
    found = by_strategy(lambda _: f"{A}---\n{B}", strategy)({"w/a.yaml": A})
    assert found == dict(zip(paths, (A, B), strict=True))


def test_annotations_that_are_there_stay():
    found = by_strategy(lambda text: text, "combined")({"w/b.yaml": B})
    assert found == {"w/b.yaml": B}


@pytest.mark.parametrize("there", ["metadata:\n", "metadata: {}\n", "metadata:\n  annotations:\n", ""])
def test_places_for_the_annotation_are_made(there):
    passed = Passed()
    found = by_strategy(passed, "combined")({"w/a.yaml": f"kind: A\n{there}"})
    assert MARK in passed.seen[0]
    assert MARK not in found["w/a.yaml"]


def test_json_stays_json():
    text = '{"kind": "A", "metadata": {"name": "a", "annotations": {"x": "y"}}}\n'
    assert by_strategy(Passed(), "combined")({"w/a.yaml": text}) == {"w/a.yaml": text}


@pytest.mark.parametrize(
    ("strategy", "text", "answer", "words"),
    [
        ("combined", "a: [\n", "", r"^error merging manifests: parsing w/a.yaml: MalformedYAMLError: yaml: "),
        (
            "combined",
            "- a\n",
            "",
            (
                r"^error merging manifests: parsing w/a.yaml: "
                r"wrong node kind: expected MappingNode but got SequenceNode: node contents:\n- a\n$"
            ),
        ),
        ("combined", A, "a: [\n", r"^error while parsing post rendered output: error parsing YAML: Malformed"),
        ("separate", A, "a: [\n", r"^error while parsing post rendered output for manifests: error parsing YAML"),
        (
            "nohooks",
            A,
            "kind: List\nitems: [{x: 1}]\n",
            r"output for manifests: getting metadata: missing Resource metadata$",
        ),
        (
            "separate",
            HOOK,
            "- 1\n",
            r"output for hooks: error parsing YAML: wrong node kind: .* but got SequenceNode: ",
        ),
        ("combined", A, "1\n", r"error parsing YAML: wrong node kind: .* got ScalarNode: node contents:\n1\n$"),
        ("combined", A, "metadata: 1\n", r"error parsing YAML: wrong node kind: .* got ScalarNode: "),
        (
            "combined",
            A,
            "metadata: {annotations: [1]}\n",
            r"wrong node kind: .* got SequenceNode: node contents:\n\[1\]\n$",
        ),
    ],
)
def test_texts_that_can_t_be_read(strategy, text, answer, words):
    with pytest.raises(NavarchError, match=words):
        by_strategy(lambda _: answer, strategy)({"w/a.yaml": text})


@pytest.mark.parametrize(("strategy", "what"), [("combined", "files"), ("separate", "manifests")])
def test_what_the_program_raises(strategy, what):
    def fail(_):
        raise NavarchError("exit status 1")

    with pytest.raises(NavarchError, match=rf"^error while running post render on {what}: exit status 1$"):
        by_strategy(fail, strategy)({"w/a.yaml": A})


def test_yaml_errors_stay_yaml_errors():
    with pytest.raises(YamlError):
        by_strategy(Passed(), "combined")({"w/a.yaml": "a: [\n"})


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("x: 1\n", "x: 1\n"),
        ("{}\n", "{}\n"),
        ("metadata: {}\n", "{}\n"),
        ("metadata: null\nkind: A\n", "kind: A\n"),
        ("metadata: {annotations: {}}\n", "{}\n"),
        ("metadata: {annotations: 1, name: b}\n", "metadata: {name: b}\n"),
    ],
)
def test_what_says_little_of_itself_passes(answer, text):
    assert by_strategy(lambda _: answer, "combined")({"w/a.yaml": A}) == {"generated-by-postrender-0.yaml": text}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("# x\na: [", "yaml: line 2: did not find expected node content"),
        ("# x\na: [1", "yaml: line 1: did not find expected ',' or ']'"),
        ("# x\na: {x: y}}", "yaml: line 1: did not find expected key"),
        ("# x\n- a\nb", "yaml: line 3: could not find expected ':'"),
        ("a: *x", "yaml: unknown anchor 'x' referenced"),
    ],
)
def test_helms_words_for_what_is_no_yaml(answer, words):
    with pytest.raises(YamlError) as caught:
        by_strategy(lambda _: answer, "combined")({"w/a.yaml": A})
    assert str(caught.value).endswith(f"MalformedYAMLError: {words}")
