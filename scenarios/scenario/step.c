/* step.c - a step is a word with what it acts on; only STEP_REPEAT has steps inside. */
#include "scenarios/scenario/step.h"

#include "proxy/base/mem.h"
#include "proxy/base/units.h"

#include <string.h>

const char *const step_names[] = {
    [STEP_WAIT] = "wait",     [STEP_SECTION] = "section", [STEP_SET] = "set",
    [STEP_RAMP] = "ramp",     [STEP_RESET] = "reset",	  [STEP_START] = "start",
    [STEP_STOP] = "stop",     [STEP_HANG] = "hang",	  [STEP_KILL] = "kill",
    [STEP_VANISH] = "vanish", [STEP_UNPLUG] = "unplug",	  [STEP_PLUG] = "plug",
    [STEP_AWAIT] = "await",   [STEP_REPEAT] = "repeat",	  [STEP_KINDS] = NULL,
};

static char *copy_text(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

void step_copy(struct step *dst, const struct step *src)
{
	*dst = *src;
	dst->target = copy_text(src->target);
	dst->key = copy_text(src->key);
	dst->value = copy_text(src->value);
	dst->to = copy_text(src->to);
	dst->where = copy_text(src->where);
	dst->list = steps_copy(src->list, src->nlist);
}

void step_fini(struct step *s)
{
	free(s->target);
	free(s->key);
	free(s->value);
	free(s->to);
	free(s->where);
	steps_free(s->list, s->nlist);
}

struct step *steps_copy(const struct step *list, size_t n)
{
	struct step *copy = n ? xcalloc(n, sizeof(*copy)) : NULL;

	for (size_t i = 0; i < n; i++)
		step_copy(&copy[i], &list[i]);
	return copy;
}

void steps_free(struct step *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		step_fini(&list[i]);
	free(list);
}

static char *describe_ramp(const struct step *s)
{
	char t[UNITS_TEXT], by[32] = "";

	if (!s->every)
		return xasprintf("ramp %s.%s from %s to %s over %s", s->target, s->key, s->value,
				 s->to, format_duration(s->time, t));
	if (s->by != 1)
		snprintf(by, sizeof(by), " by %g", s->by);
	return xasprintf("ramp %s.%s from %s to %s%s every %s", s->target, s->key, s->value, s->to,
			 by, format_duration(s->every, t));
}

static char *describe_repeat(const struct step *s)
{
	char *text = xasprintf("repeat %llu times:", (unsigned long long)s->n);

	for (size_t i = 0; i < s->nlist; i++) {
		char *inner = step_describe(&s->list[i]);
		char *longer = xasprintf("%s%s %s", text, i ? "," : "", inner);

		free(inner);
		free(text);
		text = longer;
	}
	return text;
}

char *step_describe(const struct step *s)
{
	char t[UNITS_TEXT], longest[UNITS_TEXT];

	switch (s->kind) {
	case STEP_WAIT:
		return xasprintf("wait %s%s%s", format_duration(s->time, t), s->longest ? ".." : "",
				 s->longest ? format_duration(s->longest, longest) : "");
	case STEP_SET:
		return xasprintf("set %s.%s=%s", s->target, s->key, s->value);
	case STEP_RAMP:
		return describe_ramp(s);
	case STEP_AWAIT:
		return xasprintf("await %llu %s of %s within %s", (unsigned long long)s->n,
				 s->failed ? "failed" : "completed", s->target,
				 format_duration(s->time, t));
	case STEP_REPEAT:
		return describe_repeat(s);
	default:
		return xasprintf("%s %s", step_names[s->kind], s->target);
	}
}

bool step_role_split(const char *role, char traffic[STEP_ROLE_TEXT], bool *server)
{
	const char *dot = strrchr(role, '.'), *end = dot ? dot + 1 : role;
	size_t n = dot ? (size_t)(dot - role) : 0;

	*server = strcmp(end, "server") == 0;
	if ((!*server && strcmp(end, "client") != 0) || n >= STEP_ROLE_TEXT || (dot && !n))
		return false;
	snprintf(traffic, STEP_ROLE_TEXT, "%.*s", dot ? (int)n : 4, dot ? role : "main");
	return true;
}

char *step_role_format(const char *traffic, bool server)
{
	const char *end = server ? "server" : "client";

	return strcmp(traffic, "main") == 0 ? xstrdup(end) : xasprintf("%s.%s", traffic, end);
}

bool step_concerns(const char *target, const char *role, const char *host)
{
	size_t n = strlen(role);

	if (strcmp(target, role) == 0)
		return true;
	if (strncmp(target, role, n) == 0 && target[n] == '@')
		return strcmp(target + n + 1, host) == 0;
	return strcmp(host, "client") != 0 && strcmp(host, "server") != 0 &&
	       strcmp(target, host) == 0;
}

bool step_needs_impairment(const struct step *s)
{
	char traffic[STEP_ROLE_TEXT];
	bool server;

	if (s->kind == STEP_RESET)
		return true;
	return (s->kind == STEP_SET || s->kind == STEP_RAMP) &&
	       !step_role_split(s->target, traffic, &server);
}

bool step_breaks(const struct step *s)
{
	return s->kind == STEP_KILL || s->kind == STEP_HANG || s->kind == STEP_VANISH ||
	       s->kind == STEP_UNPLUG;
}

bool steps_break(const struct step *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (step_breaks(&list[i]) || steps_break(list[i].list, list[i].nlist))
			return true;
	return false;
}

/* What would be broken by now. */
struct broken {
	char **v;
	size_t n;
};

/* Takes the target off the list; returns whether it was there. */
static bool broken_mend(struct broken *b, const char *target)
{
	for (size_t i = 0; i < b->n; i++) {
		if (strcmp(b->v[i], target) != 0)
			continue;
		free(b->v[i]);
		b->v[i] = b->v[--b->n];
		return true;
	}
	return false;
}

static bool is_unhealthy(const struct step *s, struct broken *b)
{
	if (step_needs_impairment(s))
		return true;
	if (s->kind == STEP_START || s->kind == STEP_PLUG)
		return broken_mend(b, s->target);
	if (!step_breaks(s))
		return false;
	if (s->kind == STEP_HANG) /* a kill follows it */
		return true;
	b->v = xrealloc(b->v, b->n + 1, sizeof(*b->v));
	b->v[b->n++] = xstrdup(s->target);
	return true;
}

static void make_healthy(struct step **list, size_t *n, struct broken *b)
{
	size_t kept = 0;

	for (size_t i = 0; i < *n; i++) {
		struct step *s = &(*list)[i];
		bool empty = false;

		if (s->kind == STEP_REPEAT) {
			make_healthy(&s->list, &s->nlist, b);
			empty = !s->nlist;
		}
		if (empty || is_unhealthy(s, b))
			step_fini(s);
		else
			(*list)[kept++] = *s;
	}
	*n = kept;
}

void steps_make_healthy(struct step **list, size_t *n)
{
	struct broken broken = {.n = 0};

	make_healthy(list, n, &broken);
	for (size_t i = 0; i < broken.n; i++)
		free(broken.v[i]);
	free(broken.v);
}
