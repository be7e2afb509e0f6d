/* test_tls_start.c - what each protocol says before TLS, in pieces of many sizes: clear text up to
 * the upgrade passes, and nothing behind it. LAYER: wedge_stream */
#include "proxy/stream/tls/tls_start.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct said {
	enum leg from;
	const char *p;
	size_t n;
};

#define C(text)                                                                                    \
	{                                                                                          \
		LEG_CLIENT, text, sizeof(text) - 1                                                 \
	}
#define S(text)                                                                                    \
	{                                                                                          \
		LEG_SERVER, text, sizeof(text) - 1                                                 \
	}
#define MOST 10

struct talk {
	const char *name;
	enum tls_start_kind kind, found;
	struct said said[MOST];
	enum tls_start_state end;
	size_t behind; /* bytes of the last words that don't pass */
};

#define MYSQL_GREETING                                                                             \
	"\x04\0\0\0\x0a"                                                                           \
	"5.5"
#define MYSQL_SSL                                                                                  \
	"\x20\0\0\x01\x05\x8a\xff\0"                                                               \
	"1234567890123456789012345678"
#define LDAP_REQUEST                                                                               \
	"\x30\x1d\x02\x01\x01\x77\x18\x80\x16"                                                     \
	"1.3.6.1.4.1.1466.20037"

static const struct talk talks[] = {
    {"smtp",
     TLS_START_SMTP,
     TLS_START_SMTP,
     {S("220-a\r\n220 b\r\n"), C("EHLO x\r\n"), S("250-a\r\n250 STARTTLS\r\n"),
      C("MAIL FROM:<STARTTLS>\r\n"), S("250 ok\r\n"), C("STARTTLS\r\n"), S("220 go\r\nX")},
     TLS_START_AGREED,
     1},
    {"smtp, pipelined",
     TLS_START_SMTP,
     TLS_START_SMTP,
     {S("220 b\r\n"), C("RSET\r\nNOOP\r\nSTARTTLS\r\nMAIL FROM:<x>\r\n")},
     TLS_START_ASKED,
     15},
    {"smtp, a message is no request",
     TLS_START_AUTO,
     TLS_START_SMTP,
     {S("220 b\r\n"), C("DATA\r\n"), S("354 go\r\n"), C("STARTTLS\r\nSTARTTLS\r\n.\r\n"),
      S("250 ok\r\n")},
     TLS_START_CLEAR,
     0},
    {"smtp, bytes are no request",
     TLS_START_SMTP,
     TLS_START_SMTP,
     {S("220 b\r\n"), C("BDAT 20 LAST\r\n12345678\r\nSTARTTLS\r\n"), S("250 ok\r\n"),
      C("starttls \r\n"), S("454 no\r\n"), C("STARTTLS\r\n"), S("220 go\r\n")},
     TLS_START_AGREED,
     0},
    {"ftp",
     TLS_START_AUTO,
     TLS_START_FTP,
     {S("220-x\r\n220x\r\n220 y\r\n"), C("FEAT\r\n"),
      S("211-f\r\n AUTH TLS\r\n234 none\r\n211 e\r\n"), C("AUTH TLS\r\n"), S("234 go\r\n")},
     TLS_START_AGREED,
     0},
    {"imap",
     TLS_START_AUTO,
     TLS_START_IMAP,
     {S("* OK x\r\n"), C("a LOGIN {14}\r\n"), S("+ go\r\n"), C("b STARTTLS x\r\n\r\n"),
      S("a NO x\r\n"), C("b2 STARTTLS\r\n"), S("* x {9}\r\nb2 OK x\r\n\r\nb2 OK go\r\n")},
     TLS_START_AGREED,
     0},
    {"pop3, a list is no reply",
     TLS_START_AUTO,
     TLS_START_POP3,
     {S("+OK x\r\n"), C("CAPA\r\nSTLS\r\n"), S("+OK\r\n+OK\r\nSTLS\r\n.\r\n"), S("-ERR no\r\n"),
      C("STLS\r\n"), S("+OK\r\n")},
     TLS_START_AGREED,
     0},
    {"postgres",
     TLS_START_AUTO,
     TLS_START_POSTGRES,
     {C("\0\0\0\x08\x04\xd2\x16\x30"), S("N"), C("\0\0\0\x08\x04\xd2\x16\x2f"), S("SX")},
     TLS_START_AGREED,
     1},
    {"postgres, without",
     TLS_START_POSTGRES,
     TLS_START_POSTGRES,
     {C("\0\0\0\x08\x04\xd2\x16\x2f"), S("N"), C("\0\0\0\x10\0\x03\0\0user\0x\0\0")},
     TLS_START_NEVER,
     0},
    {"mysql",
     TLS_START_AUTO,
     TLS_START_MYSQL,
     {S(MYSQL_GREETING), C(MYSQL_SSL "\x16\x03")},
     TLS_START_AGREED,
     2},
    {"ldap",
     TLS_START_AUTO,
     TLS_START_LDAP,
     {C(LDAP_REQUEST), S("\x30\x0c\x02\x01\x02\x78\x07\x0a\x01\0\x04\0\x04\0"),
      S("\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\0\x04\0\x04\0X")},
     TLS_START_AGREED,
     1},
    {"xmpp",
     TLS_START_AUTO,
     TLS_START_XMPP,
     {C("<stream:stream a='<starttls/>'>"), S("<stream:stream><starttls a='x'/><proceed/>"),
      C("<starttls xmlns=\"a/>b\"></starttls>"), S("<x/><proceed a='>'/>X")},
     TLS_START_AGREED,
     1},
    {"TLS at once", TLS_START_AUTO, TLS_START_DIRECT, {C("\x16\x03\x01")}, TLS_START_AGREED, 3},
    {"neither",
     TLS_START_AUTO,
     TLS_START_AUTO,
     {C("GET / HTTP/1.0\r\n\r\n"), S("HTTP/1.0 200\r\n")},
     TLS_START_NEVER,
     0},
};

/* Gives the words in pieces, as a socket does: what isn't taken comes again, with more. Returns the
 * bytes that weren't taken at all. */
static size_t give_words(struct tls_start *s, const struct said *w, size_t piece)
{
	size_t taken = 0, there = 0;

	while (taken < w->n) {
		size_t k;

		there = there + piece < w->n ? there + piece : w->n;
		k = tls_start_read(s, w->from, (const unsigned char *)w->p + taken, there - taken);
		assert_true(k <= there - taken);
		taken += k;
		if (!k && there == w->n)
			break;
	}
	return w->n - taken;
}

static void test_talks(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(talks); i++)
		for (size_t piece = 1; piece <= 64; piece += 7) {
			const struct talk *t = &talks[i];
			struct tls_start s;
			size_t left = 0;

			tls_start_init(&s, t->kind);
			for (size_t k = 0; k < MOST && t->said[k].n; k++)
				left = give_words(&s, &t->said[k], piece);
			if (s.state != t->end || left != t->behind || s.kind != t->found)
				fail_msg("%s in pieces of %zu: state %d, %zu left, kind %d",
					 t->name, piece, (int)s.state, left, (int)s.kind);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_talks)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
