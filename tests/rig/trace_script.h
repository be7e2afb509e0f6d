/* trace_script.h - a capture whose packets stand in the test as text, a line a packet. */
#ifndef WEDGE_TEST_TRACE_SCRIPT_H
#define WEDGE_TEST_TRACE_SCRIPT_H

#include "tests/rig/trace_rig.h"

#define TRACE_SCRIPT_CONNECTIONS 64

/* Writes the packets of a script. A line: milliseconds since the script's start, ">" (the client
 * sends) or "<", and what it sends; a number before that sign is the connection's ("3>"; without it
 * 0), whose client has the trace's port and that number:
 *   syn, syn-ack, ack, fin, rst
 *   N        N bytes of new data, with the acknowledgement that this side sent last
 *   N ack    ... and it acknowledges everything
 *   again syn
 *   again N  the last N bytes once more
 *   again N of M  N bytes that begin M before the last sent
 *   hole N   N bytes that the capture doesn't have
 *   probe    a keep-alive, or what Linux sends into a closed window
 *   text T   the payload T, where ~ stands for CR LF
 *   hex B of N   N bytes of payload, which begin with the bytes B
 *   dsack N  an acknowledgement of everything, the last N bytes of which came twice (RFC 2883)
 *   rst unknown  as a host sends it that doesn't know the connection
 * and behind any of these, in this order: "win N": the window (as in the header) from here on;
 * "ttl N": the same for the time to live; "ts A B": TSval and TSecr (RFC 7323) of this segment.
 * Blanks are free. */
void trace_script(struct trace *t, const char *script);

#endif
