/* test_tls_start_edit.c - wedge has an end's part in the upgrade: what it announces, agrees to and
 * refuses in the server's name. LAYER: wedge_stream */
#include "proxy/stream/tls/tls_start.h"
#include "proxy/stream/tls/tls_start_edit.h"

#include <event2/buffer.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void assert_goes_on(struct tls_start_edit *e, enum leg from, const char *want)
{
	char got[512] = "";
	int n = evbuffer_remove(e->out[from], got, sizeof(got) - 1);

	got[n > 0 ? n : 0] = '\0';
	assert_string_equal(got, want);
}

static void what_is_held_is_changed_before_it_goes_on(void **state)
{
	struct tls_start_edit e;

	(void)state;
	tls_start_edit_init(&e, false);
	tls_start_hold(&e, LEG_CLIENT, "a line", 6);
	tls_start_hold(&e, LEG_SERVER, "another", 7);
	assert_int_equal(tls_start_held(&e, LEG_CLIENT), 6);
	assert_goes_on(&e, LEG_CLIENT, "");
	assert_false(e.changed);
	tls_start_insert(&e, LEG_CLIENT, 2, "longer ");
	assert_true(e.changed);
	tls_start_release(&e, LEG_CLIENT);
	assert_goes_on(&e, LEG_CLIENT, "a longer line");
	assert_int_equal(tls_start_held(&e, LEG_CLIENT), 0);
	tls_start_replace(&e, LEG_SERVER, "one");
	assert_int_equal(tls_start_held(&e, LEG_SERVER), 3);
	tls_start_release(&e, LEG_SERVER);
	tls_start_say(&e, " more", 5);
	assert_goes_on(&e, LEG_SERVER, "one more");
	tls_start_hold(&e, LEG_CLIENT, "gone", 4);
	tls_start_drop(&e, LEG_CLIENT);
	tls_start_release(&e, LEG_CLIENT);
	assert_goes_on(&e, LEG_CLIENT, "");
	tls_start_edit_fini(&e);
}

/* A session in which wedge has no part: nothing is held, and nothing said. */
static void without_a_part_nothing_is_done(void **state)
{
	(void)state;
	tls_start_hold(NULL, LEG_CLIENT, "x", 1);
	tls_start_release(NULL, LEG_CLIENT);
	tls_start_drop(NULL, LEG_CLIENT);
	tls_start_say(NULL, "x", 1);
	assert_int_equal(tls_start_held(NULL, LEG_CLIENT), 0);
}

/* Reads in pieces of one byte and as a whole. */
static void say(struct tls_start *s, enum leg from, const char *text, size_t piece)
{
	size_t n = strlen(text);

	for (size_t at = 0; at < n && s->state != TLS_START_AGREED;) {
		size_t k = piece < n - at ? piece : n - at;
		size_t got = tls_start_read(s, from, (const unsigned char *)text + at, k);

		if (!got)
			break;
		at += got;
	}
}

/* What the ends say, and what the client hears instead of the list. */
struct served {
	enum tls_start_kind kind;
	const char *greeting, *question, *list, *heard, *request, *answer;
};

static const struct served talks[] = {
    {TLS_START_SMTP, "220 mail\r\n", "EHLO x\r\n", "250-mail\r\n250 SIZE 100\r\n",
     "250-mail\r\n250-SIZE 100\r\n250 STARTTLS\r\n", "STARTTLS\r\n",
     "220 2.0.0 Ready to start TLS\r\n"},
    {TLS_START_SMTP, "220 mail\r\n", "EHLO x\r\n", "250 STARTTLS\r\n", "250 STARTTLS\r\n",
     "starttls\r\n", "220 2.0.0 Ready to start TLS\r\n"},
    {TLS_START_POP3, "+OK hi\r\n", "CAPA\r\n", "+OK list\r\nTOP\r\n.\r\n",
     "+OK list\r\nTOP\r\nSTLS\r\n.\r\n", "STLS\r\n", "+OK Begin TLS negotiation now\r\n"},
    {TLS_START_IMAP, "* OK hi\r\n", "a CAPABILITY\r\n", "* CAPABILITY IMAP4rev1\r\na OK done\r\n",
     "* CAPABILITY IMAP4rev1 STARTTLS\r\na OK done\r\n", "b STARTTLS\r\n",
     "b OK Begin TLS negotiation now\r\n"},
};

static void serve(const struct served *t, size_t piece)
{
	struct tls_start_edit e;
	struct tls_start s;

	tls_start_edit_init(&e, false);
	tls_start_init(&s, t->kind);
	s.edit = &e;
	say(&s, LEG_SERVER, t->greeting, piece);
	assert_goes_on(&e, LEG_SERVER, t->greeting);
	say(&s, LEG_CLIENT, t->question, piece);
	assert_goes_on(&e, LEG_CLIENT, t->question);
	say(&s, LEG_SERVER, t->list, piece);
	assert_goes_on(&e, LEG_SERVER, t->heard);
	say(&s, LEG_CLIENT, t->request, piece);
	assert_goes_on(&e, LEG_CLIENT, ""); /* the server never hears of it */
	assert_goes_on(&e, LEG_SERVER, t->answer);
	assert_int_equal(s.state, TLS_START_AGREED);
	tls_start_edit_fini(&e);
}

static void the_upgrade_is_announced_and_agreed_to_in_the_servers_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(talks); i++)
		for (size_t piece = 1; piece < 60; piece += 7)
			serve(&talks[i], piece);
}

/* The second answer to the same request: TLS refused, and GSS, which wedge never has. */
static void an_ssl_request_is_agreed_to_or_refused(void **state)
{
	static const unsigned char ssl[] = {0, 0, 0, 8, 4, 210, 22, 47},
				   gss[] = {0, 0, 0, 8, 4, 210, 22, 48};

	(void)state;
	for (int denies = 0; denies < 2; denies++) {
		struct tls_start_edit e;
		struct tls_start s;

		tls_start_edit_init(&e, denies);
		tls_start_init(&s, TLS_START_POSTGRES);
		s.edit = &e;
		assert_int_equal(tls_start_read(&s, LEG_CLIENT, gss, sizeof(gss)), sizeof(gss));
		assert_goes_on(&e, LEG_SERVER, "N");
		assert_int_equal(s.state, TLS_START_CLEAR);
		assert_int_equal(tls_start_read(&s, LEG_CLIENT, ssl, sizeof(ssl)), sizeof(ssl));
		assert_goes_on(&e, LEG_CLIENT, "");
		assert_goes_on(&e, LEG_SERVER, denies ? "N" : "S");
		assert_int_equal(s.state, denies ? TLS_START_CLEAR : TLS_START_AGREED);
		tls_start_edit_fini(&e);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_held_is_changed_before_it_goes_on),
	    cmocka_unit_test(without_a_part_nothing_is_done),
	    cmocka_unit_test(the_upgrade_is_announced_and_agreed_to_in_the_servers_name),
	    cmocka_unit_test(an_ssl_request_is_agreed_to_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
