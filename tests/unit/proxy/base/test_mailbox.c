/* test_mailbox.c - calls from other threads are made by the loop's thread, in their order, and a
 * caller that waits goes on when its call has been made.
 * LAYER: wedge_base */
#include "proxy/base/mailbox.h"

#include <pthread.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { THREADS = 4, CALLS = 500 };

struct world {
	struct loop *loop;
	struct mailbox *box;
	pthread_t owner;
	unsigned made, elsewhere;
};

struct sender {
	struct world *w;
	pthread_t thread;
	unsigned seen, late;
};

static void make_call(void *arg)
{
	struct sender *s = arg;
	struct world *w = s->w;

	w->elsewhere += !pthread_equal(pthread_self(), w->owner);
	s->seen++;
	if (++w->made == THREADS * CALLS)
		loop_stop(w->loop);
}

static void *send_calls(void *arg)
{
	struct sender *s = arg;

	for (unsigned i = 1; i <= CALLS; i++) {
		if (i % 2) {
			mailbox_post(s->w->box, make_call, s);
		} else {
			mailbox_call(s->w->box, make_call, s);
			s->late += s->seen != i; /* the posted ones before it, and itself */
		}
	}
	return NULL;
}

static void all_calls_are_made_by_the_loop(void **state)
{
	struct world w = {.owner = pthread_self()};
	struct sender sender[THREADS] = {0};
	struct err e;

	(void)state;
	w.loop = loop_new(&e);
	assert_non_null(w.loop);
	w.box = mailbox_new(w.loop, &e);
	assert_non_null(w.box);
	for (int i = 0; i < THREADS; i++) {
		sender[i].w = &w;
		assert_int_equal(pthread_create(&sender[i].thread, NULL, send_calls, &sender[i]),
				 0);
	}
	assert_int_equal(loop_run(w.loop), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(sender[i].thread, NULL);
	assert_int_equal(w.made, THREADS * CALLS);
	assert_int_equal(w.elsewhere, 0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(sender[i].late, 0);
	mailbox_free(w.box);
	loop_free(w.loop);
}

static void what_is_left_is_made_at_the_end(void **state)
{
	struct world w = {.owner = pthread_self()};
	struct sender s = {.w = &w};
	struct err e;

	(void)state;
	w.loop = loop_new(&e);
	assert_non_null(w.loop);
	w.box = mailbox_new(w.loop, &e);
	assert_non_null(w.box);
	mailbox_post(w.box, make_call, &s);
	mailbox_post(w.box, make_call, &s);
	mailbox_free(w.box);
	assert_int_equal(s.seen, 2);
	loop_free(w.loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_calls_are_made_by_the_loop),
	    cmocka_unit_test(what_is_left_is_made_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
