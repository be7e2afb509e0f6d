/* list.h - every built-in workload, one line each: X(symbol). */
X(workload_rpc)
X(workload_foldersync)
X(workload_freebusy)
X(workload_activesync)
X(workload_sip)
X(workload_relay)
X(workload_rdp)
X(workload_probe)
