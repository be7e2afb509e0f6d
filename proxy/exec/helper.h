/* helper.h - the process that stays in the caller's network: opens sockets there for the process
 * inside, and ends every process left inside when the caller has gone. Knows no sessions. */
#ifndef WEDGE_EXEC_HELPER_H
#define WEDGE_EXEC_HELPER_H

#include "proxy/base/addr.h"

#include <stdbool.h>

enum helper_what {
	HELPER_TCP,    /* a TCP connection to addr */
	HELPER_UDP,    /* a UDP socket connected to addr */
	HELPER_CANCEL, /* the answer to id isn't wanted any more */
};

/* A request and its answer are one SOCK_SEQPACKET message each. */
struct helper_request {
	enum helper_what what;
	uint32_t id;
	size_t rcvbuf;	    /* sockopt.h */
	unsigned interface; /* HELPER_TCP: the index of the one to go out by; 0: any */
	struct addr source; /* HELPER_TCP: the address to come from; len 0: as the kernel likes */
	bool tell_local;    /* an answer with begun comes before the other */
	struct addr addr;
};

/* Comes with the descriptor as SCM_RIGHTS, unless error (an errno) says why there is none. */
struct helper_answer {
	uint32_t id;
	int error;
	bool begun; /* it is being opened, from local */
	struct addr local;
};

enum helper_ns { HELPER_NET, HELPER_MNT, HELPER_TIME, HELPER_NS_KINDS };

/* Serves requests until the other end of life closes; then ends every process that still runs in
 * the command's namespaces, and exits. Both descriptors are SOCK_SEQPACKET sockets; by life come
 * the namespaces. */
_Noreturn void helper_main(int requests, int life);

/* Sends the helper, by the other end of its life, one of the command's namespaces: ns, a descriptor
 * of a /proc/PID/ns file, stays the caller's. -1 with e. */
int helper_tell_namespace(int life, enum helper_ns kind, int ns, struct err *e) WG_MUSTUSE;

#endif
