"""`nav plugin`: manage plugins."""

from __future__ import annotations

from navarch.cli.shared_flags import CREDENTIALS, KEYRING, SIGNING
from navarch.errors import NavarchError, PluginError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from navarch.cli.call import Call
    from navarch.cli.global_flags import Row
    from navarch.plugins.install.sources import Source
    from navarch.plugins.load import Plugin
    from navarch.provenance import Signatory, Verification

__all__ = ["ABOUT", "FLAGS", "run"]

ABOUT = {
    "plugin": "Manage plugins: programs that add commands, ways to fetch charts, or steps after rendering.",
    "plugin install": """
Install a plugin from a folder (which is linked to), from an archive on this machine or on a web server, from a
registry (oci://…), or from a git repository.

Archives have to be signed: NAME-VERSION.tgz.prov is looked for beside them, and the key in --keyring. Repositories of
source code can't be signed, so that they need --verify=false. Where anything fails, the plugin's own install hook
included, nothing is kept.
""",
    "plugin list": "List the plugins that are installed.",
    "plugin package": """
Make an archive NAME-VERSION.tgz of a plugin folder, and sign it with --key, if not told --sign=false.

The archive of the same files is the same, byte for byte, if SOURCE_DATE_EPOCH is set: it then stands for the time of
every file.
""",
    "plugin uninstall": "Remove plugins.",
    "plugin update": "Fetch the newest state of plugins that were installed from git repositories.",
    "plugin verify": "Check that a plugin's archive is the one that its signature was made for.",
}

FLAGS: dict[str, tuple[Row, ...]] = {
    "plugin install": (
        *CREDENTIALS,
        KEYRING,
        ("verify", "", "bool", "true", "check the plugin's signature first"),
        ("version", "", "string", "", "version or range to install; the latest if left out"),
    ),
    "plugin list": (("type", "", "string", "", "list plugins of this type only"),),
    "plugin package": (
        *SIGNING,
        ("destination", "d", "string", ".", "folder to put the archive in"),
        ("sign", "", "bool", "true", "sign the archive"),
    ),
    "plugin verify": (KEYRING,),
}


def run(call: Call) -> int:
    """Do what the command's path says. Raises NavarchError."""
    _ACTIONS[call.path](call)
    return 0


def _install(call: Call) -> None:
    from navarch.cli.interrupt import undone_on_sigterm
    from navarch.cli.output import complain, write
    from navarch.plugins.install.installing import install_plugin

    source = _source(call)
    verifying = _announce(call, source)
    with undone_on_sigterm():
        plugin = install_plugin(
            source,
            _folders(call),
            keyring=call.flag("keyring") if verifying else None,
            warn=complain,
            check=_check_command,
            verified=lambda found: write(_verified_lines(found)),
        )
    write(f"Installed plugin: {plugin.name}\n")


def _source(call: Call) -> Source:
    """What the argument names. Raises NavarchError."""
    from navarch.cli.fetching import fetcher
    from navarch.cli.registries import flags_registry
    from navarch.kube.net.access import Access
    from navarch.plugins.install.sources import find_source

    access = Access(
        username=call.flag("username"),
        password=call.flag("password"),
        cert_file=call.flag("cert-file"),
        key_file=call.flag("key-file"),
        ca_file=call.flag("ca-file"),
        insecure_skip_tls_verify=call.flag("insecure-skip-tls-verify"),
    )
    return find_source(
        call.args[0],
        call.flag("version"),
        fetcher=fetcher(call),
        access=access,
        registry=lambda: flags_registry(call, say=lambda _line: None),
    )


def _announce(call: Call, source: Source) -> bool:
    """Say whether a signature is going to be checked, and answer it. Raises PluginError where there can be none."""
    from navarch.cli.output import write
    from navarch.plugins.install.installing import is_verifiable
    from navarch.plugins.install.sources import FolderSource

    if isinstance(source, FolderSource):
        write("Installing plugin from local directory (development mode)\n")
        return False
    if not call.flag("verify"):
        write("WARNING: Skipping plugin signature verification\n")
        return False
    if not is_verifiable(source):
        raise PluginError("plugin source does not support verification. Use --verify=false to skip verification")
    write("Verifying plugin signature...\n")
    return True


def _check_command(plugin: Plugin) -> None:
    """Refuse a plugin whose command is one of ours: it could never be run. Raises PluginError."""
    from navarch.cli.plugins import taken_command
    from navarch.golang.strconv import quote

    command = taken_command(plugin)
    if command:
        raise PluginError(f"the plugin {quote(plugin.name)} claims the name of the command {quote(command)}")


def _folders(call: Call) -> list[str]:
    """The folders of plugins; new ones go into the first."""
    from navarch.cli.plugins import folders

    return [folder for folder in folders(call.settings) if folder] or ["plugins"]


def _list(call: Call) -> None:
    from navarch.cli.plugins import list_plugins

    list_plugins(call)


def _update(call: Call) -> None:
    from navarch.cli.output import complain
    from navarch.plugins.commands import run_hook
    from navarch.plugins.install.changing import update_plugin

    def update(plugin: Plugin) -> None:
        run_hook(update_plugin(plugin, warn=complain), "update")

    _each(call, "update", "Updated", update)


def _uninstall(call: Call) -> None:
    from navarch.plugins.commands import run_hook
    from navarch.plugins.install.changing import uninstall_plugin

    def uninstall(plugin: Plugin) -> None:
        uninstall_plugin(plugin)
        run_hook(plugin, "delete")

    _each(call, "uninstall", "Uninstalled", uninstall)


def _each(call: Call, verb: str, done: str, act: Callable[[Plugin], None]) -> None:
    """Do something with each plugin that is named; those that fail are told of at the end. Raises PluginError."""
    from navarch.cli.output import write
    from navarch.cli.plugins import ignored
    from navarch.plugins.load import find_plugins

    if not call.args:
        raise UsageError(f"please provide plugin name to {verb}")
    installed = find_plugins(_folders(call), ignored=ignored)
    failed = []
    for name in call.args:
        plugin = next((plugin for plugin in installed if plugin.name == name), None)
        if plugin is None:
            failed.append(f"plugin: {name} not found")
            continue
        try:
            act(plugin)
        except NavarchError as error:
            failed.append(f"failed to {verb} plugin {name}, got error ({error})")
        else:
            write(f"{done} plugin: {name}\n")
    if failed:
        raise PluginError("\n".join(failed))


def _package(call: Call) -> None:
    from navarch.cli.epoch import source_date_epoch
    from navarch.cli.output import write
    from navarch.plugins.install.packing import package_plugin, plugin_to_package
    from navarch.plugins.install.place import make_folder

    plugin = plugin_to_package(call.args[0])
    epoch = source_date_epoch()
    destination = call.flag("destination")
    make_folder(destination)
    signatory = _signatory(call)
    archive = package_plugin(plugin, destination, signatory=signatory, epoch=epoch)
    if signatory is not None:
        write(f"Successfully signed. Signature written to: {archive}.prov\n")
    write(f"Successfully packaged plugin and saved it to: {archive}\n")


def _signatory(call: Call) -> Signatory | None:
    """The key that signs, unlocked; None where nothing is to be signed. Raises ProvenanceError."""
    from navarch.cli.output import write
    from navarch.cli.signatures import plugin_signatory

    if call.flag("sign"):
        return plugin_signatory(call.flag("keyring"), call.flag("key"), call.flag("passphrase-file"))
    write(
        "WARNING: Skipping plugin signing. This is not recommended for plugins intended for distribution.\n",
    )
    return None


def _verify(call: Call) -> None:
    from navarch.cli.output import write
    from navarch.plugins.install.verifying import verify_archive

    write(_verified_lines(verify_archive(call.args[0], call.flag("keyring"))))


def _verified_lines(found: Verification) -> str:
    from navarch.cli.signatures import verified_lines

    return verified_lines(found, "Plugin")


_ACTIONS: dict[str, Callable[[Call], None]] = {
    "plugin install": _install,
    "plugin list": _list,
    "plugin package": _package,
    "plugin uninstall": _uninstall,
    "plugin update": _update,
    "plugin verify": _verify,
}
