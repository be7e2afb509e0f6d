/* sip_ask.h - the requests of a user of the client of the workload "sip", and the dialog that they
 * belong to: what is said in which words. Private to the sip files. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_SIP_ASK_H
#define WEDGE_SCENARIOS_WORKLOAD_SIP_ASK_H

#include "scenarios/workload/sip_message.h"
#include "scenarios/workload/sip_user.h"

/* Takes the connection's own address, which the user's messages name from now on. */
void sip_ask_from(struct sip_user *s);

/* Send a request that begins a transaction of its own, or a dialog. A REGISTER answers the
 * challenge that the user has, if there is one. */
void sip_ask_register(struct sip_user *s);
void sip_ask_register_again(struct sip_user *s); /* in answer to a challenge */
void sip_ask_message(struct sip_user *s);
void sip_ask_publish(struct sip_user *s);
void sip_ask_invite(struct sip_user *s); /* the relay's address, if it gave one, is offered */

/* Sends ACK for a final answer to the INVITE (RFC 3261 13.2.2.4, 17.1.1.3); of a 2xx the dialog
 * takes the other side's tag, address and route. */
void sip_ask_ack(struct sip_user *s, const struct sip_message *answer);

/* Sends BYE in the dialog. */
void sip_ask_bye(struct sip_user *s);

/* Answers a request of the other side's, but an ACK, without a body. */
void sip_ask_answer(struct sip_user *s, const struct sip_message *request, unsigned status);

/* Frees the dialog, and the challenge. */
void sip_ask_forget(struct sip_user *s);

#endif
