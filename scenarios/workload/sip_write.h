/* sip_write.h - SIP messages as text (RFC 3261): requests, answers to requests, the session
 * descriptions of calls (RFC 4566). Pure functions; the caller frees what they return. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_SIP_WRITE_H
#define WEDGE_SCENARIOS_WORKLOAD_SIP_WRITE_H

#include "proxy/base/addr.h"
#include "scenarios/workload/sip_message.h"

#define SIP_T1_MS	 500	       /* RFC 3261 17.1.1.1, an estimate of the round-trip time */
#define SIP_T2_MS	 4000	       /* the longest time between two that are sent again */
#define SIP_TIMEOUT_TEXT "32s"	       /* timers B, F and H: 64 * T1 */
#define SIP_DOMAIN	 "example.com" /* of users, and the realm of their passwords (RFC 2606) */
#define SIP_BRANCH_MAGIC "z9hG4bK"     /* what a branch begins with (8.1.1.7) */
#define SIP_ALLOW	 "INVITE, ACK, CANCEL, BYE, MESSAGE, OPTIONS, PUBLISH"

struct sip_request {
	const char *method, *uri;
	const char *sent_by, *branch; /* of the Via */
	const char *from, *to;	      /* whole, with their tags */
	const char *call_id;
	unsigned long cseq;
	const char *contact; /* URI; NULL: none */
	const char *more;    /* header lines, each with its end; NULL: none */
	const char *type;    /* of the body, NULL: there is none */
	const char *body;
};

char *sip_write_request(const struct sip_request *r);

/* Returns the header lines that every answer to a request has: its Vias, the first with where the
 * request came from when it says otherwise (18.2.1), From, To, Call-ID and CSeq. tag, unless NULL,
 * is added to a To that has none. */
char *sip_answer_head(const struct sip_message *request, const struct addr *remote,
		      const char *tag);

/* Returns an answer: head is sip_answer_head's; more, type and body as in struct sip_request. */
char *sip_write_answer(unsigned status, const char *head, const char *more, const char *type,
		       const char *body);

/* Returns a session description that offers, or takes, G.711 audio at that address. */
char *sip_write_session(const struct addr *media, unsigned long long id);

#endif
