"""Which command a command line means, by cobra's rules."""

import pytest

from navarch.cli.route import find
from navarch.cli.suggest import distance, similar_commands
from navarch.errors import UsageError


@pytest.mark.parametrize(
    ("words", "path", "rest"),
    [
        ("", "", []),
        ("version", "version", []),
        ("show chart web", "show chart", ["web"]),
        ("inspect chart web", "show chart", ["web"]),
        ("dep ls", "dependency list", []),
        ("-n demo list", "list", ["-n", "demo"]),
        ("--namespace=demo list -q", "list", ["--namespace=demo", "-q"]),
        ("--debug list", "list", ["--debug"]),
        ("repo --debug add a b", "repo add", ["--debug", "a", "b"]),
        ("repo foo", "repo", ["foo"]),
        ("get get", "get", ["get"]),
        ("template template", "template", ["template"]),
        ("list list", "list", ["list"]),
        ("-n list list", "list", ["-n", "list"]),
        ("-- version", "", ["--", "version"]),
        ("--help version", "", ["--help", "version"]),  # nobody told cobra yet that --help takes no value
        ("-h version", "", ["-h", "version"]),
        ("--foo version", "", ["--foo", "version"]),
        ("-n", "", ["-n"]),
        ("-n list", "", ["-n", "list"]),
        ("-v 3 version", "version", ["-v", "3"]),
        ("- version", "version", ["-"]),
        ("__complete list -", "__complete", ["list", "-"]),
    ],
)
def test_find(words, path, rest):
    assert find(words.split()) == (path, rest)


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("foo", 'unknown command "foo" for "nav"\nRun \'nav --help\' for usage.'),
        (
            "ist",
            (
                'unknown command "ist" for "nav"\n\nDid you mean this?\n\tlint\n\tget\n\tlist\n\ttest\n\n'
                "Run 'nav --help' for usage."
            ),
        ),
        ("rm", 'unknown command "rm" for "nav"\n\nDid you mean this?\n\tuninstall\n\nRun \'nav --help\' for usage.'),
    ],
)
def test_unknown_commands(word, message):
    with pytest.raises(UsageError) as caught:
        find([word])
    assert str(caught.value) == message


def test_suggestions_are_near_or_longer():
    assert similar_commands("TEMPLAT") == ["template"]
    assert similar_commands("up") == ["upgrade"]
    assert similar_commands("zzzz") == []


def test_distance():
    assert distance("kitten", "sitting") == 3
    assert distance("", "abc") == 3
    assert distance("same", "same") == 0
