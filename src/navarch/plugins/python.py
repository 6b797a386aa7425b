"""Plugins in Python: installed packages that offer template functions, getters, post-renderers and sources of values.

A package says so by an entry point of the group `navarch.plugins`:

    [project.entry-points."navarch.plugins"]
    vault = "company_vault.navarch"

What the entry point names, a module or any object, may have four mappings, each optional:

    functions       = {"shout": lambda text: text.upper()}      # {{ shout .Values.name }}
    getters         = {"vault": fetch}                          # vault://… wherever an address may stand
    post_renderers  = {"labels": add_labels}                    # --post-renderer labels
    value_sources   = {"vaultkv": read}                         # -f vaultkv://secret/web

Installed packages are only looked at when a name or a scheme turns up that nothing else is for: a function that neither
Helm nor the program has, a post-renderer or scheme that no plugin in Helm's folders has. They run in our process, with
our rights, and without a limit of time.
"""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from navarch.errors import NavarchError, PluginError
from navarch.golang.strconv import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from importlib.metadata import EntryPoint

    from navarch.repos.getting import GetterRequest

    Ignored = Callable[[str, NavarchError], object]

__all__ = ["GROUP", "Getter", "PostRenderer", "PythonPlugins", "ValueSource", "python_plugins"]

GROUP = "navarch.plugins"
KINDS = ("functions", "getters", "post_renderers", "value_sources")


@runtime_checkable
class Getter(Protocol):
    """Fetches what lies at an address of its scheme."""

    def __call__(self, request: GetterRequest, /) -> bytes:
        """The content at `request.url`. May raise anything; a NavarchError is shown as it is."""


@runtime_checkable
class PostRenderer(Protocol):
    """Changes manifests."""

    def __call__(self, manifests: str, arguments: Sequence[str], /) -> str:
        """The manifests to apply, instead of `manifests`: YAML documents. `arguments` are --post-renderer-args."""


@runtime_checkable
class ValueSource(Protocol):
    """Knows values."""

    def __call__(self, address: str, /) -> Mapping[str, Any]:
        """The values at an address of its scheme, of the types that JSON has."""


class PythonPlugins:
    """What installed packages offer, by kind and name. The first of two that offer the same has it, by their names."""

    def __init__(self, entries: Iterable[EntryPoint], ignored: Ignored | None = None) -> None:
        self._offers: dict[str, dict[str, tuple[str, Any]]] = {kind: {} for kind in KINDS}
        for entry in sorted(entries, key=lambda entry: entry.name):
            try:
                self._add(entry)
            except PluginError as error:
                if ignored:
                    ignored(entry.name, error)

    def _add(self, entry: EntryPoint) -> None:
        """Take what an entry point names. Raises PluginError; then nothing of it is taken."""
        try:
            offered = entry.load()
        except Exception as error:
            raise PluginError(f"plugin {quote(entry.name)} can't be imported: {_words(error)}") from error
        found = {kind: getattr(offered, kind, {}) for kind in KINDS}
        for kind, mapping in found.items():
            if not (isinstance(mapping, dict) and all(isinstance(k, str) and callable(v) for k, v in mapping.items())):
                raise PluginError(f"plugin {quote(entry.name)}: {kind} has to be a dict of functions by name")
        for kind, mapping in found.items():
            for name, function in mapping.items():
                self._offers[kind].setdefault(name, (entry.name, function))

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Template functions by name. What goes wrong in them becomes a template's error."""
        return {name: function for name, (_, function) in self._offers["functions"].items()}

    def getter(self, scheme: str) -> Callable[[GetterRequest], bytes] | None:
        """What fetches for a scheme; it raises nothing but NavarchError."""
        found = self._offers["getters"].get(scheme)
        if found is None:
            return None
        plugin, function = found

        def fetch(request: GetterRequest) -> bytes:
            answer = _guarded(plugin, function, request)
            if not isinstance(answer, bytes):
                raise _unexpected(plugin, answer, "bytes")
            return answer

        return fetch

    def post_renderer(self, name: str) -> Callable[[str, Sequence[str]], str] | None:
        """A post-renderer; it raises nothing but NavarchError."""
        found = self._offers["post_renderers"].get(name)
        if found is None:
            return None
        plugin, function = found

        def render(manifests: str, arguments: Sequence[str]) -> str:
            answer = _guarded(plugin, function, manifests, tuple(arguments))
            if not isinstance(answer, str):
                raise _unexpected(plugin, answer, "str")
            return answer

        return render

    def value_source(self, scheme: str) -> Callable[[str], bytes] | None:
        """What knows values at addresses of a scheme, as JSON; it raises nothing but NavarchError."""
        found = self._offers["value_sources"].get(scheme)
        if found is None:
            return None
        plugin, function = found

        def read(address: str) -> bytes:
            from collections.abc import Mapping

            values = _guarded(plugin, function, address)
            if not isinstance(values, Mapping):
                raise _unexpected(plugin, values, "a mapping")
            return _as_json(plugin, values)

        return read


def python_plugins(ignored: Ignored | None = None) -> PythonPlugins:
    """What the packages installed beside us offer; those that can't be used are passed over and told to `ignored`."""
    from importlib.metadata import entry_points

    return PythonPlugins(entry_points(group=GROUP), ignored)


def _guarded(plugin: str, function: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except NavarchError:
        raise
    except Exception as error:
        raise PluginError(f"plugin {quote(plugin)} failed: {_words(error)}") from error


def _as_json(plugin: str, values: Mapping[str, Any]) -> bytes:
    """Values as a text that values files are read from. Raises PluginError for those that JSON can't hold."""
    import json

    try:
        return json.dumps(
            dict(values), ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
        ).encode("utf-8", "surrogateescape")
    except (TypeError, ValueError, RecursionError) as error:
        raise PluginError(f"plugin {quote(plugin)} failed: {_words(error)}") from error


def _unexpected(plugin: str, answer: Any, wanted: str) -> PluginError:
    return PluginError(f"plugin {quote(plugin)} answered {type(answer).__name__} instead of {wanted}")


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
