/* legs_readdress.h - shows a redirected packet with the address that its client knows. Pure. */
#ifndef WEDGE_SCENARIOS_LIVE_LEGS_READDRESS_H
#define WEDGE_SCENARIOS_LIVE_LEGS_READDRESS_H

#include "scenarios/annotate/wire_index.h"

/* Puts that server in the place of a TCP packet's destination, or of its source when it goes down
 * (to the client), and writes its checksums anew. len bytes from the IP header on; what isn't whole
 * stays as it is. */
void readdress_packet(uint8_t *ip, size_t len, bool down, const struct wire_end *server);

#endif
