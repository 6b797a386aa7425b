"""Getting plugins onto this machine and off it again: install, update, uninstall, package, and whether they are signed.

The way through the modules: `sources` knows what a source may be, `vcs`, `git` and `registry` fetch, `archive` unpacks,
`place` makes a plugin's folder appear whole or not at all, `installing` puts that together; `changing` updates and
removes, `packing` makes archives and `status` says how an installed plugin is signed.
"""
