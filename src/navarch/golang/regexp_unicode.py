r"""Names of Unicode classes, as Go reads them in \p{…}: in any case, with or without separators, and aliases.

RE2 has the tables, and wants its own spelling.
"""

from __future__ import annotations

__all__ = ["in_re2"]

_CATEGORIES = frozenset(
    "C Cc Cf Co Cs L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Z Zl Zp Zs".split()
)
_ALIASES = {
    "Closepunctuation": "Pe",
    "Cntrl": "Cc",
    "Combiningmark": "M",
    "Connectorpunctuation": "Pc",
    "Control": "Cc",
    "Currencysymbol": "Sc",
    "Dashpunctuation": "Pd",
    "Decimalnumber": "Nd",
    "Digit": "Nd",
    "Enclosingmark": "Me",
    "Finalpunctuation": "Pf",
    "Format": "Cf",
    "Initialpunctuation": "Pi",
    "Letter": "L",
    "Letternumber": "Nl",
    "Lineseparator": "Zl",
    "Lowercaseletter": "Ll",
    "Mark": "M",
    "Mathsymbol": "Sm",
    "Modifierletter": "Lm",
    "Modifiersymbol": "Sk",
    "Nonspacingmark": "Mn",
    "Number": "N",
    "Openpunctuation": "Ps",
    "Other": "C",
    "Otherletter": "Lo",
    "Othernumber": "No",
    "Otherpunctuation": "Po",
    "Othersymbol": "So",
    "Paragraphseparator": "Zp",
    "Privateuse": "Co",
    "Punct": "P",
    "Punctuation": "P",
    "Separator": "Z",
    "Spaceseparator": "Zs",
    "Spacingmark": "Mc",
    "Surrogate": "Cs",
    "Symbol": "S",
    "Titlecaseletter": "Lt",
    "Uppercaseletter": "Lu",
}
_ASSIGNED = r"\pL\pM\pN\pP\pS\pZ\p{Cc}\p{Cf}\p{Co}\p{Cs}"
_CASED = r"\p{Lu}\p{Ll}\p{Lt}"
# names of sets that RE2 has no name for: what is in them, and whether that is meant negated
_SETS = {
    "Any": (r"\x{0}-\x{10FFFF}", False),
    "Ascii": (r"\x00-\x7f", False),
    "Assigned": (_ASSIGNED, False),
    "Casedletter": (_CASED, False),
    "Cn": (_ASSIGNED, True),
    "Lc": (_CASED, False),
    "Unassigned": (_ASSIGNED, True),
}


def in_re2(name: str, *, negated: bool, inside: bool) -> str | None:
    """How RE2 wants a class of that name, `inside` brackets or as an expression; None where there's none.

    A negated set without a name can't stand inside brackets; it's answered with None too.
    """
    canonical = "".join(char for char in name if char not in "_- ").capitalize()
    canonical = _ALIASES.get(canonical, canonical)
    if canonical in _SETS:
        members, inverted = _SETS[canonical]
        if inside:
            return members if inverted == negated else None
        return f"[{'^' if inverted != negated else ''}{members}]"
    if canonical not in _CATEGORIES and not (canonical.isalpha() and _is_script(canonical)):
        return None
    return f"\\{'P' if negated else 'p'}{{{canonical}}}"


def _is_script(name: str) -> bool:
    """Whether RE2 has a script of that name; those of two words have underscores, and Go never finds them."""
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(f"\\p{{{name}}}", options)
    except re2.error:
        return False
    return True
