"""From a chart and values to manifests: render the templates, split their text, sort it, set hooks and notes apart."""
