/* test_sender_clock.c - the rate of a host's timestamps is found, and what is reckoned from it is
 * never ahead of the host.
 * LAYER: wedge_packet */
#include "proxy/packet/sender_clock.h"

#include "proxy/base/clock.h"
#include "proxy/base/rng.h"
#include "proxy/packet/tcp_view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* A host whose clock had begin ticks, and so many tenths of one, at the time 0. */
struct host {
	double hz, phase;
	uint32_t begin;
};

static uint32_t ticks_of(const struct host *h, int64_t at)
{
	return h->begin + (uint32_t)(int64_t)(h->hz * clock_seconds(at) + h->phase);
}

/* The host sends at the time at; it takes way to come here. */
static void note(struct sender_clock *c, const struct host *h, int64_t at, int64_t way)
{
	sender_clock_note(c, at + way, ticks_of(h, at), at == 0);
}

/* A handshake and a request within a millisecond, then segments each 200 ms. */
static void follow(struct sender_clock *c, const struct host *h, int64_t until)
{
	note(c, h, 0, 100 * NS_PER_US);
	note(c, h, 500 * NS_PER_US, 100 * NS_PER_US);
	for (int64_t at = NS_PER_MS; at <= until; at += 200 * NS_PER_MS)
		note(c, h, at, (100 + at / NS_PER_MS % 7 * 300) * NS_PER_US);
}

static void assert_in_line(const struct sender_clock *c, const struct host *h, int64_t at,
			   double ticks)
{
	int32_t behind = seq_diff(ticks_of(h, at), sender_clock_at(c, at));

	assert_true(behind >= 0);
	assert_true(behind <= ticks);
}

static void unmeasured_clock_goes_a_thousand_times_a_second(void **state)
{
	const struct host h = {.hz = 1000, .begin = 77, .phase = 0.3};
	struct sender_clock c = {.seen = false};

	(void)state;
	follow(&c, &h, NS_PER_MS);
	assert_int_equal((int)c.hz, 1000);
	assert_in_line(&c, &h, 201 * NS_PER_MS, 1);
	assert_in_line(&c, &h, 3001 * NS_PER_MS, 2);
}

static void rate_is_measured(void **state)
{
	static const double rates[] = {10, 64, 100, 250, 500, 512, 1000, 1024, 1e6};

	(void)state;
	for (size_t i = 0; i < sizeof(rates) / sizeof(*rates); i++)
		for (double phase = 0; phase < 1; phase += 0.3) {
			const struct host h = {.hz = rates[i], .begin = 12345, .phase = phase};
			struct sender_clock c = {.seen = false};

			follow(&c, &h, 60 * NS_PER_S);
			assert_true(c.hz > rates[i] * 0.999 && c.hz < rates[i] * 1.001);
			assert_in_line(&c, &h, 60300 * NS_PER_MS, rates[i] * 0.003 + 1);
		}
}

/* Segments within 16 ms, and then a hold: what is reckoned may be behind, but not ahead. */
static void hold_early(const struct host *h, double guess)
{
	struct sender_clock c = {.guess = guess};

	for (int64_t at = 0; at <= 16 * NS_PER_MS; at += 4 * NS_PER_MS)
		note(&c, h, at, 100 * NS_PER_US);
	assert_in_line(&c, h, 216 * NS_PER_MS, h->hz == guess ? 2 : h->hz * 0.2 + 1);
}

static void slow_clock_is_told_early(void **state)
{
	static const double rates[] = {1, 2, 10, 64, 100, 128, 250, 500, 1000, 1e6};

	(void)state;
	for (size_t i = 0; i < sizeof(rates) / sizeof(*rates); i++)
		for (double phase = 0; phase < 1; phase += 0.01) {
			const struct host h = {.hz = rates[i], .begin = 12345, .phase = phase};

			hold_early(&h, SENDER_CLOCK_HZ);
			if (h.hz >= 10)
				hold_early(&h, 10);
		}
}

/* The first segment was late, or the last is: a thousand a second is not given up for it. */
static void early_stall_doesnt_mislead(void **state)
{
	const struct host h = {.hz = 1000, .begin = 12345, .phase = 0.5};
	struct sender_clock c = {.seen = false};

	(void)state;
	note(&c, &h, 0, 0);
	note(&c, &h, NS_PER_MS, 30 * NS_PER_MS);
	for (int64_t at = 32 * NS_PER_MS; at <= 48 * NS_PER_MS; at += 4 * NS_PER_MS)
		note(&c, &h, at, 0);
	assert_in_line(&c, &h, 248 * NS_PER_MS, 2);
	c = (struct sender_clock){.seen = false};
	note(&c, &h, 0, 0);
	note(&c, &h, NS_PER_MS, 0);
	note(&c, &h, 2 * NS_PER_MS, 20 * NS_PER_MS);
	note(&c, &h, 22 * NS_PER_MS, 0); /* the next one mends it */
	assert_in_line(&c, &h, 248 * NS_PER_MS, 2);
}

/* A reader of packets that isn't scheduled for up to 150 ms at a time, or has each packet late by
 * up to that; none overtakes another. */
struct late_reader {
	struct rng rng;
	bool stalls;
	int64_t stalled_until, read_at;
};

static int64_t read_late(struct late_reader *r, int64_t at)
{
	int64_t late = (int64_t)rng_below(&r->rng, 150) * NS_PER_MS;

	if (!r->stalls)
		r->stalled_until = at + late;
	else if (at > r->stalled_until && rng_chance(&r->rng, 0.3))
		r->stalled_until = at + late;
	if (r->read_at < at)
		r->read_at = at;
	if (r->read_at < r->stalled_until)
		r->read_at = r->stalled_until;
	return r->read_at;
}

/* What is reckoned for 200 ms from now on is never ahead, without any tolerance, nor older than
 * the host's clock by more than the hold, what the reader was late, and two ticks. */
static void assert_not_ahead(const struct sender_clock *c, const struct host *h, int64_t now)
{
	for (int64_t at = now; at <= now + 200 * NS_PER_MS; at += 50 * NS_PER_MS) {
		int32_t behind = seq_diff(ticks_of(h, at), sender_clock_at(c, at));

		assert_true(behind >= 0);
		if (now > 2 * NS_PER_S)
			assert_true(behind <= 0.35 * h->hz + 2);
	}
}

/* Five segments each 312 ms, the first ones half a millisecond apart. Clocks that are slower than
 * the guess are looked at once the packets of the first 350 ms have told of it. */
static void follow_late(const struct host *h, double guess, struct late_reader *r)
{
	struct sender_clock c = {.guess = guess};
	int64_t at = 0;

	for (int i = 0; at < 4 * NS_PER_S; i++) {
		int64_t now = read_late(r, at);

		sender_clock_note(&c, now, ticks_of(h, at), at == 0);
		if (h->hz >= guess || at > 350 * NS_PER_MS)
			assert_not_ahead(&c, h, now);
		if (i < 2)
			at += NS_PER_MS / 2;
		else
			at += (i % 5 == 4 ? 280 : 8) * NS_PER_MS;
	}
	assert_true(c.hz == h->hz);
}

static void late_reader_is_never_ahead(void **state)
{
	static const double rates[] = {10, 100, 250, 1000, 1e6}, guesses[] = {10, 1000};

	(void)state;
	for (uint64_t seed = 0; seed < 400; seed++)
		for (size_t i = 0; i < sizeof(rates) / sizeof(*rates); i++)
			for (uint64_t n = 0; n < 4; n++) {
				struct late_reader r = {.rng = rng_make(seed, i, n),
							.stalls = n & 1};
				const struct host h = {
				    .hz = rates[i], .begin = 12345, .phase = rng_unit(&r.rng)};

				follow_late(&h, guesses[n / 2], &r);
			}
}

/* Half a second of packets at once, after the first one waited so long: no thousand-fold clock. */
static void batch_after_a_stall_is_no_fast_clock(void **state)
{
	const struct host h = {.hz = 1000, .begin = 12345, .phase = 0.5};
	struct sender_clock c = {.seen = false};

	(void)state;
	note(&c, &h, 0, 0);
	for (int64_t at = NS_PER_MS; at <= 450 * NS_PER_MS; at += 10 * NS_PER_MS)
		note(&c, &h, at, 450 * NS_PER_MS - at);
	assert_in_line(&c, &h, 650 * NS_PER_MS, 2);
}

static void usual_rates_are_known_after_a_second(void **state)
{
	static const double rates[] = {10, 100, 250, 1000, 1e6};

	(void)state;
	for (size_t i = 0; i < sizeof(rates) / sizeof(*rates); i++) {
		const struct host h = {.hz = rates[i], .begin = 1, .phase = 0.5};
		struct sender_clock c = {.seen = false};

		follow(&c, &h, 1200 * NS_PER_MS);
		assert_true(c.hz == rates[i]);
	}
}

static void unusual_rate_is_what_was_measured(void **state)
{
	const struct host h = {.hz = 333, .begin = 5};
	struct sender_clock c = {.seen = false};

	(void)state;
	follow(&c, &h, 60 * NS_PER_S);
	assert_true(c.hz > 330 && c.hz <= 333);
}

/* 100 ppm is more than two quartzes differ by. */
static void drifting_clock_is_never_overtaken(void **state)
{
	static const double drift[] = {-9e-5, 9e-5};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const struct host h = {.hz = 1000 * (1 + drift[i]), .begin = 1000, .phase = 0.9};
		struct sender_clock c = {.seen = false};

		for (int64_t at = 0; at < 600 * NS_PER_S; at += NS_PER_S) {
			note(&c, &h, at, 0);
			assert_in_line(&c, &h, at + 900 * NS_PER_MS, 2);
		}
	}
}

static void tsval_wraps(void **state)
{
	const struct host h = {.hz = 1000, .begin = UINT32_MAX - 700};
	struct sender_clock c = {.seen = false};

	(void)state;
	follow(&c, &h, 600 * NS_PER_MS);
	assert_in_line(&c, &h, 900 * NS_PER_MS, 2); /* reckoned over the wrap */
	assert_true(sender_clock_at(&c, 900 * NS_PER_MS) < 1000);
	follow(&c, &h, 5 * NS_PER_S);
	assert_int_equal((int)c.hz, 1000);
	assert_in_line(&c, &h, 5100 * NS_PER_MS, 2);
}

static void fast_clock_wraps_often(void **state)
{
	const struct host h = {.hz = 1e6, .begin = 0};
	struct sender_clock c = {.seen = false};

	(void)state;
	for (int64_t at = 0; at < 4 * INT64_C(4300) * NS_PER_S; at += 100 * NS_PER_S)
		note(&c, &h, at, 0);
	assert_true(c.hz == 1e6);
}

static void late_segments_tell_nothing(void **state)
{
	const struct host h = {.hz = 1000, .begin = 50};
	struct sender_clock c = {.seen = false};
	uint32_t before;

	(void)state;
	follow(&c, &h, 2 * NS_PER_S);
	before = sender_clock_at(&c, 2500 * NS_PER_MS);
	sender_clock_note(&c, 2100 * NS_PER_MS, ticks_of(&h, NS_PER_S), false);
	assert_int_equal(sender_clock_at(&c, 2500 * NS_PER_MS), before);
	sender_clock_note(&c, 2400 * NS_PER_MS, ticks_of(&h, 2200 * NS_PER_MS), false);
	assert_int_equal(sender_clock_at(&c, 2500 * NS_PER_MS), before);
}

/* Windows' SYN has no time, a middlebox' has its own. */
static void syn_with_another_clock_doesnt_count(void **state)
{
	const struct host h = {.hz = 100, .begin = 3000000};
	struct sender_clock c = {.seen = false};

	(void)state;
	sender_clock_note(&c, 0, 0, true);
	for (int64_t at = NS_PER_MS; at < 2 * NS_PER_S; at += 50 * NS_PER_MS)
		note(&c, &h, at, 0);
	assert_int_equal((int)c.hz, 100);
	assert_in_line(&c, &h, 2200 * NS_PER_MS, 1);
}

static void clock_that_jumps_begins_anew(void **state)
{
	struct host h = {.hz = 1000, .begin = 3000000000U};
	struct sender_clock c = {.seen = false};

	(void)state;
	follow(&c, &h, NS_PER_S);
	h.begin = 1000; /* the host was set back */
	for (int64_t at = NS_PER_S; at < 2 * NS_PER_S; at += 100 * NS_PER_MS)
		note(&c, &h, at, 0);
	assert_in_line(&c, &h, 2200 * NS_PER_MS, 2);
	h.begin = 2000000000U;
	for (int64_t at = 2 * NS_PER_S; at < 3 * NS_PER_S; at += 100 * NS_PER_MS)
		note(&c, &h, at, 0);
	assert_in_line(&c, &h, 3200 * NS_PER_MS, 2);
}

static void standing_clock_is_not_pushed_far(void **state)
{
	struct sender_clock c = {.seen = false};

	(void)state;
	for (int64_t at = 0; at < 10 * NS_PER_S; at += 100 * NS_PER_MS)
		sender_clock_note(&c, at, 4711, at == 0);
	assert_int_equal(sender_clock_at(&c, 10 * NS_PER_S), 4711);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(unmeasured_clock_goes_a_thousand_times_a_second),
	    cmocka_unit_test(rate_is_measured),
	    cmocka_unit_test(slow_clock_is_told_early),
	    cmocka_unit_test(early_stall_doesnt_mislead),
	    cmocka_unit_test(late_reader_is_never_ahead),
	    cmocka_unit_test(batch_after_a_stall_is_no_fast_clock),
	    cmocka_unit_test(usual_rates_are_known_after_a_second),
	    cmocka_unit_test(unusual_rate_is_what_was_measured),
	    cmocka_unit_test(drifting_clock_is_never_overtaken),
	    cmocka_unit_test(tsval_wraps),
	    cmocka_unit_test(fast_clock_wraps_often),
	    cmocka_unit_test(late_segments_tell_nothing),
	    cmocka_unit_test(syn_with_another_clock_doesnt_count),
	    cmocka_unit_test(clock_that_jumps_begins_anew),
	    cmocka_unit_test(standing_clock_is_not_pushed_far),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
