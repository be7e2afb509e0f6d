/* sni_tap.h - reads the server name from a session's upstream bytes as they pass. */
#ifndef WEDGE_IMPAIRMENTS_LIVE_SNI_TAP_H
#define WEDGE_IMPAIRMENTS_LIVE_SNI_TAP_H

#include "impairments/live/run.h"

/* Attaches a tap to the session's upstream flow; where bytes have passed already, the name stays
 * unknown for good, unless TLS begins here. A second call for the session does nothing. */
void sni_tap_attach(struct session_record *rec, struct flow *upstream, bool begins);

#endif
