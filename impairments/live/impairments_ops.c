/* impairments_ops.c - binds the functions of a set to the table that proxy/ knows. */
#include "impairments/live/impairments_ops.h"

#include "impairments/live/apply.h"
#include "impairments/live/hooks.h"
#include "impairments/live/impair_live.h"
#include "impairments/live/run.h"
#include "impairments/live/set_share.h"
#include "impairments/live/tell.h"
#include "impairments/set/registry.h"
#include "impairments/set/set_params.h"
#include "impairments/set/set_parse.h"
#include "proxy/base/mem.h"

#include <string.h>

/* Sets of scenarios may name the traffic that they act on. */
static int check_no_traffic(const struct impairment_set *set, struct err *e)
{
	const char *given = param_find(impair_common_params, "on")->def;

	for (size_t i = 0; i < set->n; i++) {
		const struct impair_inst *inst = &set->inst[i];

		if (strcmp(inst->traffic, given) != 0)
			return err_set(e,
				       "%s: 'on' names a traffic of a scenario, and a proxy has "
				       "none",
				       inst->name);
		if (inst->host[0])
			return err_set(e,
				       "%s: 'host' names a host of a scenario, and a proxy has "
				       "none; client=ADDRESS and server=ADDRESS choose sessions",
				       inst->name);
	}
	return 0;
}

static int check_set(const struct impairment_set *set, bool forwarded, enum tls_mode tls,
		     struct err *e)
{
	if (check_no_traffic(set, e) == -1 || impairment_set_check(set, forwarded, e) == -1)
		return -1;
	return forwarded ? 0 : impairment_set_check_tls(set, tls, e);
}

static size_t count_instances(const struct impairment_set *set)
{
	return set->n;
}

static char *describe_instance(const struct impair_inst *inst)
{
	char *text = NULL;
	size_t len;
	FILE *out = xopen_memstream(&text, &len);

	impair_inst_describe(out, inst);
	xclose_memstream(out);
	return text;
}

static void count_each(const struct impairment_set *set,
		       void (*fn)(void *arg, const struct impairment_count *c), void *arg)
{
	for (size_t i = 0; i < set->n; i++) {
		const struct impair_inst *inst = &set->inst[i];
		const struct impair_live *live = inst->live;
		char *text = describe_instance(inst);
		const struct impairment_count c = {
		    .text = text,
		    .name = inst->name,
		    .kind = inst->type->name,
		    .sessions = live ? live->sessions : inst->tally.sessions,
		    .acted = live ? live->tally.acted : inst->tally.acted,
		    .own = {inst->type->params, inst->cfg},
		    .common = {impair_common_params, inst},
		};

		fn(arg, &c);
		free(text);
	}
}

static const char *plane_of(const struct impairment *type)
{
	if (type->packet)
		return "packets";
	return type->stream ? "bytes" : "clients";
}

static void each_kind(void (*fn)(void *arg, const struct impairment_kind *k), void *arg)
{
	for (const struct impairment *const *type = impairment_kinds; *type; type++) {
		const struct impairment_kind k = {
		    .name = (*type)->name,
		    .summary = (*type)->summary,
		    .plane = plane_of(*type),
		    .example = (*type)->example,
		    .directed = !impairment_lacks_direction(*type),
		    .own = {(*type)->params, NULL},
		    .common = {impair_common_params, NULL},
		};

		fn(arg, &k);
	}
}

static const char *find_packet_instance(const struct impairment_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		if (set->inst[i].type->packet)
			return set->inst[i].name;
	return NULL;
}

static const char *find_unprivileged(const struct impairment_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		if (set->inst[i].type->packet)
			return set->inst[i].type->unprivileged;
	return NULL;
}

static int64_t find_ack_hold(const struct impairment_set *set)
{
	return impair_proxy_ack_hold(&set->alone, DIR_DOWNSTREAM);
}

static const char *find_hider(const struct impairment_set *set)
{
	return impair_proxy_hides_acks(&set->alone, DIR_DOWNSTREAM);
}

static void stop_and_free(struct impairment_set *set)
{
	impairment_set_stop(set);
	impairment_set_free(set);
}

static void give_hooks(struct impairment_set *live, struct impairment_set *wanted,
		       struct engine_proxy_config *proxy)
{
	if (!live->proxy && proxy->name)
		live->proxy = xstrdup(proxy->name);
	live->alone.draw.proxy = rng_part_seed(0, proxy->name);
	live->alone.draw.by_client = proxy->mode != PROXY_REDIRECT; /* else all are this host */
	proxy->session_hooks = impair_proxy_session_hooks(&live->alone);
	proxy->pkt_hooks = impair_proxy_pkt_hooks(&live->alone);
	impair_proxy_sessions(&wanted->alone, &proxy->session_config);
	proxy->pkt_hooks.copy = impair_proxy_pkt_hooks(&wanted->alone).copy;
	proxy->refuses = impair_proxy_refuses(&wanted->alone);
}

static void hand_over(struct impairment_set *live)
{
	if (live->run)
		session_records_hand_over(&live->run->records);
}

static void apply_checked(struct impairment_set *live, const struct impairment_set *wanted,
			  bool forwarded)
{
	struct err e;

	BUG_ON(impairment_set_apply(live, wanted, forwarded, &e) == -1);
}

const struct impairments_ops impairments_ops = {
    .create = impairment_set_new,
    .copy = impairment_set_copy,
    .free = stop_and_free,
    .add_text = impairment_set_text,
    .add_yaml = impairment_set_yaml,
    .check = check_set,
    .count = count_instances,
    .shared = impairment_set_sharer,
    .draws = impairment_set_drawer,
    .needs_packets = find_packet_instance,
    .without_packets = find_unprivileged,
    .needs_server_leg = impairment_set_on_server_leg,
    .prefer_client_leg = impairment_set_on_client_leg,
    .ack_hold = find_ack_hold,
    .hides_acks = find_hider,
    .describe = impairment_set_describe,
    .count_each = count_each,
    .each_kind = each_kind,
    .tell = impairment_set_tell,
    .give_hooks = give_hooks,
    .join = set_share_join,
    .hand_over = hand_over,
    .apply = apply_checked,
};
