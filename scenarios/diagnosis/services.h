/* services.h - what the connections to one server address and port have in common: sums of the same
 * kind as the capture's. A failure is one of a service, beside others that are healthy. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_SERVICES_H
#define WEDGE_SCENARIOS_DIAGNOSIS_SERVICES_H

#include "scenarios/analysis/wire_connection.h"
#include "scenarios/diagnosis/hung_requests.h"
#include "scenarios/diagnosis/service_life.h"
#include "scenarios/diagnosis/tallies.h"

/* Sums over connections, by direction of the segments where there are two. */
struct service_counts {
	uint64_t connections, midstream, unreliable, reused;
	uint64_t refused;     /* SYN answered by RST */
	uint64_t passed_over; /* SYN never answered, others of the client were meanwhile */
	uint64_t answered;    /* the server sent payload */
	uint64_t gathered;    /* their first answer was kept until much of it had come */
	uint64_t prompt;      /* their first answer came at once */
	uint64_t empty;	      /* connected and ended by the client, without a byte of either side */
	uint64_t dropped_by_fin, dropped_by_rst; /* R3a */
	uint64_t truncated;			 /* R10 */
	uint64_t requests_dropped;		 /* answered before, ended behind a request */
	uint64_t reset_answers;			 /* R16: by an end that doesn't know them */
	uint64_t forgotten; /* of these, those on which the client had sent again */
	uint64_t syns[DIR_COUNT], fins[DIR_COUNT], resets[DIR_COUNT];
	uint64_t data_segments[DIR_COUNT], data_bytes[DIR_COUNT];
	uint64_t fast_retransmissions[DIR_COUNT];
	uint64_t retransmissions[DIR_COUNT], out_of_order[DIR_COUNT];
	uint64_t judged_retransmissions[DIR_COUNT]; /* of connections that are reliable (R0) */
	uint64_t duplicate_acks[DIR_COUNT], zero_windows[DIR_COUNT];
	uint64_t exchanges;
	uint64_t scaled;   /* the client's SYN offers a window scale, above 0 */
	uint64_t unscaled; /* of these, those whose server overlooks it (story_is_unscaled) */
};

struct service {
	struct addr server;
	struct service_counts counts;
	struct tallies tallies;
	uint64_t with[CAUSE_COUNT];    /* connections that have a stall of that cause */
	uint64_t with_hidden;	       /* ... of unknown cause, or of one that needs all packets */
	struct durations connects;     /* SYN to SYN-ACK */
	struct durations unanswered;   /* R3b: until the client gave up, without a byte of answer */
	struct durations headers_only; /* R9: the same behind the header of an answer */
	struct durations fin_waits;    /* R17: the client's acknowledged FIN to the server's end */
	struct durations drops;	       /* R3a: SYN to the end that the server made without a byte */
	int64_t time;	 /* of all connections, nanoseconds; stalls and active time together */
	int64_t stalled; /* of it */
	struct service_life life;
	struct hung_requests hung;
};

/* Ports that are scanned would be a service each: beyond this number they are one together, whose
 * server has port 0. */
#define SERVICES_MAX 4096

struct services {
	struct service **list; /* in order of their first connection's end */
	size_t n, room;
	uint32_t *buckets; /* index + 1 in the list; twice SERVICES_MAX of them */
};

/* Zero-initialise to start; services_fini to end. Returns the service of that server, which is made
 * when it isn't there. */
struct service *services_get(struct services *s, const struct addr *server);

/* Adds a connection that has ended, with its stalls, from begin to end. */
void service_take(struct service *s, const struct wire_connection *w, const struct tallies *t,
		  int64_t begin, int64_t end);

/* Adds all of other: the sums of several services are of the same kind. */
void service_merge(struct service *s, const struct service *other);
/* Returns the services, those that lost the most time first; the list is to be freed. */
const struct service **services_by_loss(const struct services *s);
void service_fini(struct service *s); /* leaves it empty */
void services_fini(struct services *s);

#endif
