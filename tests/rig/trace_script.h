/* trace_script.h - a capture whose packets stand in the test as text, a line a packet. */
#ifndef WEDGE_TEST_TRACE_SCRIPT_H
#define WEDGE_TEST_TRACE_SCRIPT_H

#include "tests/rig/trace_rig.h"

/* Writes the packets of a script. A line: milliseconds since the script's start, ">" (the client
 * sends) or "<", and what it sends:
 *   syn, syn-ack, ack, fin, rst
 *   N        N bytes of new data, with the acknowledgement that this side sent last
 *   N ack    ... and it acknowledges everything
 *   again syn
 *   again N  the last N bytes once more
 *   again N of M  N bytes that begin M before the last sent
 *   hole N   N bytes that the capture doesn't have
 *   probe    a keep-alive, or what Linux sends into a closed window
 *   text T   the payload T, where ~ stands for CR LF
 * and behind any of these "win N": the window (as in the header) from here on. Blanks are free. */
void trace_script(struct trace *t, const char *script);

#endif
