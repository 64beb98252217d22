"""A plain read_csv of a file by DuckDB into an Arrow table: the shortest of several, in seconds."""

import json
import sys
import time

import duckdb

path, repeats = sys.argv[1], int(sys.argv[2])
taken, rows = [], 0
for _ in range(repeats):
    begun = time.perf_counter()
    connection = duckdb.connect()
    table = connection.read_csv(path).to_arrow_table()
    taken.append(time.perf_counter() - begun)
    rows = table.num_rows
print(json.dumps({"seconds": min(taken), "rows": rows, "version": duckdb.__version__}))
