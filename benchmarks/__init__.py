"""Measures what the project promises: `python -m benchmarks NAME [--quick] [--json]`.

A subject is a file `benchmarks/NAME.py` with `run(*, quick: bool) -> Report`. What it compares with runs in an
environment of its own, `.venv-bench`, which `make bench-setup` makes; see `benchmarks/peer.py`.
"""
