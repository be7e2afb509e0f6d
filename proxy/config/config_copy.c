/* config_copy.c - each part of a proxy is copied by the table that describes it. */
#include "proxy/config/config_copy.h"

#include "proxy/base/mem.h"

void config_copy_top(struct config *to, const struct config *from)
{
	param_copy(config_params, to, from, sizeof(*to));
	to->proxy = NULL;
	to->n = 0;
	to->kept = NULL;
	to->nkept = 0;
}

struct config_proxy *config_add_copy(struct config *c, const struct config_proxy *from)
{
	struct config_proxy *p;

	config_grow(c);
	p = &c->proxy[c->n++];
	param_copy(config_proxy_params, p, from, sizeof(*p));
	param_copy(tls_params, &p->tls, &from->tls, sizeof(p->tls));
	p->map = upstream_map_copy(&from->map);
	p->impairments = c->impairments_ops->copy(from->impairments);
	return p;
}

void config_keep(struct config *c, const char *name)
{
	if ((c->nkept & (c->nkept - 1)) == 0)
		c->kept = xrealloc(c->kept, c->nkept ? 2 * c->nkept : 1, sizeof(*c->kept));
	c->kept[c->nkept++] = name;
}
