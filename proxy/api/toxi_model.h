/* toxi_model.h - proxies with toxics in their order, as Toxiproxy's clients see them: pure data,
 * made, copied, changed. Knows neither JSON nor what runs. */
#ifndef WEDGE_API_TOXI_MODEL_H
#define WEDGE_API_TOXI_MODEL_H

#include "proxy/api/toxi_types.h"

#include <stddef.h>
#include <sys/types.h>

struct toxi_proxy {
	char *name;
	char *listen;	/* as given, or the bound address once it has been bound */
	char *upstream; /* as given, whatever it says */
	bool applied;	/* it is at work so, and nothing of it has changed since */
	bool added_to;	/* additions are behind it */
	bool enabled;
	bool bound;  /* listen is the address that was bound */
	bool exact;  /* listen is no client's text, but an address as it is: bound, or a file's */
	size_t base; /* 0: a client has made it; else 1 + its number in the configuration */
	struct toxi_toxic *toxic;
	size_t n;
};

/* In the order of their coming: those of the configuration first. */
struct toxi_model {
	struct toxi_proxy **proxy;
	size_t n;
};

void toxi_model_fini(struct toxi_model *m);

/* Returns the proxy's number, or -1. */
ssize_t toxi_model_find(const struct toxi_model *m, const char *name);

/* Put a proxy at the end, or in the place of number i, or take number i out; p becomes the model's,
 * and what is returned the caller's. */
void toxi_model_add(struct toxi_model *m, struct toxi_proxy *p);
struct toxi_proxy *toxi_model_swap(struct toxi_model *m, size_t i, struct toxi_proxy *p);
struct toxi_proxy *toxi_model_take(struct toxi_model *m, size_t i);

/* Puts p back as number i, where toxi_model_take had it. */
void toxi_model_put(struct toxi_model *m, size_t i, struct toxi_proxy *p);

/* Texts are copied. free takes NULL. */
struct toxi_proxy *toxi_proxy_new(const char *name, const char *listen, const char *upstream);
struct toxi_proxy *toxi_proxy_copy(const struct toxi_proxy *from);
void toxi_proxy_free(struct toxi_proxy *p);

/* Returns the toxic's number, or -1. */
ssize_t toxi_proxy_find(const struct toxi_proxy *p, const char *name);

/* Appends a toxic, which becomes the proxy's, and names its instance. */
void toxi_proxy_add(struct toxi_proxy *p, const struct toxi_toxic *t);
void toxi_proxy_remove(struct toxi_proxy *p, size_t i);
void toxi_proxy_clear(struct toxi_proxy *p); /* of all toxics */

#endif
