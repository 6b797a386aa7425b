"""What `nav template` does with its flags and its result; other commands that render use the same."""

from __future__ import annotations

import os

from navarch.actions.template import check_release_name, name_and_chart, render_chart
from navarch.chart.capabilities import ReleaseInfo
from navarch.cli.charts import Input, fetch_schema, more_functions, tell_version
from navarch.cli.output import complain, encode, write
from navarch.errors import ChartError
from navarch.manifests.documents import SPACE, split_documents
from navarch.manifests.render import Engine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from navarch.chart.capabilities import Capabilities
    from navarch.cli.call import Call
    from navarch.manifests.render import Manifests, PostRender
    from navarch.manifests.sort import Hook

__all__ = ["release_and_chart", "render_online", "render_release", "write_manifests"]


def render_release(call: Call, capabilities: Capabilities) -> tuple[str, Manifests]:
    """Render the chart that a command line names, for the release that it names. Raises NavarchError."""
    tell_version(call)
    name, reference = release_and_chart(call, default="release-name")
    with Input(call, reference) as given:
        check_release_name(name, warn=complain)
        upgrade: bool = call.flag("is-upgrade")
        return name, render_chart(
            given.chart,
            given.values,
            release=ReleaseInfo(name, call.settings.namespace, 1, is_install=not upgrade, is_upgrade=upgrade),
            capabilities=capabilities,
            engine=Engine(
                dns=call.flag("enable-dns"),
                skip_schema=call.flag("skip-schema-validation"),
                fetch_schema=fetch_schema,
                more_functions=more_functions,
                warn=complain,
                cache=given.cache,
            ),
            labels=call.flag("labels"),
            post_render=_post_render(call),
            debug=complain if call.settings.debug else None,
        )


def _post_render(call: Call) -> PostRender | None:
    """What changes rendered files before they are sorted, None where nothing does."""
    if not call.given("post-renderer"):
        return None
    from navarch.actions.postrender import by_strategy
    from navarch.cli.extending import post_render_of

    return by_strategy(post_render_of(call), call.flag("post-renderer-strategy"))


def render_online(call: Call) -> tuple[str, Manifests]:
    """The same against a cluster: its version and APIs, its objects for lookups, its schemas. Raises NavarchError."""
    from navarch.actions.install import Installation
    from navarch.cli.cluster import action_context
    from navarch.cli.release_flags import install_options

    tell_version(call)
    name, reference = release_and_chart(call, default="release-name")
    context = action_context(call)
    with Input(call, reference) as given:
        options = install_options(
            call, strategy="server", cache=given.cache, server_side=call.flag("server-side"), replace=True
        )
        task = Installation(context, name, options._replace(is_upgrade=call.flag("is-upgrade")))
        task.check()
        return name, task.prepare(given.chart, given.values).rendered


def release_and_chart(call: Call, *, default: str = "") -> tuple[str, str]:
    """The release's name and the chart's reference. Raises NavarchError."""
    return name_and_chart(
        call.args,
        default=default,
        generate=call.given("generate-name") and call.flag("generate-name"),
        name_template=call.flag("name-template") if call.given("name-template") else "",
    )


def write_manifests(call: Call, rendered: Manifests, release: str) -> None:
    """Print what was rendered, or write it to files. Raises NavarchError."""
    output = _Output(call, release)
    for path, data in rendered.chart.crds() if call.flag("include-crds") else ():
        output.crd(path, data.decode("utf-8", "surrogateescape"))
    for manifest in rendered.manifests:
        output.manifest(manifest.path, manifest.content)
    output.end_of_manifests()
    for hook in _shown_hooks(call, rendered.hooks):
        output.hook(hook.path, hook.content)
    text = "".join(output.pieces)
    shown = call.flag("show-only")
    write(_selected(text, shown) if shown else text)


def _shown_hooks(call: Call, hooks: Iterable[Hook]) -> Iterable[Hook]:
    if call.flag("no-hooks"):
        return ()
    return (h for h in hooks if not (call.flag("skip-tests") and "test" in h.events))


class _Output:
    """Where documents go: into one text, or into files below a folder."""

    def __init__(self, call: Call, release: str) -> None:
        self.folder: str = call.flag("output-dir")
        self.named = f"{self.folder}/{release}" if call.flag("release-name") else self.folder
        self.pieces: list[str] = []
        self.written: set[str] = set()

    def crd(self, path: str, content: str) -> None:
        """A CRD, which is never put under the release's name."""
        self.add(path, content, self.folder)

    def manifest(self, path: str, content: str) -> None:
        self.add(path, content, self.named)

    def hook(self, path: str, content: str) -> None:
        """A hook. Its file is added to even if an earlier run left it."""
        place = f"{self.named}/{path}"
        if self.folder and os.path.exists(place):
            self.written.add(place)
        self.add(path, content, self.named)

    def add(self, path: str, content: str, folder: str) -> None:
        text = f"---\n# Source: {path}\n{content}\n"
        if not self.folder:
            self.pieces.append(text)
            return
        place = f"{folder}/{path}"
        os.makedirs(os.path.dirname(place), mode=0o755, exist_ok=True)
        with open(place, "ab" if place in self.written else "wb") as file:
            file.write(encode(text))
        self.written.add(place)
        write(f"wrote {place}\n")

    def end_of_manifests(self) -> None:
        self.pieces = ["".join(self.pieces).strip(SPACE) + "\n"]


def _selected(text: str, wanted: Iterable[str]) -> str:
    """The documents of certain templates. Raises ChartError for a pattern that none matches."""
    from navarch.golang.path import match

    documents = split_documents(text)
    names = [_template_name(document) for document in documents]
    pieces: list[str] = []
    for pattern in wanted:
        found = [d for d, name in zip(documents, names, strict=True) if name and match(pattern, name)]
        if not found:
            raise ChartError(f"could not find template {pattern} in chart")
        pieces += [f"---\n{document}\n" for document in found]
    return "".join(pieces)


def _template_name(document: str) -> str:
    """The template behind a document, without the chart's name: what follows "# Source: chart/"."""
    for line in document.split("\n"):
        _, found, rest = line.partition("# Source: ")
        if found and "/" in rest and not rest.startswith("/"):
            return rest.partition("/")[2]
    return ""
