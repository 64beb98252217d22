"""The allocation as a linear programme by OR-Tools' PDLP, cut off by time: seconds of solving alone."""

import json
import sys
import time

import numpy as np
import ortools
from ortools.pdlp import solve_log_pb2, solvers_pb2
from ortools.pdlp.python import pdlp
from scipy.sparse import csc_matrix

folder, most_seconds = sys.argv[1], float(sys.argv[2])
kept = np.load(f"{folder}/problem.npz")
worth, may, use, most = (kept[name] for name in ("worth", "may", "use", "most"))
n, m = worth.shape[0], use.shape[0]
rows, arms = np.nonzero(may)
which, column = np.nonzero(use[:, arms])
scale = float(worth.max())
problem = pdlp.QuadraticProgram()
problem.resize_and_initialize(len(rows), n + m)
problem.objective_vector = -worth[rows, arms] / scale
problem.variable_lower_bounds = np.zeros(len(rows))
problem.variable_upper_bounds = np.full(len(rows), np.inf)
problem.constraint_lower_bounds = np.full(n + m, -np.inf)
problem.constraint_upper_bounds = np.concatenate([np.ones(n), most.astype(float)])
problem.constraint_matrix = csc_matrix(
    (
        np.concatenate([np.ones(len(rows)), use[which, arms[column]].astype(float)]),
        (np.concatenate([rows, n + which]), np.concatenate([np.arange(len(rows)), column])),
    ),
    shape=(n + m, len(rows)),
)
asked = solvers_pb2.PrimalDualHybridGradientParams()
asked.termination_criteria.time_sec_limit = most_seconds
asked.termination_criteria.simple_optimality_criteria.eps_optimal_relative = 1e-4
asked.termination_criteria.simple_optimality_criteria.eps_optimal_absolute = 1e-4
asked.num_threads = 2
begun, spent = time.perf_counter(), time.process_time()
found = pdlp.primal_dual_hybrid_gradient(problem, asked)
seconds, cpu = time.perf_counter() - begun, time.process_time() - spent
log = found.solve_log
ended = log.termination_reason == solve_log_pb2.TERMINATION_REASON_OPTIMAL
print(
    json.dumps(
        {
            "seconds": seconds,
            "cpu_seconds": cpu,
            "ended": ended,
            "value": float(worth[rows, arms] @ found.primal_solution) if ended else None,
            "variables": len(rows),
            "iterations": log.iteration_count,
            "version": ortools.__version__,
        }
    )
)
