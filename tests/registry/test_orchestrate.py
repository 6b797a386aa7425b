"""Charts made of charts: the specification's examples, its errors, and what has to hold of every result."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from obstore.store import MemoryStore

import navarch
from navarch.chart.load import load_chart
from navarch.registry.locks import MemoryLocker
from navarch.registry.names import Names
from navarch.registry.orchestrate import orchestrate, sources
from navarch.registry.plan import read_plan
from navarch.registry.problems import Problem
from navarch.registry.store.bucket import Bucket
from navarch.registry.store.store import Store
from navarch.values.coalesce import coalesce_values, drop_nulls
from support.spaces import WEB, WORKER, chart_yaml, node, packed, shop

if TYPE_CHECKING:
    from typing import Any

    from navarch.chart.model import Chart


@pytest.fixture(scope="module")
def store() -> Store:
    made = Store(Bucket(MemoryStore()), locks=MemoryLocker())
    for archive in (WEB, WORKER):
        made.upload("library", archive)
    return made


def put(store: Store, name: str, files: dict[str, str | bytes]) -> None:
    """Keep a chart for one test in the module's store, in version 1.0.0."""
    store.upload("library", packed(name, "1.0.0", files))


def build(store: Store, plan: Any, *, most: int = 0) -> bytes:
    return orchestrate(read_plan(json.dumps(plan).encode(), store.names), sources(store), most=most)


def made(store: Store, configs: dict[str, Any], layout: str = "helm") -> Chart:
    return load_chart(
        build(store, {"save": {"chart": "made", "version": "9.0.0", "values": layout}, "configs": configs})
    )


def refused(store: Store, plan: Any) -> tuple[int, str]:
    with pytest.raises(Problem) as caught:
        build(store, plan)
    return caught.value.status, str(caught.value)


def tree(chart: Chart) -> Any:
    return [f"{chart.name} {chart.metadata.version}", *map(tree, chart.dependencies)]


def values(chart: Chart) -> Any:
    return load_values(chart.raw_file("values.yaml"))


def load_values(text: bytes | None) -> Any:
    return None if text is None else navarch.parse_values(text)


class TestTheExample:
    """The one in the specification."""

    @pytest.mark.parametrize("layout", [None, "config", "helm"])
    def test_its_tree(self, store: Store, layout: str | None) -> None:
        chart = load_chart(build(store, shop(layout)))
        assert tree(chart) == ["shop 1.0.0", ["frontdb 2.1.0", ["mon 0.3.0"]], ["jobs 3.0.0"]]
        assert chart.metadata.description == "a shop"
        assert [name for name, _ in chart.raw if "cache" in name] == []
        listed = [(one.name, one.version) for one in chart.metadata.dependencies]
        assert listed == [("frontdb", "2.1.0"), ("jobs", "3.0.0")]

    @pytest.mark.parametrize("layout", [None, "config"])
    def test_its_configs(self, store: Store, layout: str | None) -> None:
        chart = load_chart(build(store, shop(layout)))
        assert values(chart) == {
            "_config": {"replicas": 3, "global": {"region": "us"}},
            "frontdb": {"_config": {"storage": {"size": "10Gi"}}, "mon": {"_config": {"port": 1234}}},
            "jobs": {"_config": {"threads": 8}},
        }
        below = [*chart.dependencies, *chart.dependencies[0].dependencies]
        assert [values(child) for child in below] == [None, None, None]

    def test_its_values_at_render(self, store: Store) -> None:
        found = coalesce_values(load_chart(build(store, shop("helm"))))
        for inner in (found["frontdb"], found["frontdb"]["mon"], found["jobs"]):
            assert inner.pop("global") == {"region": "us"}
        assert found == {
            "replicas": 3,
            "image": "nginx",
            "global": {"region": "us"},
            "frontdb": {"engine": "mysql", "storage": {"size": "10Gi"}, "mon": {"port": 1234}},
            "jobs": {"queue": "default", "threads": 8},
        }

    def test_files_are_folders_in_the_archive(self, store: Store) -> None:
        names = [name for name, _ in load_chart(build(store, shop())).raw]
        assert names == [
            "Chart.yaml",
            "values.yaml",
            "templates/web.yaml",
            "charts/frontdb/Chart.yaml",
            "charts/frontdb/templates/db.yaml",
            "charts/frontdb/charts/mon/Chart.yaml",
            "charts/frontdb/charts/mon/templates/metrics.yaml",
            "charts/jobs/Chart.yaml",
            "charts/jobs/templates/worker.yaml",
        ]

    def test_templates_see_the_new_names(self, store: Store) -> None:
        files = navarch.render(load_chart(build(store, shop("helm"))))
        assert sorted(files) == [
            "shop/charts/frontdb/charts/mon/templates/metrics.yaml",
            "shop/charts/frontdb/templates/db.yaml",
            "shop/charts/jobs/templates/worker.yaml",
            "shop/templates/web.yaml",
        ]
        assert '"port":1234' in files["shop/charts/frontdb/charts/mon/templates/metrics.yaml"]


class TestDeterminism:
    """Equal plans over equal sources are equal bytes."""

    @staticmethod
    def plan(layout: str) -> dict[str, Any]:
        two: dict[str, Any] = {f"c{n}": node("cache", "1.5.0", own=False, config={"a": n}) for n in (1, 2)}
        swapped: dict[str, Any] = {"db": node("cache", "1.5.0", own=False), "cache": node("db", "2.1.0", own=False)}
        save = {"chart": "two", "version": "1.0.0", "values": layout}
        return {"save": save, "configs": node("web", "1.2.0", **swapped, **two)}

    @pytest.mark.parametrize("layout", ["config", "helm"])
    def test_forty_runs(self, store: Store, layout: str) -> None:
        assert len({hashlib.sha256(build(store, self.plan(layout))).hexdigest() for _ in range(40)}) == 1

    @given(st.randoms())
    @settings(max_examples=20)
    def test_in_any_order(self, store: Store, random: Any) -> None:
        def shuffled(value: Any) -> Any:
            if not isinstance(value, dict):
                return value
            items = [(key, shuffled(item)) for key, item in value.items()]
            random.shuffle(items)
            return dict(items)

        assert build(store, shuffled(shop("helm"))) == build(store, shop("helm"))

    def test_children_that_change_places(self, store: Store) -> None:
        chart = load_chart(build(store, self.plan("helm")))
        assert tree(chart) == ["two 1.0.0", ["c1 1.5.0"], ["c2 1.5.0"], ["cache 2.1.0"], ["db 1.5.0"]]
        found = coalesce_values(chart)
        assert (found["c1"]["a"], found["c2"]["a"]) == (1, 2)
        assert (found["c1"]["mem"], found["c2"]["mem"], found["db"]["mem"]) == ("64Mi",) * 3
        assert found["cache"]["engine"] == "mysql"  # web sets that for its db, which is called cache now
        assert "engine" not in found["db"]


class TestValues:
    """The helm layout, rule by rule."""

    def test_settings_stay_for_another_chart_of_the_same_name(self, store: Store) -> None:
        chart = made(store, node("web", "1.2.0", db=node("worker", "3.0.0")))
        assert values(chart)["db"] == {"engine": "mysql"}

    def test_settings_leave_with_the_chart_they_were_for(self, store: Store) -> None:
        chart = made(store, node("web", "1.2.0", db=node("worker", "3.0.0"), other=node("db", "2.1.0", own=False)))
        assert values(chart)["other"] == {"engine": "mysql"}
        assert "db" not in values(chart)

    def test_settings_of_a_subchart_that_is_gone_are_nobody_elses(self, store: Store) -> None:
        """db is left out, and cache has its name now: what web sets for db isn't for it."""
        chart = made(store, node("web", "1.2.0", db=node("cache", "1.5.0", own=False)))
        assert values(chart) == {"replicas": 1, "image": "nginx", "global": {"region": "eu"}}
        assert coalesce_values(chart)["db"] == {"mem": "64Mi", "global": {"region": "eu"}}

    def test_a_name_that_the_source_has_values_for_keeps_them(self, store: Store) -> None:
        """They aren't for a subchart of its own, so its templates may read them."""
        kid = {"charts/kid/Chart.yaml": chart_yaml("kid", "1.0.0")}
        put(store, "reads", {"values.yaml": "front: {shown: true, a: {b: 1}}\nkid: {a: {c: 2}, z: null}\n", **kid})
        chart = made(store, node("reads", "1.0.0", front=node("kid", "1.0.0", own=False)))
        assert values(chart) == {"front": {"shown": True, "a": {"b": 1, "c": 2}, "z": None}}

    @pytest.mark.parametrize("text", ["1", "text", "[1]", "true", "null"])
    def test_helm_finds_a_mapping_wherever_it_wants_one(self, store: Store, text: str) -> None:
        name = f"scalar-{text.replace('[1]', 'list')}"
        kid = {"charts/kid/Chart.yaml": chart_yaml("kid", "1.0.0"), "charts/kid/values.yaml": "a: 1\n"}
        put(store, name, {"values.yaml": f"kid: {text}\nother: {text}\nthird: {text}\n", **kid})
        children: dict[str, Any] = {
            "kid": node("kid", "1.0.0", own=False),
            "other": node("worker", "3.0.0"),
            "third": node("kid", "1.0.0", own=False, config={"a": 2}),
        }
        root = values(made(store, node(name, "1.0.0", **children))) or {}
        assert [root.get(child, {}) for child in children] == [{}, {}, {"a": 2}]
        config = {"kid": json.loads(text if text != "text" else '"text"')}
        root = values(made(store, node(name, "1.0.0", config=config, kid=children["kid"])))
        assert root.get("kid", {}) == {}

    def test_a_grandchild_that_is_renamed_takes_its_settings_from_both(self, store: Store) -> None:
        inner = {"charts/a/charts/b/Chart.yaml": chart_yaml("b", "1.0.0"), "charts/a/charts/b/values.yaml": "x: 0\n"}
        put(
            store,
            "deep",
            {
                "values.yaml": "a: {b: {x: 2}}\n",
                "charts/a/Chart.yaml": chart_yaml("a", "1.0.0"),
                "charts/a/values.yaml": "b: {x: 1, z: 1}\n",
                **inner,
            },
        )
        plan = node("deep", "1.0.0", k=node("a", "1.0.0", own=False, l=node("b", "1.0.0", own=False)))
        found = coalesce_values(made(store, plan))
        assert (found["k"]["l"]["x"], found["k"]["l"]["z"]) == (2, 1)
        assert "a" not in found
        assert "b" not in found["k"]

    def test_null_removes_a_default(self, store: Store) -> None:
        configs = node(
            "web",
            "1.2.0",
            config={"image": None, "frontdb": {"mon": {"port": None}}},
            frontdb=node("db", "2.1.0", own=False, config={"storage": None}, mon=node("metrics", "0.3.0", own=False)),
        )
        found = coalesce_values(made(store, configs))
        assert "image" not in found
        assert "storage" not in found["frontdb"]
        assert "port" not in found["frontdb"]["mon"]
        assert found["frontdb"]["engine"] == "mysql"

    def test_a_config_wins_over_what_a_parents_config_says(self, store: Store) -> None:
        config = {"jobs": {"threads": 4, "queue": "x"}}
        found = coalesce_values(
            made(store, node("web", "1.2.0", config=config, jobs=node("worker", "3.0.0", config={"threads": 8})))
        )
        assert found["jobs"] | {"global": None} == {"threads": 8, "queue": "x", "global": None}

    def test_lists_and_scalars_are_replaced(self, store: Store) -> None:
        put(store, "lists", {"values.yaml": "a: [1, 2]\nb: {c: 1}\nd: 1\n"})
        found = values(made(store, node("lists", "1.0.0", config={"a": [3], "b": 5, "d": {"e": 1}})))
        assert found == {"a": [3], "b": 5, "d": {"e": 1}}

    def test_what_isnt_changed_keeps_its_comments(self, store: Store) -> None:
        text = "# how many\nreplicas: 1 # one\n"
        put(store, "noted", {"values.yaml": text})
        chart = made(store, node("noted", "1.0.0", kid=node("noted", "1.0.0")))
        assert chart.raw_file("values.yaml") == text.encode()
        assert chart.dependencies[0].raw_file("values.yaml") == text.encode()

    def test_true_is_another_value_than_one(self, store: Store) -> None:
        put(store, "ones", {"values.yaml": "a: 1\nb: 0\n"})
        found = values(made(store, node("ones", "1.0.0", config={"a": True, "b": False})))
        assert (found["a"], found["b"]) == (True, False)
        assert all(type(value) is bool for value in found.values())

    def test_null_removes_what_a_grandparent_sets(self, store: Store) -> None:
        configs = node(
            "web",
            "1.2.0",
            config={"frontdb": {"mon": {"port": 1, "path": "/"}}},
            frontdb=node("db", "2.1.0", own=False, mon=node("metrics", "0.3.0", own=False, config={"port": None})),
        )
        assert coalesce_values(made(store, configs))["frontdb"]["mon"] == {"path": "/", "global": {"region": "eu"}}

    def test_an_alias_names_a_subchart_and_its_values(self, store: Store) -> None:
        listed = "[{name: redis, version: 1.0.0, alias: front}, {name: redis, version: 1.0.0, alias: back}]"
        put(
            store,
            "aliased",
            {
                "Chart.yaml": chart_yaml("aliased", "1.0.0", dependencies=listed),
                "values.yaml": "front: {a: 1}\nback: {a: 2}\n",
                "charts/redis/Chart.yaml": chart_yaml("redis", "1.0.0"),
            },
        )
        found = coalesce_values(made(store, node("aliased", "1.0.0", x=node("back", "1.0.0", own=False))))
        assert found["x"]["a"] == 2
        assert found["front"] == {"a": 1}

    def test_nulls_and_absence_are_told_apart_in_configs(self, store: Store) -> None:
        plan = node("web", "1.2.0", jobs=node("worker", "3.0.0") | {"_config": None})
        assert values(made(store, plan, "config")) == {"jobs": {"_config": None}}

    def test_imports_from_a_child_go_on(self, store: Store) -> None:
        listed = "[{name: kid, version: 1.0.0, import-values: [data]}]"
        put(
            store,
            "importing",
            {
                "Chart.yaml": chart_yaml("importing", "1.0.0", dependencies=listed),
                "charts/kid/Chart.yaml": chart_yaml("kid", "1.0.0"),
                "charts/kid/values.yaml": "exports: {data: {a: 1}}\n",
                "templates/a.yaml": "a: {{ .Values.a }}\n",
            },
        )
        chart = made(store, node("importing", "1.0.0", other=node("kid", "1.0.0", own=False)))
        assert navarch.render(chart) == {"made/templates/a.yaml": "a: 1\n"}

    @given(
        st.recursive(
            st.none() | st.booleans() | st.text("ab", max_size=2),
            lambda inner: st.dictionaries(st.sampled_from(["replicas", "image", "x", "y"]), inner, max_size=3),
            max_leaves=6,
        ).filter(lambda value: isinstance(value, dict))
    )
    @settings(max_examples=40)
    def test_configs_at_the_root_are_what_helms_f_would_do(self, store: Store, config: dict[str, Any]) -> None:
        ours = coalesce_values(made(store, node("web", "1.2.0", config=config)))
        theirs = coalesce_values(made(store, node("web", "1.2.0")), config)
        drop_nulls(theirs)  # a null for which there is no default stays in what -f gives
        assert ours == theirs


class TestCharts:
    """What becomes of the files of sources."""

    def test_old_charts_keep_their_dependencies_apart(self, store: Store) -> None:
        put(
            store,
            "old",
            {
                "Chart.yaml": chart_yaml("old", "1.0.0", apiVersion="v1"),
                "requirements.yaml": "dependencies:\n- {name: gone, version: 1.0.0, repository: http://x}\n",
                "requirements.lock": "digest: x\n",
            },
        )
        chart = made(store, node("old", "1.0.0", kid=node("worker", "3.0.0")))
        assert "dependencies" not in load_values(chart.raw_file("Chart.yaml"))
        assert load_values(chart.raw_file("requirements.yaml"))["dependencies"] == [
            {"name": "kid", "version": "3.0.0", "repository": ""}
        ]
        assert chart.raw_file("requirements.lock") is None
        assert made(store, node("old", "1.0.0")).raw_file("requirements.yaml") is None

    def test_the_lock_is_dropped_and_the_rest_stays(self, store: Store) -> None:
        put(
            store,
            "kept",
            {
                "Chart.yaml": chart_yaml("kept", "1.0.0", appVersion='"7"', description="x", home="http://h"),
                "Chart.lock": "digest: x\n",
                "README.md": "read me",
                "crds/a.yaml": "kind: X\n",
            },
        )
        chart = made(store, node("kept", "1.0.0"))
        assert chart.lock is None
        assert (chart.metadata.app_version, chart.metadata.home, chart.metadata.description) == ("7", "http://h", "")
        assert chart.raw_file("README.md") == b"read me"
        assert [name for name, _ in chart.crds()] == ["made/crds/a.yaml"]

    def test_a_schema_learns_new_names_or_goes(self, store: Store) -> None:
        schema = {
            "type": "object",
            "properties": {"kid": {"required": ["a"]}, "global": {}},
            "additionalProperties": False,
            "required": ["kid"],
        }
        put(
            store,
            "strict",
            {
                "values.schema.json": json.dumps(schema),
                "values.yaml": "kid: {a: 1}\n",
                "charts/kid/Chart.yaml": chart_yaml("kid", "1.0.0"),
            },
        )
        plan = node("strict", "1.0.0", other=node("kid", "1.0.0", own=False), more=node("worker", "3.0.0"))
        chart = made(store, plan)
        found = json.loads(chart.schema or b"")
        assert found["properties"]["other"] == {"required": ["a"]}
        assert found["required"] == ["other"]
        navarch.render(chart)
        assert made(store, plan, "config").schema is None
        assert json.loads(made(store, node("strict", "1.0.0")).schema or b"")["required"] == []

    def test_a_helmignore_that_would_hide_a_child_goes(self, store: Store) -> None:
        put(store, "ignoring", {".helmignore": "jobs/\n*.bak\n"})
        assert made(store, node("ignoring", "1.0.0", jobs=node("worker", "3.0.0"))).raw_file(".helmignore") is None
        assert made(store, node("ignoring", "1.0.0", other=node("worker", "3.0.0"))).raw_file(".helmignore")

    def test_all_files_together_have_a_limit(self, store: Store) -> None:
        kids: dict[str, Any] = {f"k{n}": node("web", "1.2.0") for n in range(20)}
        plan = {"save": {"chart": "big", "version": "1.0.0"}, "configs": node("web", "1.2.0", **kids)}
        assert build(store, plan, most=20_000)
        with pytest.raises(Problem) as caught:
            build(store, plan, most=1_000)
        assert caught.value.status == 413


def _with(path: str, value: Any) -> dict[str, Any]:
    """The example with something else at a path, or without it (None)."""
    plan = json.loads(json.dumps(shop()))
    *way, last = path.split(".")
    at = plan
    for step in way:
        at = at[step]
    if value is None:
        del at[last]
    else:
        at[last] = value
    return plan


_UNKNOWN = "config should be orchestration config, but got unknown"
_FRONT = "configs.frontdb.package"


@pytest.mark.parametrize(
    ("plan", "status", "message"),
    [
        ([], 400, _UNKNOWN),
        (None, 400, "can't find param save.chart in request"),
        ({"save": {"chart": "a", "version": "1.0.0"}, "configs": []}, 400, _UNKNOWN),
        ({"save": [], "configs": {}}, 400, _UNKNOWN),
        (_with("save.chart", 5), 400, _UNKNOWN),
        (_with("save.chart", None), 400, "can't find param save.chart in request"),
        (_with("save.version", ""), 400, "can't find param save.version in request"),
        (_with("configs", None), 400, "can't find param configs in request"),
        (_with("save.values", "other"), 400, "save.values is invalid: other"),
        (_with("save.chart", "_x"), 400, "chart is invalid: _x"),
        (_with("save.version", "1.0"), 400, "version is invalid: 1.0"),
        (_with("configs.package", None), 400, "can't find param independent in request"),
        (_with("configs.package", 5), 400, "package should be map, but got unknown"),
        (_with(_FRONT, None), 400, "can't find param independent in request"),
        (_with(f"{_FRONT}.independent", None), 400, "can't find param independent in request"),
        (_with(f"{_FRONT}.space", None), 400, "can't find param space in request"),
        (_with(f"{_FRONT}.version", 5), 400, "version should be string, but got unknown"),
        (_with(f"{_FRONT}.independent", "x"), 400, "independent should be bool, but got unknown"),
        (_with("configs.x", 5), 400, "x should be map, but got unknown"),
        (_with("configs._x", {}), 400, "chart name is invalid: _x"),
        (_with("configs.x\u00e9", {}), 400, "chart name is invalid: x\u00e9"),
        (_with("configs.x/y", {}), 400, "chart name is invalid: x/y"),
        ({**shop(), "configs": {**shop()["configs"], "x.tgz": {}}}, 400, "chart name is invalid: x.tgz"),
        (_with("configs.package.independent", False), 400, "parent chart is invalid: web/1.2.0"),
        (_with("configs.package.version", "7.7.7"), 404, "library/web/7.7.7 not found"),
        (_with("configs.package.space", "nowhere"), 404, "nowhere/web/1.2.0 not found"),
        (_with("configs.package.version", "x"), 400, "version is invalid: x"),
        (_with(f"{_FRONT}.chart", "nope"), 404, "nope/2.1.0 in web/1.2.0 not found"),
    ],
)
def test_what_is_refused(store: Store, plan: Any, status: int, message: str) -> None:
    assert refused(store, plan) == (status, message)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"save": NaN}', b"[" * 100_000, b'{"save":{}} x'])
def test_bodies_that_are_no_plans(store: Store, body: bytes) -> None:
    with pytest.raises(Problem) as caught:
        read_plan(body, store.names)
    assert (caught.value.status, str(caught.value)) == (400, _UNKNOWN)


@pytest.mark.parametrize("layout", ["config", "helm"])
@pytest.mark.parametrize("odd", ["\x7f", "\x80", "\ufffe", "k" * 2000])
def test_what_yaml_cannot_spell(store: Store, odd: str, layout: str) -> None:
    plan = {"save": {"chart": "odd", "version": "1.0.0", "values": layout}, "configs": node("web", "1.2.0")}
    plan["configs"]["_config"] = {odd: 1}
    status, message = refused(store, plan)
    assert status == 400
    assert message.startswith("config is invalid: yaml: ")


def test_a_description_is_put_right_as_helm_does(store: Store) -> None:
    save = {"chart": "odd", "version": "1.0.0", "description": "a\x7fb\tc\x80"}
    chart = load_chart(build(store, {"save": save, "configs": node("web", "1.2.0")}))
    assert chart.metadata.description == "ab c"


def test_configs_of_the_helm_layout_are_mappings(store: Store) -> None:
    assert refused(store, {**shop("helm"), "configs": node("web", "1.2.0", config=[1])}) == (
        400,
        "_config should be map, but got unknown",
    )
    assert values(load_chart(build(store, {**shop(), "configs": node("web", "1.2.0", config=[1])}))) == {"_config": [1]}


@pytest.mark.parametrize("inside", ["_config", "a"])
@pytest.mark.parametrize("layout", ["config", "helm"])
def test_nesting_has_an_end(store: Store, inside: str, layout: str) -> None:
    package = json.dumps(node("worker", "3.0.0")["package"])
    start = f'{{"package": {package}, "a":' if inside == "a" else '{"a":'
    deep = start * 5000 + "{}" + "}" * 5000
    save = f'{{"chart": "deep", "version": "1.0.0", "values": "{layout}"}}'
    plan = f'{{"save": {save}, "configs": {{"package": {package}, "{inside}": {deep}}}}}'
    with pytest.raises(Problem) as caught:
        orchestrate(read_plan(plan.encode(), store.names), sources(store))
    assert caught.value.status == 400
    assert "nested too deeply" in str(caught.value)


@pytest.mark.parametrize("layout", [None, "helm"])
def test_a_plan_of_too_many_charts_is_refused_before_it_is_made(layout: str | None) -> None:
    """In whatever shape: side by side, or few in each of few in each of few."""
    many: dict[str, Any] = {f"c{number}": node("worker", "3.0.0") for number in range(6000)}
    wide = node("web", "1.2.0", **many)
    tree: Any = node("worker", "3.0.0")
    for _ in range(5):
        tree = node("worker", "3.0.0", **{f"c{number}": tree for number in range(6)})
    for root in (wide, tree):
        plan = shop(layout)
        with pytest.raises(Problem) as caught:
            read_plan(json.dumps({**plan, "configs": root}).encode(), Names())
        assert (caught.value.status, str(caught.value)) == (413, "config has more than 5000 charts")
