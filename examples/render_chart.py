"""The text of every template: what a chart renders to for a release and some values."""

import navarch

chart = navarch.load_chart("examples/charts/guestbook")
files = navarch.render(chart, {"title": "Visitors"}, release=navarch.ReleaseInfo(name="web", namespace="public"))
print(files["guestbook/templates/service.yaml"])
