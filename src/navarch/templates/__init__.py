"""Go's text/template, compiled to Python: lex, parse, compile, run."""
