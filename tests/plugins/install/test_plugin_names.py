"""What an archive's name says about the plugin in it: names that plugins have out there, and lies."""

import pytest

from navarch.errors import IntegrityError, PluginError
from navarch.plugins.install.names import check_claim, check_folder_name, claim, plain_name
from navarch.plugins.metadata import CliConfig, Metadata, SubprocessConfig


def plugin(name, version):
    return Metadata("v1", name, "cli/v1", "subprocess", version, "", CliConfig(), SubprocessConfig())


@pytest.mark.parametrize(
    ("file_name", "name", "version"),
    [
        ("diff-3.9.4.tgz", "diff", "3.9.4"),
        ("helm-diff-linux-amd64.tgz", "diff", "3.9.4"),
        ("helm-unittest-linux-amd64-0.5.1.tgz", "unittest", "0.5.1"),
        ("helm-secrets.tar.gz", "secrets", "4.6.0"),
        ("helm-secrets-4.6.0.tar.gz", "secrets", "4.6.0"),
        ("helm_s3-0.16.0-linux.tar.gz", "s3", "0.16.0"),
        ("v4.6.0.tar.gz", "secrets", "4.6.0"),
        ("main.tgz", "anything", "1.0.0"),
        ("my-plugin-1.0.0-rc.1+b.tgz", "my-plugin", "1.0.0-rc.1+b"),
        ("my-plugin-1.0.0.tgz", "my-plugin", "1.0.0+b"),
        ("old-0.1.0.tgz", "old", ""),
        ("x-1.2.tgz", "x", "1.2.3"),
    ],
)
def test_honest_names(file_name, name, version):
    check_claim(plugin(name, version), *claim(file_name), file_name)


@pytest.mark.parametrize(
    ("file_name", "name", "version", "problem"),
    [
        ("lie-1.0.0.tgz", "other", "1.0.0", "lie-1.0.0.tgz holds the plugin other 1.0.0, not lie 1.0.0"),
        ("lie-1.0.0.tgz", "lie", "2.0.0", "lie-1.0.0.tgz holds the plugin lie 2.0.0, not lie 1.0.0"),
        ("differ-1.0.0.tgz", "diff", "1.0.0", "differ-1.0.0.tgz holds the plugin diff 1.0.0, not differ 1.0.0"),
        ("a-1.0.0-rc.1.tgz", "a", "1.0.0-rc.2", "a-1.0.0-rc.1.tgz holds the plugin a 1.0.0-rc.2, not a 1.0.0-rc.1"),
        ("a-1.0.0.tgz", "a", "1.0.0-rc.1", "a-1.0.0.tgz holds the plugin a 1.0.0-rc.1, not a 1.0.0"),
        ("a-1.0.0+x.tgz", "a", "1.0.0+y", "a-1.0.0+x.tgz holds the plugin a 1.0.0+y, not a 1.0.0+x"),
    ],
)
def test_lies(file_name, name, version, problem):
    with pytest.raises(IntegrityError) as caught:
        check_claim(plugin(name, version), *claim(file_name), file_name)
    assert str(caught.value) == problem


@pytest.mark.parametrize(
    ("file_name", "folder"),
    [
        ("fake-plugin-0.0.1.tar.gz", "fake-plugin"),
        ("fake-plugin-0.0.1.tgz", "fake-plugin"),
        ("fake-plugin.tgz", "fake-plugin"),
        ("fake-plugin.tar.gz", "fake-plugin"),
        ("a-1.0.0-2.0.0.tgz", "a-1.0.0"),
        ("v4.6.0.tar.gz", "v4.6.0"),
    ],
)
def test_the_name_of_the_folder_is_helms(file_name, folder):
    assert plain_name(file_name) == folder


@pytest.mark.parametrize("name", ["", ".", "..", ".hidden", "a/b"])
def test_names_that_no_folder_gets(name):
    with pytest.raises(PluginError, match="no plugin's folder can be named"):
        check_folder_name(name, "source")
