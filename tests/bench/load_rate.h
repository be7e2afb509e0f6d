/* load_rate.h - how much goes through in a time: bytes, messages back and forth, connections. */
#ifndef WEDGE_BENCH_LOAD_RATE_H
#define WEDGE_BENCH_LOAD_RATE_H

/* Each takes the command's words behind its name, prints {"begin": true} when it begins to measure
 * and one object at the end, and returns the exit status. */

/* DIAL LISTEN CONNECTIONS SECONDS [BYTES_PER_SECOND]: bytes that arrive; the rate, of all together,
 * is the kernel's pacing. */
int load_bulk(char **words);

/* DIAL LISTEN CONNECTIONS SECONDS SIZE: a message of SIZE is sent again when it has come back.
 * LISTEN "-": a server is there already. */
int load_ping(char **words);

/* DIAL LISTEN AT_ONCE SECONDS: connections that are opened, ask for a byte, get it and are closed.
 */
int load_connect(char **words);

#endif
