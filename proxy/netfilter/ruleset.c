/* ruleset.c - the guard comes first, the rules last: from the first rule on there is somebody to
 * remove it. */
#include "proxy/netfilter/ruleset.h"

#include "proxy/base/mem.h"
#include "proxy/netfilter/guard.h"
#include "proxy/netfilter/nft_table.h"

#include <string.h>
#include <unistd.h>

int ruleset_init(struct ruleset *s, const struct ruleset_ops *ops, void *owner,
		 const char *alone_id, struct err *e)
{
	*s = (struct ruleset){.ops = ops, .owner = owner, .alive = -1, .alone = alone_id};
	if (alone_id) {
		snprintf(s->id, sizeof(s->id), "%s", alone_id);
		return 0;
	}
	s->alive = rule_id_take(s->id, e);
	return s->alive == -1 ? -1 : 0;
}

void ruleset_sweep(const struct ruleset *s)
{
	xtables_remove(&xtables_ways[0], s->ops->tables, rule_id_dead, NULL);
}

static bool begin_guard(void *arg)
{
	struct ruleset *s = arg;

	return s->ops->guard_begin(s->owner, !s->x);
}

static void act_as_guard(void *arg)
{
	struct ruleset *s = arg;

	s->ops->guard_before(s->owner);
	if (s->x)
		xtables_remove(s->x, s->ops->tables, xtables_is_id, s->id);
	s->ops->guard_after(s->owner);
}

static int start_guard(struct ruleset *s, struct err *e)
{
	if (s->alone || (!s->x && !s->ops->guards_nft))
		return 0;
	s->guard = guard_new(begin_guard, act_as_guard, s, e);
	return s->guard ? 0 : -1;
}

static void end_guard(struct ruleset *s)
{
	s->ops->release(s->owner);
	guard_end(s->guard);
	s->guard = NULL;
}

struct zoned_rules {
	const struct ruleset *set;
	const void *rules;
};

static char *write_family(const void *arg, int family, unsigned *jumps)
{
	const struct zoned_rules *z = arg;

	return z->set->ops->xtables_text(z->rules, z->set->zone, family, jumps);
}

static int restore_family_rules(struct ruleset *s, const void *rules, struct err *e)
{
	const struct zoned_rules z = {.set = s, .rules = rules};

	return xtables_restore_both(s->x, write_family, &z, s->jumps, e);
}

static int set_rules(struct ruleset *s, const void *rules, struct err *e)
{
	if (!s->x) {
		s->nft = nft_table_new(s->ops->nft_text(rules, s->zone), e);
		s->backend = s->ops->nft;
		return s->nft ? 0 : -1;
	}
	if (restore_family_rules(s, rules, e) == -1)
		return -1;
	s->backend = xtables_is_legacy(s->x) ? s->ops->legacy : s->ops->nf_tables;
	return 0;
}

/* x: NULL is nftables. */
static int try_once(struct ruleset *s, const struct xtables *x, unsigned zone, const void *rules,
		    struct err *e)
{
	s->x = x;
	s->zone = zone;
	if (s->ops->reserve(s->owner, e) == -1)
		return -1;
	if (start_guard(s, e) == 0 && s->ops->prepare(s->owner, e) == 0 &&
	    set_rules(s, rules, e) == 0)
		return 0;
	end_guard(s);
	memset(s->jumps, 0, sizeof(s->jumps));
	return -1;
}

static int try_way(struct ruleset *s, const struct xtables *x, const void *rules, struct err *first,
		   struct err *second)
{
	if (s->ops->zone && try_once(s, x, s->ops->zone, rules, first) == 0)
		return 0;
	return try_once(s, x, 0, rules, s->ops->zone ? second : first);
}

static int try_all(struct ruleset *s, const void *rules, struct err *e)
{
	struct err nft, first = {""}, later;

	if (try_way(s, NULL, rules, &nft, s->ops->tells_last_nft ? &nft : &later) == 0)
		return 0;
	for (const struct xtables *x = xtables_ways; x->v4; x++) {
		if (!s->alone)
			xtables_remove(x, s->ops->tables, rule_id_dead, NULL);
		if (try_way(s, x, rules, *first.text ? &later : &first, &later) == 0)
			return 0;
	}
	return err_set(e, "%s: %.300s; %.300s", s->ops->no_way, nft.text, first.text);
}

int ruleset_set(struct ruleset *s, const void *rules, struct err *e)
{
	if (try_all(s, rules, e) == -1)
		return -1;
	s->text = s->ops->nft_text(rules, s->zone);
	return 0;
}

bool ruleset_is_set(const struct ruleset *s, const void *rules)
{
	char *text = s->ops->nft_text(rules, s->zone);
	bool is_set = s->text && strcmp(text, s->text) == 0;

	free(text);
	return is_set;
}

void ruleset_doubt(struct ruleset *s)
{
	free(s->text);
	s->text = NULL;
}

int ruleset_change(struct ruleset *s, const void *rules, struct err *e)
{
	int rc;

	ruleset_doubt(s);
	rc = s->nft ? nft_table_change(s->nft, s->id, s->ops->nft_text(rules, s->zone), e)
		    : restore_family_rules(s, rules, e);
	if (rc == 0)
		s->text = s->ops->nft_text(rules, s->zone);
	return rc;
}

void ruleset_fini(struct ruleset *s)
{
	nft_table_free(s->nft);
	s->nft = NULL;
	end_guard(s);
	if (s->alive != -1)
		close(s->alive);
	s->alive = -1;
	ruleset_doubt(s);
}

const char *ruleset_backend(const struct ruleset *s)
{
	return s->backend;
}

int ruleset_default_try(void *owner, struct err *e)
{
	(void)owner;
	(void)e;
	return 0;
}

void ruleset_default_note(void *owner)
{
	(void)owner;
}

bool ruleset_default_begin(void *owner, bool nft)
{
	(void)owner;
	(void)nft;
	return true;
}
