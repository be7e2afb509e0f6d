/* lab_spec.h - what a lab is made of: its hosts, roles and settings. Types alone: lab.h builds one,
 * lab_address.h tells the addresses of its hosts. */
#ifndef WEDGE_SCENARIOS_LAB_LAB_SPEC_H
#define WEDGE_SCENARIOS_LAB_LAB_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Documentation addresses, RFC 5737 and RFC 3849. */
#define LAB_CLIENT_IP	     "192.0.2.2"
#define LAB_WEDGE_CLIENT_IP  "192.0.2.1"
#define LAB_WEDGE_SERVER_IP  "198.51.100.1"
#define LAB_SERVER_IP	     "198.51.100.2"
#define LAB_CLIENT_IP6	     "2001:db8:1::2"
#define LAB_WEDGE_CLIENT_IP6 "2001:db8:1::1"
#define LAB_WEDGE_SERVER_IP6 "2001:db8:2::1"
#define LAB_SERVER_IP6	     "2001:db8:2::2"

/* Interface names: one in each host's namespace, two in wedge's. */
#define LAB_HOST_IF	    "eth0"
#define LAB_WEDGE_CLIENT_IF "client0"
#define LAB_WEDGE_SERVER_IF "server0"
/* Of the switch's cable to wedge's namespace, in the switch's own. */
#define LAB_SWITCH_IF	    "uplink"

/* The hosts that every lab has. Those of a lab_spec's list come behind, from LAB_HOST_COUNT on. */
enum lab_host { LAB_CLIENT, LAB_WEDGE, LAB_SERVER, LAB_HOST_COUNT };

/* The network, beside wedge, that a host is in. */
enum lab_side { LAB_CLIENT_SIDE, LAB_SERVER_SIDE, LAB_SIDE_COUNT };

/* Hosts that a side of a lab may have, the one that every lab has among them. */
#define LAB_SIDE_MAX 32

struct lab_sysctl {
	const char *name, *value; /* "net.ipv4.tcp_sack", "1" */
};

/* A host beside the three, with a namespace, an interface and addresses of its own. */
struct lab_host_spec {
	const char *name; /* for the record of the environment */
	enum lab_side side;
	const struct lab_sysctl *sysctls; /* as lab_spec.extra, of this host alone */
	uint64_t link_speed;		  /* as lab_spec.link_speed */
};

/* A role: one process of the lab. */
struct lab_role {
	const char *name; /* unique: "client", "server", "wedge", "tap-client", ... */
	int host;	  /* enum lab_host, LAB_HOST_COUNT + its place in lab_spec.hosts, or
			     lab_switch_site() */
	/* Runs inside the namespaces with one end of a socketpair; its return value is the exit
	 * status. Has stdin (/dev/null), stdout, stderr, msg_fd and kept_fd: every other descriptor
	 * of the runner's is closed and its signal handlers are reset, so a role opens its files
	 * itself. Keeps the lab's capabilities (as ambient ones too); lab_drop_privileges() gives
	 * them up before a program of the user's is executed. */
	int (*main)(void *arg, int msg_fd);
	void *arg;
	int kept_fd; /* one more that it has, of the caller's; 0: none */
	int msg_fd;  /* out: the runner's end, close-on-exec; the caller closes it */
};

struct lab_spec {
	bool forward;			/* wedge's namespace routes between the two */
	const char *congestion;		/* "reno" */
	bool quickack;			/* hosts acknowledge at once */
	uint32_t rto_min_ms;		/* least retransmission time-out; 0: the kernel's */
	bool no_tail_loss_probe;	/* RFC 8985's probe is off */
	const struct lab_sysctl *extra; /* NULL or more sysctls, ended by a NULL name */
	/* The same for the client's and the server's namespace alone; by enum lab_host. */
	const struct lab_sysctl *host_extra[LAB_HOST_COUNT];
	/* Bits a second that their cables carry, each way; 0: as much as there is. */
	uint64_t link_speed[LAB_HOST_COUNT];
	const struct lab_host_spec *hosts; /* beside the three, nhosts of them */
	size_t nhosts;
	/* The hosts of a side are cabled to a switch in a namespace of its own, and that to
	 * wedge's: two places to capture the same traffic. */
	bool has_switch;
	enum lab_side switch_side;
	/* Folder whose hosts and resolv.conf are the lab's in /etc; NULL: the machine's own. */
	const char *names;
	bool pluggable; /* lab_link can unplug every host, one that is alone on its side too */
};

#endif
