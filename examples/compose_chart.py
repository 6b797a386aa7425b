"""A chart registry of one's own, two charts in it, and a chart that it makes of them."""

import subprocess
import sys
import tempfile

import navarch
from navarch.registry import Client

COMMAND = [sys.executable, "-c", "from navarch.cli.main import entry; entry()", "registry", "serve"]
PLAN = {
    "save": {"chart": "shop", "version": "1.0.0", "values": "helm"},
    "configs": {
        "package": {"independent": True, "space": "library", "chart": "guestbook", "version": "0.4.0"},
        "_config": {"title": "Our guests"},
        "memory": {
            "package": {"independent": False, "space": "library", "chart": "cache", "version": "0.2.1"},
            "_config": {"maxMemory": "1gb"},
        },
    },
}

with tempfile.TemporaryDirectory() as folder:
    with open(f"{folder}/registry.yaml", "w") as file:
        file.write(f"manager: {{parameters: {{rootdirectory: {folder}/charts}}}}\n")
    server = subprocess.Popen(  # noqa: S603 - our own words
        [*COMMAND, "--config", f"{folder}/registry.yaml", "--listen", "127.0.0.1:0"],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        url = next(line for line in server.stderr if "http://" in line).split()[-1]
        with Client(url) as registry:
            registry.upload("library", navarch.load_chart("examples/charts/guestbook").save(folder))
            made = registry.orchestrate("library", PLAN)
            children = registry.metadata(made.space, made.chart)["dependencies"]
            print(f"{made.link} has {', '.join(child['name'] for child in children)}")
            print(registry.values(made.space, made.chart, made.version)["memory"]["maxMemory"])
    finally:
        server.terminate()
        server.communicate()
