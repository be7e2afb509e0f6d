/* engine_sessions.h - the open sessions of an engine, one by one: looked at, and ended. */
#ifndef WEDGE_ENGINE_ENGINE_SESSIONS_H
#define WEDGE_ENGINE_ENGINE_SESSIONS_H

#include "proxy/base/addr.h"
#include "proxy/base/dir.h"
#include "proxy/engine/engine_config.h"

struct engine;

/* One session as it is now. Texts are the session's. */
struct engine_session {
	uint64_t number;
	const char *proxy, *state;
	enum proxy_mode mode;			  /* of the proxy */
	struct addr client, server;		  /* server.len 0: it isn't connected yet */
	double seconds;				  /* since it began */
	uint64_t got[LEG_COUNT], sent[LEG_COUNT]; /* bytes read and written on each leg */
	size_t held[DIR_COUNT];			  /* bytes inside, by impairments */
	size_t undelivered[DIR_COUNT];		  /* bytes that the receiver hasn't taken */
	double waiting[DIR_COUNT]; /* s that bytes are inside and none has left; 0: none is */
	size_t unread[DIR_COUNT];  /* bytes that the source has sent and wedge hasn't read */
	double paused[DIR_COUNT];  /* s that the source isn't read; 0: it is */
	bool reading[DIR_COUNT];   /* what the source sends is read */
	bool ended[DIR_COUNT];	   /* its FIN or RST has come */
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

/* Puts the open session of that number into *out. false: there is none. */
bool engine_find_session(const struct engine *en, uint64_t number, struct engine_session *out);

/* Ends the session of that number: by RST to both ends, or in the ordinary way. Returns false when
 * none of that number is open. */
bool engine_end_session(struct engine *en, uint64_t number, bool reset);

#endif
