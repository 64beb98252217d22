"""Renders the mail of `benchmarks/mail.py` by minijinja, escaping on: messages per second of processor time."""

import json
import sys
import time
from pathlib import Path

import minijinja  # type: ignore[import-not-found]  # stands in .venv-bench

job = json.loads(Path(sys.argv[1]).read_text("utf-8"))
environment = minijinja.Environment(templates={"mail.html": job["template"]})
environment.add_filter("money", lambda value, _: f"£{value:,.2f}")
rates = []
for _ in range(job["repeats"]):
    begun = time.process_time()
    for one in job["contexts"]:
        environment.render_template("mail.html", **one).encode()
    rates.append(len(job["contexts"]) / (time.process_time() - begun))
first = [environment.render_template("mail.html", **one).encode() for one in job["contexts"][:200]]
print(json.dumps({"per_second": max(rates), "first": [one.decode() for one in first]}))
