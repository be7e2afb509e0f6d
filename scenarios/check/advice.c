/* advice.c - the first row that fits counts: those of one client come before the general ones.
 * What a row says of a program is what its manual or --help says, or of psql and git its
 * documentation (docs/check.md has versions). */
#include "scenarios/check/advice.h"

#include "proxy/base/mem.h"
#include "scenarios/check/client_program.h"

#include <string.h>

/* What is wrong, whatever the grade is called. */
enum trouble {
	WAITS = 1 << 0, /* HUNG, TRICKLE-BLIND, or an end that comes after more than a minute */
	SILENT = 1 << 1,
	PARTIAL = 1 << 2,
	STORM = 1 << 3,
	UNSAFE = 1 << 4,
	LEAK = 1 << 5,
};

struct advice {
	const char *programs; /* " curl "; NULL: any */
	const char *mentions; /* a text in the command's words; NULL: none */
	unsigned troubles;
	const char *points; /* NULL: any */
	const char *text;
};

#define CONNECTS    "T01"
#define HANDSHAKES  "T03 T04 T05 T06 T07"
#define FIRST_BYTES "T03 T04 T05 T10 T11"
#define TLS	    "T06 T07"
#define SENDING	    "T08 T09"
#define TRICKLES    "T12 T14"
#define SILENCES    "T10 T11 T13 T22 T24"
#define ENDS	    "T02 T15 T16 T17 T18 T19 T20 T21 T23"

#define CURL	 " curl "
#define WGET	 " wget "
#define POSTGRES " psql pg_dump pg_restore pg_isready pgbench "
#define PYTHON	 " python "
#define NODE	 " node nodejs "
#define JAVA	 " java "
#define SSH	 " ssh scp sftp "
#define REDIS	 " redis-cli "
#define GIT	 " git "
#define SMB	 " smbclient "

static const struct advice table[] = {
    {CURL, NULL, SILENT, "T19",
     "curl 7.88 takes the end of TLS without close_notify for the end of an answer that has no "
     "length, and no option of its own changes that: give the answer a length, or compare a "
     "checksum"},
    {CURL, "--retry", WAITS, NULL,
     "with --retry, --max-time SECONDS bounds each try alone: --retry-max-time SECONDS says until "
     "when curl tries again"},
    {CURL, "--retry", SILENT, NULL,
     "with --retry and without -o FILE the whole answer stands behind the part of the try before"},
    {CURL, "--max-time", WAITS, NULL,
     "its --max-time comes later than that: set it lower, or wait for it with a longer --limit"},
    {CURL, NULL, WAITS, CONNECTS " " TLS,
     "--connect-timeout SECONDS bounds the connect and the TLS handshake (300 s without it), "
     "--max-time SECONDS all of it"},
    {CURL, "--speed-time", WAITS, NULL,
     "--speed-time begins when the mean of the last seconds is below --speed-limit, about five "
     "seconds behind the last bytes, and comes later than that: set it lower, or wait for it with "
     "a longer --limit; --max-time SECONDS bounds all of it"},
    {CURL, NULL, WAITS, TRICKLES,
     "--speed-limit BYTES with --speed-time SECONDS ends a transfer that is slower than that, "
     "--max-time SECONDS all of it"},
    {CURL, NULL, WAITS, NULL,
     "--max-time SECONDS bounds all of it; without it curl waits for ever. --speed-time SECONDS "
     "(with --speed-limit BYTES) ends a transfer that stands still"},
    {CURL, NULL, PARTIAL, NULL,
     "--remove-on-error (since 7.83) takes the part away; or -o into another name, which is "
     "renamed after status 0"},
    {CURL, NULL, STORM, NULL,
     "with --retry curl waits 1 s, then twice as long each time, unless --retry-delay says "
     "otherwise; --retry-max-time SECONDS bounds them all"},
    {CURL, NULL, UNSAFE, NULL,
     "--retry repeats a POST as it does a GET: leave it out where a request isn't idempotent"},

    {WGET, NULL, WAITS, CONNECTS,
     "--connect-timeout=SECONDS bounds each connect (the kernel's time without it), --tries=N how "
     "often wget tries (20 without it)"},
    {WGET, NULL, WAITS, TRICKLES,
     "no option of wget's bounds the whole time: --read-timeout is for idleness, and each byte "
     "begins it anew. timeout(1) does: timeout 60 wget ..."},
    {WGET, NULL, WAITS, ENDS,
     "wget tries 20 times, and waits 1 s, 2 s and so on up to 10 s between them: --tries=N and "
     "--waitretry=SECONDS bound that"},
    {WGET, NULL, WAITS, NULL,
     "--read-timeout=SECONDS bounds idleness (900 s without it), --tries=N how often wget tries "
     "(20 "
     "without it); --timeout=SECONDS sets all of its timeouts at once"},
    {WGET, NULL, PARTIAL, NULL,
     "let wget write into another name (-O), and rename it after status 0"},

    {POSTGRES, NULL, WAITS, CONNECTS " " HANDSHAKES,
     "connect_timeout=SECONDS in the connection string (or PGCONNECT_TIMEOUT) bounds the connect "
     "with its handshake; without it libpq waits for ever"},
    {POSTGRES, NULL, WAITS, SENDING,
     "tcp_user_timeout=MILLISECONDS in the connection string bounds how long data stays "
     "unacknowledged; without it the kernel decides"},
    {POSTGRES, NULL, WAITS, NULL,
     "libpq has no timeout for an answer: keepalives_idle, keepalives_interval and "
     "keepalives_count "
     "find a path that is dead, not a server that is silent. timeout(1) bounds all of it: timeout "
     "60 "
     "psql ..."},

    {PYTHON, "requests", WAITS, TRICKLES,
     "timeout= of requests bounds each wait for bytes, not the whole: a trickle goes on for ever. "
     "Read "
     "with stream=True, and stop at a deadline of your own"},
    {PYTHON, "requests", WAITS, NULL,
     "timeout=(CONNECT, READ) of requests bounds the connect, and each wait for bytes; without it "
     "requests waits for ever"},
    {PYTHON, "requests", SILENT, "T15 T16 T17",
     "urllib3 before 2 takes a short body for a whole one: compare its length with Content-Length, "
     "or "
     "use urllib3 2"},
    {PYTHON, NULL, SILENT, "T19 T20",
     "Python's ssl takes an end without close_notify, an RST too, for the end of an answer that "
     "has no length (suppress_ragged_eofs of SSLContext.wrap_socket()): give the answer a length, "
     "or "
     "compare a checksum"},
    {PYTHON, NULL, WAITS, TRICKLES,
     "timeout= of urllib and of sockets bounds each wait for bytes, not the whole: a trickle goes "
     "on "
     "for ever. Read in pieces, and stop at a deadline of your own"},
    {PYTHON, NULL, WAITS, NULL,
     "give urlopen() timeout=SECONDS, or call socket.setdefaulttimeout(): without it Python's "
     "sockets "
     "wait for ever"},

    {NODE, NULL, SILENT, NULL,
     "listen for 'error' and 'aborted', and look at message.complete: it says whether all of the "
     "answer came; let every rejection end the process with a status other than 0"},
    {NODE, "fetch", WAITS, NULL,
     "fetch(url, {signal: AbortSignal.timeout(MILLISECONDS)}) bounds all of it, the body too"},
    {NODE, NULL, WAITS, NULL,
     "fetch() and http.request() take signal: AbortSignal.timeout(MILLISECONDS), which bounds all "
     "of it; "
     "http's own timeout only tells of idleness, and ends nothing"},

    {JAVA, NULL, WAITS, CONNECTS " " TLS,
     "HttpClient.Builder.connectTimeout() bounds the connect, HttpRequest.Builder.timeout() the "
     "wait "
     "for the answer; of HttpURLConnection setConnectTimeout() and setReadTimeout()"},
    {JAVA, NULL, WAITS, NULL,
     "HttpRequest.Builder.timeout() bounds the wait for the answer's header; for all of it wait by "
     "sendAsync(...).get(SECONDS, TimeUnit.SECONDS). HttpURLConnection has setReadTimeout(), for "
     "idleness"},

    {SSH, NULL, WAITS, CONNECTS " " HANDSHAKES,
     "-o ConnectTimeout=SECONDS bounds the connect, the banner and the key exchange; without it "
     "the "
     "kernel decides"},
    {SSH, NULL, WAITS, SENDING " " SILENCES,
     "-o ServerAliveInterval=SECONDS asks a silent server, and ends after ServerAliveCountMax (3) "
     "questions without an answer; without it ssh waits for ever"},

    {REDIS, NULL, WAITS, NULL,
     "redis-cli 7.0 has no option for it: timeout(1) bounds all of it: timeout 10 redis-cli ..."},

    {GIT, NULL, WAITS, CONNECTS " " TLS,
     "git 2.39 has no option for the connect: timeout(1) bounds all of it: timeout 60 git ..."},
    {GIT, NULL, WAITS, NULL,
     "-c http.lowSpeedLimit=BYTES -c http.lowSpeedTime=SECONDS end a transfer that is slower than "
     "that; without them git waits for ever"},

    {SMB, NULL, WAITS, NULL,
     "-t SECONDS bounds each request (20 s without it); timeout(1) bounds all of it"},

    /* Whatever the client is. */
    {NULL, NULL, WAITS, CONNECTS,
     "give the connect a timeout of its own, 10 s or less: the kernel's is 127 s"},
    {NULL, NULL, WAITS, FIRST_BYTES,
     "give the first byte of an answer, and of a greeting, a timeout; a part of one doesn't end "
     "it"},
    {NULL, NULL, WAITS, TLS,
     "give the TLS handshake a timeout as a whole, which no record begins anew"},
    {NULL, NULL, WAITS, SENDING,
     "give writing a timeout, or the socket TCP_USER_TIMEOUT: the kernel gives data up after 924 "
     "s, "
     "and a closed window never"},
    {NULL, NULL, WAITS, TRICKLES,
     "ask for a least rate, or set a deadline for the whole: a timer for idleness begins anew with "
     "each byte"},
    {NULL, NULL, WAITS, SILENCES,
     "give each wait for bytes a timeout, then close the connection and end with an error"},
    {NULL, NULL, WAITS, "T25",
     "don't wait for the other side's FIN without an end: close() the socket at a deadline"},
    {NULL, NULL, WAITS, "T26",
     "send the body about a second after the header where 100 (Continue) doesn't come (RFC 9110 "
     "section 10.1.1)"},
    {NULL, NULL, WAITS, ENDS,
     "take the end of the connection as the end of the request: a refusal, FIN or RST is no reason "
     "to "
     "wait"},
    {NULL, NULL, SILENT, NULL,
     "end with an error where the answer isn't whole: less than Content-Length, no last chunk, "
     "RST, TLS "
     "without close_notify"},
    {NULL, NULL, PARTIAL, NULL, "write under another name, and rename when the answer is whole"},
    {NULL, NULL, STORM, NULL,
     "wait before each new connection, longer each time, and stop after a few"},
    {NULL, NULL, UNSAFE, NULL,
     "send a request again only if it is idempotent (RFC 9110 section 9.2.2), or has a key by "
     "which "
     "the server knows it again"},
    {NULL, NULL, LEAK, NULL, "close the connection where the error is handled, too"},
    {.text = NULL},
};

static unsigned find_trouble(enum grade grade, char letter)
{
	switch (grade) {
	case GRADE_PARTIAL_LEFT:
		return PARTIAL;
	case GRADE_LEAK:
		return LEAK;
	case GRADE_RETRY_STORM:
		return STORM;
	case GRADE_UNSAFE_RETRY:
		return UNSAFE;
	case GRADE_SILENT_NOTHING:
	case GRADE_SILENT_TRUNCATION:
		return SILENT;
	default:
		return letter && strchr("CDF", letter) ? WAITS : 0;
	}
}

/* " curl " of "timeout 5 /usr/bin/curl", " python " of "python3.12"; the caller frees. */
static char *find_program(char *const *argv)
{
	char *name = client_program_find(argv), *program;

	program = strncmp(name, "python", 6) == 0 ? xstrdup(PYTHON) : xasprintf(" %s ", name);
	free(name);
	return program;
}

static bool has_mention(char *const *argv, const char *text)
{
	for (; text && *argv; argv++)
		if (strstr(*argv, text))
			return true;
	return !text;
}

const char *advice_find(char *const *argv, const struct hang_point *p, enum grade grade,
			char letter)
{
	unsigned trouble = find_trouble(grade, letter);
	char *program = find_program(argv);
	const struct advice *a = table;

	while (a->text &&
	       (!(a->troubles & trouble) || (a->programs && !strstr(a->programs, program)) ||
		(a->points && !strstr(a->points, p->id)) || !has_mention(argv, a->mentions)))
		a++;
	free(program);
	return a->text;
}
