"""The console script: command line in, exit code out.

The way of a command line: find its command in the table (route), import that command's module, read its flags
(flags), check them and the number of arguments, run it. Only what the command uses is imported. This is also the one
place where errors become words on stderr and exit codes.
"""

from __future__ import annotations

import sys

from navarch.cli.call import Call, StartError
from navarch.cli.flags import HELP, FlagSet
from navarch.cli.global_flags import GLOBAL, LOGGING
from navarch.cli.route import UnknownCommandError, find
from navarch.cli.settings import COLOR_MODES, Settings
from navarch.cli.table import COMMANDS, program
from navarch.errors import NavarchError, PluginExitError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as signals
    from types import FrameType, ModuleType
else:
    import _signal as signals  # what the module of that name is made of, without its enumerations

__all__ = ["entry", "main"]

_INTERRUPTED = 130  # what a shell reports for a program that Ctrl-C ended
_BROKEN_PIPE = 141  # … and for one whose reader went away


def entry() -> None:
    """Run the command line of this process and end the process."""
    import gc

    gc.disable()  # a command is over before collecting would pay
    sys.unraisablehook = _dropped
    if sys.stdout is None or sys.stderr is None:
        _open_missing()
    _leave(main(sys.argv[1:]))


def _open_missing() -> None:
    """A process that was started without stdout or stderr gets one that leads nowhere."""
    import os

    nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for as long as the process lives
    sys.stdout = sys.stdout or nowhere
    sys.stderr = sys.stderr or nowhere


def main(words: list[str]) -> int:
    """Run a command line (without the program's name) and answer its exit code. Nothing is raised."""
    try:
        code = run(words)
        sys.stdout.flush()
    except NavarchError as error:
        return _failed(error)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        return _broken_pipe()
    except Exception as error:  # noqa: BLE001
        return _INTERRUPTED if _from_interrupt(error) else _unforeseen(error)
    return code


def run(words: list[str]) -> int:
    """Run a command line and answer its exit code. Raises NavarchError for what is wrong with it."""
    if not _color_known(words):
        return 1
    try:
        path, words = find(words)
    except UnknownCommandError as unknown:
        return _run_unknown(unknown)
    if path.startswith("__complete"):
        from navarch.cli.complete import complete

        return complete(words, descriptions=path == "__complete")
    module = command_module(path)
    flags = flag_set(path, module)
    flags.parse(words)
    for notice in flags.notices:
        from navarch.cli.output import complain

        complain(notice)
    call = Call(path, flags)
    arguments = COMMANDS[path][1] if path else None
    if module is None or arguments is None or flags.values.get("help"):
        from navarch.cli.help import show_help

        show_help(path)
        return 0
    if not call.settings.driver_known():
        return 1
    _check_arguments(path, arguments, len(flags.args))
    _check_exclusive(getattr(module, "EXCLUSIVE", ()), flags)
    _expect_interrupts()
    return int(module.run(call) or 0)


def _color_known(words: list[str]) -> bool:
    """Whether the colour mode is one that there is. Helm looks at it before the rest of the line is understood.

    In completion too, where Helm therefore can't complete the modes; here they may be half written.
    """
    if words[:1] in (["__complete"], ["__completeNoDesc"]):
        return True
    if all(word.partition("=")[2] in COLOR_MODES for word in words if word.startswith("--colo")):
        return True
    from navarch.cli.plugins import lenient_values

    return Settings(lenient_values(words)).color_known()


def _run_unknown(unknown: UnknownCommandError) -> int:
    """Run a plugin's command. Raises UsageError where the word isn't one either."""
    from navarch.cli.plugins import run_unknown

    _expect_interrupts()
    return run_unknown(unknown)


def _expect_interrupts() -> None:
    """Make Ctrl-C an exception from here on, so that what is begun is tidied up; until now it ended the process."""
    if signals.getsignal(signals.SIGINT) is signals.SIG_DFL:
        signals.signal(signals.SIGINT, signals.default_int_handler)


def _dropped(failure: sys.UnraisableHookArgs) -> None:
    """Raise a KeyboardInterrupt once more that came where Python can't pass exceptions on, as in a weakref's callback.

    It has to be raised after this function; so a timer does it.
    """
    if failure.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(failure)
        return
    signals.signal(signals.SIGALRM, _interrupt_again)
    signals.setitimer(signals.ITIMER_REAL, 0.001)


def _interrupt_again(_number: int, frame: FrameType | None) -> None:
    if frame and frame.f_code is _dropped.__code__:  # still in there: this one would be lost too
        signals.setitimer(signals.ITIMER_REAL, 0.001)
        return
    raise KeyboardInterrupt


def _from_interrupt(error: BaseException) -> bool:
    """Whether Ctrl-C is behind an error: Python 3.11 makes a RuntimeError of it where a class is being made."""
    cause = error.__cause__
    return isinstance(cause, KeyboardInterrupt) or (cause is not None and _from_interrupt(cause))


def command_module(path: str) -> ModuleType | None:
    """The module of a command; None for the root, which has none."""
    if not path:
        return None
    name = "navarch.cli.commands." + path.partition(" ")[0]
    __import__(name)
    return sys.modules[name]


def flag_set(path: str, module: ModuleType | None) -> FlagSet:
    """The flags that a command takes: its own, --help, and those that every command takes."""
    own = module.FLAGS.get(path, ()) if module else ()
    deprecated = getattr(module, "DEPRECATED", {}).get(path) if module else None
    return FlagSet((GLOBAL, LOGGING, own, (HELP,)), deprecated)


def _check_arguments(path: str, limits: tuple[int, int], count: int) -> None:
    """Refuse a wrong number of arguments, in the words that scripts know."""
    fewest, most = limits
    if count >= fewest and (most < 0 or count <= most):
        return
    if most == 0:
        wanted = "accepts no arguments"
    elif fewest == most:
        wanted = f"requires {_arguments(fewest)}"
    elif count < fewest:
        wanted = f"requires at least {_arguments(fewest)}"
    else:
        wanted = f"accepts at most {_arguments(most)}"
    from navarch.cli.help import usage_line

    raise UsageError(f'"{program()} {path}" {wanted}\n\nUsage:  {usage_line(path)}')


def _arguments(count: int) -> str:
    return "1 argument" if count == 1 else f"{count} arguments"


def _check_exclusive(groups: tuple[tuple[str, ...], ...], flags: FlagSet) -> None:
    """Refuse flags that can't be given together. A module's groups are in alphabetical order."""
    for group in groups:
        given = sorted(name for name in group if name in flags.values)
        if len(given) > 1 and all(name in flags.rows for name in group):
            rule = f"if any flags in the group [{' '.join(group)}] are set none of the others can be"
            raise UsageError(f"{rule}; [{' '.join(given)}] were all set")


def _failed(error: NavarchError) -> int:
    from navarch.cli.output import complain

    try:
        if isinstance(error, StartError):
            complain(error.line())
            return 1
        complain(f"Error: {error}")
        if error.hint and sys.stderr.isatty():
            complain(f"Hint: {error.hint}")
    except BrokenPipeError:
        return _broken_pipe()
    return error.exit_code % 256 if isinstance(error, PluginExitError) else 1


def _unforeseen(error: Exception) -> int:
    """A fault of ours, or of the machine: one line, and with --debug where it happened."""
    from navarch.cli.output import complain

    if isinstance(error, OSError) and error.strerror:
        place = f" {error.filename}" if error.filename else ""
        complain(f"Error:{place}: {error.strerror.lower()}" if place else f"Error: {error.strerror.lower()}")
        return 1
    if isinstance(error, RecursionError):
        complain("Error: values or templates are nested too deeply")
    elif isinstance(error, MemoryError):
        complain("Error: there is not enough memory")
    else:
        complain(f"Error: {type(error).__name__}: {error}")
    if "--debug" in sys.argv:
        from traceback import format_exception

        complain("".join(format_exception(error)))
    return 1


def _broken_pipe() -> int:
    """Nobody reads any more: see to it that nothing is written when the process ends."""
    import os

    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    return _BROKEN_PIPE


def _leave(code: int) -> None:
    """End the process at once, unless something waits for an orderly end."""
    import atexit

    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:  # it was said, where anybody listens
        import os

        os._exit(code or 1)
    if signals.getsignal(signals.SIGINT) is signals.default_int_handler:
        signals.signal(signals.SIGINT, signals.SIG_DFL)
    threading = sys.modules.get("threading")
    if atexit._ncallbacks() or (threading and threading.active_count() > 1):  # noqa: SLF001
        sys.exit(code)
    import os

    os._exit(code)
