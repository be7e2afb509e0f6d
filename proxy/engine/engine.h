/* engine.h - a configured wedge: proxies (listeners and forwarded selections) on one loop, with the
 * packet plane when it is asked for. Knows no impairments: they come in as hooks. */
#ifndef WEDGE_ENGINE_ENGINE_H
#define WEDGE_ENGINE_ENGINE_H

#include "proxy/base/loop.h"
#include "proxy/engine/engine_config.h"

struct engine;

/* Listens and installs the packet rules; the caller runs the loop. NULL with *e on failure, with
 * nothing left behind. config is read during the call only; journal, log and the hooks' arguments
 * must outlive the engine. */
struct engine *engine_new(struct loop *loop, const struct engine_config *config,
			  struct err *e) WG_MUSTUSE;

/* While on, what a change lets go is sent later, in the sessions' turns: the change itself waits
 * for no socket. */
void engine_let_wait(struct engine *en, bool on);

/* The address at which proxy i listens, with the port that the kernel chose for ":0"; valid until
 * the next change. NULL: a forwarding proxy has none, nor one that listens elsewhere. */
const struct addr *engine_listen_addr(const struct engine *en, size_t i);

/* Stops accepting and lets the sessions end; done(arg) is called when the last session has. */
void engine_drain(struct engine *en, void (*done)(void *arg), void *arg);

/* Counts the open sessions whose server hasn't been sent yet all that their clients have sent, and
 * its end. */
size_t engine_unsent(const struct engine *en);

/* Closes the sessions that engine_unsent doesn't count in the ordinary way: their clients' programs
 * have ended. */
void engine_hang_up(struct engine *en);

/* Ends every session without sending a segment to either end: what their sockets show on the wire
 * is over. */
void engine_silence(struct engine *en);

struct engine_stats {
	uint64_t sessions_accepted, sessions_open, bytes[DIR_COUNT];
	struct pkt_stats packets; /* all zero without a packet plane */
};
void engine_stats(const struct engine *en, struct engine_stats *out);

/* Resets the sessions and releases held packets, with the rules still in force: what is on the wire
 * from here on is no word of wedge's. Only engine_free may follow. */
void engine_end(struct engine *en);

/* Closes everything at once: does the same, then removes the rules. last,
 * unless NULL: the sessions before that, and all packets to the very end. NULL is fine. */
void engine_free(struct engine *en, struct engine_stats *last);

/* Names the means by which connections are taken for proxies of that mode: "nftables tproxy",
 * "iptables REDIRECT (legacy)" ...; NULL where none are. */
const char *engine_intercept_backend(const struct engine *en, enum proxy_mode mode);

/* Returns whether packets of connections are queued: from then on they are until its end. */
bool engine_queues_packets(const struct engine *en);

/* "nftables queue" or "iptables NFQUEUE"; NULL without a packet plane. */
const char *engine_packet_backend(const struct engine *en);

/* Names the means by which proxy i defers its accepts, in engine_packet_backend's words; NULL where
 * it accepts early. */
const char *engine_defer_backend(const struct engine *en, size_t i);

#endif
