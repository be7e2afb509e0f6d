/* fuzz_framing.c - the readers of messages on any bytes: in pieces of any size they find the same
 * boundaries as in one piece, read all bytes and never stand still.
 * LAYER: wedge_trigger */
#include "impairments/trigger/framing.h"
#include "proxy/base/attrs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	uint64_t at; /* bytes read */
	unsigned marks;
	uint64_t hash; /* of every mark and where it stands */
};

static void add_mark(struct seen *s, enum framing_mark mark, uint64_t at)
{
	s->marks++;
	s->hash = (s->hash ^ ((uint64_t)mark << 56 | at)) * UINT64_C(0x100000001b3);
}

/* Reads on behind each mark, and once without bytes, as a gate does: a body may be empty. */
static void feed_bytes(struct framing *f, struct seen *s, const uint8_t *p, size_t n)
{
	enum framing_mark mark;
	size_t done = 0;

	while (done < n) {
		size_t k = framing_read(f, p + done, n - done, &mark);

		BUG_ON(k > n - done || (k == 0 && mark == MARK_NONE));
		done += k;
		s->at += k;
		for (unsigned i = 0; mark != MARK_NONE; i++) {
			add_mark(s, mark, mark == MARK_LOST ? 0 : s->at);
			BUG_ON(i > 4 + s->at || (mark == MARK_LOST && !f->why));
			if (mark == MARK_LOST)
				return;
			BUG_ON(framing_read(f, p, 0, &mark) != 0);
		}
	}
}

/* The first three bytes choose the framing, its parameters and the size of the pieces. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct framing_config c = {0};
	struct framing whole, pieces;
	struct seen a = {0}, b = {0};
	enum dir dir;
	size_t step;

	if (size < 3)
		return 0;
	c.kind = (enum framing_kind)(FRAMING_LINE + data[0] % (FRAMING_KINDS - FRAMING_LINE));
	dir = data[0] & 0x80 ? DIR_UPSTREAM : DIR_DOWNSTREAM;
	c.width = 1 + data[1] % 8;
	c.offset = data[1] >> 5;
	c.little = data[1] & 0x10;
	c.extra = (int8_t)data[2] / 16;
	BUG_ON(framing_set_delimiter(&c, data[2] & 1 ? "\\r\\n" : "aab", NULL) == -1);
	framing_init(&whole, &c, dir);
	framing_init(&pieces, &c, dir);
	feed_bytes(&whole, &a, data + 3, size - 3);
	step = data[2] % 32 + 1u;
	for (size_t at = 3; at < size && !pieces.why; step = step % 7 + 1) {
		size_t n = step < size - at ? step : size - at;

		feed_bytes(&pieces, &b, data + at, n);
		at += n;
	}
	BUG_ON(a.marks != b.marks || a.hash != b.hash || !whole.why != !pieces.why);
	BUG_ON(!whole.why && framing_finish(&whole) != framing_finish(&pieces));
	return 0;
}
