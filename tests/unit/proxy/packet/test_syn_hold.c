/* test_syn_hold.c - a client's SYN is held until somebody answers for its server; the client then
 * gets what the network would have answered. LAYER: wedge_impairments pkt_rig */
#include "proxy/packet/syn_hold.h"
#include "proxy/packet/unreachable.h"
#include "tests/rig/pkt_rig.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct pkt_rig rig;
static struct pkt_conn *asked; /* the last one that was asked about */
static unsigned asks, gave_up;
static bool wait_for_answer;

static bool ask(void *arg, struct pkt_conn *c)
{
	(void)arg;
	asked = c;
	asks++;
	c->pending = wait_for_answer ? &asks : NULL;
	return wait_for_answer;
}

static void give_up(void *arg, struct pkt_conn *c)
{
	(void)arg;
	gave_up += c == asked;
}

static void open_rig(const char *faults)
{
	asks = gave_up = 0;
	asked = NULL;
	wait_for_answer = true;
	pkt_rig_open_syn_hold(&rig, faults,
			      &(struct pkt_hooks){.syn_held = ask, .gave_up = give_up});
}

static unsigned send_syn(void)
{
	return pkt_rig_send(&rig, (struct rig_segment){.dir = DIR_UPSTREAM, .flags = TCP_SYN});
}

static unsigned send_rst(void)
{
	return pkt_rig_send(&rig,
			    (struct rig_segment){.dir = DIR_UPSTREAM, .flags = TCP_RST, .seq = 1});
}

static struct pkt_stats stats(void)
{
	struct pkt_stats s;

	pkt_tracker_stats(rig.tracker, &s);
	return s;
}

static void a_syn_waits_and_is_let_in(void **state)
{
	unsigned syn;

	(void)state;
	open_rig(NULL);
	syn = send_syn();
	assert_int_equal(asks, 1);
	assert_int_equal(pkt_rig_fate(&rig, syn), RIG_HELD);
	assert_int_equal(stats().held_now, 1);
	pkt_rig_wait(&rig, 300 * NS_PER_MS);
	syn_hold_answer(asked, SYN_LET_IN);
	assert_int_equal(pkt_rig_when(&rig, syn), 300 * NS_PER_MS);
	assert_int_equal(pkt_rig_fate(&rig, syn), RIG_ACCEPTED);
	assert_int_equal(pkt_rig_injected(&rig), 0);
	/* Sent again, it passes: its answer was lost. */
	assert_int_equal(pkt_rig_fate(&rig, send_syn()), RIG_ACCEPTED);
	assert_int_equal(asks, 1);
	pkt_rig_close(&rig);
}

static void a_syn_sent_again_asks_once_and_the_first_waits(void **state)
{
	unsigned first, again;

	(void)state;
	open_rig(NULL);
	first = send_syn();
	pkt_rig_wait(&rig, NS_PER_S);
	again = send_syn();
	assert_int_equal(pkt_rig_fate(&rig, again), RIG_DROPPED);
	assert_int_equal(pkt_rig_fate(&rig, first), RIG_HELD);
	assert_int_equal(asks, 1);
	assert_int_equal(asked->last_seen, NS_PER_S);
	syn_hold_answer(asked, SYN_LET_IN);
	pkt_rig_close(&rig);
}

/* RFC 9293 section 3.10.7.1: <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>. */
static void a_refusal_is_the_rst_of_a_closed_port(void **state)
{
	struct tcp_view v;
	unsigned syn;

	(void)state;
	open_rig(NULL);
	syn = send_syn();
	syn_hold_answer(asked, SYN_REFUSE);
	assert_int_equal(pkt_rig_fate(&rig, syn), RIG_DROPPED);
	assert_int_equal(pkt_rig_injected(&rig), 1);
	v = pkt_rig_injection(&rig);
	assert_int_equal(v.flags, TCP_RST | TCP_ACK);
	assert_int_equal(v.seq, 0);
	assert_int_equal(v.ack, RIG_ISN_CLIENT + 1);
	assert_int_equal(addr_port(&v.src), 80);
	/* Its next try is another connection. */
	assert_null(asked->pending);
	pkt_rig_send(&rig, (struct rig_segment){.dir = DIR_UPSTREAM, .flags = TCP_SYN, .seq = 77});
	assert_int_equal(asks, 2);
	assert_int_equal(asked->session, 2);
	syn_hold_answer(asked, SYN_SILENCE);
	pkt_rig_close(&rig);
}

static void an_answer_goes_through_the_stages(void **state)
{
	(void)state;
	open_rig("delay{direction=downstream,delay=50ms}");
	send_syn();
	syn_hold_answer(asked, SYN_REFUSE);
	assert_int_equal(pkt_rig_injected(&rig), 0);
	pkt_rig_wait(&rig, 49 * NS_PER_MS);
	assert_int_equal(pkt_rig_injected(&rig), 0);
	pkt_rig_wait(&rig, 2 * NS_PER_MS);
	assert_int_equal(pkt_rig_injected(&rig), 1);
	pkt_rig_close(&rig);
}

static void a_syn_that_a_stage_drops_asks_nobody(void **state)
{
	(void)state;
	open_rig("syn_drop{first=1}");
	assert_int_equal(pkt_rig_fate(&rig, send_syn()), RIG_DROPPED);
	assert_int_equal(asks, 0);
	pkt_rig_wait(&rig, NS_PER_S);
	send_syn();
	assert_int_equal(asks, 1);
	syn_hold_answer(asked, SYN_LET_IN);
	pkt_rig_close(&rig);
}

static void silence_drops_it_and_the_next_asks_again(void **state)
{
	unsigned syn;

	(void)state;
	open_rig(NULL);
	syn = send_syn();
	syn_hold_answer(asked, SYN_SILENCE);
	assert_int_equal(pkt_rig_fate(&rig, syn), RIG_DROPPED);
	assert_int_equal(pkt_rig_injected(&rig), 0);
	send_syn();
	assert_int_equal(asks, 2);
	assert_int_equal(asked->session, 1);
	syn_hold_answer(asked, SYN_LET_IN);
	pkt_rig_close(&rig);
}

static void another_initial_sequence_number_takes_the_place_of_the_first(void **state)
{
	unsigned first, other;

	(void)state;
	open_rig(NULL);
	first = send_syn();
	other = pkt_rig_send(&rig,
			     (struct rig_segment){.dir = DIR_UPSTREAM, .flags = TCP_SYN, .seq = 9});
	assert_int_equal(pkt_rig_fate(&rig, first), RIG_DROPPED);
	assert_int_equal(pkt_rig_fate(&rig, other), RIG_HELD);
	assert_int_equal(asks, 1);
	syn_hold_answer(asked, SYN_REFUSE);
	assert_int_equal(pkt_rig_injection(&rig).ack, RIG_ISN_CLIENT + 10);
	pkt_rig_close(&rig);
}

static void who_doesnt_want_to_know_lets_it_pass(void **state)
{
	(void)state;
	open_rig(NULL);
	wait_for_answer = false;
	assert_int_equal(pkt_rig_fate(&rig, send_syn()), RIG_ACCEPTED);
	assert_int_equal(asks, 1);
	pkt_rig_close(&rig);
}

static void a_clients_rst_tells_that_it_has_given_up(void **state)
{
	(void)state;
	open_rig(NULL);
	send_syn();
	syn_hold_answer(asked, SYN_LET_IN);
	send_rst();
	assert_int_equal(gave_up, 1);
	asked->pending = NULL;
	send_rst();
	assert_int_equal(gave_up, 1);
	pkt_rig_close(&rig);
}

static void a_plane_that_goes_lets_it_go_on(void **state)
{
	unsigned syn;

	(void)state;
	open_rig(NULL);
	syn = send_syn();
	pkt_tracker_free(rig.tracker, NULL);
	rig.tracker = NULL;
	assert_int_equal(pkt_rig_fate(&rig, syn), RIG_ACCEPTED);
	pkt_rig_close(&rig);
}

/* The quoted packet is the client's own SYN, so that its kernel knows it again (RFC 5927 section
 * 4.1). */
static void unreachable_quotes_the_syn(bool ipv6)
{
	const struct rig_event *ev;
	struct unreachable u;
	struct addr from;

	open_rig(NULL);
	rig.ipv6 = ipv6;
	send_syn();
	assert_int_equal(addr_parse_host(ipv6 ? "2001:db8:9::9" : "203.0.113.9", 0, &from, NULL),
			 0);
	syn_hold_answer_unreachable(asked, &from,
				    unreachable_code(from.sa.sa_family, EHOSTUNREACH));
	assert_int_equal(pkt_rig_injected(&rig), 1);
	ev = &rig.events[rig.nevents - 2]; /* before the verdict */
	assert_true(ev->injected);
	assert_true(unreachable_parse(&u, ev->data, ev->len));
	assert_true(addr_equal(&u.from, &from));
	assert_true(addr_equal(&u.src, &asked->client));
	assert_true(addr_equal(&u.dst, &asked->server));
	assert_int_equal(unreachable_errno(&u), EHOSTUNREACH);
	pkt_rig_close(&rig);
}

static void unreachable_quotes_the_syn_over_ipv4(void **state)
{
	(void)state;
	unreachable_quotes_the_syn(false);
}

static void unreachable_quotes_the_syn_over_ipv6(void **state)
{
	(void)state;
	unreachable_quotes_the_syn(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_syn_waits_and_is_let_in),
	    cmocka_unit_test(a_syn_sent_again_asks_once_and_the_first_waits),
	    cmocka_unit_test(a_refusal_is_the_rst_of_a_closed_port),
	    cmocka_unit_test(an_answer_goes_through_the_stages),
	    cmocka_unit_test(a_syn_that_a_stage_drops_asks_nobody),
	    cmocka_unit_test(silence_drops_it_and_the_next_asks_again),
	    cmocka_unit_test(another_initial_sequence_number_takes_the_place_of_the_first),
	    cmocka_unit_test(who_doesnt_want_to_know_lets_it_pass),
	    cmocka_unit_test(a_clients_rst_tells_that_it_has_given_up),
	    cmocka_unit_test(a_plane_that_goes_lets_it_go_on),
	    cmocka_unit_test(unreachable_quotes_the_syn_over_ipv4),
	    cmocka_unit_test(unreachable_quotes_the_syn_over_ipv6),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
