"""The types of the embedded control plane."""
