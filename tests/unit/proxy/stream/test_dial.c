/* test_dial.c - a dial whose connections somebody else opens: addresses in order, one way out.
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
	struct connect_request *asked;
	unsigned starts, cancels;
};

struct result {
	unsigned calls;
	int fd;
	char addr[ADDR_TEXT], why[256];
};

static void fake_start(struct connector *c, struct connect_request *rq)
{
	struct fake *f = container_of(c, struct fake, connector);

	f->asked = rq;
	rq->id = ++f->starts;
}

static void fake_cancel(struct connector *c, struct connect_request *rq)
{
	struct fake *f = container_of(c, struct fake, connector);

	assert_ptr_equal(rq, f->asked);
	rq->id = 0;
	f->cancels++;
}

static void answer(struct fake *f, int fd, int error)
{
	struct connect_request *rq = f->asked;

	rq->id = 0;
	rq->done(rq->arg, fd, error);
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

static void begin(struct dial *d, struct fake *f, struct result *r, const char *host)
{
	struct host_port name = {.port = 80};

	snprintf(name.host, sizeof(name.host), "%s", host);
	*f = (struct fake){.connector = {.start = fake_start, .cancel = fake_cancel}};
	*r = (struct result){0};
	*d = (struct dial){.connector = &f->connector, .spare = -1, .done = done, .arg = r};
	dial_start(d, NULL, &name);
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
	dial_fini(&d);
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
	dial_fini(&d);
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
	dial_fini(&d);
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
	dial_fini(&d);
	assert_int_equal(f.cancels, 1);
	assert_int_equal(r.calls, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_address_is_asked_of_the_connector),
	    cmocka_unit_test(far_localhost_is_both_loopbacks_in_order),
	    cmocka_unit_test(the_last_failure_is_told),
	    cmocka_unit_test(a_dial_that_is_given_up_is_cancelled_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
