/* test_hung_requests.c - a pool that hung requests use up, and services that are only busy or slow:
 * who hangs is counted, and how much later the others are answered. LAYER: wedge_diagnosis */
#include "proxy/base/clock.h"
#include "scenarios/diagnosis/hung_requests.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void take(struct hung_requests *h, struct waiter *w, int64_t at, enum dir dir, uint8_t flags)
{
	struct tcp_view v = {.flags = flags, .payload_len = 100};
	struct segment s = {.v = &v, .at = at, .dir = dir, .fresh = 100};

	hung_requests_take_segment(h, w, &s);
}

static void ask(struct hung_requests *h, struct waiter *w, int64_t at)
{
	take(h, w, at, DIR_UPSTREAM, TCP_ACK);
}

static void answer(struct hung_requests *h, struct waiter *w, int64_t at)
{
	take(h, w, at, DIR_DOWNSTREAM, TCP_ACK);
}

/* With each of 8 requests that hang the others take 20 ms longer. */
static void each_that_hangs_slows_the_others(void **state)
{
	struct hung_requests h = {.most = 0};
	struct waiter hung[8] = {{.asked_at = 0}}, w = {.asked_at = 0};
	int64_t now = NS_PER_S;

	(void)state;
	for (int n = 0; n <= 8; n++) {
		for (int i = 0; i < 10; i++) {
			ask(&h, &w, now);
			now += 20 * NS_PER_MS * (n + 1);
			answer(&h, &w, now);
			now += NS_PER_MS;
		}
		if (n < 8)
			ask(&h, &hung[n], now);
		now += 5 * NS_PER_S; /* until it hangs */
	}
	assert_int_equal(h.most, 8);
	assert_float_equal(hung_requests_correlation(&h), 1, 1e-6);
	assert_float_equal(hung_requests_slowdown(&h), 9, 0.01);
	for (int n = 0; n < 8; n++)
		hung_requests_forget(&h, &hung[n]);
	assert_true(TAILQ_EMPTY(&h.waiters));
}

/* They are answered in order, so nobody waits much longer than who is answered. */
static void a_busy_service_has_none_that_hang(void **state)
{
	struct hung_requests h = {.most = 0};
	struct waiter w[60] = {{.asked_at = 0}};

	(void)state;
	for (int i = 0; i < 60; i++)
		ask(&h, &w[i], NS_PER_S + i * NS_PER_MS);
	for (int i = 0; i < 60; i++)
		answer(&h, &w[i], NS_PER_S + (i + 1) * 40 * NS_PER_MS);
	assert_int_equal(h.most, 0);
	assert_true(isnan(hung_requests_correlation(&h)));
	assert_true(isnan(hung_requests_slowdown(&h)));
}

/* A client that gives up doesn't wait any more, nor does one whose request goes on. */
static void who_has_left_does_not_hang(void **state)
{
	struct hung_requests h = {.most = 0};
	struct waiter gone = {.asked_at = 0}, slow = {.asked_at = 0}, w = {.asked_at = 0};

	(void)state;
	ask(&h, &gone, NS_PER_S);
	take(&h, &gone, 2 * NS_PER_S, DIR_UPSTREAM, TCP_ACK | TCP_FIN);
	ask(&h, &slow, NS_PER_S);
	ask(&h, &slow, 9 * NS_PER_S + 900 * NS_PER_MS);
	ask(&h, &w, 10 * NS_PER_S);
	answer(&h, &w, 10 * NS_PER_S + NS_PER_MS);
	assert_int_equal(h.most, 0);
	hung_requests_forget(&h, &slow);
	hung_requests_forget(&h, &gone);
	assert_true(TAILQ_EMPTY(&h.waiters));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_that_hangs_slows_the_others),
	    cmocka_unit_test(a_busy_service_has_none_that_hang),
	    cmocka_unit_test(who_has_left_does_not_hang),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
