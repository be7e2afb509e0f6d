/* agreement.h - checks that the journal, the injector's own record, agrees with the captures. It
 * runs after the verdict's values are taken from the wire, and can only make a run invalid, never
 * make it pass. */
#ifndef WEDGE_SCENARIOS_RUN_AGREEMENT_H
#define WEDGE_SCENARIOS_RUN_AGREEMENT_H

#include "scenarios/run/phase_data.h"

/* Compares each phase's journalled injections with the wire. Calls note(arg, agrees, text) once for
 * each phase and kind that was compared. -1 with *e when the journal can't be read. */
int agreement_check(const char *journal_path, struct phase_data *const *phases, size_t n,
		    void (*note)(void *arg, bool agrees, const char *text), void *arg,
		    struct err *e) WG_MUSTUSE;

#endif
