/* detection.h - how a program that doesn't end by itself has shown that it noticed a fault: by the
 * wire, and by its connections at the end. Pure. */
#ifndef WEDGE_SCENARIOS_CHECK_DETECTION_H
#define WEDGE_SCENARIOS_CHECK_DETECTION_H

#include "scenarios/analysis/analysis.h"
#include "scenarios/check/hang_point.h"

#include <jansson.h>

enum detection_sign {
	SIGN_NONE,
	SIGN_FIN,	 /* the client's FIN on the connection that the fault hit */
	SIGN_RST,	 /* the same, RST */
	SIGN_CLOSE,	 /* it was closed, and what the client had to say of that never got out */
	SIGN_CONNECTION, /* another connection, behind one that the server had ended by RST */
	SIGN_EXCHANGE,	 /* a whole answer on another connection */
};

struct detection {
	enum detection_sign sign; /* the first of them */
	int64_t at;		  /* when, wall-clock nanoseconds; 0: SIGN_NONE */
	bool recovered;		  /* a whole answer came on another connection */
	bool unaffected;	  /* it came on the connection that the fault hit, behind it */
	bool leaked; /* that connection is open still, without the client's FIN or RST */
};

/* Where it is looked for. */
struct detection_place {
	const struct analysis *wire;	   /* the client's side */
	uint16_t port;			   /* the server's */
	const struct wire_connection *hit; /* the connection that the fault hit; NULL: none */
	int64_t since;			   /* and when */
	uint64_t answer;       /* bytes of the healthy run's largest: nine tenths are a whole one */
	const json_t *sockets; /* as open_sockets_json makes them */
	int64_t offset;	       /* from their clock to the capture's */
	int64_t until;	       /* the capture's time at which they were looked at last: what comes
				* then is of the program's end */
};

struct detection detection_find(const struct detection_place *at);

/* Returns the bytes of the largest answer on connections of the port. */
uint64_t detection_largest_answer(const struct analysis *wire, uint16_t port);

/* "its FIN on the connection" etc.; not of SIGN_NONE. */
const char *detection_sign_text(enum detection_sign sign);

#endif
