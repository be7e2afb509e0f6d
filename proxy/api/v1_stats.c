/* v1_stats.c - all proxies at one moment, whose time is in the answer. */
#include "proxy/api/v1_stats.h"

#include "proxy/api/v1_problem.h"
#include "proxy/engine/engine_describe.h"

static json_t *describe_proxy(const struct service_proxy_info *info,
			      const struct engine_proxy_counts *c)
{
	json_t *o =
	    json_pack("{s:s, s:s}", "name", info->name, "mode", config_mode_names[info->mode]);

	json_object_update_new(o, engine_describe_counts(c));
	return o;
}

void v1_stats_show(const struct toxi *t, struct http_answer *a)
{
	const struct service *s = t->host->service;
	struct engine *en = service_engine(t->host->service);
	int64_t now = clock_now(loop_clock(t->host->loop));
	json_t *list = json_array();
	struct service_proxy_info info;
	struct engine_proxy_counts c;

	for (size_t i = 0; service_proxy_info(s, i, &info); i++) {
		engine_count_proxy(en, i, &c);
		json_array_append_new(list, describe_proxy(&info, &c));
	}
	v1_json(a, 200,
		json_pack("{s:f, s:o, s:o}", "seconds", clock_seconds(now), "proxies", list,
			  "packets", engine_describe_packets(en)));
}
