/* list.h - every built-in workload, one line each: X(symbol). */
X(workload_rpc)
