"""Who may do what: users of an htpasswd file, tokens with rights, anybody."""
