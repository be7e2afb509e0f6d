/* sequence.c - one edge below which every byte was seen, and a bounded list of islands above it. */
#include "scenarios/analysis/sequence.h"

#include "proxy/base/mem.h"

#include <string.h>

/* Numbering starts one wrap up, so that bytes before the first one don't go below zero. */
#define FIRST_WRAP (UINT64_C(1) << 32)

static uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t max_u64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

void seq_space_start(struct seq_space *s, uint32_t seq)
{
	s->known = true;
	s->edge = s->next = FIRST_WRAP + seq;
}

void seq_space_fini(struct seq_space *s)
{
	free(s->islands);
	s->islands = NULL;
	s->nislands = 0;
}

uint64_t seq_unwrap(const struct seq_space *s, uint32_t seq)
{
	return s->next + (uint64_t)(int64_t)(int32_t)(seq - (uint32_t)s->next);
}

static void remove_islands(struct seq_space *s, size_t at, size_t n)
{
	if (!n)
		return;
	memmove(&s->islands[at], &s->islands[at + n], (s->nislands - at - n) * sizeof(*s->islands));
	s->nislands -= n;
}

/* The lowest island joins the contiguous part. */
static void absorb_lowest(struct seq_space *s)
{
	s->edge = max_u64(s->edge, s->islands[0].to);
	remove_islands(s, 0, 1);
}

static void insert_island(struct seq_space *s, size_t at, struct seq_range r)
{
	if (!s->islands)
		s->islands = xcalloc(SEQ_ISLANDS_MAX + 1, sizeof(*s->islands));
	memmove(&s->islands[at + 1], &s->islands[at], (s->nislands - at) * sizeof(*s->islands));
	s->islands[at] = r;
	s->nislands++;
}

uint64_t seq_space_add(struct seq_space *s, uint64_t from, uint64_t to)
{
	struct seq_range merged;
	uint64_t fresh;
	size_t i = 0, n = 0;

	from = max_u64(from, s->edge);
	if (from >= to)
		return 0;
	fresh = to - from;
	s->next = max_u64(s->next, to);
	if (!s->nislands && from == s->edge) {
		s->edge = to;
		return fresh;
	}
	merged = (struct seq_range){from, to};
	while (i < s->nislands && s->islands[i].to < from)
		i++;
	while (i + n < s->nislands && s->islands[i + n].from <= to) {
		struct seq_range *r = &s->islands[i + n++];

		fresh -= min_u64(to, r->to) - max_u64(from, r->from);
		merged.from = min_u64(merged.from, r->from);
		merged.to = max_u64(merged.to, r->to);
	}
	remove_islands(s, i, n);
	insert_island(s, i, merged);
	if (s->nislands > SEQ_ISLANDS_MAX) {
		s->overflow = true;
		absorb_lowest(s);
	}
	if (s->nislands && s->islands[0].from <= s->edge)
		absorb_lowest(s);
	return fresh;
}

uint64_t seq_space_skip(struct seq_space *s, uint64_t to)
{
	uint64_t missing;

	if (to <= s->edge)
		return 0;
	missing = to - s->edge;
	s->edge = to;
	s->next = max_u64(s->next, to);
	while (s->nislands && s->islands[0].from <= to) {
		missing -= min_u64(to, s->islands[0].to) - s->islands[0].from;
		absorb_lowest(s);
	}
	return missing;
}
