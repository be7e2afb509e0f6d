/* service_proxy.c - a proxy that was never at work has nothing to say at its end. */
#include "proxy/service/service_proxy.h"

#include "proxy/base/mem.h"
#include "proxy/stream/tls/tls.h"
#include "proxy/stream/tls/tls_state.h"

struct upstream_map *service_proxy_map(const struct upstream_map *like)
{
	struct upstream_map *m = xcalloc(1, sizeof(*m));

	*m = upstream_map_copy(like);
	return m;
}

void service_proxy_map_free(struct upstream_map *m)
{
	if (m)
		upstream_map_free(m);
	free(m);
}

struct service_proxy *service_proxy_new(const struct impairments_ops *ops,
					const struct config_proxy *cp)
{
	struct service_proxy *sp = xcalloc(1, sizeof(*sp));

	sp->name = xstrdup(cp->name);
	sp->mode = (enum proxy_mode)cp->mode;
	sp->ops = ops;
	sp->impairments = ops->copy(cp->impairments);
	param_defaults(tls_params, &sp->tls_config);
	return sp;
}

void service_proxy_free(void *proxy)
{
	struct service_proxy *sp = proxy;

	if (sp->at_work)
		sp->ops->tell(sp->impairments, sp->journal, sp->log);
	sp->ops->free(sp->impairments);
	tls_unref(sp->tls);
	service_proxy_map_free(sp->map);
	param_free(tls_params, &sp->tls_config);
	free(sp->name);
	free(sp->address);
	free(sp->upstream);
	free(sp->faults);
	free(sp);
}
