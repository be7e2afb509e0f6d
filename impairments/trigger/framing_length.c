/* framing_length.c - passes over the offset, adds up the field, passes over the body. */
#include "impairments/trigger/framing_length.h"

static void begin_length(void *state, const struct framing_config *c, enum dir dir)
{
	struct framing_length *l = state;

	(void)dir;
	l->config = c;
	l->left = c->offset;
}

/* The field is complete: value + extra bytes follow it. */
static void begin_body(struct framing_length *l, struct framing_step *step)
{
	int64_t extra = l->config->extra;
	uint64_t less = extra < 0 ? (uint64_t)-extra : 0;

	if (l->value > FRAMING_LEAP) {
		framing_lose(step, "a length field says more than any message has");
		return;
	}
	if (l->value < less) {
		framing_lose(step, "a length field says less than nothing");
		return;
	}
	l->left = l->value + (extra > 0 ? (uint64_t)extra : 0) - less;
	l->value = l->width = 0;
	l->at = LENGTH_BODY;
	step->mark = MARK_BODY;
}

static void end_message(struct framing_length *l, struct framing_step *step)
{
	l->at = LENGTH_OFFSET;
	l->left = l->config->offset;
	step->mark = MARK_END;
}

static size_t read_length(void *state, const unsigned char *p, size_t n, struct framing_step *step)
{
	struct framing_length *l = state;
	const struct framing_config *c = l->config;
	size_t i = 0;

	if (l->at != LENGTH_FIELD) {
		i = framing_skip(&l->left, n);
		if (l->left)
			return i;
		if (l->at == LENGTH_BODY) {
			end_message(l, step);
			return i;
		}
		l->at = LENGTH_FIELD;
	}
	while (i < n && l->width < c->width) {
		uint64_t byte = p[i++];

		l->value = c->little ? l->value | byte << 8 * l->width : l->value << 8 | byte;
		l->width++;
	}
	if (l->width == c->width)
		begin_body(l, step);
	return i;
}

const struct framing_reader framing_length_reader = {.begin = begin_length, .read = read_length};
