"""The examples of docs/library.md that need a registry."""

import contextlib
import io
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_examples_of_the_page_run(server, monkeypatch):
    """All blocks up to the last of those marked "registry", in order, with a registry of this test's."""
    monkeypatch.chdir(ROOT)
    text = (ROOT / "docs/library.md").read_text("utf-8").replace("localhost:5000", server.address)
    fences = list(re.finditer(r"^```(python|text)( registry)?\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    marked = [index for index, fence in enumerate(fences) if fence[2]]
    assert len(marked) >= 2
    names, printed = {}, ""
    for language, _, block in (fence.groups() for fence in fences[: marked[-1] + 1]):
        if language == "text":
            assert printed.rstrip() == block.rstrip()
            continue
        with contextlib.redirect_stdout(io.StringIO()) as output:
            exec(compile(block, "docs/library.md", "exec", dont_inherit=True), names)
        printed = output.getvalue()
