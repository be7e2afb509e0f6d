/* sip_user.h - a user of the client of the workload "sip": what is under way, and the dialog that
 * it belongs to. Private to the sip files. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_SIP_USER_H
#define WEDGE_SCENARIOS_WORKLOAD_SIP_USER_H

#include "scenarios/workload/allocation.h"
#include "scenarios/workload/sip_auth.h"
#include "scenarios/workload/sip_params.h"

enum { SIP_TALK, RELAY_TALK }; /* the user's two connections */

enum sip_state {
	SIP_OFF, /* nothing is under way */
	SIP_CONNECTING,
	SIP_SIGNING_IN,
	SIP_ASKING,   /* a REGISTER, MESSAGE or PUBLISH that is the exchange */
	SIP_RELAY,    /* before the INVITE the relay is asked */
	SIP_INVITED,  /* until the final answer */
	SIP_NO_MEDIA, /* answered; the relay is asked */
	SIP_TALKING,
	SIP_HANGING_UP, /* BYE */
};

struct sip_user {
	struct user user;
	enum sip_state state;
	bool signed_in;
	bool relay_failed; /* the call is dropped for it */
	struct allocation allocation;
	char host[ADDR_TEXT + 8], sent_by[ADDR_TEXT]; /* of the connection's own address */
	unsigned long cseq;
	struct sip_challenge challenge; /* of the registrar */
	bool challenged;		/* the REGISTER under way has been answered by one */
	/* Of the dialog or the transaction at hand; the texts are owned. */
	char *call_id, *from, *to, *target, *route, *branch;
};

#endif
