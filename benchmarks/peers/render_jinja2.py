"""Renders the mail of `benchmarks/mail.py` by jinja2, escaping on: messages per second of processor time."""

import json
import sys
import time
from pathlib import Path

import jinja2

job = json.loads(Path(sys.argv[1]).read_text("utf-8"))
environment = jinja2.Environment(autoescape=True)
environment.filters["money"] = lambda value, _: f"£{value:,.2f}"
template = environment.from_string(job["template"])
rates = []
for _ in range(job["repeats"]):
    begun = time.process_time()
    for one in job["contexts"]:
        template.render(one).encode()
    rates.append(len(job["contexts"]) / (time.process_time() - begun))
first = [template.render(one).encode() for one in job["contexts"][:200]]
print(json.dumps({"per_second": max(rates), "first": [one.decode() for one in first], "version": jinja2.__version__}))
