/* foreign_words.c - the words of Toxiproxy, tc-netem, clumsy, Pumba, Chaos Mesh, Envoy, WireMock
 * and mitmproxy, where they differ from ours. */
#include "impairments/set/foreign_words.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *words; /* with spaces between them */
	const char *means;
} foreign[] = {
    {"throttle rate rate_limit ratelimit limit_rate tbf shape slow_network",
     "bandwidth{rate=...} limits the rate"},
    {"lag ping slow netem_delay latency_toxic",
     "latency{delay=...} delays bytes, delay{...} packets"},
    {"jitter", "latency{delay=...,jitter=...} varies the delay of bytes, delay{...} of packets"},
    {"timeout", "drop eats what comes from a point on (Toxiproxy's timeout), stall keeps it back, "
		"and cut{...} "
		"ends a stream after a time"},
    {"hang pause stuck freeze_stream block",
     "stall keeps bytes back, process_freeze stops every session, freeze the whole host"},
    {"blackhole black_hole blackout partition offline silent_drop",
     "vanish lets no packet pass from a moment on, drop eats bytes, mtu_blackhole large segments"},
    {"limit_data truncate partial_response close_after fast_close disconnect close",
     "cut ends the stream with FIN after so many bytes, messages, or a time"},
    {"reset_peer rst abort connection_reset reset_by_peer disconnect_abruptly kill_connection",
     "reset sends RST to the client, the server or both, rst_inject forges one"},
    {"down disabled deny reject refused connection_refused unavailable",
     "refuse answers a client's SYN with RST"},
    {"packet_loss drop_packets lossy", "loss loses segments, drop eats bytes"},
    {"ood out_of_order", "reorder lets segments arrive behind later ones"},
    {"tamper corruption mangle bitflip bit_flip", "corrupt changes bytes"},
    {"dup", "duplicate lets segments arrive more than once"},
    {"dribble chunked_dribble trickle fragment slowloris",
     "slicer cuts the stream into small pieces"},
    {"half_open halfopen", "vanish leaves the other end alone with a connection that is dead"},
    {"max_connections maxconn limit_connections",
     "connection_limit denies sessions above a number"},
    {"slow_connect connect_delay syn_delay", "syn_ack_delay lets the answer to a SYN come late"},
    {"mtu pmtu", "mtu_blackhole swallows segments above a size"},
    {"empty_response", "cut{after=0B} ends the stream before its first byte"},
    {"noop none", "without --impair wedge forwards faithfully"},
};

const char *foreign_word_means(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
		for (const char *word = foreign[i].words; *word;) {
			size_t n = strcspn(word, " ");

			if (n == len && strncasecmp(word, name, n) == 0)
				return foreign[i].means;
			word += n + strspn(word + n, " ");
		}
	return NULL;
}
