/* annotate.h - the last pass over a report folder: writes the journal's events into the captures,
 * as comments at the packets concerned. Verdicts and analysis read the raw captures, before it. */
#ifndef WEDGE_SCENARIOS_ANNOTATE_ANNOTATE_H
#define WEDGE_SCENARIOS_ANNOTATE_ANNOTATE_H

#include "proxy/base/err.h"
#include "scenarios/run/result.h"

/* TLS secrets of the run, in the format of SSLKEYLOGFILE. When the folder has a file of this name,
 * its secrets go into every capture. */
#define REPORT_KEYLOG "tls-keys.log"

/* Rewrites PHASE-client.pcapng and PHASE-server.pcapng in folder with comments, and writes both
 * legs as PHASE.pcapng (result_phase.capture) where they are two connections and not very large.
 * Notes in *r how many events matched no packet. -1 with *e when something could not be done; that
 * phase's captures stay raw. */
int annotate_report(struct result *r, const char *folder, struct err *e) WG_MUSTUSE;

#endif
