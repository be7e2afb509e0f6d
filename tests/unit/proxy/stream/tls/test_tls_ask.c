/* test_tls_ask.c - wedge asks a server for TLS in each protocol, and takes its answers in pieces of
 * any size. LAYER: wedge_stream */
#include "proxy/stream/tls/tls_ask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define TEXT(text) text, sizeof(text) - 1

#define MYSQL_GREETING                                                                             \
	"\x18\0\0\0\x0a"                                                                           \
	"5.5\0"                                                                                    \
	"idid"                                                                                     \
	"saltsalt\0\xff\xff\x21\2\0\0"
#define MYSQL_PLAIN                                                                                \
	"\x18\0\0\0\x0a"                                                                           \
	"5.5\0"                                                                                    \
	"idid"                                                                                     \
	"saltsalt\0\xff\xf7\x21\2\0\0"
#define LDAP_ANSWER(result) "\x30\x0c\x02\x01\x01\x78\x07\x0a\x01" result "\x04\0\x04\0"

struct talk {
	const char *name;
	enum tls_start_kind kind, found;
	const char *server;
	size_t n;
	const char *said;
	size_t nsaid;
	enum tls_ask_state end;
	size_t behind; /* bytes of the server's that aren't read */
	const char *greeting, *why;
};

static const struct talk talks[] = {
    {"smtp", TLS_START_SMTP, TLS_START_SMTP,
     TEXT("220-a\r\n220 b\r\n250-a\r\n250 STARTTLS\r\n220 go\r\nX"),
     TEXT("EHLO [192.0.2.1]\r\nSTARTTLS\r\n"), TLS_ASK_AGREED, 1, "220-a\r\n220 b\r\n", ""},
    {"smtp, refused", TLS_START_SMTP, TLS_START_SMTP,
     TEXT("220 b\r\n250 b\r\n454 not\x1b now\r\nX"), TEXT("EHLO [192.0.2.1]\r\nSTARTTLS\r\n"),
     TLS_ASK_REFUSED, 1, "220 b\r\n", "it refused the upgrade to TLS: '454 not now'"},
    {"smtp, closed to us", TLS_START_SMTP, TLS_START_SMTP, TEXT("554 no\r\n"), TEXT(""),
     TLS_ASK_REFUSED, 0, "554 no\r\n", "it greets with an error: '554 no'"},
    {"smtp, no reply", TLS_START_SMTP, TLS_START_SMTP, TEXT("hello\r\n"), TEXT(""), TLS_ASK_REFUSED,
     0, "hello\r\n", "that is no reply: 'hello'"},
    {"ftp, found by its answer to EHLO", TLS_START_AUTO, TLS_START_FTP,
     TEXT("220 a\r\n500 what\r\n234 go\r\n"), TEXT("EHLO [192.0.2.1]\r\nAUTH TLS\r\n"),
     TLS_ASK_AGREED, 0, "220 a\r\n", ""},
    {"ftp, another reply follows", TLS_START_FTP, TLS_START_FTP,
     TEXT("120 soon\r\n220-a\r\nany\r\n220 b\r\n234 go\r\n"), TEXT("AUTH TLS\r\n"), TLS_ASK_AGREED,
     0, "120 soon\r\n220-a\r\nany\r\n220 b\r\n", ""},
    {"imap, whose list the client asks for anew", TLS_START_IMAP, TLS_START_IMAP,
     TEXT("* OK [CAPABILITY IMAP4 STARTTLS LOGINDISABLED] hi\r\n* 1 EXISTS\r\nwedge1 OK go\r\n"),
     TEXT("wedge1 STARTTLS\r\n"), TLS_ASK_AGREED, 0, "* OK hi\r\n", ""},
    {"imap, refused", TLS_START_IMAP, TLS_START_IMAP, TEXT("* OK hi\r\nwedge1 BAD no\r\n"),
     TEXT("wedge1 STARTTLS\r\n"), TLS_ASK_REFUSED, 0, "* OK hi\r\n",
     "it refused the upgrade to TLS: 'wedge1 BAD no'"},
    {"pop3", TLS_START_POP3, TLS_START_POP3, TEXT("+OK hi\r\n+OK go\r\n\x16"), TEXT("STLS\r\n"),
     TLS_ASK_AGREED, 1, "+OK hi\r\n", ""},
    {"pop3, refused", TLS_START_POP3, TLS_START_POP3, TEXT("+OK hi\r\n-ERR no\r\n"),
     TEXT("STLS\r\n"), TLS_ASK_REFUSED, 0, "+OK hi\r\n",
     "it refused the upgrade to TLS: '-ERR no'"},
    {"postgres", TLS_START_POSTGRES, TLS_START_POSTGRES, TEXT("S\x16"),
     TEXT("\0\0\0\x08\x04\xd2\x16\x2f"), TLS_ASK_AGREED, 1, "", ""},
    {"postgres, refused", TLS_START_POSTGRES, TLS_START_POSTGRES, TEXT("N"),
     TEXT("\0\0\0\x08\x04\xd2\x16\x2f"), TLS_ASK_REFUSED, 0, "",
     "it refused the upgrade to TLS: 'N'"},
    {"ldap", TLS_START_LDAP, TLS_START_LDAP, TEXT(LDAP_ANSWER("\0") "\x16"),
     TEXT("\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
	  "1.3.6.1.4.1.1466.20037"),
     TLS_ASK_AGREED, 1, "", ""},
    {"ldap, refused", TLS_START_LDAP, TLS_START_LDAP, TEXT(LDAP_ANSWER("\x34")),
     TEXT("\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
	  "1.3.6.1.4.1.1466.20037"),
     TLS_ASK_REFUSED, 0, "", "it refused the upgrade to TLS"},
    {"mysql without TLS", TLS_START_MYSQL, TLS_START_MYSQL, TEXT(MYSQL_PLAIN), TEXT(""),
     TLS_ASK_REFUSED, 0, NULL, "it offers no TLS"},
    {"direct", TLS_START_DIRECT, TLS_START_DIRECT, TEXT("220 a\r\n"), TEXT(""), TLS_ASK_AGREED, 7,
     "", ""},
};

struct said {
	char text[256];
	size_t n;
};

static void take_said(struct tls_ask *a, struct said *s)
{
	assert_true(s->n + a->nsay <= sizeof(s->text));
	memcpy(s->text + s->n, a->say, a->nsay);
	s->n += a->nsay;
	a->nsay = 0;
}

/* Gives the server's bytes in pieces, longer ones where more are asked for; returns those read. */
static size_t feed(struct tls_ask *a, const char *p, size_t n, size_t piece, struct said *s)
{
	size_t at = 0, size = piece;

	take_said(a, s);
	while (at < n && a->state == TLS_ASK_WAITS) {
		size_t k = size < n - at ? size : n - at;
		size_t got = tls_ask_read(a, (const unsigned char *)p + at, k);

		assert_true(got <= k);
		if (!got && k == n - at && !a->nsay)
			break;
		size = got ? piece : size + 1;
		at += got;
		take_said(a, s);
	}
	return at;
}

static void each_protocol_is_asked_in_its_own_way(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(talks); i++)
		for (size_t piece = 1; piece <= talks[i].n; piece++) {
			const struct talk *t = &talks[i];
			struct said said = {.n = 0};
			struct tls_ask a;
			size_t got;

			tls_ask_init(&a, t->kind, "[192.0.2.1]");
			got = feed(&a, t->server, t->n, piece, &said);
			if (a.state != t->end || a.kind != t->found || got != t->n - t->behind)
				fail_msg("%s in pieces of %zu: state %d, kind %d, %zu bytes",
					 t->name, piece, a.state, a.kind, got);
			assert_int_equal(said.n, t->nsaid);
			assert_memory_equal(said.text, t->said, t->nsaid);
			assert_string_equal(a.why, t->why);
			if (!t->greeting)
				continue;
			assert_int_equal(a.ngreeting, strlen(t->greeting));
			assert_memory_equal(a.greeting, t->greeting, a.ngreeting);
		}
}

/* SSLRequest is the begin of the client's own login, with the flag. */
static void mysql_waits_for_the_clients_login(void **state)
{
	unsigned char login[36 + 5] = {37, 0, 0, 1, 0x05, 0xa2, 0xff};
	struct said said = {.n = 0};
	struct tls_ask a;

	(void)state;
	tls_ask_init(&a, TLS_START_MYSQL, "h");
	assert_int_equal(feed(&a, TEXT(MYSQL_GREETING), 3, &said), sizeof(MYSQL_GREETING) - 1);
	assert_int_equal(a.state, TLS_ASK_LOGIN);
	tls_ask_look(&a, login, 35);
	assert_int_equal(a.state, TLS_ASK_LOGIN);
	tls_ask_look(&a, login, sizeof(login));
	assert_int_equal(a.state, TLS_ASK_AGREED);
	take_said(&a, &said);
	login[0] = 32;
	login[5] |= 0x08;
	assert_int_equal(said.n, 36);
	assert_memory_equal(said.text, login, said.n);

	tls_ask_init(&a, TLS_START_MYSQL, "h");
	feed(&a, TEXT(MYSQL_GREETING), 100, &said);
	login[5] = 0; /* a client older than 4.1 */
	tls_ask_look(&a, login, sizeof(login));
	assert_int_equal(a.state, TLS_ASK_REFUSED);
	assert_string_equal(a.why, "the client's login is none that can be upgraded");
}

static void what_never_ends_is_refused(void **state)
{
	static char line[TLS_ASK_LINE + 1];
	struct said said = {.n = 0};
	struct tls_ask a;

	(void)state;
	memset(line, 'x', sizeof(line));
	tls_ask_init(&a, TLS_START_SMTP, "h");
	feed(&a, line, sizeof(line), 100, &said);
	assert_int_equal(a.state, TLS_ASK_REFUSED);
	assert_string_equal(a.why, "a line of its is too long");
	tls_ask_init(&a, TLS_START_SMTP, "h");
	for (int i = 0; i < 1000 && a.state == TLS_ASK_WAITS; i++)
		feed(&a, TEXT("220-more\r\n"), 100, &said);
	assert_string_equal(a.why, "its greeting is too long");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_protocol_is_asked_in_its_own_way),
	    cmocka_unit_test(mysql_waits_for_the_clients_login),
	    cmocka_unit_test(what_never_ends_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
