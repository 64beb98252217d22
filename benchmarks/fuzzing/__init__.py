"""A fuzzer of templates and values: its own grammar, guided by the branches it reaches, three paths held together."""
