/* toxi_wanted.c - each proxy is a copy, of the configuration's or of one with every default, with
 * what clients have said of it. */
#include "proxy/api/toxi_wanted.h"

#include "proxy/api/toxi_address.h"
#include "proxy/base/mem.h"
#include "proxy/config/config_copy.h"

bool toxi_is_shown(const struct config_proxy *cp)
{
	return cp->mode == PROXY_EXPLICIT;
}

static int add_toxics(const struct config *c, struct config_proxy *cp, const struct toxi_proxy *p,
		      struct err *e)
{
	const struct impairments_ops *ops = c->impairments_ops;

	for (size_t i = 0; i < p->n; i++) {
		char *text = toxi_toxic_impairment(&p->toxic[i]);
		int rc = text ? ops->add_text(cp->impairments, text, e) : 0;

		free(text);
		if (rc == -1)
			return -1;
	}
	return p->n ? ops->check(cp->impairments, false, (enum tls_mode)cp->tls.mode, e) : 0;
}

static int put_additions(const struct config *c, struct config_proxy *cp,
			 const struct additions *added, struct err *e)
{
	const struct impairments_ops *ops = c->impairments_ops;
	int n = additions_put(added, ops, cp, e);

	if (n > 0 && ops->check(cp->impairments, cp->mode == PROXY_FORWARD,
				(enum tls_mode)cp->tls.mode, e) == -1)
		return -1;
	return n;
}

/* An address that was bound is that very one: 0.0.0.0 of a file is IPv4 alone, a client's is both.
 */
static int read_listen(const struct toxi_proxy *p, struct addr *a, struct err *e)
{
	return p->exact ? addr_parse(p->listen, a, e) : toxi_listen_parse(p->listen, a, e);
}

static int add_proxy(struct toxi_wanted *w, const struct config *base,
		     const struct additions *added, struct toxi_proxy *p, struct err *e)
{
	struct config *c = &w->config;
	struct config_proxy *cp;
	int n;

	if (p->applied) {
		config_keep(c, p->name);
		return 0;
	}
	cp = config_add_copy(c, p->base ? &base->proxy[p->base - 1] : &w->blank.proxy[0]);
	if (!p->base)
		cp->name = xstrdup(p->name);
	w->of[c->n - 1] = p;
	cp->enabled = true;
	cp->close_unreachable |= !p->base;
	if (read_listen(p, &cp->listen, e) == -1)
		return -1;
	cp->upstream = toxi_upstream(p->upstream);
	if (add_toxics(c, cp, p, e) == -1)
		return -1;
	n = put_additions(c, cp, added, e);
	p->added_to = n > 0;
	return n;
}

static int add_hidden(struct toxi_wanted *w, const struct config_proxy *cp,
		      const struct additions *added, struct err *e)
{
	return put_additions(&w->config, config_add_copy(&w->config, cp), added, e);
}

int toxi_wanted_make(struct toxi_wanted *w, const struct additions *added,
		     const struct config *base, const struct toxi_model *m, struct err *e)
{
	*w = (struct toxi_wanted){.of = xcalloc(base->n + m->n + 1, sizeof(struct toxi_proxy *))};
	config_init(&w->blank, base->impairments_ops);
	config_add(&w->blank, NULL);
	config_copy_top(&w->config, base);
	for (size_t i = 0; i < base->n; i++)
		if (!toxi_is_shown(&base->proxy[i]) && base->proxy[i].enabled &&
		    add_hidden(w, &base->proxy[i], added, e) == -1)
			return -1;
	for (size_t i = 0; i < m->n; i++)
		if (m->proxy[i]->enabled && add_proxy(w, base, added, m->proxy[i], e) == -1)
			return -1;
	return 0;
}

void toxi_wanted_fini(struct toxi_wanted *w)
{
	config_fini(&w->config);
	config_fini(&w->blank);
	free(w->of);
}
