/* apply.c - plans which instances stay, removes the others, hands new configurations to those that
 * stay, and attaches the new ones. Takes O(stages) and never waits. */
#include "impairments/live/apply.h"

#include "impairments/live/gate.h"
#include "impairments/live/http1_tap.h"
#include "impairments/live/run.h"
#include "impairments/live/set_share.h"
#include "impairments/live/sni_tap.h"
#include "impairments/live/tell.h"
#include "proxy/base/mem.h"
#include "proxy/stream/session_upgrade.h"

#include <string.h>
#include <sys/types.h>

/* Which instances stay. */
struct plan {
	ssize_t *old; /* of each wanted instance its place in the old list, or -1: it is new */
	bool *stays;  /* of each old instance */
};

/* Returns whether the instance's stages can stay and get the wanted configuration. */
static bool is_keepable(const struct impair_inst *old, const struct impair_inst *wanted)
{
	return old->type == wanted->type && old->direction == wanted->direction &&
	       old->leg == wanted->leg && old->leg_given == wanted->leg_given;
}

/* Stages can't change places: an instance that now stands behind one that was behind it comes anew.
 */
static struct plan make_plan(const struct impairment_set *live, const struct impairment_set *wanted)
{
	struct plan p = {xcalloc(wanted->n + 1, sizeof(*p.old)),
			 xcalloc(live->n + 1, sizeof(*p.stays))};
	ssize_t last = -1;

	for (size_t i = 0; i < wanted->n; i++) {
		ssize_t k = impairment_set_find(live, wanted->inst[i].name, NULL);

		p.old[i] = -1;
		if (k <= last || !is_keepable(&live->inst[k], &wanted->inst[i]))
			continue;
		p.old[i] = last = k;
		p.stays[k] = true;
	}
	return p;
}

/* Of one that has met no session the log isn't told. */
static void tell_removed(const struct impairment_set *s, struct impair_inst *inst)
{
	struct journal *journal;
	const struct log *log;

	if (!set_share_complete(s, inst->name, &inst->tally))
		return;
	set_share_records(s, &journal, &log);
	impair_inst_tell(s, inst, journal, inst->tally.sessions ? log : NULL);
}

static void remove_inst(struct impairment_set *s, struct impair_inst *inst)
{
	if (inst->live)
		impair_run_remove(s->run, inst->live, "the configuration has changed");
	if (set_share_has_begun(s))
		tell_removed(s, inst);
	impair_inst_fini(inst);
}

/* The old name stays, and so does an equal configuration: stages point to them. */
static void update_cfg(struct impair_inst *inst, const struct impair_inst *old)
{
	const struct impairment *type = inst->type;
	struct gate *g;

	free(inst->name);
	inst->name = old->name;
	if (param_equal(type->params, inst->cfg, old->cfg)) {
		param_free(type->params, inst->cfg);
		free(inst->cfg);
		inst->cfg = old->cfg;
		return;
	}
	if (inst->live)
		TAILQ_FOREACH (g, &inst->live->gates, of_live)
			gate_update_stage(g);
	param_free(type->params, old->cfg);
	free(old->cfg);
}

static bool framing_equal(const struct trigger_params *a, const struct trigger_params *b)
{
	return a->framing == b->framing && a->length_offset == b->length_offset &&
	       a->length_width == b->length_width && a->length_endian == b->length_endian &&
	       a->length_extra == b->length_extra && strcmp(a->delimiter, b->delimiter) == 0;
}

static void update_trigger(struct impair_inst *inst, struct impair_inst *old)
{
	const char *switched = inst->when.enabled ? "it was enabled" : "it was disabled";
	struct impair_live *live = inst->live;
	bool enabled = old->when.enabled;
	bool equal, same_framing, same_schedule;
	struct trigger t;
	struct gate *g;

	old->when.enabled = inst->when.enabled;
	equal = param_equal(impair_common_params, inst, old);

	if (live) {
		BUG_ON(trigger_compile(&t, &inst->when, NULL) == -1);
		same_framing = framing_equal(&inst->when, &old->when);
		same_schedule = strcmp(inst->when.schedule, old->when.schedule) == 0 &&
				inst->when.time_scale == old->when.time_scale;
		live->trigger = t;
		if (!same_schedule)
			impair_run_schedule(live);
		if (inst->when.enabled && !enabled)
			impair_run_reset(live, switched);
		TAILQ_FOREACH (g, &live->gates, of_live) {
			gate_refresh(g, switched);
			if (!equal)
				gate_reconfigure(g, same_framing);
		}
	}
	param_free(impair_common_params, old);
}

static void attach_everywhere(struct impair_run *run, struct impair_live *live)
{
	struct session_record *rec;
	struct attachment *att;

	TAILQ_FOREACH (rec, &run->records.list, entry)
		TAILQ_FOREACH (att, &rec->attachments, entry)
			impair_run_attach(live, att, true);
}

static void tap_requests(struct attachment *att)
{
	struct gate *g;

	http1_tap_attach(att->record, &att->session->flow[DIR_UPSTREAM]);
	TAILQ_FOREACH (g, &att->gates, of_attachment)
		gate_use_requests(g);
}

static void tap_all_requests(struct impair_run *run)
{
	struct session_record *rec;
	struct attachment *att;

	if (!impair_run_wants_requests(run))
		return;
	TAILQ_FOREACH (rec, &run->records.list, entry)
		TAILQ_FOREACH (att, &rec->attachments, entry)
			if (att->session)
				tap_requests(att);
}

static void tap_everywhere(struct impair_run *run)
{
	struct session_record *rec;
	struct attachment *att;

	if (!impair_run_wants_sni(run))
		return;
	TAILQ_FOREACH (rec, &run->records.list, entry)
		TAILQ_FOREACH (att, &rec->attachments, entry)
			if (att->session && !session_upgrade_awaited(att->session))
				sni_tap_attach(rec, &att->session->flow[DIR_UPSTREAM], false);
}

/* Makes the new list, in which those that stay are at work already. */
static struct impair_inst *make_list(struct impairment_set *live,
				     const struct impairment_set *wanted, const struct plan *plan)
{
	struct impair_inst *list = xcalloc(wanted->n + 1, sizeof(*list));

	for (size_t i = 0; i < wanted->n; i++) {
		impair_inst_copy(&list[i], &wanted->inst[i]);
		if (plan->old[i] != -1) {
			list[i].index = live->inst[plan->old[i]].index;
			list[i].live = live->inst[plan->old[i]].live;
		} else if (set_share_has_begun(live)) {
			list[i].index = live->indices++;
		} else {
			list[i].index = (unsigned)i;
		}
	}
	return list;
}

static void change_list(struct impairment_set *s, const struct impairment_set *wanted,
			const struct plan *plan)
{
	struct impair_inst *old = s->inst;

	for (size_t i = 0; i < s->n; i++)
		if (!plan->stays[i])
			remove_inst(s, &old[i]);
	s->inst = make_list(s, wanted, plan);
	s->n = wanted->n;
	if (!set_share_has_begun(s))
		s->indices = (unsigned)s->n;
	for (size_t i = 0; i < s->n; i++)
		if (s->inst[i].live)
			s->inst[i].live->inst = &s->inst[i];
	for (size_t i = 0; i < s->n; i++) {
		if (plan->old[i] == -1)
			continue;
		update_cfg(&s->inst[i], &old[plan->old[i]]);
		update_trigger(&s->inst[i], &old[plan->old[i]]);
	}
	for (size_t i = 0; i < s->n && s->run; i++)
		if (!s->inst[i].live)
			attach_everywhere(s->run, impair_run_add(s->run, &s->inst[i]));
	free(old);
}

int impairment_set_apply(struct impairment_set *live, const struct impairment_set *wanted,
			 bool forwarded, struct err *e)
{
	struct plan plan;

	if (impairment_set_check(wanted, forwarded, e) == -1)
		return -1;
	plan = make_plan(live, wanted);
	change_list(live, wanted, &plan);
	free(plan.old);
	free(plan.stays);
	if (live->run) {
		tap_everywhere(live->run);
		tap_all_requests(live->run);
		impair_run_arm(live->run);
	}
	return 0;
}

int impairment_set_enable(struct impairment_set *live, const char *name, bool enabled,
			  bool forwarded, struct err *e)
{
	return impairment_set_update(live, name, "enabled", enabled ? "true" : "false", forwarded,
				     e);
}

int impairment_set_update(struct impairment_set *live, const char *name, const char *param,
			  const char *value, bool forwarded, struct err *e)
{
	struct impairment_set *wanted = impairment_set_copy(live);
	int rc = impairment_set_param(wanted, name, param, value, e);

	if (rc == 0)
		rc = impairment_set_apply(live, wanted, forwarded, e);
	impairment_set_free(wanted);
	return rc;
}

int impairment_set_remove(struct impairment_set *live, const char *name, bool forwarded,
			  struct err *e)
{
	struct impairment_set *wanted;
	ssize_t i = impairment_set_find(live, name, e);
	int rc;

	if (i == -1)
		return -1;
	wanted = impairment_set_copy(live);
	impair_inst_fini(&wanted->inst[i]);
	wanted->n--;
	memmove(&wanted->inst[i], &wanted->inst[i + 1],
		(wanted->n - (size_t)i) * sizeof(*wanted->inst));
	rc = impairment_set_apply(live, wanted, forwarded, e);
	impairment_set_free(wanted);
	return rc;
}

int impairment_set_reset(struct impairment_set *live, const char *name, struct err *e)
{
	ssize_t i = impairment_set_find(live, name, e);

	if (i == -1)
		return -1;
	if (live->run) {
		impair_run_reset(live->inst[i].live, "it was reset");
		impair_run_arm(live->run);
	}
	return 0;
}

void impairment_set_stop(struct impairment_set *s)
{
	if (!s)
		return;
	if (s->run)
		impair_run_free(s->run);
	set_share_leave(s);
}

void impairment_set_tell(struct impairment_set *s, struct journal *journal, const struct log *log)
{
	if (s->run)
		impair_run_free(s->run);
	for (size_t i = 0; i < s->n; i++)
		if (set_share_complete(s, s->inst[i].name, &s->inst[i].tally))
			impair_inst_tell(s, &s->inst[i], journal, log);
	set_share_leave(s);
}
