/* load_sessions.h - connections that are only there, and messages that come in a rhythm on many of
 * them. */
#ifndef WEDGE_BENCH_LOAD_SESSIONS_H
#define WEDGE_BENCH_LOAD_SESSIONS_H

/* DIAL LISTEN CONNECTIONS idle|stalled: opens them, each with a byte there and back (idle) or with
 * 1,000 bytes that nobody reads (stalled), prints {"up": N}, then obeys standard input's lines:
 * "reset" ends the server's ends with RST; at its end all are closed. */
int load_sessions(char **words);

/* DIAL LISTEN CONNECTIONS MESSAGES_PER_SECOND SECONDS: stamped messages, one after the other on all
 * connections in turn. Prints how long they were on their way, in nanoseconds: least, quantiles,
 * most. */
int load_paced(char **words);

#endif
