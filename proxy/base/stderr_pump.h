/* stderr_pump.h - the process between wedge's processes, which write to a pipe, and standard error.
 */
#ifndef WEDGE_BASE_STDERR_PUMP_H
#define WEDGE_BASE_STDERR_PUMP_H

#include "proxy/base/line_ring.h"

/* Reads the pipe until nobody has its other end any more, and lets a writer write what comes to
 * out, over ring. */
_Noreturn void stderr_pump(int pipe, int out, struct line_ring *ring);

#endif
