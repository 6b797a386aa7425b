"""Help, and the errors that show usage."""

import pytest


def test_a_command(nav):
    ran = nav("get", "values", "--help")
    assert ran.out.startswith(
        "Print the values that were given for a release; with --all the chart's defaults among them.\n\n"
        "Usage:\n"
        "  nav get values RELEASE_NAME [flags]\n\n"
        "Flags:\n"
        "  -a, --all             print the chart's defaults too\n"
        "  -h, --help            show this help\n"
        "  -o, --output format   how to print the result: table, json or yaml (default table)\n"
        "      --revision int    revision to look at; the latest if left out\n\n"
        "Global Flags:\n"
        "      --burst-limit int ",
    )


def test_a_group(nav):
    ran = nav("completion")
    assert ran.code == 0
    assert (
        "Usage:\n  nav completion [command]\n\nAvailable Commands:\n  bash        print the script for bash\n"
        in ran.out
    )
    assert ran.out.endswith('\n\nUse "nav completion [command] --help" for more information about a command.\n')
    assert nav("completion", "foo").out == ran.out


def test_aliases(nav):
    assert "Aliases:\n  dependency, dep, dependencies\n" in nav("dep").out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("version x", '"nav version" accepts no arguments\n\nUsage:  nav version [flags]'),
        ("template", '"nav template" requires at least 1 argument\n\nUsage:  nav template [NAME] [CHART] [flags]'),
        ("create a b", '"nav create" requires 1 argument\n\nUsage:  nav create NAME [flags]'),
        ("upgrade a", '"nav upgrade" requires 2 arguments\n\nUsage:  nav upgrade [RELEASE] [CHART] [flags]'),
        ("env a b", '"nav env" accepts at most 1 argument\n\nUsage:  nav env [flags]'),
        ("push a", '"nav push" requires at least 2 arguments\n\nUsage:  nav push [chart] [remote] [flags]'),
        ("completion bash x", '"nav completion bash" accepts no arguments\n\nUsage:  nav completion bash [flags]'),
        ("package", "need at least one argument, the path to the chart"),
        (
            "template --validate --dry-run=client a b",
            (
                "if any flags in the group [validate dry-run] are set none of the others can be; "
                "[dry-run validate] were all set"
            ),
        ),
    ],
)
def test_wrong_arguments(nav, words, message):
    ran = nav(*words.split())
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.endswith(f"Error: {message}\n")


def test_deprecated_flags_are_told_before_anything_else(nav):
    ran = nav("install", "--force", "--force-conflicts", "a", "b")
    assert ran.err == (
        "Flag --force has been deprecated, use --force-replace instead\n"
        "Error: if any flags in the group [force force-conflicts] are set none of the others can be; "
        "[force force-conflicts] were all set\n"
    )


@pytest.mark.parametrize("words", ["help show chart", "help inspect chart", "show chart -h", "show chart --help x y"])
def test_ways_to_ask(nav, words):
    assert nav(*words.split()).out.startswith("Print a chart's metadata")


def test_unknown_topics(nav):
    ran = nav("help", "foo", "b`r")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.startswith('Unknown help topic [`foo` "b`r"]\nUsage:\n  nav [command]\n')


def test_under_the_name_of_helm(nav, monkeypatch):
    monkeypatch.setattr("sys.argv", ["/usr/local/bin/helm"])
    assert nav("version", "x").err.startswith('Error: "helm version" accepts no arguments\n\nUsage:  helm version')
