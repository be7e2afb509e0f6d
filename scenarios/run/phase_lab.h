/* phase_lab.h - the lab of a phase: the scenario's hosts as hosts of the lab, and their addresses.
 */
#ifndef WEDGE_SCENARIOS_RUN_PHASE_LAB_H
#define WEDGE_SCENARIOS_RUN_PHASE_LAB_H

#include "proxy/base/addr.h"
#include "scenarios/lab/lab_address.h"
#include "scenarios/scenario/intercept.h"
#include "scenarios/scenario/lab_pins.h"
#include "scenarios/scenario/phase.h"

#define PHASE_LAB_SYSCTLS 5 /* settings of a host, with the end of the list */

/* The lab of one phase; the phase must outlive it. */
struct phase_lab {
	struct lab_spec spec;
	struct lab_host_spec *hosts;
	enum place place;
	int64_t connect_timeout; /* ns, of wedge (session_config.h); 0: the kernel's */
	struct lab_sysctl (*sysctls)[PHASE_LAB_SYSCTLS]; /* by the scenario's hosts; then wedge's */
};

/* pins: what the scenario asks of the lab's kernels and of wedge. */
void phase_lab_init(struct phase_lab *l, const struct phase *p, enum intercept intercept,
		    const struct lab_pins *pins);
void phase_lab_fini(struct phase_lab *l);

/* Returns the lab's number of the scenario's host at that place. */
int phase_lab_host(size_t host);

/* Returns the address of the scenario's host with that port, IPv4 or with v6 IPv6. */
struct addr phase_lab_addr(const struct phase_lab *l, size_t host, bool v6, uint16_t port);

/* Returns where a client dials the server on that host: the host itself, or in explicit mode the
 * address of wedge's that stands for it. */
struct addr phase_lab_dial(const struct phase_lab *l, enum intercept intercept, size_t host,
			   uint16_t port);

/* Returns whether an address, whatever its port, is that host's. */
bool phase_lab_is_host(const struct phase_lab *l, size_t host, const struct addr *a);

#endif
