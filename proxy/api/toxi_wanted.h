/* toxi_wanted.h - the configuration that is to run: what the base has and clients don't see, and
 * the model's proxies with their toxics and additions. Pure but for what it is given. */
#ifndef WEDGE_API_TOXI_WANTED_H
#define WEDGE_API_TOXI_WANTED_H

#include "proxy/api/additions.h"
#include "proxy/api/toxi_model.h"

/* A configuration that is to run. Each of its proxies has its place in the model, or NULL where the
 * model doesn't have it: it isn't an explicit one. */
struct toxi_wanted {
	struct config config;
	struct toxi_proxy **of;
	struct config blank; /* one proxy with every default, to be copied */
};

/* Whether clients see the proxy: an explicit one. */
bool toxi_is_shown(const struct config_proxy *cp);

/* Makes *w, which is to be released also after -1 with *e. Proxies of the model that are at work as
 * they are to be are only named. */
int toxi_wanted_make(struct toxi_wanted *w, const struct additions *added,
		     const struct config *base, const struct toxi_model *m,
		     struct err *e) WG_MUSTUSE;
void toxi_wanted_fini(struct toxi_wanted *w);

#endif
