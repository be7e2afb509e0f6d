/* hang_point.h - the places where a connection can hang, T01 to T26: what is done to the connection
 * there, and when that takes effect. Data alone. */
#ifndef WEDGE_SCENARIOS_CHECK_HANG_POINT_H
#define WEDGE_SCENARIOS_CHECK_HANG_POINT_H

#include "proxy/base/attrs.h"

#include <stdbool.h>
#include <stddef.h>

enum check_protocol {
	CHECK_HTTP,
	CHECK_HTTPS,
	CHECK_TCP,
	CHECK_POSTGRES,
	CHECK_REDIS,
	CHECK_SSH,
	CHECK_SMTP,
	CHECK_PROTOCOL_COUNT
};
extern const char *const check_protocol_names[]; /* NULL-terminated */

/* Returns whether the protocol is HTTP, in clear or inside of TLS. */
bool check_is_http(enum check_protocol p);

/* Returns the port of the protocol (IANA), 9000 for tcp. */
unsigned check_port(enum check_protocol p);

/* The moment at which a fault takes effect, as the client's side of the wire shows it on the first
 * connection: t0 (failures.md 3.4). */
enum fault_moment {
	MOMENT_SYN,	    /* its first SYN */
	MOMENT_CONNECTED,   /* the handshake is over */
	MOMENT_REQUEST,	    /* the client's first data */
	MOMENT_LAST_DATA,   /* the last byte that either side got through */
	MOMENT_SERVER_DATA, /* the server's last byte; the same where it said nothing */
	MOMENT_TRICKLE,	    /* the first of the server's segments that come one by one */
	MOMENT_SERVER_ENDS, /* the server's FIN or RST */
	MOMENT_CLIENT_ENDS, /* the client's FIN */
};

/* What the healthy run must have had, or else the client never gets to the point. */
enum check_need {
	NEED_TLS = 1 << 0,
	NEED_BANNER = 1 << 1,	      /* the server speaks first, or unasked as in SSH */
	NEED_SECOND_REQUEST = 1 << 2, /* on a connection that was kept */
	NEED_EXPECT = 1 << 3,	      /* a request with Expect: 100-continue */
	NEED_BUILT_IN = 1 << 4,	      /* wedge's own server, whose answers take the form */
	NEED_ANSWER = 1 << 5,	      /* the server says something */
};

/* One way in which it can come about. */
struct hang_variant {
	const char *what; /* "RST"; NULL ends the list */
	/* A phase's impairments as a scenario has them, for HTTP and for other protocols; NULL: the
	 * point isn't one of those. "{body}" is a place in the middle of an answer's body, "{edge}"
	 * and "{inside}" the end of a chunk and a place in one, "{down}" the middle of all that the
	 * server says. */
	const char *http, *other;
	const char *server; /* parameters of the built-in web server, beside its usual ones */
};

#define HANG_VARIANTS 4

struct hang_point {
	const char *id;	  /* "T13" */
	const char *what; /* for people */
	const char *must; /* what a robust client does */
	enum fault_moment moment;
	unsigned needs; /* of enum check_need */
	/* What no client of the protocol can notice from it; NULL: it can. */
	const char *undetectable;
	/* The client is to get its answer all the same: no fault that ends it. */
	bool survivable;
	struct hang_variant variants[HANG_VARIANTS + 1];
};

/* All of them, in order; the last has no id. */
extern const struct hang_point hang_points[];

/* NULL: there is none of that id. */
const struct hang_point *hang_point_find(const char *id);

#endif
