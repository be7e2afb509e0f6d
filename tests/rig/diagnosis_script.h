/* diagnosis_script.h - the diagnosis of a capture whose packets stand in the test as text. */
#ifndef WEDGE_TEST_DIAGNOSIS_SCRIPT_H
#define WEDGE_TEST_DIAGNOSIS_SCRIPT_H

#include "scenarios/diagnosis/diagnosis.h"
#include "tests/rig/trace_script.h"

/* The first three packets of a script, on a way of 0.3 ms. */
#define HANDSHAKE                                                                                  \
	"0   > syn\n"                                                                              \
	"0.2 < syn-ack\n"                                                                          \
	"0.3 > ack\n"

/* Fills *d, which diagnosis_fini frees, with each wait; checks that these sum up to the tallies. */
void diagnose(const char *script, struct diagnosis *d);

#endif
