/* drops.c - each cause of the kind becomes unknown, in the sums and in the list of connections. */
#include "scenarios/diagnosis/drops.h"

#include "scenarios/diagnosis/gap.h"
#include "scenarios/diagnosis/rules_whole.h"

#include <string.h>

static bool is_hidden(const struct found *x)
{
	switch (x->kind) {
	case FINDING_RATE_LOSS:
	case FINDING_BLACKHOLE:
		return true;
	case FINDING_STALE:
		return strcmp(x->label, STALE_UNANSWERED) == 0;
	default:
		return false;
	}
}

static void withdraw_causes(struct tallies *t)
{
	for (int c = 0; c < CAUSE_COUNT; c++)
		if (cause_needs_all((enum cause)c))
			tallies_withdraw(t, (enum cause)c, CAUSE_UNKNOWN, GAP_LACKS_PACKETS);
}

void drops_withhold_service(struct service *x)
{
	withdraw_causes(&x->tallies);
	for (int c = 0; c < CAUSE_COUNT; c++)
		if (cause_needs_all((enum cause)c))
			x->with[c] = 0;
	x->with[CAUSE_UNKNOWN] = x->with_hidden;
}

void drops_withhold_ranking(struct ranking *r)
{
	for (size_t i = 0; i < r->n; i++)
		withdraw_causes(&r->list[i].tallies);
}

void drops_withhold_proofs(struct proofs *p)
{
	for (int c = 0; c < CAUSE_COUNT; c++)
		if (cause_needs_all((enum cause)c))
			proofs_withdraw(p, (enum cause)c, CAUSE_UNKNOWN, GAP_LACKS_PACKETS);
}

void drops_withhold_findings(struct findings *f)
{
	findings_remove(f, is_hidden);
}
