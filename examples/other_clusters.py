"""The same chart for clusters of several versions: what templates see as .Capabilities."""

import navarch

chart = navarch.load_chart("examples/charts/guestbook")
for version in ("1.37", "v1.28.3-gke.100", "1.19"):
    capabilities = navarch.Capabilities(version)
    try:
        result = navarch.template(chart, capabilities=capabilities)
        print(f"{capabilities.KubeVersion}: {len(result.manifests)} objects")
    except navarch.ChartError as error:
        print(f"{capabilities.KubeVersion}: {error}")
