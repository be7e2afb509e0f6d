/* dns.c - one socket outside for each client socket and nameserver, as a router that translates
 * addresses has it. */
#include "proxy/exec/dns.h"

#include "proxy/base/mem.h"

#include <errno.h>
#include <event2/event.h>
#include <string.h>
#include <unistd.h>

#define IDLE	  (30 * NS_PER_S) /* a client's socket without a question is forgotten then */
#define PEERS_MAX 512		  /* with more, the socket that has asked least recently is */
enum { EARLY_MAX = 8, DATAGRAM_MAX = 65535 };

/* A question from before the outer socket has come. */
struct early {
	size_t len;
	unsigned char *data;
};

/* One client socket's questions to one nameserver. */
struct peer {
	struct dns *dns;
	size_t server;
	struct addr client;
	int fd; /* outside; -1 until it comes */
	struct event *event;
	struct timer idle;
	struct connect_request request;
	struct early early[EARLY_MAX];
	size_t nearly;
	TAILQ_ENTRY(peer) entry;
};

/* The address inside that stands for one nameserver. */
struct inner {
	struct dns *dns;
	size_t server;
	int fd;
	struct event *event;
};

struct dns {
	struct loop *loop;
	struct remote_connector *remote;
	const struct exec_hosts *hosts;
	struct inner inner[EXEC_HOSTS_SERVERS_MAX];
	TAILQ_HEAD(, peer) peers; /* in the order of their last questions */
	size_t npeers;
	unsigned char datagram[DATAGRAM_MAX];
};

static void peer_free(struct peer *p)
{
	struct dns *d = p->dns;

	if (p->request.id)
		remote_connector(d->remote, 0)->cancel(remote_connector(d->remote, 0), &p->request);
	timer_cancel(loop_timers(d->loop), &p->idle);
	if (p->event)
		event_free(p->event);
	if (p->fd != -1)
		close(p->fd);
	for (size_t i = 0; i < p->nearly; i++)
		free(p->early[i].data);
	TAILQ_REMOVE(&d->peers, p, entry);
	d->npeers--;
	free(p);
}

static void idle_cb(void *arg, int64_t now)
{
	(void)now;
	peer_free(arg);
}

/* An error is the nameserver's ICMP: the client waits, as for any answer that is lost. */
static void answer_cb(evutil_socket_t fd, short what, void *arg)
{
	struct peer *p = arg;
	struct dns *d = p->dns;
	ssize_t n;

	(void)what;
	n = recv(fd, d->datagram, sizeof(d->datagram), MSG_DONTWAIT);
	if (n >= 0)
		(void)!sendto(d->inner[p->server].fd, d->datagram, (size_t)n, MSG_DONTWAIT,
			      &p->client.sa, p->client.len);
}

static void outside_cb(void *arg, int fd, int error)
{
	struct peer *p = arg;

	(void)error;
	if (fd == -1) {
		peer_free(p); /* its next question tries again */
		return;
	}
	p->fd = fd;
	p->event = loop_watch(p->dns->loop, fd, EV_READ | EV_PERSIST, answer_cb, p);
	if (!p->event) {
		peer_free(p);
		return;
	}
	for (size_t i = 0; i < p->nearly; i++) {
		(void)!send(fd, p->early[i].data, p->early[i].len, MSG_DONTWAIT);
		free(p->early[i].data);
	}
	p->nearly = 0;
}

static struct peer *peer_new(struct dns *d, size_t server, const struct addr *client)
{
	struct peer *p = xcalloc(1, sizeof(*p));

	if (d->npeers == PEERS_MAX)
		peer_free(TAILQ_FIRST(&d->peers));
	p->dns = d;
	p->server = server;
	p->client = *client;
	p->fd = -1;
	p->idle.fn = idle_cb;
	p->idle.arg = p;
	p->request.to = d->hosts->server[server];
	p->request.done = outside_cb;
	p->request.arg = p;
	TAILQ_INSERT_TAIL(&d->peers, p, entry);
	d->npeers++;
	remote_connector_start_udp(d->remote, &p->request);
	return p;
}

static struct peer *find_peer(struct dns *d, size_t server, const struct addr *client)
{
	struct peer *p;

	TAILQ_FOREACH (p, &d->peers, entry) {
		if (p->server != server || !addr_equal(&p->client, client))
			continue;
		TAILQ_REMOVE(&d->peers, p, entry);
		TAILQ_INSERT_TAIL(&d->peers, p, entry);
		return p;
	}
	return peer_new(d, server, client);
}

static void send_question(struct peer *p, size_t len)
{
	struct dns *d = p->dns;
	struct early *early = &p->early[p->nearly];

	timer_arm(loop_timers(d->loop), &p->idle, clock_now(loop_clock(d->loop)) + IDLE);
	if (p->fd != -1) {
		(void)!send(p->fd, d->datagram, len, MSG_DONTWAIT);
	} else if (p->nearly < EARLY_MAX) {
		early->data = xcalloc(1, len + 1);
		early->len = len;
		memcpy(early->data, d->datagram, len);
		p->nearly++;
	}
}

static void question_cb(evutil_socket_t fd, short what, void *arg)
{
	struct inner *in = arg;
	struct dns *d = in->dns;
	struct addr client = {.len = sizeof(client.in6)};
	ssize_t n =
	    recvfrom(fd, d->datagram, sizeof(d->datagram), MSG_DONTWAIT, &client.sa, &client.len);

	(void)what;
	if (n >= 0)
		send_question(find_peer(d, in->server, &client), (size_t)n);
}

static int open_inner(struct dns *d, size_t i, struct err *e)
{
	struct inner *in = &d->inner[i];
	char text[ADDR_TEXT];
	struct addr a;

	exec_hosts_inner(i, &a);
	in->dns = d;
	in->server = i;
	in->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (in->fd == -1 || bind(in->fd, &a.sa, a.len) == -1)
		return err_errno(e, "taking questions at %s", addr_format(&a, text));
	in->event = loop_watch(d->loop, in->fd, EV_READ | EV_PERSIST, question_cb, in);
	return in->event ? 0 : err_errno(e, "watching for questions at %s", addr_format(&a, text));
}

struct dns *dns_new(struct loop *loop, struct remote_connector *remote,
		    const struct exec_hosts *hosts, struct err *e)
{
	struct dns *d = xcalloc(1, sizeof(*d));

	d->loop = loop;
	d->remote = remote;
	d->hosts = hosts;
	TAILQ_INIT(&d->peers);
	for (size_t i = 0; i < hosts->n; i++)
		d->inner[i].fd = -1;
	for (size_t i = 0; i < hosts->n; i++) {
		if (open_inner(d, i, e) == 0)
			continue;
		dns_free(d);
		return NULL;
	}
	return d;
}

void dns_free(struct dns *d)
{
	struct peer *p, *next;

	if (!d)
		return;
	for (p = TAILQ_FIRST(&d->peers); p; p = next) {
		next = TAILQ_NEXT(p, entry);
		peer_free(p);
	}
	for (size_t i = 0; i < d->hosts->n; i++) {
		if (d->inner[i].event)
			event_free(d->inner[i].event);
		if (d->inner[i].fd != -1)
			close(d->inner[i].fd);
	}
	free(d);
}
