/* lab_spec.h - what a lab is made of: its addresses, hosts, roles and settings. Types alone: lab.h
 * builds one. */
#ifndef WEDGE_SCENARIOS_LAB_LAB_SPEC_H
#define WEDGE_SCENARIOS_LAB_LAB_SPEC_H

#include <stdbool.h>

/* Documentation addresses, RFC 5737 and RFC 3849. */
#define LAB_CLIENT_IP	     "192.0.2.2"
#define LAB_WEDGE_CLIENT_IP  "192.0.2.1"
#define LAB_WEDGE_SERVER_IP  "198.51.100.1"
#define LAB_SERVER_IP	     "198.51.100.2"
#define LAB_CLIENT_IP6	     "2001:db8:1::2"
#define LAB_WEDGE_CLIENT_IP6 "2001:db8:1::1"
#define LAB_WEDGE_SERVER_IP6 "2001:db8:2::1"
#define LAB_SERVER_IP6	     "2001:db8:2::2"

/* Interface names: one in the client's and the server's namespace, two in wedge's. */
#define LAB_CLIENT_IF	    "eth0"
#define LAB_SERVER_IF	    "eth0"
#define LAB_WEDGE_CLIENT_IF "client0"
#define LAB_WEDGE_SERVER_IF "server0"

enum lab_host { LAB_CLIENT, LAB_WEDGE, LAB_SERVER, LAB_HOST_COUNT };

/* A role: one process of the lab. */
struct lab_role {
	const char *name; /* unique: "client", "server", "wedge", "tap-client", ... */
	enum lab_host host;
	/* Runs inside the namespaces with one end of a socketpair; its return value is the exit
	 * status. Has stdin (/dev/null), stdout, stderr and msg_fd: every other descriptor of the
	 * runner's is closed and its signal handlers are reset, so a role opens its files itself.
	 * Keeps the lab's capabilities (as ambient ones too); lab_drop_privileges() gives them up
	 * before a program of the user's is executed. */
	int (*main)(void *arg, int msg_fd);
	void *arg;
	int msg_fd; /* out: the runner's end, close-on-exec; the caller closes it */
};

struct lab_spec {
	bool forward;			/* wedge's namespace routes between the two */
	const char *congestion;		/* "reno" */
	const struct lab_sysctl *extra; /* NULL or more sysctls, ended by a NULL name */
};

struct lab_sysctl {
	const char *name, *value; /* "net.ipv4.tcp_sack", "1" */
};

#endif
