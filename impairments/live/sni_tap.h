/* sni_tap.h - reads a session's upstream bytes for its server name, as they pass. */
#ifndef WEDGE_IMPAIRMENTS_LIVE_SNI_TAP_H
#define WEDGE_IMPAIRMENTS_LIVE_SNI_TAP_H

#include "impairments/live/run.h"

/* Reads from the first byte on; where bytes have passed already, the name stays unknown. The second
 * call for a session does nothing. */
void sni_tap_attach(struct session_record *v, struct flow *upstream);

#endif
