/* set.c - an array of instances, in which all names differ. */
#include "impairments/set/set.h"

#include "proxy/base/mem.h"
#include "proxy/base/nearest.h"

#include <string.h>

struct impairment_set *impairment_set_new(void)
{
	struct impairment_set *s = xcalloc(1, sizeof(*s));

	s->alone.set = s;
	return s;
}

void impairment_set_free(struct impairment_set *s)
{
	if (!s)
		return;
	BUG_ON(s->run || s->share);
	for (size_t i = 0; i < s->n; i++)
		impair_inst_fini(&s->inst[i]);
	free(s->inst);
	free(s->proxy);
	free(s);
}

struct impair_inst *impairment_set_append(struct impairment_set *s, const struct impairment *type)
{
	struct impair_inst *inst;
	unsigned nth = 1;

	for (size_t i = 0; i < s->n; i++)
		nth += s->inst[i].type == type;
	s->inst = xrealloc(s->inst, s->n + 1, sizeof(*s->inst));
	inst = &s->inst[s->n];
	impair_inst_init(inst, type,
			 nth == 1 ? xstrdup(type->name) : xasprintf("%s#%u", type->name, nth));
	inst->index = (unsigned)s->n++;
	s->indices = (unsigned)s->n;
	return inst;
}

static void append_copy(struct impairment_set *s, const struct impair_inst *from)
{
	s->inst = xrealloc(s->inst, s->n + 1, sizeof(*s->inst));
	impair_inst_copy(&s->inst[s->n++], from);
	s->indices = (unsigned)s->n;
}

struct impairment_set *impairment_set_copy(const struct impairment_set *s)
{
	struct impairment_set *copy = impairment_set_new();

	for (size_t i = 0; i < s->n; i++)
		append_copy(copy, &s->inst[i]);
	return copy;
}

ssize_t impairment_set_find(const struct impairment_set *s, const char *name, struct err *e)
{
	const char **names, *near;

	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->inst[i].name, name) == 0)
			return (ssize_t)i;
	if (!e)
		return -1;
	names = xcalloc(s->n + 1, sizeof(*names));
	for (size_t i = 0; i < s->n; i++)
		names[i] = s->inst[i].name;
	near = nearest_name(name, names);
	if (!s->n)
		err_set(e, "there is no impairment '%s' here, nor any other", name);
	else if (near)
		err_set(e, "there is no impairment '%s' here (did you mean '%s'?)", name, near);
	else
		err_set(e, "there is no impairment '%s' here; the first one is '%s'", name,
			names[0]);
	free(names);
	return -1;
}

int impairment_set_param(struct impairment_set *s, const char *name, const char *param,
			 const char *value, struct err *e)
{
	ssize_t i = impairment_set_find(s, name, e);

	if (i == -1 || impair_inst_set(&s->inst[i], param, value, e) == -1)
		return -1;
	return impair_inst_check(&s->inst[i], e);
}

static int check_forwarded(const struct impair_inst *inst, struct err *e)
{
	if (inst->leg_given)
		return err_set(e, "%s: forwarded connections have one leg, so none can be named",
			       inst->name);
	if (!inst->type->packet)
		return err_set(e,
			       "%s acts on the bytes inside wedge, and forwarded connections only "
			       "pass by it; use %s, or let wedge terminate them",
			       inst->name,
			       inst->type->forwarded ? inst->type->forwarded
						     : "a packet impairment");
	if (impair_inst_names_sni(inst))
		return err_set(e,
			       "%s: a server name (sni) is read from the bytes inside wedge, and "
			       "forwarded connections only pass by it",
			       inst->name);
	return 0;
}

int impairment_set_check(const struct impairment_set *s, bool forwarded, struct err *e)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct impair_inst *inst = &s->inst[i];

		if (impair_inst_check(inst, e) == -1)
			return err_wrap(e, "%s", inst->name);
		if (forwarded && check_forwarded(inst, e) == -1)
			return -1;
		for (size_t k = 0; k < i; k++)
			if (strcmp(s->inst[k].name, inst->name) == 0)
				return err_set(e, "two impairments are called %s", inst->name);
	}
	return 0;
}

static bool has_shared_state(const struct impair_inst *inst)
{
	const struct impairment *type = inst->type;

	return inst->when.nth > 1 || inst->when.first ||
	       strcmp(inst->when.schedule, "always") != 0 ||
	       (type->shared_size && (!type->shares || type->shares(inst->cfg)));
}

/* Returns whether wedge speaks TLS with the receiver of a direction on which the instance acts. */
static bool is_spoken(const struct impair_inst *inst, enum tls_mode mode)
{
	bool client = mode == TLS_TERMINATE || mode == TLS_INTERCEPT;
	bool server = mode == TLS_ORIGINATE || mode == TLS_INTERCEPT;

	return (client && inst->direction != IMPAIR_UPSTREAM) ||
	       (server && inst->direction != IMPAIR_DOWNSTREAM);
}

static bool counts_tls(const struct impair_inst *inst)
{
	return inst->when.framing == FRAMING_TLS || inst->when.framing == FRAMING_TLS_HANDSHAKE;
}

bool impair_inst_reads_tls(const struct impair_inst *inst)
{
	return inst->type->tls == IMPAIR_TLS_RECORDS || counts_tls(inst);
}

bool impair_inst_names_sni(const struct impair_inst *inst)
{
	return strcmp(inst->when.sni, "any") != 0;
}

int impairment_set_check_tls(const struct impairment_set *s, enum tls_mode mode, struct err *e)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct impair_inst *inst = &s->inst[i];
		bool records = inst->type->tls == IMPAIR_TLS_RECORDS;

		if (mode != TLS_PASSTHROUGH && !records && counts_tls(inst))
			return err_set(
			    e,
			    "%s: its framing counts what is TLS, and in this mode wedge "
			    "decrypts it; it needs TLS to pass through, or use tls_stall, "
			    "tls_delay, tls_half_record or tls_alert",
			    inst->name);
		if (mode == TLS_PASSTHROUGH
			? inst->type->tls == IMPAIR_TLS_SPOKEN
			: inst->type->tls != IMPAIR_TLS_ANY && !is_spoken(inst, mode))
			return err_set(e,
				       "%s: wedge doesn't speak TLS with the receiver; downstream "
				       "it needs the mode %sterminate or intercept, upstream "
				       "%soriginate or intercept",
				       inst->name, records ? "passthrough, " : "",
				       records ? "passthrough, " : "");
	}
	return 0;
}

const char *impairment_set_sharer(const struct impairment_set *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (has_shared_state(&s->inst[i]))
			return s->inst[i].name;
	return NULL;
}

/* A message is drawn for, too: its session has a sequence of its own. */
static bool draws_at_random(const struct impair_inst *inst)
{
	struct trigger t;

	BUG_ON(trigger_compile(&t, &inst->when, NULL) == -1);
	return t.probability < 1 || t.window.after_span || t.window.offset_span ||
	       (inst->type->draws && inst->type->draws(inst->cfg));
}

const char *impairment_set_drawer(const struct impairment_set *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (draws_at_random(&s->inst[i]))
			return s->inst[i].name;
	return NULL;
}

const char *impairment_set_on_server_leg(const struct impairment_set *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct impair_inst *inst = &s->inst[i];

		if (!inst->type->packet || inst->leg == IMPAIR_LEG_CLIENT ||
		    (inst->leg == IMPAIR_LEG_BOTH && !inst->leg_given) ||
		    (inst->leg == IMPAIR_LEG_RECEIVING && inst->direction == IMPAIR_UPSTREAM) ||
		    (inst->leg == IMPAIR_LEG_SENDING && inst->direction == IMPAIR_DOWNSTREAM))
			continue;
		return inst->name;
	}
	return NULL;
}

/* Returns whether the instance acts where wedge sends the data of dir to its receiver. */
static bool meets_sender(const struct impair_inst *inst, enum dir dir)
{
	enum impair_leg sending = dir == DIR_DOWNSTREAM ? IMPAIR_LEG_CLIENT : IMPAIR_LEG_SERVER;

	return impair_inst_concerns(inst, dir) &&
	       (inst->leg == (int)sending || inst->leg == IMPAIR_LEG_BOTH ||
		inst->leg == IMPAIR_LEG_SENDING);
}

int64_t impair_proxy_ack_hold(const struct impair_proxy *p, enum dir dir)
{
	const struct impairment_set *s = p->set;
	int64_t longest = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct impair_inst *inst = &s->inst[i];
		int64_t hold;

		if (!inst->type->ack_hold || !meets_sender(inst, dir) ||
		    !impair_proxy_concerns(p, inst, NULL))
			continue;
		hold = inst->type->ack_hold(inst->cfg);
		longest = hold > longest ? hold : longest;
	}
	return longest;
}

const char *impair_proxy_hides_acks(const struct impair_proxy *p, enum dir dir)
{
	if (!impair_proxy_ack_hold(p, dir))
		return NULL;
	for (size_t i = 0; i < p->set->n; i++) {
		const struct impair_inst *inst = &p->set->inst[i];

		if (inst->type->keeps_bytes && impair_inst_concerns(inst, dir) &&
		    impair_proxy_concerns(p, inst, NULL))
			return inst->name;
	}
	return NULL;
}

void impairment_set_on_client_leg(struct impairment_set *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->inst[i].type->ack_hold && !s->inst[i].leg_given)
			s->inst[i].leg = IMPAIR_LEG_CLIENT;
}

bool impair_proxy_refuses(const struct impair_proxy *p)
{
	for (size_t i = 0; i < p->set->n; i++) {
		const struct impair_inst *inst = &p->set->inst[i];

		if (inst->type->refuses && inst->type->refuses(inst->cfg) &&
		    impair_proxy_concerns(p, inst, NULL))
			return true;
	}
	return false;
}

bool impairment_set_needs_packets(const struct impairment_set *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->inst[i].type->packet)
			return true;
	return false;
}

char *impairment_set_describe(const struct impairment_set *s)
{
	char *text = NULL;
	size_t len;
	FILE *out;

	if (!s->n)
		return xstrdup("none");
	out = xopen_memstream(&text, &len);
	for (size_t i = 0; i < s->n; i++) {
		fputs(i ? ", " : "", out);
		impair_inst_describe(out, &s->inst[i]);
	}
	xclose_memstream(out);
	return text;
}
