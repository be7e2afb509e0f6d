/* step_set.c - each kind has its own words; every one of them has an end. */
#include "scenarios/scenario/step_set.h"

#include "proxy/base/mem.h"
#include "proxy/base/nearest.h"
#include "proxy/base/units.h"

#include <math.h>
#include <string.h>

static void replace_text(char **text, const char *value)
{
	free(*text);
	*text = xstrdup(value);
}

static int set_time(int64_t *time, const char *what, const char *value, struct err *e)
{
	int64_t ns;

	if (parse_duration(value, &ns, e) == -1)
		return err_wrap(e, "%s", what);
	if (ns <= 0 || ns > STEP_TIME_MAX)
		return err_set(e, "%s: '%.40s': more than 0 and at most 24h are accepted", what,
			       value);
	*time = ns;
	return 0;
}

static int set_count(uint64_t *n, const char *what, const char *value, struct err *e)
{
	uint64_t count;

	if (parse_count(value, &count, e) == -1)
		return err_wrap(e, "%s", what);
	if (count < 1 || count > 1000000)
		return err_set(e, "%s: '%.40s': from 1 to 1000000 are accepted", what, value);
	*n = count;
	return 0;
}

static int refuse_key(const struct step *s, const char *key, const char *const *keys, struct err *e)
{
	char hint[NEAREST_HINT];
	const char *near = nearest_name(key, keys);
	char list[100] = "";

	for (size_t i = 0; keys[i]; i++)
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s", i ? ", " : "",
			 keys[i]);
	return err_set(e, "%s has no '%.40s'%s; accepted are %s", step_names[s->kind], key,
		       nearest_hint(hint, near), list);
}

static int set_ramp(struct step *s, const char *key, const char *value, struct err *e)
{
	static const char *const keys[] = {"from", "to", "by", "every", "over", NULL};
	char *end;

	if (strcmp(key, "from") == 0 || strcmp(key, "to") == 0) {
		replace_text(*key == 'f' ? &s->value : &s->to, value);
		return 0;
	}
	if (strcmp(key, "by") == 0) {
		s->by = strtod(value, &end);
		if (end == value || !isfinite(s->by) || s->by <= 0)
			return err_set(e,
				       "by: '%.40s': a number above 0 is accepted, in the unit "
				       "of from and to",
				       value);
		return 0;
	}
	if (strcmp(key, "every") == 0)
		return set_time(&s->every, key, value, e);
	if (strcmp(key, "over") == 0)
		return set_time(&s->time, key, value, e);
	return refuse_key(s, key, keys, e);
}

static int set_await(struct step *s, const char *key, const char *value, struct err *e)
{
	static const char *const keys[] = {"failed", "completed", "on", "within", NULL};
	bool failed = strcmp(key, "failed") == 0;

	if (failed || strcmp(key, "completed") == 0) {
		s->failed = failed;
		return set_count(&s->n, key, value, e);
	}
	if (strcmp(key, "within") == 0)
		return set_time(&s->time, key, value, e);
	if (strcmp(key, "on") != 0)
		return refuse_key(s, key, keys, e);
	replace_text(&s->target, value);
	return 0;
}

/* "2s", or "1s..3s", of which the seed draws a time for each. */
static int set_wait(struct step *s, const char *value, struct err *e)
{
	const char *dots = strstr(value, "..");
	char *shortest;
	int rc;

	s->longest = 0;
	if (!dots)
		return set_time(&s->time, "wait", value, e);
	shortest = xasprintf("%.*s", (int)(dots - value), value);
	rc = set_time(&s->time, "wait", shortest, e);
	free(shortest);
	if (rc == -1 || set_time(&s->longest, "wait", dots + 2, e) == -1)
		return -1;
	return s->longest > s->time
		   ? 0
		   : err_set(e, "wait: '%.40s': a range begins with its shorter end", value);
}

int step_set_value(struct step *s, const char *key, const char *value, struct err *e)
{
	static const char *const wait_keys[] = {"wait", NULL}, *const repeat_keys[] = {"times",
										       NULL};

	switch (s->kind) {
	case STEP_WAIT:
		return strcmp(key, "wait") == 0 ? set_wait(s, value, e)
						: refuse_key(s, key, wait_keys, e);
	case STEP_RAMP:
		return set_ramp(s, key, value, e);
	case STEP_AWAIT:
		return set_await(s, key, value, e);
	case STEP_REPEAT:
		return strcmp(key, "times") == 0 ? set_count(&s->n, key, value, e)
						 : refuse_key(s, key, repeat_keys, e);
	default:
		return err_set(e, "a step '%s' has no value to set", step_names[s->kind]);
	}
}

int step_check_whole(const struct step *s, struct err *e)
{
	switch (s->kind) {
	case STEP_RAMP:
		if (!s->value || !s->to)
			return err_set(e, "a ramp has two ends: {from: 1, to: 40, every: 100ms}");
		if (!s->every == !s->time)
			return err_set(e,
				       "a ramp says how fast it goes, either every: 100ms or "
				       "over: 10s%s",
				       s->every ? ", not both" : "");
		if (s->time && s->by != 1)
			return err_set(e,
				       "by belongs to a ramp with every; over has the steps that "
				       "the time gives");
		return 0;
	case STEP_AWAIT:
		if (!s->n || !s->time)
			return err_set(e, "an await says what and how long: {failed: 3, within: "
					  "60s} or {completed: 3, within: 60s}");
		return 0;
	case STEP_REPEAT:
		if (!s->n)
			return err_set(e, "a repeat without times has no end: {times: 3, steps: "
					  "[...]}");
		if (!s->nlist)
			return err_set(e, "a repeat without steps: {times: 3, steps: [...]}");
		return 0;
	default:
		return 0;
	}
}

/* Finds the kth step of a kind, counting *k down. */
static struct step *find_step(struct step *list, size_t n, enum step_kind kind, uint64_t *k)
{
	for (size_t i = 0; i < n; i++) {
		struct step *inside;

		if (list[i].kind == kind && --*k == 0)
			return &list[i];
		inside = find_step(list[i].list, list[i].nlist, kind, k);
		if (inside)
			return inside;
	}
	return NULL;
}

static int find_kind(const char *word, enum step_kind *kind, struct err *e)
{
	char hint[NEAREST_HINT];
	const char *near = nearest_name(word, step_names);

	for (int i = 0; i < STEP_KINDS; i++)
		if (strcmp(step_names[i], word) == 0) {
			*kind = (enum step_kind)i;
			return 0;
		}
	return err_set(e, "there is no step '%.40s'%s", word, nearest_hint(hint, near));
}

int steps_set(struct step *list, size_t n, const char *path, const char *value, struct err *e)
{
	const char *dot = strchr(path, '.'), *key = dot ? dot + 1 : NULL;
	size_t length = dot ? (size_t)(dot - path) : strlen(path);
	char *word = xasprintf("%.*s", (int)length, path), *hash = strchr(word, '#');
	uint64_t number = 1, k;
	enum step_kind kind = STEP_KINDS;
	struct step *s = NULL;
	int rc = -1;

	if (hash)
		*hash = '\0';
	if (hash && (parse_count(hash + 1, &number, e) == -1 || number == 0))
		err_set(e, "'%.60s': the steps of a kind are numbered from 1: wait#2", path);
	else if (find_kind(word, &kind, e) == 0) {
		k = number;
		s = find_step(list, n, kind, &k);
		if (s)
			rc = step_set_value(s, key ? key : word, value, e);
		else
			err_set(e, "the phase has no step '%s' number %llu", word,
				(unsigned long long)number);
	}
	if (rc == 0)
		rc = step_check_whole(s, e);
	free(word);
	return rc;
}
