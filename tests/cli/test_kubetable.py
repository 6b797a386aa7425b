"""Tables as kubectl prints them. The texts are those of kubectl's printer for the same answers."""

from __future__ import annotations

import time

import pytest

from navarch.cli.kubetable import TablePrinter, age, align

MINUTE, HOUR, DAY, YEAR = 60, 3600, 86_400, 86_400 * 365


def table(columns, *rows):
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "columnDefinitions": [c if isinstance(c, dict) else {"name": c, "type": "string"} for c in columns],
        "rows": [{"cells": list(cells)} for cells in rows],
    }


def test_headings_come_once_for_the_same_columns():
    printer = TablePrinter()
    assert printer.text(table(["Name", "Age"], ("a-long-name", "5s"))) == "NAME          AGE\na-long-name   5s\n"
    assert printer.text(table(["Name", "Age"], ("b", "5s"))) == "b     5s\n", "in columns of its own"
    assert printer.text(table(["Name", "Data"], ("c", 3))) == "NAME   DATA\nc      3\n"
    assert printer.text(table([], ("d", 4))) == "d     4\n", "columns left out are those from before"


def test_a_table_without_rows_prints_nothing():
    printer = TablePrinter()
    assert printer.text(table(["Name"])) == ""
    assert printer.text(table(["Name"], ("a",))) == "NAME\na\n"


def test_columns_of_less_weight_are_left_out():
    columns = ["Name", {"name": "Containers", "priority": 1}, "Age"]
    assert TablePrinter().text(table(columns, ("a", "hidden", "1s"))) == "NAME   AGE\na      1s\n"


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (None, ""),
        (3, "3"),
        (1.5, "1.5"),
        (True, "true"),
        ("one\ntwo", "one..."),
        ("a\rb", "a..."),
        ("\x1b[31mred", "^[[31mred"),
    ],
)
def test_cells(cell, shown):
    assert TablePrinter().text(table(["A"], (cell,))) == f"A\n{shown}\n"


def test_more_cells_than_columns_and_less():
    assert TablePrinter().text(table(["A", "B"], ("1",), ("1", "2", "3"))) == "A     B\n1\n1     2\n"


def test_objects_that_the_server_makes_no_table_of(monkeypatch):
    here = time.time()
    monkeypatch.setattr(time, "time", lambda: here)
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(here - 200))
    printer = TablePrinter()
    assert printer.text({"kind": "Odd", "metadata": {"name": "a", "creationTimestamp": now}}) in (
        "NAME   AGE\na      3m20s\n",
        "NAME   AGE\na      3m21s\n",
    )
    assert printer.text({"kind": "Odd", "metadata": {"name": "b"}}) == "b     <unknown>\n"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "<invalid>"),
        (-1.2, "0s"),
        (0, "0s"),
        (119.9, "119s"),
        (2 * MINUTE, "2m"),
        (9 * MINUTE + 59, "9m59s"),
        (10 * MINUTE + 1, "10m"),
        (3 * HOUR - 1, "179m"),
        (3 * HOUR, "3h"),
        (7 * HOUR + 59 * MINUTE, "7h59m"),
        (8 * HOUR + 59 * MINUTE, "8h"),
        (2 * DAY - 1, "47h"),
        (2 * DAY, "2d"),
        (7 * DAY + 23 * HOUR, "7d23h"),
        (8 * DAY + 23 * HOUR, "8d"),
        (2 * YEAR - 1, "729d"),
        (2 * YEAR, "2y"),
        (7 * YEAR + 364 * DAY, "7y364d"),
        (8 * YEAR + 300 * DAY, "8y"),
    ],
)
def test_ages(seconds, text):
    """The steps of apimachinery's HumanDuration."""
    assert age(seconds) == text


def test_columns_end_where_a_line_is_shorter():
    """text/tabwriter: a column is a run of adjoining lines that have it, the last cell not counted."""
    assert align([["a", "b", "c"], ["long-text", "x"], ["d", "e", "f"]]) == (
        "a           b     c\nlong-text   x\nd           e     f\n"
    )
    assert align([["a\tb", "c"]]) == "a     b     c\n"
