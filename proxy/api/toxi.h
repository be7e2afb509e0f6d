/* toxi.h - what Toxiproxy's clients have asked for, beside what the configuration says, and the way
 * from both to one configuration that runs. Knows no JSON and no HTTP. */
#ifndef WEDGE_API_TOXI_H
#define WEDGE_API_TOXI_H

#include "proxy/api/additions.h"
#include "proxy/api/toxi_model.h"
#include "proxy/service/control.h"

struct toxi {
	struct control_host *host;
	struct config
	    base;   /* what Toxiproxy's clients change: the configuration, and behind it ... */
	size_t own; /* ... so many proxies that clients of wedge's own API have made */
	struct toxi_model model; /* its explicit proxies, and clients' own */
	struct additions additions;
};

/* base runs already, and is copied. */
void toxi_init(struct toxi *t, struct control_host *h, const struct config *base);
void toxi_fini(struct toxi *t);

/* Has p run in the place of number i, or added behind all (i is the number of proxies); NULL:
 * number i is removed. p becomes t's. -1 with *e: what ran before runs on, p is freed, and the
 * model is as it was. */
int toxi_change(struct toxi *t, size_t i, struct toxi_proxy *p, struct err *e) WG_MUSTUSE;

/* Has next[i] run in the place of each number i where it isn't NULL, all or none. They become t's,
 * or are freed: -1 with *e. */
int toxi_change_all(struct toxi *t, struct toxi_proxy **next, struct err *e) WG_MUSTUSE;

/* Has n more proxies run behind all, all or none. They become t's; -1 with *e: they stay the
 * caller's.
 */
int toxi_add_all(struct toxi *t, struct toxi_proxy *const *p, size_t n, struct err *e) WG_MUSTUSE;

/* The configuration was read again: its proxies are as it says, with the toxics that they have had;
 * clients' own proxies stay. -1 with *e: nothing has changed. */
int toxi_reload(struct toxi *t, const struct config *base, struct service_diff *diff,
		struct err *e) WG_MUSTUSE;

/* Has the one proxy of a configuration run: in the place of the one of its name, whoever has made
 * that, or as a new one. -1 with *e: nothing has changed. */
int toxi_define(struct toxi *t, const struct config *one, struct err *e) WG_MUSTUSE;

/* Removes number i of the proxies of t->base. -1 with *e: nothing has changed. */
int toxi_undefine(struct toxi *t, size_t i, struct err *e) WG_MUSTUSE;

/* Has other additions run, which become t's. -1 with *e: nothing has changed, and they are freed.
 */
int toxi_exchange_additions(struct toxi *t, struct additions *next, struct err *e) WG_MUSTUSE;

/* Closes every connection of the proxy of that name, in the ordinary way. */
void toxi_hang_up(struct toxi *t, const char *name);

#endif
