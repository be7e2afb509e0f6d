/* fuzz_dns_relay.c - the DNS relay of wedge exec, which reads no DNS: questions and answers of any
 * bytes, sizes and order, over sockets that come late or never. Each arrives where it must,
 * unchanged. It has a network namespace of its own. LAYER: wedge_exec */
#include "proxy/base/mem.h"
#include "proxy/exec/dns.h"

#include <errno.h>
#include <event2/event.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CLIENTS = 4, SERVERS = 2, PEERS = CLIENTS * SERVERS, EARLY = 8, DATAGRAM = 600 };

/* One client's questions to one nameserver, as the test has asked them. */
struct line {
	struct connect_request *asked; /* the relay waits for its socket outside */
	int outside;		       /* our end of it; -1: not given yet */
	size_t nearly;		       /* questions before that */
	unsigned char early[EARLY][DATAGRAM];
	size_t len[EARLY];
};

/* In the place of the helper and of its connector. */
struct remote_connector {
	struct connector connector;
	struct line line[PEERS];
	struct line *asking; /* whose question is on its way */
};

static void cancel_request(struct connector *c, struct connect_request *rq)
{
	struct remote_connector *r = container_of(c, struct remote_connector, connector);

	for (size_t i = 0; i < PEERS; i++)
		if (r->line[i].asked == rq)
			r->line[i].asked = NULL;
	rq->id = 0;
}

struct connector *remote_connector(struct remote_connector *r, const struct remote_way *how)
{
	(void)how;
	r->connector.cancel = cancel_request;
	return &r->connector;
}

void remote_connector_start_udp(struct remote_connector *r, struct connect_request *rq)
{
	BUG_ON(!r->asking || r->asking->asked || r->asking->outside != -1);
	r->asking->asked = rq;
	rq->id = 1;
}

struct bench {
	struct loop *loop;
	struct remote_connector remote;
	struct exec_hosts hosts;
	struct dns *dns;
	int client[CLIENTS];
};

/* Port 53 of the relay's addresses is free only in a network of its own. */
static void begin_network(void)
{
	struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
	int fd;

	if (unshare(CLONE_NEWNET | (geteuid() ? CLONE_NEWUSER : 0)) == -1) {
		puts("skipped: this user may make no network namespace");
		exit(77);
	}
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	BUG_ON(fd == -1 || ioctl(fd, SIOCSIFFLAGS, &lo) == -1);
	close(fd);
}

static void bench_init(struct bench *b)
{
	struct addr any;
	struct err e;

	*b = (struct bench){.hosts = {.n = SERVERS}};
	b->loop = loop_new(&e);
	BUG_ON(!b->loop || addr_parse("127.0.0.1:0", &any, &e) == -1);
	for (size_t i = 0; i < PEERS; i++)
		b->remote.line[i].outside = -1;
	for (size_t i = 0; i < SERVERS; i++)
		BUG_ON(addr_parse("192.0.2.53:53", &b->hosts.server[i], &e) == -1);
	b->dns = dns_new(b->loop, &b->remote, &b->hosts, &e);
	BUG_ON(!b->dns);
	for (size_t i = 0; i < CLIENTS; i++) {
		b->client[i] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		BUG_ON(b->client[i] == -1 || bind(b->client[i], &any.sa, any.len) == -1);
	}
}

static void bench_fini(struct bench *b)
{
	dns_free(b->dns);
	for (size_t i = 0; i < CLIENTS; i++)
		close(b->client[i]);
	for (size_t i = 0; i < PEERS; i++)
		if (b->remote.line[i].outside != -1)
			close(b->remote.line[i].outside);
	loop_free(b->loop);
}

static void run_loop(struct bench *b)
{
	event_base_loop(loop_base(b->loop), EVLOOP_NONBLOCK);
}

static void expect_datagram(int fd, const unsigned char *p, size_t n)
{
	unsigned char got[DATAGRAM + 1];

	BUG_ON(recv(fd, got, sizeof(got), MSG_DONTWAIT) != (ssize_t)n);
	BUG_ON(memcmp(got, p, n) != 0);
}

static void ask(struct bench *b, size_t k, const unsigned char *p, size_t n)
{
	struct line *l = &b->remote.line[k];
	struct addr server;

	exec_hosts_inner(k % SERVERS, &server);
	b->remote.asking = l;
	BUG_ON(sendto(b->client[k / SERVERS], p, n, 0, &server.sa, server.len) != (ssize_t)n);
	run_loop(b);
	if (l->outside != -1) {
		expect_datagram(l->outside, p, n);
	} else if (l->nearly < EARLY) {
		memcpy(l->early[l->nearly], p, n);
		l->len[l->nearly++] = n;
	}
}

/* The socket outside comes, with the questions from before in their order; or it can't be had, and
 * they are lost. */
static void give_socket(struct bench *b, size_t k, bool fails)
{
	struct line *l = &b->remote.line[k];
	struct connect_request *rq = l->asked;
	int pair[2] = {-1, -1};

	if (!rq)
		return;
	BUG_ON(!fails && socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair));
	l->asked = NULL;
	l->outside = pair[1];
	rq->id = 0;
	rq->done(rq->arg, pair[0], fails ? ENETUNREACH : 0);
	for (size_t i = 0; !fails && i < l->nearly; i++)
		expect_datagram(l->outside, l->early[i], l->len[i]);
	l->nearly = 0;
}

static void answer(struct bench *b, size_t k, const unsigned char *p, size_t n)
{
	if (b->remote.line[k].outside == -1)
		return;
	BUG_ON(send(b->remote.line[k].outside, p, n, 0) != (ssize_t)n);
	run_loop(b);
	expect_datagram(b->client[k / SERVERS], p, n);
}

/* A byte says what, the next how many bytes of what follows. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool begun;
	struct bench b;

	if (!begun)
		begin_network();
	begun = true;
	bench_init(&b);
	while (size >= 2) {
		size_t k = data[0] / 8 % PEERS, n = data[1] * 2u;

		n = n < size - 2 ? n : size - 2;
		if (data[0] % 4 == 0)
			give_socket(&b, k, data[0] & 4);
		else if (data[0] % 4 == 1)
			answer(&b, k, data + 2, n);
		else
			ask(&b, k, data + 2, n);
		data += 2 + n;
		size -= 2 + n;
	}
	bench_fini(&b);
	return 0;
}
