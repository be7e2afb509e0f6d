/* live_capture.h - the capture of "wedge proxy" and "wedge exec" (proxy/base/capture.h): libpcap on
 * every interface in a process of its own, which writes the annotated file when wedge ends, however
 * it ends. */
#ifndef WEDGE_SCENARIOS_LIVE_LIVE_CAPTURE_H
#define WEDGE_SCENARIOS_LIVE_LIVE_CAPTURE_H

#include "proxy/base/capture.h"

extern const struct capture_ops live_capture;

#endif
