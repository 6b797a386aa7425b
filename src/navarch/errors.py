"""Every error that Navarch raises on purpose; this module imports nothing of ours.

NavarchError                what a user can cause: message, where, hint
├── ChartError              a chart that can't be loaded or is not valid
├── ValuesError             values that can't be read, merged, or fail the chart's schema
├── YamlError               text that is not YAML (or doesn't fit where it stands)
├── JsonError, TomlError    the same for JSON and TOML
├── VersionError            a version or constraint that can't be parsed
├── TemplateError           a template that can't be parsed or rendered
│   └── FunctionError       what a template function answers instead of a value
├── ManifestError           rendered text that is not a manifest
└── UsageError              a command line that can't be understood
"""

from __future__ import annotations

__all__ = [
    "ChartError",
    "FunctionError",
    "JsonError",
    "ManifestError",
    "NavarchError",
    "TemplateError",
    "TomlError",
    "UsageError",
    "ValuesError",
    "VersionError",
    "YamlError",
]


class NavarchError(Exception):
    """What went wrong (`str(error)`), and where known what to do about it (`hint`).

    `reference` is a stable kebab-case name of the kind of error, for those who match on errors in code.
    """

    reference = "error"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message


class ChartError(NavarchError):
    """A chart that can't be loaded, or whose metadata is not valid."""

    reference = "chart"


class ValuesError(NavarchError):
    """Values that can't be read or merged, or that the chart's schema refuses."""

    reference = "values"


class YamlError(NavarchError):
    """Text that is not YAML. The message is goyaml's; `line` counts from 1, or is 0 where unknown."""

    reference = "yaml"

    def __init__(self, message: str, *, line: int = 0, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.line = line


class JsonError(NavarchError):
    """Text that is not JSON, or a value that JSON can't hold. The message is encoding/json's."""

    reference = "json"


class TomlError(NavarchError):
    """Text that is not TOML, or a value that TOML can't hold. The message is BurntSushi/toml's."""

    reference = "toml"


class VersionError(NavarchError):
    """A version or version constraint that can't be parsed. The message is Masterminds/semver's."""

    reference = "version"


class TemplateError(NavarchError):
    """A template that can't be parsed or rendered.

    The message is Helm's. `template`, `line` and `column` (from 1, in characters; 0 where unknown) name the innermost
    place, `chain` the include and tpl calls that led there, outermost first, as (template, line, column, action).
    """

    reference = "template"

    def __init__(
        self,
        message: str,
        *,
        template: str = "",
        line: int = 0,
        column: int = 0,
        chain: tuple[tuple[str, int, int, str], ...] = (),
        hint: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.template = template
        self.line = line
        self.column = column
        self.chain = chain


class FunctionError(TemplateError):
    """What a template function answers instead of a value; the engine adds where it was called."""

    reference = "function"


class ManifestError(NavarchError):
    """Rendered text that is not a manifest. `path` names the template, `line` the place in its output, from 1."""

    reference = "manifest"

    def __init__(self, message: str, *, path: str = "", line: int = 0, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.path = path
        self.line = line


class UsageError(NavarchError):
    """A command line that can't be understood."""

    reference = "usage"
