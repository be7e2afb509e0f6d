/* sip_call.h - the states of a sign-in, a message and a call, from one to the next. Private to the
 * sip files. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_SIP_CALL_H
#define WEDGE_SCENARIOS_WORKLOAD_SIP_CALL_H

#include "scenarios/workload/sip_user.h"

/* Begins the exchange whose time has come, with a sign-in before it where there is none yet. */
void sip_call_begin(struct sip_user *s);

/* Something has come on one of the connections. */
void sip_call_event(struct sip_user *s, int which, enum talk_event event);

/* What was waited for hasn't come, or the call has lasted long enough. */
void sip_call_due(struct sip_user *s);

/* Forgets the dialog and the sign-in: the connections are gone. */
void sip_call_forget(struct sip_user *s);

#endif
