"""The table of functions against the modules that have them."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

from navarch.templates.functions import ENGINE, GO_TYPES, SIGNATURES, load

FAMILIES = sorted({family for family, _, _ in SIGNATURES.values()} - {ENGINE})
TYPES = {*GO_TYPES, "string", "int", "int64", "float64", "bool", "uint32", "[]string", "[]int", "map[string]string"}
OTHER_TYPES = {"time.Time", "time.Duration", "*semver.Version", "sprig.certificate"}


def test_helm_has_so_many_functions():
    assert len(SIGNATURES) == 251


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_has_the_functions_of_the_table(family):
    functions = import_module(f"navarch.templates.functions.{family}").FUNCTIONS
    assert set(functions) == {name for name, signature in SIGNATURES.items() if signature[0] == family}
    assert all(load(name) is function for name, function in functions.items())


def test_the_engine_s_functions_are_not_here():
    engine = {name for name, signature in SIGNATURES.items() if signature[0] == ENGINE}
    assert engine == {"fail", "getHostByName", "include", "lookup", "required", "tpl"}


def test_signatures_are_well_formed():
    for _, parameters, result in SIGNATURES.values():
        names = parameters.split()
        assert all(not name.startswith("...") for name in names[:-1])
        assert {result, *(name.removeprefix("...") for name in names)} <= TYPES | OTHER_TYPES


def test_the_table_imports_no_family():
    code = "import sys; from navarch.templates import functions; print([m for m in sys.modules if '.functions.' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
