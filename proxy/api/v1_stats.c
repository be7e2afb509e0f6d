/* v1_stats.c - all proxies at one moment, whose time is in the answer. */
#include "proxy/api/v1_stats.h"

#include "proxy/api/v1_problem.h"
#include "proxy/engine/engine_counts.h"

static json_t *describe_direction(const struct engine_proxy_counts *c, enum dir dir)
{
	enum leg from = dir == DIR_UPSTREAM ? LEG_CLIENT : LEG_SERVER;
	enum leg to = dir == DIR_UPSTREAM ? LEG_SERVER : LEG_CLIENT;

	return json_pack("{s:I, s:I, s:I, s:I, s:f}", "received", (json_int_t)c->got[from], "sent",
			 (json_int_t)c->sent[to], "inside", (json_int_t)c->inside[dir], "left",
			 (json_int_t)c->left[dir], "waited", c->waited[dir]);
}

static json_t *describe_proxy(const struct service_proxy_info *info,
			      const struct engine_proxy_counts *c)
{
	return json_pack("{s:s, s:s, s:I, s:I, s:o, s:o}", "name", info->name, "mode",
			 config_mode_names[info->mode], "sessions_open", (json_int_t)c->open,
			 "sessions_begun", (json_int_t)c->begun, "upstream",
			 describe_direction(c, DIR_UPSTREAM), "downstream",
			 describe_direction(c, DIR_DOWNSTREAM));
}

void v1_stats_show(const struct toxi *t, struct http_answer *a)
{
	const struct service *s = t->host->service;
	struct engine *en = service_engine(t->host->service);
	int64_t now = clock_now(loop_clock(t->host->loop));
	json_t *list = json_array();
	struct service_proxy_info info;
	struct engine_proxy_counts c;
	struct engine_stats stats;

	for (size_t i = 0; service_proxy_info(s, i, &info); i++) {
		engine_count_proxy(en, i, &c);
		json_array_append_new(list, describe_proxy(&info, &c));
	}
	engine_stats(en, &stats);
	v1_json(a, 200,
		json_pack("{s:f, s:o, s:{s:I, s:I, s:I}}", "seconds", clock_seconds(now), "proxies",
			  list, "packets", "received", (json_int_t)stats.packets.received,
			  "dropped", (json_int_t)stats.packets.dropped, "held",
			  (json_int_t)stats.packets.held_now));
}
