/* refusal_state.h - what hooks have decided about a session's client, as data. Carries nothing out.
 */
#ifndef WEDGE_STREAM_REFUSAL_STATE_H
#define WEDGE_STREAM_REFUSAL_STATE_H

#include "proxy/base/timerq.h"
#include "proxy/stream/accept.h"

struct evbuffer;
struct session;

/* What becomes of a session that isn't just let go on, and how far that has come (refusal.h). */
struct refusal {
	struct accept_verdict verdict;
	struct evbuffer *reply; /* of ACCEPT_CLOSE, or NULL */
	struct timer timer;	/* until the verdict is carried out; then the lingering */
	bool awaits;		/* the client's first bytes */
	bool lingers;		/* the FIN behind a reply is sent */
	uint64_t got;		/* what the client had sent when it was last looked at */
	int64_t linger_until;	/* the clock's ns */
};

/* Returns the session's verdict: ACCEPT_GO, or what hooks.accept has decided. Valid as long as the
 * session. */
const struct accept_verdict *refusal_verdict(const struct session *s);

/* True when the verdict forbids to dial its server. */
bool refusal_due(const struct session *s);

/* The session is closed: nothing is carried out any more. */
void refusal_stop(struct session *s);

void refusal_free(struct refusal *r); /* NULL is fine */

#endif
