/* trigger_window.c - knows the next opening and, while open, the close; a step compares them with a
 * position. */
#include "impairments/trigger/trigger_window.h"

#include "proxy/base/clock.h"
#include "proxy/base/units.h"

#include <ctype.h>
#include <string.h>

static const struct unit_word {
	const char *word;
	enum unit unit;
} words[] = {
    {"messages", UNIT_MESSAGES}, {"message", UNIT_MESSAGES}, {"msg", UNIT_MESSAGES},
    {"packets", UNIT_PACKETS},	 {"packet", UNIT_PACKETS},   {"pkt", UNIT_PACKETS},
};

/* Parses "3 messages". Returns 1, 0 when text hasn't this form, -1 when the number is wrong. */
static int parse_counted(const char *text, struct amount *a, struct err *e)
{
	size_t digits = strspn(text, "0123456789");
	const char *word = text + digits + strspn(text + digits, " ");
	char number[32];

	if (!digits || digits >= sizeof(number))
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcmp(words[i].word, word) != 0)
			continue;
		snprintf(number, sizeof(number), "%.*s", (int)digits, text);
		a->unit = words[i].unit;
		return parse_count(number, &a->n, e) == -1 ? -1 : 1;
	}
	return 0;
}

int amount_parse(const char *text, struct amount *a, struct err *e)
{
	int counted = parse_counted(text, a, e);
	int64_t ns;

	if (counted == -1)
		return -1;
	if (strcmp(text, "0") == 0) {
		*a = (struct amount){.unit = UNIT_TIME};
	} else if (!counted && parse_duration(text, &ns, NULL) == 0) {
		*a = (struct amount){.unit = UNIT_TIME, .n = (uint64_t)ns};
	} else if (!counted) {
		bool unit = *text && isalpha((unsigned char)text[strlen(text) - 1]);

		a->unit = UNIT_BYTES;
		if (!unit || parse_size(text, &a->n, NULL) == -1)
			return err_set(e,
				       "'%s' is no amount: a time (5s), bytes (10KB), '3 messages' "
				       "or '20 packets'",
				       text);
	}
	if (a->n > AMOUNT_MAX)
		return err_set(e, "'%s' is more than any session will see", text);
	return 0;
}

/* Copies the n characters of a range's first amount to out. A bare count has the unit of the
 * second. */
static int copy_first(char *out, size_t size, const char *text, size_t n, enum unit unit)
{
	const char *word = "";

	if (n && strspn(text, "0123456789") == n && unit == UNIT_MESSAGES)
		word = "msg";
	if (n && strspn(text, "0123456789") == n && unit == UNIT_PACKETS)
		word = "pkt";
	return (size_t)snprintf(out, size, "%.*s%s", (int)n, text, word) < size ? 0 : -1;
}

int amount_range_parse(const char *text, struct amount *a, uint64_t *span, struct err *e)
{
	const char *dots = strstr(text, "..");
	char first[AMOUNT_TEXT];
	struct amount high;

	*span = 0;
	if (!dots)
		return amount_parse(text, a, e);
	if (amount_parse(dots + 2, &high, e) == -1)
		return -1;
	if (dots - text >= AMOUNT_TEXT ||
	    copy_first(first, sizeof(first), text, (size_t)(dots - text), high.unit) == -1)
		return err_set(e, "'%s' is no range", text);
	if (amount_parse(first, a, e) == -1)
		return -1;
	if (!a->n)
		a->unit = high.unit;
	if (a->unit != high.unit || a->n > high.n)
		return err_set(e,
			       "'%s' is no range: two amounts of one kind, the smaller one first "
			       "(1s..5s, 10KB..20KB, 140..150 messages)",
			       text);
	*span = high.n - a->n;
	return 0;
}

char *amount_format(enum unit unit, uint64_t n, char buf[AMOUNT_TEXT])
{
	static const char *const names[] = {
	    [UNIT_BYTES] = "byte", [UNIT_MESSAGES] = "message", [UNIT_PACKETS] = "packet"};
	char text[UNITS_TEXT];

	if (unit == UNIT_TIME)
		snprintf(buf, AMOUNT_TEXT, "%s", format_duration((int64_t)n, text));
	else
		snprintf(buf, AMOUNT_TEXT, "%s %llu", names[unit], (unsigned long long)n);
	return buf;
}

bool trigger_window_opens_inside(const struct trigger_window_config *c)
{
	return c->by_message || c->part != PART_MESSAGE || c->offset || c->offset_span;
}

static bool is_part_reached(const struct trigger_window_config *c, const struct position *p)
{
	return p->begun[c->part] && p->at[UNIT_BYTES] - p->part_at[c->part] >= c->offset;
}

static bool is_opening_reached(const struct trigger_window *w,
			       const struct trigger_window_config *c, const struct position *p)
{
	uint64_t at = p->at[w->next.unit];

	if (w->next.unit == UNIT_MESSAGES && trigger_window_opens_inside(c) && at == w->next.n)
		return is_part_reached(c, p);
	return at >= w->next.n;
}

/* The opening's message ended before the place inside was reached. */
static bool is_opening_missed(const struct trigger_window *w, const struct trigger_window_config *c,
			      const struct position *p)
{
	return w->next.unit == UNIT_MESSAGES && trigger_window_opens_inside(c) &&
	       p->at[UNIT_MESSAGES] > w->next.n;
}

/* Sets the next opening behind p. */
static void advance_opening(struct trigger_window *w, const struct trigger_window_config *c,
			    const struct position *p)
{
	uint64_t at = p->at[c->every.unit], step = c->every.n;

	if (!step) {
		w->done = true;
	} else if (w->next.unit != c->every.unit) {
		w->next = (struct amount){.unit = c->every.unit, .n = at + step};
	} else if (w->next.unit == UNIT_MESSAGES && trigger_window_opens_inside(c) &&
		   at > w->next.n) {
		/* The message under way may be the one of an opening. */
		w->next.n += (at - w->next.n + step - 1) / step * step;
	} else {
		w->next.n += (at - w->next.n) / step * step + step;
	}
}

/* Returns whether a window that began at w->next would be closed again at p. */
static bool is_over(const struct trigger_window *w, const struct trigger_window_config *c,
		    const struct position *p)
{
	return c->length.n && c->length.unit == w->next.unit &&
	       p->at[w->next.unit] >= w->next.n + c->length.n;
}

static enum unit first_unit(const struct trigger_window_config *c)
{
	if (c->after.n)
		return c->after.unit;
	if (trigger_window_opens_inside(c))
		return UNIT_MESSAGES;
	return c->every.n ? c->every.unit : c->length.unit;
}

void trigger_window_draw(struct trigger_window_config *out, const struct trigger_window_config *c,
			 struct rng *r)
{
	*out = *c;
	out->after.n += rng_below(r, c->after_span + 1);
	out->offset += rng_below(r, c->offset_span + 1);
	out->after_span = out->offset_span = 0;
}

void trigger_window_begin(struct trigger_window *w, const struct trigger_window_config *c,
			  const struct position *p)
{
	enum unit unit = first_unit(c);
	uint64_t at = p->at[unit];

	*w = (struct trigger_window){.next = {.unit = unit, .n = c->after.n}, .joined = at != 0};
	if (!is_over(w, c, p))
		return;
	if (!c->every.n) {
		w->done = true;
	} else if (c->every.unit == unit) {
		w->next.n += (at - w->next.n) / c->every.n * c->every.n;
		if (is_over(w, c, p))
			w->next.n += c->every.n;
	}
}

static uint64_t find_close(const struct trigger_window *w, const struct trigger_window_config *c,
			   const struct position *p)
{
	bool exact = c->length.unit != UNIT_TIME || w->joined;

	/* Counts are met exactly; an opening by time that comes late still lasts its whole time. */
	return (exact && c->length.unit == w->next.unit ? w->next.n : p->at[c->length.unit]) +
	       c->length.n;
}

enum trigger_window_event trigger_window_step(struct trigger_window *w,
					      const struct trigger_window_config *c,
					      const struct position *p)
{
	if (w->open && c->length.n && p->at[c->length.unit] >= w->close) {
		w->open = false;
		return TRIGGER_WINDOW_CLOSES;
	}
	while (!w->done && is_opening_reached(w, c, p)) {
		bool opens = !w->open && !is_opening_missed(w, c, p);

		if (opens && c->length.n)
			w->close = find_close(w, c, p);
		advance_opening(w, c, p);
		if (!opens)
			continue;
		w->joined = false;
		w->open = true;
		return TRIGGER_WINDOW_OPENS;
	}
	return TRIGGER_WINDOW_STAYS;
}

bool trigger_window_is_due(const struct trigger_window *w, const struct trigger_window_config *c,
			   const struct position *p)
{
	struct trigger_window trial = *w;

	return trigger_window_step(&trial, c, p) != TRIGGER_WINDOW_STAYS;
}

static uint64_t least_of(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t trigger_window_bytes_left(const struct trigger_window *w,
				   const struct trigger_window_config *c, const struct position *p)
{
	uint64_t at = p->at[UNIT_BYTES], left = UINT64_MAX;

	if (w->open && c->length.n && c->length.unit == UNIT_BYTES)
		left = w->close - at;
	if (!w->done && w->next.unit == UNIT_BYTES)
		left = least_of(left, w->next.n - at);
	if (!w->done && w->next.unit == UNIT_MESSAGES && w->next.n == p->at[UNIT_MESSAGES] &&
	    p->begun[c->part] && p->part_at[c->part] + c->offset > at)
		left = least_of(left, p->part_at[c->part] + c->offset - at);
	return left;
}

uint64_t trigger_window_time_due(const struct trigger_window *w,
				 const struct trigger_window_config *c)
{
	uint64_t due = UINT64_MAX;

	if (w->open && c->length.n && c->length.unit == UNIT_TIME)
		due = w->close;
	if (!w->done && w->next.unit == UNIT_TIME)
		due = least_of(due, w->next.n);
	return due;
}
