/* plain_capture.h - a capture as any program would have taken it: packets and when they came, and
 * nothing of who took it, where and why. */
#ifndef WEDGE_SCENARIOS_BLIND_PLAIN_CAPTURE_H
#define WEDGE_SCENARIOS_BLIND_PLAIN_CAPTURE_H

#include "proxy/base/err.h"

/* Copies the packets of a capture that this machine wrote, bit by bit, into a new file. -1 with *e.
 */
int plain_capture_write(const char *from, const char *to, struct err *e) WG_MUSTUSE;

#endif
