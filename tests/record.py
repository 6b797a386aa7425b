"""Record what the real Helm answers, for the tests to compare with.

usage: python tests/record.py [snippets | corpus | reading | writing | signing | stories] [NAME…]

snippets  tests/snippets/NAME.txt → NAME.jsonl: a template a line (`⏎` stands for a line's end, `#` begins a comment);
          strict mode's answer is kept where it differs
corpus    the command lines of tests/corpus/cases.toml → tests/corpus/golden: stdout, stderr and exit code of each
reading   the command lines of tests/cli/reading/commands.txt → commands.jsonl: what reading releases prints
stories   the requests of tests/cluster/stories/NAME.yaml → NAME.jsonl: what a real API server answers. $KUBECONFIG names
          it: one without controllers, started by ../shared/oracle/cluster or tests/support/control_plane.py
writing   those of tests/cli/writing/commands.txt: what is said before releases are changed
signing   those of tests/cli/signing/commands.txt: making and checking signatures

Helm is taken from $ORACLE/bin (default ~/.cache/navarch-oracle/bin). Answers that are not the same every time, or that
show addresses in memory, are refused.
"""

from __future__ import annotations

import json
import os
import ssl
import sys
from glob import glob
from typing import Any

from support import reading, signing, stories, writing
from support.control_plane import ADMIN_TOKEN, server_of
from support.corpus import GOLDEN, Case, cases, clean, run
from support.oracle import EVALUATE, HELM, HERE, asked, theirs

SNIPPETS = os.path.join(HERE, "snippets")
_TIMES = 4


def main(words: list[str]) -> int:
    for program in (HELM, EVALUATE):
        if not os.path.exists(program):
            print(f"{program} is missing: install the oracle, or set ORACLE", file=sys.stderr)
            return 1
    what, *names = words or ["all"]
    refused = 0
    if what in ("all", "snippets"):
        for path in sorted(glob(os.path.join(SNIPPETS, "*.txt"))):
            if not names or os.path.basename(path)[:-4] in names:
                refused += record_snippets(path)
    if what in ("all", "corpus"):
        refused += record_corpus(names)
    for kind, module in (("reading", reading), ("writing", writing), ("signing", signing)):
        if what in ("all", kind):
            refused += record_lines(kind, module)
    if what == "stories":
        record_stories(names or stories.names())
    return 1 if refused else 0


def record_stories(names: list[str]) -> None:
    """Record what the API server of $KUBECONFIG answers; what it doesn't answer twice the same way is shown."""
    server = server_of(os.environ["KUBECONFIG"])
    for name in names:
        told = [stories.play(name, server, ssl._create_unverified_context(), ADMIN_TOKEN) for _ in range(2)]
        for difference in stories.unlike(name, *told):
            print(f"{name} is not steady: {difference}", file=sys.stderr)
        with open(os.path.join(stories.STORIES, name + ".jsonl"), "w", encoding="utf-8") as file:
            file.writelines(json.dumps(answer, ensure_ascii=False, sort_keys=True) + "\n" for answer in told[1])


def record_snippets(path: str) -> int:
    """Record a file of snippets; how many were refused."""
    templates = read_templates(path)
    questions = [asked(template, strict=strict) for template in templates for strict in (False, True)]
    rounds = [theirs(questions) for _ in range(_TIMES)]
    refused = 0
    with open(path[:-4] + ".jsonl", "w", encoding="utf-8") as file:
        for i, template in enumerate(templates):
            plain, strict = rounds[0][2 * i : 2 * i + 2]
            steady = all(answers[2 * i : 2 * i + 2] == [plain, strict] for answers in rounds)
            if plain is None or strict is None or not steady or "0xc000" in str(plain):
                refused += 1
                print(f"{os.path.basename(path)}: no lasting answer to {template!r}", file=sys.stderr)
                continue
            row: dict[str, Any] = {"t": template, **plain}
            if strict != plain:
                row["strict"] = strict
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    print(f"{os.path.basename(path)}: {len(templates) - refused} recorded")
    return refused


def read_templates(path: str) -> list[str]:
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    return [line.replace("⏎", "\n") for line in lines if line and not line.startswith("#")]


def record_corpus(names: list[str]) -> int:
    """Record the corpus; how many cases were refused."""
    chosen = [case for case in cases() if not names or case.name in names]
    if not names:
        clean()
    refused = sum(record_case(case) for case in chosen)
    print(f"corpus: {len(chosen) - refused} recorded")
    return refused


def record_case(case: Case) -> int:
    seen = run(case, [HELM])
    if any(run(case, [HELM]) != seen for _ in range(_TIMES - 1)):
        print(f"corpus: no lasting answer to {case.name}: {case.run}", file=sys.stderr)
        return 1
    seen.save(os.path.join(GOLDEN, case.name))
    return 0


def record_lines(kind: str, module: Any) -> int:
    """Record what Helm answers to command lines; how many were refused."""
    refused = 0
    lines = module.command_lines()
    with open(module.ANSWERS, "w", encoding="utf-8") as file:
        for line in lines:
            seen = module.helm_answer(line)
            if any(module.helm_answer(line) != seen for _ in range(_TIMES - 1)):
                refused += 1
                print(f"{kind}: no lasting answer to {line!r}", file=sys.stderr)
                continue
            file.write(json.dumps({"run": line, **seen}, ensure_ascii=False) + "\n")
    print(f"{kind}: {len(lines) - refused} recorded")
    return refused


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
