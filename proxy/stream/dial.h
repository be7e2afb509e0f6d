/* dial.h - one connection to an upstream: its name resolved, its addresses tried as RFC 8305 says.
 * Knows no sessions. */
#ifndef WEDGE_STREAM_DIAL_H
#define WEDGE_STREAM_DIAL_H

#include "proxy/stream/attempt.h"
#include "proxy/stream/resolve.h"

/* An address that hasn't answered for so long gets the next one beside it (RFC 8305, section 5: the
 * recommended Connection Attempt Delay). */
#define DIAL_ATTEMPT_DELAY (250 * NS_PER_MS)

/* Embedded, zeroed. */
struct dial {
	struct attempt_way way;
	struct lookup lookup;
	struct host_port name;
	bool one_by_one; /* an address is tried when the one before has failed, never beside it */
	struct attempt *attempt; /* an address each, in the order in which they begin */
	size_t n, next;		 /* next: the first that hasn't begun */
	struct timer timer; /* until the name's answer is given up; then until the next begins */
	int error;	    /* errno of the address that failed last; 0: none has */
	/* Gives the callee fd, connected to *addr; or -1 and why. A literal address that fails at
	 * once is reported from within dial_start. */
	void (*done)(void *arg, int fd, const struct addr *addr, const char *why);
	void *arg;
};

/* Resolves the name, for which it waits way.timeout at most, and tries its addresses. The caller
 * has set way but for connected and failed, name, one_by_one, done and arg; way.spare is -1 in a
 * dial that isn't started. */
void dial_start(struct dial *d, struct resolver *r);

/* Returns whether an address is being tried. */
bool dial_is_trying(const struct dial *d);

/* Gives up the address that is being tried, for the network has reported error (an errno), and
 * tries the next one. No-op when it isn't. */
void dial_fail(struct dial *d, const struct addr *to, int error);

/* Ends the dial and frees what it holds; done isn't called any more. Legal after done, too. */
void dial_fini(struct dial *d);

#endif
