/* keepalive.h - TCP keep-alive probes as parameters of a workload's end (RFC 9293 3.8.4). */
#ifndef WEDGE_SCENARIOS_WORKLOAD_KEEPALIVE_H
#define WEDGE_SCENARIOS_WORKLOAD_KEEPALIVE_H

#include "proxy/base/err.h"

#include <stdint.h>

struct keepalive {
	int64_t idle, interval; /* whole seconds; idle 0: none */
	uint64_t probes;
};

/* Their rows in a table of parameters; type has a struct keepalive keepalive. */
#define KEEPALIVE_PARAMS(type)                                                                     \
	P_DURATION("keepalive", type, keepalive.idle, .def = "0", .min = "0", .max = "9h",         \
		   .help = "SO_KEEPALIVE, the first probe after so many idle seconds; 0: no "      \
			   "probes."),                                                             \
	    P_DURATION("keepalive_interval", type, keepalive.interval, .needs = "keepalive",       \
		       .def = "1s", .min = "1s", .max = "9h",                                      \
		       .help = "Seconds between probes (TCP_KEEPINTVL)."),                         \
	    P_COUNT("keepalive_probes", type, keepalive.probes, .needs = "keepalive", .def = "9",  \
		    .min = "1", .max = "127",                                                      \
		    .help = "Unanswered probes after which the connection is dead "                \
			    "(TCP_KEEPCNT).")

/* Checks that times are whole seconds; 0, or -1 with *e. */
int keepalive_check(const struct keepalive *k, struct err *e) WG_MUSTUSE;

/* Switches the socket's probes on, if there are to be any. */
void keepalive_begin(int fd, const struct keepalive *k);

#endif
