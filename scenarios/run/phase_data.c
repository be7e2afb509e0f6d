/* phase_data.c - the end of what a phase has left; phase_run.c fills it. */
#include "scenarios/run/phase_data.h"

#include <stdlib.h>

void phase_data_free(struct phase_data *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->nends; i++)
		json_decref(d->ends[i].result);
	free(d->ends);
	phase_lab_fini(&d->lab);
	phase_free(d->phase);
	for (int leg = 0; leg < LEG_COUNT; leg++) {
		analysis_free(d->wire[leg]);
		json_decref(d->taps[leg]);
		free(d->capture[leg]);
	}
	json_decref(d->wedge);
	json_decref(d->environment);
	free(d->backend);
	free(d->label);
	for (size_t i = 0; i < d->nsections; i++)
		free(d->sections[i].name);
	free(d->sections);
	free(d->unreached);
	json_decref(d->steps);
	free(d);
}
