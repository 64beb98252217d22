"""Solves which variants to open by HiGHS: the strong linear relaxation, or the mixed-integer problem itself.

The file given holds `worth` (people, variants) and `cost`; each customer is assigned to one open variant or to none.
A variant that is worth nothing to a customer gets no column.
"""

import json
import sys
import time

import highspy
import numpy as np

path, kind, limit = sys.argv[1], sys.argv[2], float(sys.argv[3])
given = np.load(path)
worth, cost = given["worth"].astype(float), given["cost"].astype(float)
people, variants = worth.shape
who, what = np.nonzero(worth > 0)
count = who.size
scale = worth.max()
begun = time.process_time()
lp = highspy.HighsLp()
lp.num_col_, lp.num_row_ = count + variants, people + count
lp.sense_ = highspy.ObjSense.kMaximize
lp.col_cost_ = np.concatenate([worth[who, what], -cost]) / scale
lp.col_lower_, lp.col_upper_ = np.zeros(count + variants), np.ones(count + variants)
lp.row_lower_ = np.full(people + count, -highspy.kHighsInf)
lp.row_upper_ = np.concatenate([np.ones(people), np.zeros(count)])
rows = np.concatenate([who, people + np.arange(count), people + np.arange(count)])
columns = np.concatenate([np.arange(count), np.arange(count), count + what])
values = np.concatenate([np.ones(2 * count), -np.ones(count)])
order = np.lexsort((columns, rows))
lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=people + count))])
lp.a_matrix_.index_, lp.a_matrix_.value_ = columns[order], values[order]
if kind == "mip":
    lp.integrality_ = [highspy.HighsVarType.kContinuous] * count + [highspy.HighsVarType.kInteger] * variants
solver = highspy.Highs()
solver.setOptionValue("output_flag", False)
solver.setOptionValue("time_limit", limit)
solver.setOptionValue("mip_rel_gap", 1e-9)
if kind == "lp":
    solver.setOptionValue("solver", "ipm")
    solver.setOptionValue("run_crossover", "off")
solver.passModel(lp)
solver.run()
print(
    json.dumps(
        {
            "value": solver.getInfo().objective_function_value * scale,
            "status": solver.modelStatusToString(solver.getModelStatus()),
            "cpu_seconds": time.process_time() - begun,
        }
    )
)
