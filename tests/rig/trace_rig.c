/* trace_rig.c - each call becomes one frame: Ethernet, IPv4 or IPv6, TCP; nobody checks a checksum.
 */
#include "tests/rig/trace_rig.h"

#include "proxy/base/byteorder.h"
#include "proxy/base/clock.h"
#include "proxy/packet/tcp_view.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ETHERNET 14
#define START	 (1700000000 * NS_PER_S)
#define HEADERS	 (ETHERNET + 40 + 60)

void trace_init(struct trace *t)
{
	*t = (struct trace){
	    .now = START,
	    .client_port = 40000,
	    .next = {1000, 900000},
	    .window = {TRACE_WINDOW, TRACE_WINDOW},
	    .ttl = {64, 64},
	};
	t->acked[DIR_UPSTREAM] = t->next[DIR_DOWNSTREAM];
	t->acked[DIR_DOWNSTREAM] = t->next[DIR_UPSTREAM];
	pcapng_section(&t->buf, "trace_rig", NULL, NULL);
	pcapng_interface(&t->buf, PCAPNG_LINKTYPE_ETHERNET, 0, "trace", NULL);
}

void trace_free(struct trace *t)
{
	free(t->buf.data);
}

/* Returns the length of the header. */
static uint32_t put_ip(struct trace *t, uint8_t *p, const struct trace_segment *s, uint32_t tcp_len)
{
	uint8_t src = s->dir == DIR_UPSTREAM ? 1 : 2, dst = s->dir == DIR_UPSTREAM ? 2 : 1;

	if (t->ipv6) {
		p[0] = 0x60;
		put_be16(p + 4, (uint16_t)tcp_len);
		p[6] = IPPROTO_TCP;
		p[7] = t->ttl[s->dir];
		put_be32(p + 8, 0x20010db8);
		p[23] = src;
		put_be32(p + 24, 0x20010db8);
		p[39] = dst;
		return 40;
	}
	if (!s->same_ip_id)
		t->ip_id++;
	p[0] = 0x45;
	put_be16(p + 2, (uint16_t)(20 + tcp_len));
	put_be16(p + 4, t->ip_id);
	p[8] = t->ttl[s->dir];
	p[9] = IPPROTO_TCP;
	put_be32(p + 12, 0xc0000200u + src);
	put_be32(p + 16, 0xc0000200u + dst);
	return 20;
}

static uint32_t put_sack(uint8_t *p, uint32_t from, uint32_t to)
{
	p[0] = p[1] = 1;
	p[2] = 5;
	p[3] = 10;
	put_be32(p + 4, from);
	put_be32(p + 8, to);
	return 12;
}

static uint32_t put_options(const struct trace *t, uint8_t *p, const struct trace_segment *s)
{
	static const uint8_t syn[] = {2, 4, TRACE_MSS >> 8, TRACE_MSS & 0xff, 1, 3, 3, 7};
	uint32_t n = 0;

	if (s->flags & TCP_SYN) {
		memcpy(p, syn, sizeof(syn));
		n = sizeof(syn);
	}
	if (t->tsval) {
		p[n] = p[n + 1] = 1;
		p[n + 2] = 8;
		p[n + 3] = 10;
		put_be32(p + n + 4, t->tsval);
		put_be32(p + n + 8, t->tsecr);
		n += 12;
	}
	if (s->sack)
		n += put_sack(p + n, s->ack + 100, s->ack + 200);
	else if (s->dsack)
		n += put_sack(p + n, s->ack - s->dsack, s->ack);
	return n;
}

void trace_segment(struct trace *t, const struct trace_segment *s)
{
	uint8_t frame[HEADERS + TRACE_TEXT_MAX] = {0}, options[40];
	uint32_t shown = s->text ? (uint32_t)strnlen(s->text, TRACE_TEXT_MAX) : 0;
	uint32_t header = 20 + put_options(t, options, s), at = ETHERNET;
	uint8_t *tcp;

	if (s->shown)
		shown = s->shown;
	put_be16(frame + 12, t->ipv6 ? 0x86dd : 0x0800);
	at += put_ip(t, frame + at, s, header + s->len);
	tcp = frame + at;
	put_be16(tcp, s->dir == DIR_UPSTREAM ? t->client_port : TRACE_SERVER_PORT);
	put_be16(tcp + 2, s->dir == DIR_UPSTREAM ? TRACE_SERVER_PORT : t->client_port);
	put_be32(tcp + 4, s->seq);
	put_be32(tcp + 8, s->ack);
	tcp[12] = (uint8_t)(header / 4 << 4);
	tcp[13] = s->flags;
	put_be16(tcp + 14, s->window);
	memcpy(tcp + 20, options, header - 20);
	memcpy(tcp + header, s->text ? s->text : "", shown);
	/* Cut behind the headers or the text, as a capture with a snapshot length is. */
	pcapng_packet(&t->buf, 0, t->now, frame, at + header + shown, at + header + s->len, NULL);
	t->frames++;
}

void trace_wait(struct trace *t, int64_t ns)
{
	t->now += ns;
}

static void send_flags(struct trace *t, enum dir dir, uint8_t flags, uint32_t len)
{
	trace_segment(t, &(struct trace_segment){
			     .dir = dir,
			     .flags = flags,
			     .seq = t->next[dir],
			     .ack = flags & TCP_ACK ? t->acked[dir] : 0,
			     .len = len,
			     .window = t->window[dir],
			 });
	t->next[dir] += len + !!(flags & TCP_SYN) + !!(flags & TCP_FIN);
}

void trace_text(struct trace *t, enum dir dir, const char *text, uint32_t len)
{
	trace_segment(t, &(struct trace_segment){
			     .dir = dir,
			     .flags = TCP_ACK,
			     .seq = t->next[dir],
			     .ack = t->acked[dir],
			     .len = len,
			     .window = t->window[dir],
			     .text = text,
			 });
	t->next[dir] += len;
}

void trace_syn(struct trace *t)
{
	send_flags(t, DIR_UPSTREAM, TCP_SYN, 0);
	t->acked[DIR_DOWNSTREAM] = t->next[DIR_UPSTREAM];
}

void trace_syn_ack(struct trace *t)
{
	send_flags(t, DIR_DOWNSTREAM, TCP_SYN | TCP_ACK, 0);
}

void trace_handshake(struct trace *t, int64_t rtt)
{
	t->next[DIR_UPSTREAM] += 100000;
	t->next[DIR_DOWNSTREAM] += 100000;
	trace_syn(t);
	trace_wait(t, rtt / 2);
	trace_syn_ack(t);
	trace_wait(t, rtt / 2);
	trace_ack(t, DIR_UPSTREAM);
}

void trace_data(struct trace *t, enum dir dir, uint32_t len)
{
	send_flags(t, dir, TCP_ACK | TCP_PSH, len);
}

void trace_fin(struct trace *t, enum dir dir)
{
	send_flags(t, dir, TCP_FIN | TCP_ACK, 0);
}

void trace_rst(struct trace *t, enum dir dir)
{
	send_flags(t, dir, TCP_RST | TCP_ACK, 0);
}

void trace_ack(struct trace *t, enum dir dir)
{
	t->acked[dir] = t->next[dir_reverse(dir)];
	send_flags(t, dir, TCP_ACK, 0);
}

void trace_reply(struct trace *t, enum dir dir, uint32_t len)
{
	t->acked[dir] = t->next[dir_reverse(dir)];
	trace_data(t, dir, len);
}

void trace_resend(struct trace *t, enum dir dir, uint32_t back, uint32_t len)
{
	trace_segment(t, &(struct trace_segment){
			     .dir = dir,
			     .flags = TCP_ACK,
			     .seq = t->next[dir] - back,
			     .ack = t->acked[dir],
			     .len = len,
			     .window = t->window[dir],
			 });
}

void trace_lose(struct trace *t, enum dir dir, uint32_t len)
{
	t->next[dir] += len;
}

int trace_open(const uint8_t *data, size_t len, char path[TRACE_PATH], struct err *e)
{
	int fd = memfd_create("trace", MFD_CLOEXEC);

	if (fd == -1)
		return err_errno(e, "memfd_create");
	if (write(fd, data, len) != (ssize_t)len) {
		close(fd);
		return err_errno(e, "write");
	}
	snprintf(path, TRACE_PATH, "/proc/self/fd/%d", fd);
	return fd;
}

int trace_read_bytes(const uint8_t *data, size_t len, struct analysis **out, struct err *e)
{
	char path[TRACE_PATH];
	int fd = trace_open(data, len, path, e), rc;

	if (fd == -1)
		return -1;
	rc = analysis_read(path, out, e);
	close(fd);
	return rc;
}

int trace_read(const struct trace *t, struct analysis **out, struct err *e)
{
	return trace_read_bytes(t->buf.data, t->buf.len, out, e);
}

struct analysis *trace_take(struct trace *t)
{
	struct analysis *a = NULL;
	struct err e;

	if (trace_read(t, &a, &e) == -1)
		fprintf(stderr, "%s\n", e.text);
	BUG_ON(!a);
	trace_free(t);
	return a;
}
