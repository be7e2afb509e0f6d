/* additions.h - impairments that are put behind those of a proxy without being a part of its
 * configuration: for one of its sessions alone, or for a proxy that Toxiproxy's clients have made.
 * Texts, as pure data; knows no JSON and no HTTP. */
#ifndef WEDGE_API_ADDITIONS_H
#define WEDGE_API_ADDITIONS_H

#include "proxy/config/config.h"

/* Of one proxy and session. */
struct addition {
	char *proxy;
	enum proxy_mode mode;
	uint64_t session; /* 0: all sessions of the proxy */
	char **text;	  /* each as impairments_ops.add_text takes it */
	size_t n;
};

/* Zero-initialise. */
struct additions {
	struct addition *v;
	size_t n;
};

void additions_fini(struct additions *a);

/* An independent copy. */
struct additions additions_copy(const struct additions *a);

/* What is put behind a proxy's impairments for a session, or for all, as a new empty list in the
 * place of what there was; valid until the next one is added. */
struct addition *additions_renew(struct additions *a, const char *proxy, enum proxy_mode mode,
				 uint64_t session);

/* Appends a text, which is copied. */
void addition_append(struct addition *a, const char *text);

/* Keeps those for which stays(arg, addition) is true. */
void additions_prune(struct additions *a, bool (*stays)(const void *arg, const struct addition *of),
		     const void *arg);

/* Appends to a proxy's impairments what is to be behind them. Returns how many these are, or -1
 * with *e. */
int additions_put(const struct additions *a, const struct impairments_ops *ops,
		  struct config_proxy *cp, struct err *e) WG_MUSTUSE;

#endif
