"""Python functions that templates can call, and a lookup that answers without a cluster."""

import navarch

SECRETS = {"database": {"data": {"password": "aHVudGVyMg=="}}}
chart = navarch.Chart.from_files(
    {
        "Chart.yaml": b"apiVersion: v2\nname: own\nversion: 1.0.0\n",
        "templates/a.txt": b"""
{{ colour "guestbook" }}
{{ (lookup "v1" "Secret" "default" "database").data.password | b64dec }}
""",
    }
)
engine = navarch.Engine(
    functions={"colour": lambda name: "#" + name.encode().hex()[:6]},
    lookup=lambda _api, _kind, _namespace, name: SECRETS.get(name, {}),
)
print(engine.render(chart)["own/templates/a.txt"].strip())
