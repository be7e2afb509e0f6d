/* engine_sessions.h - the open sessions of an engine, one by one: looked at, and ended. */
#ifndef WEDGE_ENGINE_ENGINE_SESSIONS_H
#define WEDGE_ENGINE_ENGINE_SESSIONS_H

#include "proxy/base/addr.h"
#include "proxy/base/dir.h"

struct engine;

/* One session as it is now. Texts are the session's. */
struct engine_session {
	uint64_t number;
	const char *proxy, *state;
	struct addr client, server;		  /* server.len 0: it isn't connected yet */
	double seconds;				  /* since it began */
	uint64_t got[LEG_COUNT], sent[LEG_COUNT]; /* bytes read and written on each leg */
	size_t held[DIR_COUNT];			  /* bytes inside, by impairments */
	size_t undelivered[DIR_COUNT];		  /* bytes that the receiver hasn't taken */
	bool ended[DIR_COUNT];			  /* its FIN or RST has come */
	const void *session;
};

/* An impairment in one flow of a session. */
struct engine_session_stage {
	const char *name; /* of the instance */
	enum dir dir;
	bool active, acted, pausing; /* pausing: the source isn't read for its sake */
	size_t held;		     /* bytes */
};

/* Calls fn with each open session, in the order of their beginnings, until it returns false. */
void engine_each_session(const struct engine *en,
			 bool (*fn)(void *arg, const struct engine_session *s), void *arg);

/* Calls fn with each impairment of a session that engine_each_session shows. */
void engine_each_stage(const struct engine_session *s,
		       void (*fn)(void *arg, const struct engine_session_stage *st), void *arg);

/* Ends the session of that number: by RST to both ends, or in the ordinary way. Returns false when
 * none of that number is open. */
bool engine_end_session(struct engine *en, uint64_t number, bool reset);

#endif
