/* attempt.h - one connection being opened to one address. Knows neither names nor the attempts
 * beside it. */
#ifndef WEDGE_STREAM_ATTEMPT_H
#define WEDGE_STREAM_ATTEMPT_H

#include "proxy/base/clock.h"
#include "proxy/base/edge_set.h"
#include "proxy/base/timerq.h"
#include "proxy/stream/connector.h"

struct attempt;
struct loop;

/* How all attempts of one dial connect, and whom they tell. */
struct attempt_way {
	struct loop *loop;
	struct timerq *timers;
	const struct clock *clock;
	uint32_t mark;
	size_t rcvbuf;	 /* sockopt.h; 0: as the kernel likes */
	int64_t timeout; /* ns for each address; 0: as long as the kernel likes */
	/* The address to connect from, which may be another host's. Its port is taken too, or
	 * another one where that is in use. len 0: as the kernel likes. */
	struct addr source;
	bool may_be_here; /* the upstream may be this host, and is then dialled without source */
	int spare;	  /* an IPv4 socket to connect with (listener.h); -1 once it is used */
	/* Opens the connection; "localhost" is then its host. NULL: this process does. */
	struct connector *connector;
	/* Called with true right before the socket connects, and with false when began has been
	 * called, or it has failed at once; may be NULL. */
	void (*connecting)(void *arg, bool now);
	/* Reports an attempt by fd, which stays the attempt's; not called for a connector; may be
	 * NULL. */
	void (*began)(void *arg, int fd, const struct addr *addr);
	/* Reports a connector's attempt by the address that it comes from; may be NULL. */
	void (*began_outside)(void *arg, const struct addr *local, const struct addr *addr);
	/* Tells in words how an attempt has ended, ns after it began; may be NULL. */
	void (*ended)(void *arg, const struct addr *addr, const char *result, int64_t took);
	void *arg;
	/* For the dial: how an attempt has ended by itself; error is an errno. */
	void (*connected)(struct attempt *a);
	void (*failed)(struct attempt *a, int error);
};

struct attempt {
	struct attempt_way *way;
	void *dial; /* whose attempt it is */
	struct addr to;
	bool trying;		 /* it has begun and isn't over */
	int fd;			 /* -1: none, or the connector's */
	struct edge_watch watch; /* of fd, in the loop's edge set, unless the connector opened it */
	bool watched;
	struct connect_request request; /* for the connector, if there is one */
	struct timer timer;		/* runs until the way's timeout */
	int64_t began;			/* the clock's ns */
};

/* Begins. Returns false, with errno, when it has failed at once; else connected or failed is
 * called from the loop. */
bool attempt_begin(struct attempt *a);

/* Ends it: what it holds is closed, by RST, and ended is told the result in words. No-op when it
 * isn't being tried. */
void attempt_end(struct attempt *a, const char *result);

/* Takes its connected socket, which attempt_end then leaves alone. It is in the loop's edge set
 * still (edge_set_take) unless a connector opened it. */
int attempt_take(struct attempt *a);

#endif
