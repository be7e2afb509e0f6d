/* evidence.c - takes the name of the condition's first figure, and asks for the figures beside it.
 */
#include "scenarios/match/evidence.h"

#include "proxy/base/mem.h"
#include "scenarios/base/figure_text.h"
#include "scenarios/match/figures.h"
#include "scenarios/scenario/quantity.h"

#include <string.h>

static void take_first(void *arg, const struct metric_ref *ref)
{
	struct metric_ref *first = arg;

	if (!first->name[0])
		*first = *ref;
}

/* Returns the figure, or 0 where there is none. */
static double compute_figure(const struct scope *s, const char *name, const char *stat)
{
	struct metric_ref ref = {.traffic = "main"};
	double value;

	snprintf(ref.name, sizeof(ref.name), "%s", name);
	snprintf(ref.stat, sizeof(ref.stat), "%s", stat);
	return figure_value(s, &ref, &value, NULL) == -1 ? 0 : value;
}

char *evidence_text(const struct expect *condition, const struct scope *s)
{
	struct metric_ref first = {.name = ""};
	bool exchanges, stalls;
	double n, of;
	char count[QUANTITY_TEXT], whole[QUANTITY_TEXT], typical[QUANTITY_TEXT];

	expect_each_metric(condition, take_first, &first);
	stalls = figure_has_times(first.name);
	exchanges = strcmp(first.stat, "per_exchange") == 0 || strcmp(first.stat, "count") == 0;
	n = compute_figure(s, first.name, !stalls ? "" : exchanges ? "count" : "connections");
	of = compute_figure(s, exchanges ? "exchanges" : "connections", "");
	quantity_format(n, 'n', count);
	if (figure_number_words(first.name))
		return number_text((uint64_t)n, figure_number_words(first.name));
	quantity_format(of, 'n', whole);
	if (stalls)
		quantity_format(compute_figure(s, first.name, "p50"), 's', typical);
	if (n > of)
		return xasprintf("%s wait%s in %s %s%s%s%s", count, n == 1 ? "" : "s", whole,
				 exchanges ? "exchange" : "connection", of == 1 ? "" : "s",
				 stalls ? ", " : "", stalls ? typical : "");
	return xasprintf("%s of %s %s%s%s%s", count, whole, exchanges ? "exchange" : "connection",
			 of == 1 ? "" : "s", stalls ? ", " : "", stalls ? typical : "");
}
