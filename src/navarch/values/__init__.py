"""Values: reading them from files and command lines, merging them with a chart's defaults, holding them to schemas."""
