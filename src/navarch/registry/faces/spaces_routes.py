"""The spaces API as a table: addresses, who answers them, and what /apidocs.json says of them."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["BASE", "ROUTES", "Operation"]

BASE = "/api/v1"


class Operation(NamedTuple):
    """An address, who answers it, and what is said of it: `takes` is what goes in besides the names in the path."""

    method: str
    path: str
    handler: str
    doc: str
    status: int
    takes: tuple[str, ...] = ()


ROUTES = (
    Operation("GET", "/spaces", "list_spaces", "List all spaces", 200, ("start", "limit")),
    Operation("POST", "/spaces", "create_space", "Create a space", 201, ("space",)),
    Operation("DELETE", "/spaces/{space}", "delete_space", "Delete a space with all in it", 204),
    Operation("GET", "/spaces/{space}/charts", "list_charts", "List the charts of a space", 200, ("start", "limit")),
    Operation(
        "POST",
        "/spaces/{space}/charts",
        "create_chart",
        "Upload a chart (multipart/form-data), or orchestrate one (any other content type)",
        201,
        ("chartfile", "prov"),
    ),
    Operation("DELETE", "/spaces/{space}/charts/{chart}", "delete_chart", "Delete a chart, all versions of it", 204),
    Operation(
        "GET",
        "/spaces/{space}/charts/{chart}/versions",
        "list_versions",
        "List the versions of a chart",
        200,
        ("start", "limit"),
    ),
    Operation(
        "GET", "/spaces/{space}/charts/{chart}/versions/{version}", "download", "Get the archive of a version", 200
    ),
    Operation(
        "PUT",
        "/spaces/{space}/charts/{chart}/versions/{version}",
        "replace",
        "Put another archive in the place of a version",
        200,
        ("chartfile", "prov"),
    ),
    Operation("DELETE", "/spaces/{space}/charts/{chart}/versions/{version}", "delete_version", "Delete a version", 204),
    Operation(
        "GET",
        "/spaces/{space}/metadata",
        "space_metadata",
        "List the metadata of all versions of all charts of a space",
        200,
        ("start", "limit"),
    ),
    Operation(
        "GET",
        "/spaces/{space}/metadata/latest",
        "latest_in_space",
        "List the metadata of the newest version of each chart of a space",
        200,
        ("start", "limit"),
    ),
    Operation(
        "GET",
        "/spaces/{space}/charts/{chart}/metadata",
        "chart_metadata",
        "List the metadata of all versions of a chart",
        200,
        ("start", "limit"),
    ),
    Operation(
        "GET",
        "/spaces/{space}/charts/{chart}/metadata/latest",
        "latest_in_chart",
        "Get the metadata of the newest version of a chart",
        200,
    ),
    Operation(
        "GET",
        "/spaces/{space}/charts/{chart}/versions/{version}/manifests/metadata",
        "metadata",
        "Get the metadata of a version",
        200,
    ),
    Operation(
        "PUT",
        "/spaces/{space}/charts/{chart}/versions/{version}/manifests/metadata",
        "change_metadata",
        "Replace the metadata of a version's root chart; name and version have to stay",
        200,
        ("metadata",),
    ),
    Operation(
        "GET",
        "/spaces/{space}/charts/{chart}/versions/{version}/manifests/values",
        "values",
        "Get the values of a version, merged with those of its subcharts",
        200,
    ),
    Operation(
        "PUT",
        "/spaces/{space}/charts/{chart}/versions/{version}/manifests/values",
        "change_values",
        "Replace the values of a version's root chart",
        200,
        ("values",),
    ),
)
