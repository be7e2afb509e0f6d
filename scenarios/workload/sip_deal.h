/* sip_deal.h - a request at the server of the workload "sip" whose answers come later: a REGISTER,
 * a MESSAGE, or an INVITE with the call that it becomes. Writes to its peer, and knows nothing of
 * sockets. Private to the sip files. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_SIP_DEAL_H
#define WEDGE_SCENARIOS_WORKLOAD_SIP_DEAL_H

#include "scenarios/workload/serving.h"
#include "scenarios/workload/sip_message.h"

#define SIP_DEALS_MAX 256 /* of one connection */

enum deal_state {
	DEAL_ASKED,	/* a REGISTER, MESSAGE or PUBLISH: answered when due */
	DEAL_TRYING,	/* an INVITE: rings when due */
	DEAL_RINGING,	/* is answered when due */
	DEAL_ANSWERED,	/* without an ACK yet: the answer is sent again when due */
	DEAL_CONFIRMED, /* a call */
};

struct deal {
	enum deal_state state;
	bool over;	      /* its owner frees it */
	char *call_id, *head; /* of all answers but 100 (sip_answer_head) */
	char *more;	      /* further lines of the answer to a REGISTER or PUBLISH; NULL: none */
	unsigned long cseq;
	int64_t due, resend, patience; /* patience: when an answer without ACK is given up */
	struct tally_exchange now;
};

/* Begins: an INVITE gets its 100, what has no service time its answer. */
void deal_begin(struct deal *d, struct serving_peer *p, const struct sip_message *m);

/* Does what is due. */
void deal_turn(struct deal *d, struct serving_peer *p, int64_t now);

/* Ends an INVITE that isn't answered yet (CANCEL, BYE): 487. */
void deal_cancel(struct deal *d, struct serving_peer *p);

/* The connection ends: what isn't answered has failed. */
void deal_abandon(struct deal *d, struct serving_peer *p);

void deal_free(struct deal *d);

/* Sends an answer to any request, head and its lines more (NULL: none), and returns its bytes. */
size_t deal_answer(struct serving_peer *p, unsigned status, const char *head, const char *more);

#endif
