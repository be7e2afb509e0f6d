/* span_match.c - a request can't be seen at the server before its client sent it, nor an answer at
 * the client before its server did. */
#include "scenarios/run/span_match.h"

static bool begins_within(const struct span *s, const struct span *outer, int64_t slack)
{
	return s->from >= outer->from - slack && (!outer->to || s->from <= outer->to + slack);
}

static bool ends_within(const struct span *s, const struct span *outer, int64_t slack)
{
	return !outer->to || !s->to || s->to <= outer->to + slack;
}

static size_t count_begins(const struct span_list *spans, const struct span *outer, int64_t slack)
{
	size_t n = 0;

	for (size_t i = 0; i < spans->n; i++)
		n += begins_within(&spans->list[i], outer, slack);
	return n;
}

enum span_match span_find(const struct span_list *inners, const struct span_list *outers,
			  const struct span *outer, int64_t slack, struct span *out)
{
	const struct span *begun = NULL, *same = NULL;
	size_t nbegun = 0, nsame = 0;

	for (size_t i = 0; i < inners->n; i++) {
		const struct span *s = &inners->list[i];

		if (!begins_within(s, outer, slack))
			continue;
		begun = s;
		nbegun++;
		if (s->bytes != outer->bytes || !ends_within(s, outer, slack))
			continue;
		same = s;
		nsame++;
	}
	if (nsame != 1 && nbegun == 0)
		return SPAN_NONE;
	if (nsame != 1 && (nbegun != 1 || count_begins(outers, outer, slack) != 1))
		return SPAN_AMBIGUOUS;
	*out = nsame == 1 ? *same : *begun;
	return SPAN_FOUND;
}
