/* test_gate_packet_laws.c - every packet impairment under random triggers and changes: each packet
 * gets exactly one verdict, and when all is removed none is held. LAYER: wedge_impairments pkt_rig
 */
#include "impairments/set/registry.h"
#include "proxy/base/mem.h"
#include "tests/rig/pkt_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { ROUNDS = 25, STEPS = 60 };

static const char *const triggers[] = {
    "enabled=true",
    "after=400B",
    "after=3 packets",
    "after=2pkt,for=3pkt,every=7pkt",
    "for=7ms,every=11ms",
    "after=500B,for=5ms",
    "schedule=on 3ms off 4ms",
    "probability=50%,after=1ms",
    "enabled=false",
    "after=100B,for=200B,every=1000B",
};

static void apply(struct pkt_rig *r, const struct impairment *im, struct rng *rng)
{
	struct impairment_set *s = impairment_set_new();
	size_t n = im ? strcspn(im->example, "{") : 0;
	struct err e;

	if (im) {
		char *text = xasprintf("%.*s{%s}", (int)n, im->example,
				       triggers[rng_below(rng, ARRAY_LEN(triggers))]);

		if (rng_chance(rng, 0.3) || impairment_set_text(s, text, &e) == -1)
			if (impairment_set_text(s, im->example, &e) == -1)
				fail_msg("%s", e.text);
		free(text);
	}
	/* An example may name a leg, which these connections don't have. */
	if (impairment_set_check(s, true, &e) == 0)
		assert_int_equal(impairment_set_apply(r->set, s, true, &e), 0);
	impairment_set_free(s);
}

static void send_any(struct pkt_rig *r, struct rng *rng, uint32_t *seq)
{
	enum dir dir = (enum dir)rng_below(rng, DIR_COUNT);
	uint32_t len = (uint32_t)rng_below(rng, 300);
	static const uint8_t flags[] = {TCP_ACK, TCP_ACK,	    TCP_ACK,
					TCP_ACK, TCP_ACK | TCP_PSH, TCP_ACK | TCP_FIN};
	struct rig_segment s = {.dir = dir,
				.flags = flags[rng_below(rng, ARRAY_LEN(flags))],
				.seq = seq[dir],
				.ack = seq[dir_reverse(dir)],
				.len = rng_chance(rng, 0.6) ? len : 0};

	if (rng_chance(rng, 0.2) && seq[dir] > 200)
		s.seq -= 150; /* again */
	else
		seq[dir] += s.len;
	if (rng_chance(rng, 0.01))
		s.flags = TCP_RST | TCP_ACK;
	pkt_rig_send(r, s);
}

static void round_of(const struct impairment *im, uint64_t seed)
{
	struct rng rng = rng_make(seed, 1, 1);
	uint32_t seq[DIR_COUNT] = {1, 1};
	struct pkt_rig *r = xcalloc(1, sizeof(*r));
	struct pkt_stats stats;

	pkt_rig_open(r, NULL);
	apply(r, im, &rng);
	pkt_rig_handshake(r);
	for (int k = 0; k < STEPS; k++) {
		send_any(r, &rng, seq);
		pkt_rig_wait(r, (int64_t)rng_below(&rng, 3 * NS_PER_MS));
		if (rng_chance(&rng, 0.08))
			apply(r, im, &rng);
	}
	apply(r, NULL, &rng);
	pkt_tracker_stats(r->tracker, &stats);
	assert_int_equal(stats.held_now, 0);
	assert_int_equal(stats.received, stats.accepted + stats.dropped);
	pkt_rig_close(r);
	free(r);
}

static void every_packet_impairment_bears_every_trigger(void **state)
{
	(void)state;
	for (size_t i = 0; impairment_kinds[i]; i++)
		for (uint64_t seed = 1; seed <= ROUNDS && impairment_kinds[i]->packet; seed++)
			round_of(impairment_kinds[i], seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_packet_impairment_bears_every_trigger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
