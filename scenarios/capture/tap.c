/* tap.c - libpcap takes the packets, scenarios/base/pcapng.h encodes them, this writes the file. */
#include "scenarios/capture/tap.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/base/msg.h"
#include "scenarios/base/pcapng.h"

#include <errno.h>
#include <fcntl.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#define RING_BYTES    (32 << 20)
#define SNAPLEN_WHOLE 262144
#define FLUSH_BYTES   (64u << 10)
/* The kernel hands over a block of packets when it is full or this old: the capture wakes seldom
 * and so disturbs little. Time stamps are the kernel's and don't suffer. */
#define BLOCK_MS      20
/* Quiet for this long after a stop: nothing is left in the ring. */
#define QUIET_MS      (3 * BLOCK_MS)

struct tap {
	pcap_t *pcap;
	int file;
	char path[TAP_PATH];
	struct pcapng_buf buf;
	uint64_t written;
	int64_t last_ns; /* the latest packet's time stamp */
	int64_t end_ns;	 /* packets from after it are left out; INT64_MAX while it isn't known */
	struct err *e;	 /* of a write that failed among the packets */
	bool failed;
};

static int tap_flush(struct tap *t, struct err *e)
{
	size_t done = 0;

	while (done < t->buf.len) {
		ssize_t n = write(t->file, t->buf.data + done, t->buf.len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(e, "writing %s", t->path);
		done += (size_t)n;
	}
	t->buf.len = 0;
	return 0;
}

static int set_filter(pcap_t *p, const char *text, struct err *e)
{
	struct bpf_program filter;
	int rc;

	if (pcap_compile(p, &filter, text, 1, PCAP_NETMASK_UNKNOWN))
		return err_set(e, "filter \"%s\": %s", text, pcap_geterr(p));
	rc = pcap_setfilter(p, &filter);
	pcap_freecode(&filter);
	return rc ? err_set(e, "filter \"%s\": %s", text, pcap_geterr(p)) : 0;
}

/* Packets of all interfaces need a header that names the interface. */
static int set_link_type(pcap_t *p, const struct tap_config *c, struct err *e)
{
	bool all = strcmp(c->interface, "any") == 0;

	if (all && pcap_set_datalink(p, DLT_LINUX_SLL2))
		return err_set(e, "%s", pcap_geterr(p));
	if (!all && pcap_datalink(p) != DLT_EN10MB)
		return err_set(e, "not an Ethernet interface");
	return 0;
}

/* Sets what must be set before activation, activates, compiles the filter. */
static int pcap_set_up(pcap_t *p, const struct tap_config *c, struct err *e)
{
	int rc;

	if (pcap_set_snaplen(p, c->snaplen ? (int)c->snaplen : SNAPLEN_WHOLE) ||
	    pcap_set_promisc(p, 0) || pcap_set_timeout(p, BLOCK_MS) ||
	    pcap_set_buffer_size(p, RING_BYTES) ||
	    pcap_set_tstamp_precision(p, PCAP_TSTAMP_PRECISION_NANO))
		return err_set(e, "libpcap refuses the capture's options");
	rc = pcap_activate(p);
	if (rc < 0)
		return err_set(e, "%s", *pcap_geterr(p) ? pcap_geterr(p) : pcap_statustostr(rc));
	if (set_link_type(p, c, e))
		return -1;
	return c->filter[0] ? set_filter(p, c->filter, e) : 0;
}

static int tap_begin(struct tap *t, const struct tap_config *c, struct err *e)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	struct utsname host;

	memcpy(t->path, c->path, sizeof(t->path));
	t->pcap = pcap_create(c->interface, why);
	if (!t->pcap)
		return err_set(e, "capture on %s: %s", c->interface, why);
	if (pcap_set_up(t->pcap, c, e))
		return err_wrap(e, "capture on %s", c->interface);
	if (pcap_setnonblock(t->pcap, 1, why))
		return err_set(e, "capture on %s: %s", c->interface, why);
	t->file = c->file
		      ? fcntl(*c->file, F_DUPFD_CLOEXEC, 3)
		      : open(c->path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (t->file < 0)
		return err_errno(e, "creating %s", c->path);
	uname(&host);
	pcapng_section(&t->buf, PCAPNG_APPLICATION, host.release, NULL);
	/* For these link types libpcap's number is the file's, too. */
	pcapng_interface(&t->buf, (uint16_t)pcap_datalink(t->pcap),
			 (uint32_t)pcap_snapshot(t->pcap), *c->shown ? c->shown : c->interface,
			 c->description);
	return tap_flush(t, e);
}

void tap_close(struct tap *t)
{
	if (!t)
		return;
	if (t->pcap)
		pcap_close(t->pcap);
	if (t->file >= 0)
		close(t->file);
	free(t->buf.data);
	free(t);
}

struct tap *tap_open(const struct tap_config *c, struct err *e)
{
	struct tap *t = xcalloc(1, sizeof(*t));

	*t = (struct tap){.file = -1, .end_ns = INT64_MAX};
	if (tap_begin(t, c, e) == 0)
		return t;
	tap_close(t);
	return NULL;
}

static void packet_cb(u_char *arg, const struct pcap_pkthdr *h, const u_char *data)
{
	struct tap *t = (struct tap *)(void *)arg;

	/* Asked for nanoseconds, libpcap puts them where the microseconds would be. */
	t->last_ns = h->ts.tv_sec * NS_PER_S + h->ts.tv_usec;
	if (t->last_ns > t->end_ns)
		return;
	pcapng_packet(&t->buf, 0, t->last_ns, data, h->caplen, h->len, NULL);
	t->written++;
	/* Not only when all are taken: on a busy host packets never end. */
	if (t->buf.len >= FLUSH_BYTES && tap_flush(t, t->e)) {
		t->failed = true;
		pcap_breakloop(t->pcap);
	}
}

/* Writes what the kernel has; returns the number of packets, or -1. */
static int tap_take(struct tap *t, struct err *e)
{
	int total = 0, n;

	t->e = e;
	do {
		n = pcap_dispatch(t->pcap, -1, packet_cb, (u_char *)t);
		if (t->failed)
			return -1;
		if (n < 0)
			return err_set(e, "capturing: %s", pcap_geterr(t->pcap));
		total += n;
	} while (n > 0);
	return total;
}

/* A filter that doesn't compile leaves the old one. */
static int change_filter(const struct tap_set *s, const json_t *msg, struct err *e)
{
	const char *text = json_string_value(json_object_get(msg, "filter"));
	struct err why = {""};
	int rc = 0, sent;

	for (size_t i = 0; i < s->n && rc == 0; i++)
		rc = set_filter(s->tap[i]->pcap, text ? text : "", &why);
	if (rc)
		sent = msg_send(s->msg_fd, "filtered", "s:s", "why", why.text);
	else
		sent = msg_send(s->msg_fd, "filtered", NULL);
	return sent ? err_set(e, "nobody hears of the new filter") : 0;
}

static void cut_at(const struct tap_set *s, int64_t end_ns)
{
	for (size_t i = 0; i < s->n; i++)
		s->tap[i]->end_ns = end_ns;
}

/* Returns 1 once the runner wants an end: by a stop, or because it is gone. */
static int obey_runner(const struct tap_set *s, struct err *e)
{
	json_t *msg;
	int rc = 0;

	if (msg_recv(s->msg_fd, -1, &msg, NULL) != 1)
		return 1;
	if (strcmp(msg_type(msg), "filter") == 0)
		rc = change_filter(s, msg, e);
	else if (strcmp(msg_type(msg), "cut") == 0)
		cut_at(s, (int64_t)json_integer_value(json_object_get(msg, "end")));
	else
		rc = strcmp(msg_type(msg), "stop") == 0;
	json_decref(msg);
	return rc;
}

static int take_ready(const struct tap_set *s, const struct pollfd *fds, struct err *e)
{
	for (size_t i = 0; i < s->n; i++)
		if (fds[i].revents && (tap_take(s->tap[i], e) < 0 || tap_flush(s->tap[i], e) < 0))
			return -1;
	return 0;
}

static int taps_follow(const struct tap_set *s, struct err *e)
{
	struct pollfd fds[TAPS_MAX + 1];
	int rc = 0;

	for (size_t i = 0; i < s->n; i++)
		fds[i] = (struct pollfd){pcap_get_selectable_fd(s->tap[i]->pcap), POLLIN, 0};
	fds[s->n] = (struct pollfd){s->msg_fd, POLLIN, 0};
	while (rc == 0) {
		if (poll(fds, (nfds_t)s->n + 1, -1) < 0 && errno != EINTR)
			return err_errno(e, "waiting for packets");
		/* An end is heard first: the packets may be from after it. */
		if (fds[s->n].revents)
			rc = obey_runner(s, e);
		else if (take_ready(s, fds, e) < 0)
			return -1;
	}
	return rc < 0 ? -1 : 0;
}

/* Takes the packets that were on their way at the end: until it is quiet, or packets are from
 * after it. */
static int tap_drain(struct tap *t, struct err *e)
{
	struct pollfd fd = {pcap_get_selectable_fd(t->pcap), POLLIN, 0};
	int64_t stop_ns = t->end_ns < INT64_MAX ? t->end_ns : clock_wall();
	int n;

	do {
		n = poll(&fd, 1, QUIET_MS);
		if (n < 0 && errno != EINTR)
			return err_errno(e, "waiting for packets");
		if (tap_take(t, e) < 0)
			return -1;
	} while (n && t->last_ns <= stop_ns);
	return 0;
}

/* Writes the statistics block, and adds its numbers to the caller's. */
static int tap_finish(struct tap *t, struct tap_counts *counts, struct err *e)
{
	struct pcap_stat stats;

	if (pcap_stats(t->pcap, &stats))
		return err_set(e, "capture statistics: %s", pcap_geterr(t->pcap));
	counts->received += stats.ps_recv;
	counts->dropped += (uint64_t)stats.ps_drop + stats.ps_ifdrop;
	counts->written += t->written;
	pcapng_statistics(&t->buf, 0, clock_wall(), stats.ps_recv,
			  (uint64_t)stats.ps_drop + stats.ps_ifdrop);
	return tap_flush(t, e);
}

int taps_run(const struct tap_set *s, struct tap_counts *counts, struct err *e)
{
	int rc = taps_follow(s, e);

	*counts = (struct tap_counts){0};
	for (size_t i = 0; i < s->n && rc == 0; i++)
		rc = tap_drain(s->tap[i], e);
	for (size_t i = 0; i < s->n && rc == 0; i++)
		rc = tap_finish(s->tap[i], counts, e);
	return rc;
}

static int tap_capture(const struct tap_config *c, int msg_fd, struct tap_counts *counts,
		       struct err *e)
{
	struct tap_set s = {.tap = {tap_open(c, e)}, .n = 1, .msg_fd = msg_fd};
	int rc = s.tap[0] ? 0 : -1;

	if (rc == 0 && msg_send(msg_fd, "ready", NULL))
		rc = err_set(e, "nobody waits for the capture");
	if (rc == 0)
		rc = taps_run(&s, counts, e);
	tap_close(s.tap[0]);
	return rc;
}

int tap_main(void *tap_config, int msg_fd)
{
	struct tap_counts n = {0};
	struct err e;
	int sent;

	if (tap_capture(tap_config, msg_fd, &n, &e))
		sent = msg_send(msg_fd, "error", "s:s", "text", e.text) ? -1 : 1;
	else
		sent =
		    msg_send(msg_fd, "result", "s:I, s:I, s:I", "received", (json_int_t)n.received,
			     "dropped", (json_int_t)n.dropped, "written", (json_int_t)n.written);
	return sent ? 1 : 0;
}
