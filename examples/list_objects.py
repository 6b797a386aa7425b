"""The objects of a chart in the order of installing, its hooks, and its notes."""

import navarch

chart = navarch.load_chart("examples/charts/guestbook")
result = navarch.template(chart, {"ingress": {"enabled": True}}, release=navarch.ReleaseInfo(name="web"))
for manifest in result.manifests:
    print(f"{manifest.kind:16} {manifest.name:16} {manifest.path}")
for hook in result.hooks:
    print(f"{hook.kind:16} {hook.name:16} at {', '.join(hook.events)}")
print(result.notes)
