"""How tests find each other: `tests/` and the root of the repository are on the path (pyproject.toml, `pythonpath`).

So a test writes `from datasets import dataset` for real data, `from tools import laws` for a tool and
`from benchmarks import peer` for a benchmark. Test files are imported by path (importlib mode): two rooms may both
have a `test_plan.py`, and no folder under `tests/` needs an `__init__.py`.
"""

import os

from hypothesis import settings

# Chance in tests is seeded, always, so that a failure is seen again; `HYPOTHESIS_PROFILE=wander` looks further.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("wander", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
