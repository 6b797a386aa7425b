"""Values from files and --set texts, in Helm's order, and what a chart makes of them with its defaults."""

import navarch

given = navarch.ValueOptions(files=["examples/values/production.yaml"], set=["replicas=2,cache.port=7000"]).merge()
values = navarch.coalesce_values(navarch.load_chart("examples/charts/guestbook"), given)
print(given["cache"])
print(values["cache"]["port"], values["cache"]["image"]["repository"], values["title"])
