/* test_dial.c - a dial whose connections somebody else opens: addresses as RFC 8305 orders them,
 * one way out.
 * LAYER: wedge_stream */
#include "proxy/stream/dial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

enum { FD = 77 }; /* never used as a descriptor */

struct fake {
	struct connector connector;
	struct connect_request *asked, *before; /* the last two */
	struct fake_clock clock;
	struct timerq *timers;
	unsigned starts, cancels;
	char ended[256];
};

struct result {
	unsigned calls;
	int fd;
	char addr[ADDR_TEXT], why[256];
};

static void fake_start(struct connector *c, struct connect_request *rq)
{
	struct fake *f = container_of(c, struct fake, connector);

	f->before = f->asked;
	f->asked = rq;
	rq->id = ++f->starts;
}

static void fake_cancel(struct connector *c, struct connect_request *rq)
{
	struct fake *f = container_of(c, struct fake, connector);

	assert_true(rq == f->asked || rq == f->before);
	rq->id = 0;
	f->cancels++;
}

static void answer_to(struct connect_request *rq, int fd, int error)
{
	rq->id = 0;
	rq->done(rq->arg, fd, error);
}

static void answer(struct fake *f, int fd, int error)
{
	answer_to(f->asked, fd, error);
}

static void advance(struct fake *f, int64_t ns)
{
	f->clock.t += ns;
	timerq_run(f->timers, f->clock.t);
}

static void ended(void *arg, const struct addr *addr, const char *result, int64_t took)
{
	struct fake *f = arg;
	char text[ADDR_TEXT];
	size_t n = strlen(f->ended);

	snprintf(f->ended + n, sizeof(f->ended) - n, "%s %s %.0f ms\n", addr_format(addr, text),
		 result, clock_seconds(took) * 1e3);
}

static void done(void *arg, int fd, const struct addr *addr, const char *why)
{
	struct result *r = arg;

	r->calls++;
	r->fd = fd;
	if (addr)
		addr_format(addr, r->addr);
	snprintf(r->why, sizeof(r->why), "%s", why ? why : "");
}

static void begin_how(struct dial *d, struct fake *f, struct result *r, const char *host,
		      bool one_by_one)
{
	struct host_port name = {.port = 80};

	snprintf(name.host, sizeof(name.host), "%s", host);
	*f = (struct fake){.connector = {.start = fake_start, .cancel = fake_cancel}};
	fake_clock_init(&f->clock, 0);
	f->timers = timerq_new();
	*r = (struct result){0};
	*d = (struct dial){.done = done, .arg = r};
	d->way = (struct attempt_way){.connector = &f->connector,
				      .timers = f->timers,
				      .clock = &f->clock.clock,
				      .timeout = 10 * NS_PER_S,
				      .spare = -1,
				      .ended = ended,
				      .arg = f};
	d->one_by_one = one_by_one;
	d->name = name;
	dial_start(d, NULL);
}

static void begin(struct dial *d, struct fake *f, struct result *r, const char *host)
{
	begin_how(d, f, r, host, false);
}

static void end(struct dial *d, struct fake *f)
{
	dial_fini(d);
	assert_int_equal(timerq_next(f->timers), INT64_MAX);
	timerq_free(f->timers);
}

static void an_address_is_asked_of_the_connector(void **state)
{
	struct result r;
	struct fake f;
	struct dial d;
	char text[ADDR_TEXT];

	(void)state;
	begin(&d, &f, &r, "192.0.2.1");
	assert_int_equal(f.starts, 1);
	assert_string_equal(addr_format(&f.asked->to, text), "192.0.2.1:80");
	assert_int_equal(r.calls, 0);
	answer(&f, FD, 0);
	assert_int_equal(r.calls, 1);
	assert_int_equal(r.fd, FD);
	assert_string_equal(r.addr, "192.0.2.1:80");
	end(&d, &f);
	assert_int_equal(f.cancels, 0);
}

static void far_localhost_is_both_loopbacks_in_order(void **state)
{
	struct result r;
	struct fake f;
	struct dial d;

	(void)state;
	begin(&d, &f, &r, "localhost");
	answer(&f, -1, ECONNREFUSED);
	assert_int_equal(f.starts, 2);
	assert_int_equal(r.calls, 0);
	answer(&f, FD, 0);
	assert_int_equal(r.calls, 1);
	assert_string_equal(r.addr, "[::1]:80");
	end(&d, &f);
}

static void the_last_failure_is_told(void **state)
{
	struct result r;
	struct fake f;
	struct dial d;

	(void)state;
	begin(&d, &f, &r, "2001:db8::1");
	answer(&f, -1, EHOSTUNREACH);
	assert_int_equal(r.calls, 1);
	assert_int_equal(r.fd, -1);
	assert_string_equal(r.why, "[2001:db8::1]:80: No route to host");
	end(&d, &f);
}

static void a_dial_that_is_given_up_is_cancelled_once(void **state)
{
	struct result r;
	struct fake f;
	struct dial d;

	(void)state;
	begin(&d, &f, &r, "192.0.2.1");
	dial_fini(&d);
	assert_int_equal(f.cancels, 1);
	end(&d, &f);
	assert_int_equal(f.cancels, 1);
	assert_int_equal(r.calls, 0);
}

static void a_silent_address_gets_the_next_beside_it_and_the_first_wins(void **state)
{
	struct result r;
	struct fake f;
	struct dial d;

	(void)state;
	begin(&d, &f, &r, "localhost");
	advance(&f, 249 * NS_PER_MS);
	assert_int_equal(f.starts, 1);
	advance(&f, NS_PER_MS);
	assert_int_equal(f.starts, 2);
	assert_int_equal(f.cancels, 0);
	advance(&f, 50 * NS_PER_MS);
	answer(&f, FD, 0);
	assert_string_equal(r.addr, "[::1]:80");
	assert_int_equal(f.cancels, 1);
	assert_string_equal(f.ended, "[::1]:80 connected 50 ms\n"
				     "127.0.0.1:80 another address was quicker 300 ms\n");
	end(&d, &f);
	assert_int_equal(r.calls, 1);
}

static void the_first_address_may_win_after_the_second_has_begun(void **state)
{
	struct result r;
	struct fake f;
	struct dial d;

	(void)state;
	begin(&d, &f, &r, "localhost");
	advance(&f, 250 * NS_PER_MS);
	answer_to(f.before, FD, 0);
	assert_string_equal(r.addr, "127.0.0.1:80");
	assert_int_equal(f.cancels, 1);
	end(&d, &f);
}

static void one_by_one_the_next_waits_for_the_timeout(void **state)
{
	struct result r;
	struct fake f;
	struct dial d;

	(void)state;
	begin_how(&d, &f, &r, "localhost", true);
	advance(&f, 9 * NS_PER_S);
	assert_int_equal(f.starts, 1);
	advance(&f, NS_PER_S);
	assert_int_equal(f.starts, 2);
	assert_int_equal(f.cancels, 1);
	advance(&f, 10 * NS_PER_S);
	assert_int_equal(r.calls, 1);
	assert_int_equal(r.fd, -1);
	assert_string_equal(r.why, "[::1]:80: Connection timed out");
	assert_int_equal(d.error, ETIMEDOUT);
	end(&d, &f);
}

static void all_are_waited_for_before_it_fails(void **state)
{
	struct result r;
	struct fake f;
	struct dial d;

	(void)state;
	begin(&d, &f, &r, "localhost");
	advance(&f, 250 * NS_PER_MS);
	answer(&f, -1, ECONNREFUSED);
	assert_int_equal(r.calls, 0);
	advance(&f, 10 * NS_PER_S);
	assert_int_equal(r.calls, 1);
	assert_string_equal(r.why, "127.0.0.1:80: Connection timed out");
	end(&d, &f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_address_is_asked_of_the_connector),
	    cmocka_unit_test(far_localhost_is_both_loopbacks_in_order),
	    cmocka_unit_test(the_last_failure_is_told),
	    cmocka_unit_test(a_dial_that_is_given_up_is_cancelled_once),
	    cmocka_unit_test(a_silent_address_gets_the_next_beside_it_and_the_first_wins),
	    cmocka_unit_test(the_first_address_may_win_after_the_second_has_begun),
	    cmocka_unit_test(one_by_one_the_next_waits_for_the_timeout),
	    cmocka_unit_test(all_are_waited_for_before_it_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
