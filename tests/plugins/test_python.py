"""Plugins in Python: installed packages with an entry point."""

import importlib
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace

import pytest

from navarch.errors import NavarchError, PluginError, TemplateError
from navarch.manifests.render import Engine
from navarch.plugins.python import GROUP, Getter, PostRenderer, PythonPlugins, ValueSource, python_plugins
from navarch.repos.getting import GetterRequest
from support.plugin_programs import installed

EXAMPLE = Path(__file__).parent / "example"


@pytest.fixture
def example(tmp_path, monkeypatch):
    """The example package, installed beside us; what it knows is in a folder."""
    site = installed(EXAMPLE, tmp_path / "site")
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("EXAMPLE_STORE", str(tmp_path / "store"))
    (tmp_path / "store").mkdir()
    yield tmp_path / "store"
    sys.modules.pop("navarch_example", None)


def offering(**kinds):
    sys.modules["offered"] = SimpleNamespace(**kinds)
    return PythonPlugins([EntryPoint("offered", "offered", GROUP)])


@pytest.fixture(autouse=True)
def _forgotten():
    yield
    sys.modules.pop("offered", None)


def test_the_example_offers_all_four(example):
    plugins = python_plugins()
    assert plugins.functions()["shout"]("a", 2) == "A!!"
    (example / "web.tgz").write_bytes(b"chart")
    assert plugins.getter("shelf")(GetterRequest("shelf://web.tgz", "shelf")) == b"chart"
    assert plugins.post_renderer("label")("a: OLD\n", ["OLD", "NEW"]) == "a: NEW\n"
    values = plugins.value_source("settings")("settings://world")
    assert values == b'{"list":["a",null],"on":true,"ratio":0.5,"replicas":3,"who":"world"}'


def test_what_nobody_offers(example):
    plugins = python_plugins()
    assert plugins.getter("s3") is plugins.post_renderer("x") is plugins.value_source("s3") is None


def test_the_example_keeps_to_the_protocols(example):
    module = importlib.import_module("navarch_example")

    assert isinstance(module.fetch, Getter)
    assert isinstance(module.label, PostRenderer)
    assert isinstance(module.settings, ValueSource)


def test_its_own_errors_pass(example):
    with pytest.raises(NavarchError, match=r"^not on the shelf: shelf://no$"):
        python_plugins().getter("shelf")(GetterRequest("shelf://no", "shelf"))


def fail(*_):
    raise ValueError("no")


@pytest.mark.parametrize(
    ("kinds", "ask"),
    [
        ({"getters": {"x": fail}}, lambda p: p.getter("x")(GetterRequest("x://a", "x"))),
        ({"post_renderers": {"x": fail}}, lambda p: p.post_renderer("x")("a", [])),
        ({"value_sources": {"x": fail}}, lambda p: p.value_source("x")("x://a")),
    ],
)
def test_other_errors_are_the_plugins(kinds, ask):
    with pytest.raises(PluginError, match=r'^plugin "offered" failed: ValueError: no$'):
        ask(offering(**kinds))


@pytest.mark.parametrize(
    ("kinds", "ask", "message"),
    [
        (
            {"getters": {"x": lambda r: "text"}},
            lambda p: p.getter("x")(GetterRequest("x://a", "x")),
            "answered str instead of bytes",
        ),
        (
            {"post_renderers": {"x": lambda m, a: None}},
            lambda p: p.post_renderer("x")("a", []),
            "answered NoneType instead of str",
        ),
        (
            {"value_sources": {"x": lambda a: []}},
            lambda p: p.value_source("x")("x://a"),
            "answered list instead of a mapping",
        ),
        (
            {"value_sources": {"x": lambda a: {"v": object}}},
            lambda p: p.value_source("x")("x://a"),
            "failed: ",
        ),
    ],
)
def test_an_answer_of_another_type(kinds, ask, message):
    with pytest.raises(PluginError, match=rf'^plugin "offered" {message}'):
        ask(offering(**kinds))


@pytest.mark.parametrize("kinds", [{"getters": ["s3"]}, {"functions": {"f": 1}}, {"post_renderers": {1: fail}}])
def test_offers_that_are_none_are_told_and_nothing_of_the_plugin_is_taken(kinds):
    sys.modules["offered"] = SimpleNamespace(value_sources={"x": fail}, **kinds)
    told = []
    entry = EntryPoint("offered", "offered", GROUP)
    plugins = PythonPlugins([entry], lambda name, error: told.append((name, str(error))))
    (kind,) = kinds
    assert told == [("offered", f'plugin "offered": {kind} has to be a dict of functions by name')]
    assert plugins.value_source("x") is None


def test_what_can_not_be_imported_is_told():
    told = []
    PythonPlugins([EntryPoint("a", "no_such_module_here", GROUP)], lambda name, error: told.append(str(error)))
    assert told == ["plugin \"a\" can't be imported: ModuleNotFoundError: No module named 'no_such_module_here'"]


def test_of_two_the_first_by_name_has_it():
    b, a = (SimpleNamespace(functions={"f": lambda number=number: number}) for number in (1, 2))
    sys.modules["offered"] = SimpleNamespace(a=a, b=b)
    entries = [EntryPoint("b", "offered:b", GROUP), EntryPoint("a", "offered:a", GROUP)]
    assert PythonPlugins(entries).functions()["f"]() == 2


def rendered(text, **options):
    import navarch

    chart = navarch.Chart.from_files(
        {"Chart.yaml": b"apiVersion: v2\nname: web\nversion: 1.0.0\n", "templates/a.yaml": text.encode()}
    )
    return Engine(**options).render(chart, {"name": "a"})["web/templates/a.yaml"]


class Asked:
    def __init__(self, **functions):
        self.times = 0
        self.functions = functions

    def __call__(self):
        self.times += 1
        return self.functions


def test_functions_are_asked_for_only_when_one_is_missing():
    more = Asked(shout=str.upper, upper=lambda text: "never")
    assert rendered("{{ upper .Values.name }}", more_functions=more) == "A"
    assert more.times == 0
    assert rendered("{{ shout .Values.name }}{{ upper .Values.name }}", more_functions=more) == "AA"
    assert more.times == 1


def test_functions_that_are_given_come_first():
    more = Asked(shout=str.upper, other=str.upper)
    text = rendered(
        "{{ shout .Values.name }}{{ other .Values.name }}", functions={"shout": str.title}, more_functions=more
    )
    assert text == "AA"
    assert rendered("{{ shout `ab` }}", functions={"shout": str.title}, more_functions=more) == "Ab"


def test_functions_in_a_text_for_tpl():
    more = Asked(shout=str.upper)
    assert rendered("{{ tpl `{{ shout .Values.name }}` . }}", more_functions=more) == "A"


def test_a_function_that_nobody_has():
    more = Asked(shout=str.upper)
    with pytest.raises(TemplateError, match=r'function "cry" not defined$'):
        rendered("{{ cry .Values.name }}", more_functions=more)
    assert more.times == 1
