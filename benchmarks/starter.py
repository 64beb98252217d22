"""Starts a command from a small process, waits for it, and writes down what it used. Run by `benchmarks/measure.py`.

Linux counts the memory of whoever starts a process as that process's own peak, until it outgrows it. So the one who
starts it is small.
Usage: starter.py RESULT_FILE PROGRAM [ARGUMENT ...]
"""

import json
import os
import sys
import time

if __name__ == "__main__":
    start = time.perf_counter()
    child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
    _, status, used = os.wait4(child, 0)
    said = {
        "code": os.waitstatus_to_exitcode(status),
        "seconds": time.perf_counter() - start,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "peak_bytes": used.ru_maxrss * 1024,
    }
    with open(sys.argv[1], "w", encoding="utf-8") as file:  # noqa: PTH123 -- pathlib would make this process larger
        json.dump(said, file)
