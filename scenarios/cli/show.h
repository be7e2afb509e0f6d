/* show.h - one scenario explained, as text or JSON. */
#ifndef WEDGE_SCENARIOS_CLI_SHOW_H
#define WEDGE_SCENARIOS_CLI_SHOW_H

#include "scenarios/scenario/scenario.h"

/* Both on stdout. */
void show_text(const struct scenario *s);
void show_json(const struct scenario *s);

/* "exchanges=60 request=512B ..." or the words of the command; with base only what differs from it.
 * The caller frees; "" when nothing differs. */
char *show_role(const struct role_spec *r, const struct workload *app, bool server,
		const struct role_spec *base);

/* What a phase changes of the main traffic, "client: quickack=true"; NULL when nothing. The caller
 * frees. */
char *show_changes(const struct phase *p, const struct phase *base);

#endif
