"""The states of dependencies that need more than one look at charts/. The words are Helm's."""

import pytest

from navarch.chart.dependencies import dependency_states, unnamed_charts
from navarch.chart.load import load_chart
from navarch.chart.package import save_chart


def chart(name, version="1.0.0", dependencies=""):
    listed = f"dependencies: [{dependencies}]\n" if dependencies else ""
    return f"apiVersion: v2\nname: {name}\nversion: {version}\n{listed}"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "p" / "charts").mkdir(parents=True)
    return tmp_path / "p"


def archive(folder, name, version="1.0.0", file=""):
    from navarch.chart.model import Chart

    path = save_chart(Chart.from_files({"Chart.yaml": chart(name, version).encode()}), str(folder / "charts"))
    if file:
        (folder / "charts" / f"{name}-{version}.tgz").rename(folder / "charts" / file)
    return path


def state(folder, version="1.x"):
    (folder / "Chart.yaml").write_text(chart("p", dependencies=f"{{name: a, version: '{version}'}}"))
    return dependency_states(load_chart(str(folder)), str(folder))[0][3]


def test_of_several_archives_the_one_with_an_exact_version_counts(folder):
    archive(folder, "a", "1.2.3")
    archive(folder, "a", "9.0.0", file="a-other.tgz")
    assert state(folder) == "ok"


def test_too_many_archives(folder):
    archive(folder, "a", "1.0.0")
    archive(folder, "a", "1.1.0")
    assert state(folder) == "too many matches"


@pytest.mark.parametrize(
    ("version", "told"), [("1.0.0", "ok"), ("^1", "ok"), (">2", "wrong version"), ("x.y", "invalid version")]
)
def test_versions(folder, version, told):
    archive(folder, "a")
    assert state(folder, version) == told


def test_things_that_are_no_charts(folder):
    (folder / "charts" / "_junk").mkdir()
    (folder / "charts" / "_README").write_text("")
    (folder / "Chart.yaml").write_text(chart("p"))
    archive(folder, "b")
    path = str(folder)
    assert unnamed_charts(load_chart(path), path) == [
        f'"{path}/charts/_junk" is not a chart.',
        f'"{path}/charts/b-1.0.0.tgz" is not in Chart.yaml.',
    ]


def test_names_with_marks_of_patterns(folder):
    (folder / "Chart.yaml").write_text(chart("p", dependencies="{name: 'a[', version: 1.0.0}"))
    assert dependency_states(load_chart(str(folder)), str(folder))[0][3] == "bad pattern"
