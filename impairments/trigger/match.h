/* match.h - which sessions an instance is for: by address, port, server name and number. Pure. */
#ifndef WEDGE_IMPAIRMENTS_TRIGGER_MATCH_H
#define WEDGE_IMPAIRMENTS_TRIGGER_MATCH_H

#include "impairments/trigger/sni.h"
#include "proxy/base/addr.h"

struct match_config {
	bool by_client, by_server;
	struct cidr client, server;
	uint16_t port;	 /* of the server; 0: any */
	const char *sni; /* "mail.example.org", "*.example.org"; NULL: any, borrowed */
	uint64_t nth;	 /* 1: every session */
	uint64_t first;	 /* 0: all of them */
};

/* What is known of a session. Addresses with len 0 aren't known yet. */
struct facts {
	struct addr client, server;
	uint16_t port; /* of the server; 0: not known yet */
	enum sni_state sni;
	const char *name;
	uint64_t
	    ordinal; /* of the proxy's sessions since the instance is there, from 1; 0: older */
};

enum match { MATCH_NO, MATCH_YES, MATCH_LATER /* it depends on what isn't known yet */ };

/* *why says which condition decided, for the journal: "the client's address". */
enum match match_session(const struct match_config *c, const struct facts *f, const char **why);

bool match_is_any(const struct match_config *c); /* it asks for nothing */
bool match_sni(const char *pattern, const char *name);
int match_sni_check(const char *pattern, struct err *e) WG_MUSTUSE;

#endif
