/* agreement.h - does the journal, the injector's own word, agree with what the captures show? Read
 * after the verdict's values are taken from the wire; it can only make a run fail, never pass. */
#ifndef WEDGE_SCENARIOS_RUN_AGREEMENT_H
#define WEDGE_SCENARIOS_RUN_AGREEMENT_H

#include "scenarios/run/phase_data.h"

/* Compares each phase's journalled injections with the wire. One note a phase and kind that was
 * compared, through note(arg, agrees, text). -1 with *e when the journal can't be read. */
int agreement_check(const char *journal_path, struct phase_data *const *phases, size_t n,
		    void (*note)(void *arg, bool agrees, const char *text), void *arg,
		    struct err *e) WG_MUSTUSE;

#endif
