/* fuzz_handshake.c - both legs' TLS handshakes on any bytes of their peers: a client's hello, whose
 * offer is said again to the server, a certificate that is made for its name, and whatever a server
 * answers. Each leg ends in one of its states, and one that has failed says why.
 * LAYER: wedge_stream watch
 * ROUNDS: 300 of each seed, since each makes certificates. */
#include "proxy/base/addr.h"
#include "proxy/stream/flow/transport.h"
#include "proxy/stream/tls/tls.h"
#include "proxy/stream/tls/tls_handshake_flow.h"
#include "proxy/stream/tls/tls_session.h"
#include "proxy/stream/tls/tls_state.h"
#include "tests/rig/watch.h"

#include <ftw.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[] = "/tmp/wedge-fuzz-ca-XXXXXX";

static int remove_one(const char *path, const struct stat *s, int type, struct FTW *at)
{
	(void)s;
	(void)type;
	(void)at;
	return remove(path);
}

static void remove_folder(void)
{
	nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static struct tls *make_tls(enum tls_mode mode)
{
	static char none[] = "", unverified[] = "no";
	struct tls_config c = {.mode = mode,
			       .cert = none,
			       .key = none,
			       .client_cert = none,
			       .client_key = none,
			       .ca = folder,
			       .verify = unverified,
			       .ciphers = none,
			       .keylog = none,
			       .alpn = none};
	struct err e;
	struct tls *tls = tls_new(&c, &e);

	BUG_ON(!tls);
	return tls;
}

/* A connected pair of TCP sockets: [0] is wedge's, [1] the peer's. */
static void make_pair(int pair[2])
{
	static int listener = -1;
	static struct addr at;
	struct linger reset = {.l_onoff = 1};
	struct err e;

	if (listener == -1) {
		listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		BUG_ON(addr_parse("127.0.0.1:0", &at, &e) == -1);
		BUG_ON(listener == -1 || bind(listener, &at.sa, at.len) || listen(listener, 8) ||
		       getsockname(listener, &at.sa, &at.len));
	}
	pair[1] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	BUG_ON(pair[1] == -1 || connect(pair[1], &at.sa, at.len) == -1);
	pair[0] = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	BUG_ON(pair[0] == -1);
	for (int i = 0; i < 2; i++)
		setsockopt(pair[i], SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
}

static void ignore(void *arg)
{
	(void)arg;
}

static void ignore_reset(void *arg, const char *why)
{
	(void)arg;
	BUG_ON(!*why);
}

static void ignore_finish(void *arg, enum leg leg)
{
	(void)arg;
	(void)leg;
}

static const struct tls_handshake_host host = {
    .wake = ignore, .named = ignore, .reset = ignore_reset, .finish = ignore_finish};

static void step_leg(struct transport *t, int peer)
{
	unsigned char scratch[4096];
	enum leg_setup setup = t->ops->setup(t);

	BUG_ON(setup == LEG_SETUP_FAILED && !transport_why(t)[0]);
	if (setup == LEG_SETUP_DONE)
		(void)!t->ops->read(t, scratch, sizeof(scratch));
	while (recv(peer, scratch, sizeof(scratch), MSG_DONTWAIT) > 0)
		continue;
}

/* The first byte says in pieces of which size, the next two where the server's bytes begin. */
static void shake_hands(struct tls *tls, const uint8_t *data, size_t size)
{
	static const struct host_port upstream = {.host = "www.example.org", .port = 443};
	size_t step = 1u + data[0] * 4u, end = (size_t)data[1] << 8 | data[2];
	struct transport *t[LEG_COUNT];
	int pair[LEG_COUNT][2];
	struct tls_session *ts;
	struct watch w;

	watch_init(&w, 1);
	ts = tls_session_new(tls, &upstream, &w.env, 1, &host, NULL);
	for (enum leg leg = 0; leg < LEG_COUNT; leg++) {
		make_pair(pair[leg]);
		t[leg] = tls_session_wrap(ts, leg, pair[leg][0]);
	}
	tls_session_connected(ts);
	data += 3;
	size -= 3;
	end = end < size ? end : size;
	for (size_t at = 0; at < size;) {
		enum leg from = at < end ? LEG_CLIENT : LEG_SERVER;
		size_t left = (at < end ? end : size) - at, n = step < left ? step : left;

		(void)!send(pair[from][1], data + at, n, MSG_DONTWAIT | MSG_NOSIGNAL);
		at += n;
		for (enum leg leg = 0; leg < LEG_COUNT; leg++)
			if (t[leg])
				step_leg(t[leg], pair[leg][1]);
	}
	tls_session_free(ts);
	for (enum leg leg = 0; leg < LEG_COUNT; leg++) {
		close(pair[leg][0]);
		close(pair[leg][1]);
	}
	watch_fini(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tls *intercept, *terminate;

	if (!intercept) {
		BUG_ON(!mkdtemp(folder));
		atexit(remove_folder);
		intercept = make_tls(TLS_INTERCEPT);
		terminate = make_tls(TLS_TERMINATE);
	}
	if (size < 3)
		return 0;
	shake_hands(data[0] & 1 ? intercept : terminate, data, size);
	return 0;
}
