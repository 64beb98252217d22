"""The allocation as a linear programme by HiGHS's interior point method, cut off by time: seconds of solving alone."""

import json
import sys
import time

import highspy
import numpy as np

folder, most_seconds = sys.argv[1], float(sys.argv[2])
kept = np.load(f"{folder}/problem.npz")
worth, may, use, most = (kept[name] for name in ("worth", "may", "use", "most"))
n = worth.shape[0]
rows, arms = np.nonzero(may)
m = use.shape[0]
taken = use[:, arms]
which, column = np.nonzero(taken)
lengths = np.concatenate([np.bincount(rows, minlength=n), np.bincount(which, minlength=m)])
model = highspy.HighsLp()
model.num_col_, model.num_row_ = len(rows), n + m
model.col_cost_ = -worth[rows, arms].astype(float)
model.col_lower_, model.col_upper_ = np.zeros(len(rows)), np.full(len(rows), highspy.kHighsInf)
model.row_lower_ = np.full(n + m, -highspy.kHighsInf)
model.row_upper_ = np.concatenate([np.ones(n), most.astype(float)])
model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
model.a_matrix_.start_ = np.concatenate([[0], np.cumsum(lengths)])
model.a_matrix_.index_ = np.concatenate([np.arange(len(rows)), column])
model.a_matrix_.value_ = np.concatenate([np.ones(len(rows)), taken[which, column].astype(float)])
solver = highspy.Highs()
solver.setOptionValue("output_flag", False)
solver.setOptionValue("solver", "ipm")
solver.setOptionValue("run_crossover", "off")
solver.setOptionValue("time_limit", most_seconds)
solver.passModel(model)
begun, spent = time.perf_counter(), time.process_time()
solver.run()
seconds, cpu = time.perf_counter() - begun, time.process_time() - spent
ended = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
print(
    json.dumps(
        {
            "seconds": seconds,
            "cpu_seconds": cpu,
            "ended": ended,
            "value": -solver.getInfo().objective_function_value if ended else None,
            "variables": len(rows),
            "version": solver.version(),
        }
    )
)
