"""A chart that was never on a disk."""

import navarch

chart = navarch.Chart.from_files(
    {
        "Chart.yaml": b"apiVersion: v2\nname: greeter\nversion: 1.0.0\n",
        "values.yaml": b"names: [world]\n",
        "templates/greetings.txt": b"{{ range .Values.names }}Hello, {{ . | title }}!\n{{ end }}",
    }
)
for values in ({}, {"names": ["ada", "grace"]}):
    print(navarch.render(chart, values)["greeter/templates/greetings.txt"])
