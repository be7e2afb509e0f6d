/* schedule.c - parses the texts, and steps from one change to the next. */
#include "impairments/trigger/schedule.h"

#include "proxy/base/mem.h"
#include "proxy/base/units.h"

#include <math.h>
#include <string.h>

#define TEXT_MAX  2048
#define GAP_LEAST 1.0 /* ns */

static const char forms[] =
    "'always', '0s on, 10s off, 30s on', 'on 10s off 20s' or 'poisson 126h'";

static int parse_word(const char *word, bool *on)
{
	*on = strcmp(word, "on") == 0;
	return *on || strcmp(word, "off") == 0 ? 0 : -1;
}

/* Parses a duration and divides it by the speed. */
static int parse_scaled(const char *text, double speed, int64_t *ns, struct err *e)
{
	double exact;

	if (parse_duration(text, ns, e) == -1)
		return -1;
	exact = (double)*ns / speed;
	if (exact >= 0x1p60)
		return err_set(e, "%s at that time_scale is too long", text);
	*ns = speed == 1 ? *ns : (int64_t)exact;
	return 0;
}

static int add_step(struct schedule_config *c, char *item, struct err *e)
{
	char *rest, *when = strtok_r(item, " \t", &rest), *word = strtok_r(NULL, " \t", &rest);
	const char *more = strtok_r(NULL, " \t", &rest);
	int64_t at;
	bool on;

	if (!when || !word || more || parse_word(word, &on) == -1)
		return err_set(e, "each step is a time and 'on' or 'off', such as '10s off'");
	if (parse_scaled(when, c->speed, &at, e) == -1)
		return -1;
	if (c->steps == SCHEDULE_STEPS)
		return err_set(e, "a schedule has at most %d steps", SCHEDULE_STEPS);
	if (c->steps && at <= c->step[c->steps - 1].at)
		return err_set(e, "%s isn't later than the step before it", when);
	c->step[c->steps].at = at;
	c->step[c->steps++].on = on;
	return 0;
}

static int parse_list(char *text, struct schedule_config *c, struct err *e)
{
	char *rest;

	c->kind = SCHEDULE_LIST;
	for (char *item = strtok_r(text, ",;", &rest); item; item = strtok_r(NULL, ",;", &rest))
		if (add_step(c, item, e) == -1)
			return -1;
	return c->steps ? 0 : err_set(e, "a schedule is %s", forms);
}

/* word[4]: "on" "10s" "off" "20s" */
static int parse_flap(char *const *word, struct schedule_config *c, struct err *e)
{
	bool second;

	c->kind = SCHEDULE_FLAP;
	if (parse_word(word[0], &c->first_on) == -1 || parse_word(word[2], &second) == -1 ||
	    second == c->first_on)
		return err_set(e, "flapping is 'on 10s off 20s' or 'off 20s on 10s'");
	if (parse_scaled(word[1], c->speed, &c->first, e) == -1 ||
	    parse_scaled(word[3], c->speed, &c->second, e) == -1)
		return -1;
	if (c->first < 1000000 || c->second < 1000000)
		return err_set(e, "no phase of flapping is shorter than 1ms");
	return 0;
}

static int parse_copy(char *text, struct schedule_config *c, struct err *e)
{
	char *word[5] = {NULL}, *rest, *copy;
	unsigned n = 0;
	int rc;

	if (strpbrk(text, ",;"))
		return parse_list(text, c, e);
	copy = xstrdup(text);
	for (char *w = strtok_r(text, " \t", &rest); w && n < 5; w = strtok_r(NULL, " \t", &rest))
		word[n++] = w;
	if (n == 1 && strcmp(word[0], "always") == 0) {
		c->kind = SCHEDULE_ALWAYS;
		rc = 0;
	} else if (n == 2 && strcmp(word[0], "poisson") == 0) {
		c->kind = SCHEDULE_POISSON;
		rc = parse_scaled(word[1], c->speed, &c->mean, e);
		if (rc == 0 && c->mean < 1000000)
			rc = err_set(e, "the mean gap is at least 1ms");
	} else if (n == 4) {
		rc = parse_flap(word, c, e);
	} else if (n == 2) {
		rc = parse_list(copy, c, e);
	} else {
		rc = err_set(e, "a schedule is %s", forms);
	}
	free(copy);
	return rc;
}

int schedule_parse(const char *text, double speed, struct schedule_config *c, struct err *e)
{
	char *copy;
	int rc;

	*c = (struct schedule_config){.speed = speed};
	if (strlen(text) > TEXT_MAX)
		return err_set(e, "a schedule is %s", forms);
	copy = xstrdup(text);
	rc = parse_copy(copy, c, e);
	free(copy);
	return rc;
}

/* Gap k is a pure function of the seed, whatever became of the gaps before it. */
static int64_t draw_gap(const struct schedule *s, const struct schedule_config *c, struct rng rng)
{
	rng.k = s->episodes;
	return (int64_t)fmin(fmax(rng_exponential(&rng, (double)c->mean), GAP_LEAST), 0x1p61);
}

void schedule_begin(struct schedule *s, const struct schedule_config *c, struct rng rng)
{
	*s = (struct schedule){.next = INT64_MAX};
	switch (c->kind) {
	case SCHEDULE_ALWAYS:
		s->on = true;
		break;
	case SCHEDULE_LIST:
		s->next = c->step[0].at;
		break;
	case SCHEDULE_FLAP:
		s->on = c->first_on;
		s->next = c->first;
		break;
	case SCHEDULE_POISSON:
		s->next = draw_gap(s, c, rng);
		break;
	}
}

static void step_list(struct schedule *s, const struct schedule_config *c)
{
	unsigned i = 0;

	while (c->step[i].at != s->next)
		i++;
	s->on = c->step[i].on;
	s->next = i + 1 < c->steps ? c->step[i + 1].at : INT64_MAX;
}

/* Passes over whole periods that have gone by unseen. */
static void step_flap(struct schedule *s, const struct schedule_config *c, int64_t now)
{
	int64_t period = c->first + c->second;

	s->next += (now - s->next) / period * period;
	s->on = !s->on;
	s->next += s->on == c->first_on ? c->first : c->second;
}

bool schedule_step(struct schedule *s, const struct schedule_config *c, int64_t now, int64_t *when)
{
	bool before = s->on;

	while (s->next <= now) {
		*when = s->next;
		if (c->kind == SCHEDULE_LIST) {
			step_list(s, c);
		} else if (c->kind == SCHEDULE_FLAP) {
			step_flap(s, c, now);
			*when = s->next - (s->on == c->first_on ? c->first : c->second);
		} else {
			s->on = true;
			s->episodes++;
			s->next = INT64_MAX;
		}
		if (s->on != before)
			return true;
	}
	return false;
}

void schedule_reset(struct schedule *s, const struct schedule_config *c, struct rng rng,
		    int64_t now)
{
	if (c->kind != SCHEDULE_POISSON || !s->on)
		return;
	s->on = false;
	s->next = now + draw_gap(s, c, rng);
}
