/* set.c - the ordered impairments of one proxy: made, changed, copied, checked, printed. */
#include "impairments/set.h"

#include "impairments/set_internal.h"
#include "proxy/base/mem.h"

#include <string.h>

#define TRAFFIC_DEFAULT "main"

static const char *const direction_names[] = {"upstream", "downstream", "both", NULL};
static const char *const leg_names[] = {"client", "server", "both", NULL}; /* enum impair_leg */

const struct param impair_common_params[] = {
    P_ENUM("direction", struct impair_inst, direction, direction_names, .def = "downstream",
	   .help = "of the data concerned: upstream is client to server"),
    P_ENUM("leg", struct impair_inst, leg, leg_names, .def = "client",
	   .help = "packet plane, where wedge terminates: on which connection it acts; the "
		   "default is the kind's own"),
    P_TEXT("on", struct impair_inst, traffic, .def = TRAFFIC_DEFAULT,
	   .help = "in a scenario: which traffic it acts on"),
    P_END,
};

struct impairment_set *impairment_set_new(void)
{
	return xcalloc(1, sizeof(struct impairment_set));
}

void impair_inst_fini(struct impair_inst *inst)
{
	if (inst->shared && inst->type->shared_fini)
		inst->type->shared_fini(inst->shared);
	free(inst->shared);
	param_free(inst->type->params, inst->cfg);
	param_free(impair_common_params, inst);
	free(inst->cfg);
	free(inst->name);
}

void impairment_set_free(struct impairment_set *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++)
		impair_inst_fini(&s->inst[i]);
	free(s->inst);
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
	memset(inst, 0, sizeof(*inst));
	inst->type = type;
	inst->name = nth == 1 ? xstrdup(type->name) : xasprintf("%s#%u", type->name, nth);
	inst->cfg = xcalloc(1, type->cfg_size);
	param_defaults(type->params, inst->cfg);
	param_defaults(impair_common_params, inst);
	inst->leg = (int)type->default_leg;
	inst->index = (unsigned)s->n++;
	return inst;
}

static void append_copy(struct impairment_set *s, const struct impair_inst *from)
{
	struct impair_inst *inst;

	s->inst = xrealloc(s->inst, s->n + 1, sizeof(*s->inst));
	inst = &s->inst[s->n++];
	param_copy(impair_common_params, inst, from, sizeof(*inst));
	inst->shared = NULL;
	inst->name = xstrdup(from->name);
	inst->cfg = xcalloc(1, from->type->cfg_size);
	param_copy(from->type->params, inst->cfg, from->cfg, from->type->cfg_size);
}

struct impairment_set *impairment_set_for(const struct impairment_set *s, const char *traffic)
{
	struct impairment_set *copy = impairment_set_new();

	for (size_t i = 0; i < s->n; i++)
		if (!traffic || strcmp(s->inst[i].traffic, traffic) == 0)
			append_copy(copy, &s->inst[i]);
	return copy;
}

struct impairment_set *impairment_set_copy(const struct impairment_set *s)
{
	return impairment_set_for(s, NULL);
}

/* Every name that may be given to a kind's parameter, own ones first; the caller frees the list. */
static const char **param_names(const struct impairment *type)
{
	const char **names;
	size_t n = 0;

	for (const struct param *p = type->params; p->name; p++)
		n++;
	names = xcalloc(n + ARRAY_LEN(leg_names), sizeof(*names));
	n = 0;
	for (const struct param *p = type->params; p->name; p++)
		names[n++] = p->name;
	for (const struct param *p = impair_common_params; p->name; p++)
		names[n++] = p->name;
	return names;
}

static int unknown_param(const struct impair_inst *inst, const char *param, struct err *e)
{
	const char **names = param_names(inst->type), *near = nearest_name(param, names);
	char list[400] = "";

	for (size_t i = 0; names[i]; i++)
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s", i ? ", " : "",
			 names[i]);
	if (near)
		err_set(e, "%s has no parameter '%s' (did you mean '%s'?)", inst->type->name, param,
			near);
	else
		err_set(e, "%s has no parameter '%s'; it has %s", inst->type->name, param, list);
	free(names);
	return -1;
}

int impair_inst_set(struct impair_inst *inst, const char *param, const char *value, struct err *e)
{
	const struct param *p = param_find(inst->type->params, param);

	if (p)
		return param_set(p, inst->cfg, value, e);
	p = param_find(impair_common_params, param);
	if (!p)
		return unknown_param(inst, param, e);
	if (strcmp(param, "leg") == 0) {
		if (!inst->type->packet)
			return err_set(
			    e, "%s acts on the stream plane, where there is no leg to choose",
			    inst->type->name);
		inst->leg_given = true;
	}
	return param_set(p, inst, value, e);
}

int impair_inst_check(const struct impair_inst *inst, struct err *e)
{
	return inst->type->check ? inst->type->check(inst->cfg, e) : 0;
}

int impairment_set_param(struct impairment_set *s, const char *name, const char *param,
			 const char *value, struct err *e)
{
	const char **names = xcalloc(s->n + 1, sizeof(*names)), *near;

	for (size_t i = 0; i < s->n; i++) {
		if (strcmp(s->inst[i].name, name) == 0) {
			free(names);
			if (impair_inst_set(&s->inst[i], param, value, e) == -1)
				return -1;
			return impair_inst_check(&s->inst[i], e);
		}
		names[i] = s->inst[i].name;
	}
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

int impairment_set_check(const struct impairment_set *s, bool forwarded, struct err *e)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct impair_inst *inst = &s->inst[i];

		if (impair_inst_check(inst, e) == -1)
			return -1;
		if (forwarded && inst->leg_given)
			return err_set(
			    e, "%s: forwarded connections have one leg, so none can be named",
			    inst->name);
		if (forwarded && inst->type->stream)
			return err_set(
			    e,
			    "%s acts on the bytes inside wedge, and forwarded connections only "
			    "pass by it; use a packet impairment, or let wedge terminate them",
			    inst->name);
	}
	return 0;
}

static void describe_params(FILE *out, const struct param *table, const void *cfg, const char **sep)
{
	char value[256];

	for (const struct param *p = table; p->name; p++) {
		param_format(p, cfg, value, sizeof(value));
		fprintf(out, "%s%s=%s", *sep, p->name, value);
		*sep = ",";
	}
}

char *impairment_set_describe(const struct impairment_set *s)
{
	char *text = NULL;
	size_t len;
	FILE *out;

	if (!s->n)
		return xstrdup("none");
	out = open_memstream(&text, &len);
	BUG_ON(!out);
	for (size_t i = 0; i < s->n; i++) {
		const struct impair_inst *inst = &s->inst[i];
		const char *sep = "";

		fprintf(out, "%s%s{", i ? ", " : "", inst->type->name);
		describe_params(out, inst->type->params, inst->cfg, &sep);
		fprintf(out, "%sdirection=%s", sep, direction_names[inst->direction]);
		if (inst->leg_given)
			fprintf(out, ",leg=%s", leg_names[inst->leg]);
		if (strcmp(inst->traffic, TRAFFIC_DEFAULT) != 0)
			fprintf(out, ",on=%s", inst->traffic);
		fputc('}', out);
	}
	BUG_ON(fclose(out));
	return text;
}
