/* match.h - decides which sessions an instance is for: by address, port, server name and place in
 * the sequence. Pure. */
#ifndef WEDGE_IMPAIRMENTS_TRIGGER_MATCH_H
#define WEDGE_IMPAIRMENTS_TRIGGER_MATCH_H

#include "impairments/trigger/sni.h"
#include "proxy/base/addr.h"

struct match_config {
	bool by_client, by_server;
	struct cidr client, server;
	uint16_t port;	 /* of the server; 0: any port */
	const char *sni; /* "mail.example.org", "*.example.org"; borrowed; NULL: any name */
	uint64_t nth;	 /* every nth session; 1: all */
	uint64_t first;	 /* only the first sessions, this many; 0: all */
};

/* The facts known of a session. An address of len 0 isn't known yet. */
struct facts {
	struct addr client, server;
	uint16_t port; /* of the server; 0: not known yet */
	enum sni_state sni;
	const char *name;
	/* Place among the proxy's sessions since the instance came, from 1; 0: an older session. */
	uint64_t ordinal;
};

enum match { MATCH_NO, MATCH_YES, MATCH_LATER /* the answer rests on unknown facts */ };

/* Sets *why to the condition that decided, for the journal: "the client's address". */
enum match match_session(const struct match_config *c, const struct facts *f, const char **why);

/* Returns whether every session matches, whatever is known of it. */
bool match_is_any(const struct match_config *c);

/* Returns whether a server name matches a pattern; case doesn't count. */
bool match_sni(const char *pattern, const char *name);

/* Refuses a text that is no pattern for server names. */
int match_sni_check(const char *pattern, struct err *e) WG_MUSTUSE;

#endif
