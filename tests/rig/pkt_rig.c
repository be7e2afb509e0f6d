/* pkt_rig.c - a backend whose packets come from the test and whose verdicts go into a list. */
#include "tests/rig/pkt_rig.h"

#include "proxy/base/byteorder.h"
#include "proxy/base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct rig_event *add_event(struct pkt_rig *r, const uint8_t *data, size_t len)
{
	struct rig_event *ev = &r->events[r->nevents++];

	assert_true(r->nevents < ARRAY_LEN(r->events));
	ev->at = r->clock.t;
	if (data) {
		assert_true(len <= sizeof(ev->data));
		memcpy(ev->data, data, len);
		ev->len = len;
	}
	return ev;
}

static int record_verdict(void *arg, uint32_t id, bool accept, const uint8_t *data, size_t len)
{
	struct pkt_rig *r = arg;
	struct rig_event *ev;

	assert_null(pkt_rig_event(r, id)); /* one verdict a packet */
	ev = add_event(r, data, len);
	ev->packet = id;
	ev->fate = accept ? RIG_ACCEPTED : RIG_DROPPED;
	ev->modified = data != NULL;
	return 0;
}

static int record_injection(void *arg, const uint8_t *data, size_t len, bool here)
{
	(void)here;
	add_event(arg, data, len)->injected = true;
	return 0;
}

static const struct pkt_backend_ops rig_ops = {.verdict = record_verdict,
					       .inject = record_injection};

static void open_conn(void *arg, struct pkt_conn *c)
{
	struct pkt_rig *r = arg;
	struct pkt_hooks hooks = impair_proxy_pkt_hooks(&r->set->alone);

	if (!r->conn)
		r->conn = c;
	hooks.open(hooks.arg, c);
}

static void close_conn(void *arg, struct pkt_conn *c)
{
	struct pkt_rig *r = arg;
	struct pkt_hooks hooks = impair_proxy_pkt_hooks(&r->set->alone);

	hooks.close(hooks.arg, c);
}

static void open_rig(struct pkt_rig *r, const char *faults, bool forwarded,
		     const struct pkt_hooks *syn_hold)
{
	struct pkt_hooks hooks = syn_hold ? *syn_hold : (struct pkt_hooks){.open = NULL};
	struct pkt_select select[2];
	struct err e = {{0}};
	int fd;

	memset(r, 0, sizeof(*r));
	r->forwarded = forwarded;
	fake_clock_init(&r->clock, 0);
	snprintf(r->journal, sizeof(r->journal), "/tmp/wedge-rig-XXXXXX");
	fd = mkstemp(r->journal);
	assert_int_not_equal(fd, -1);
	close(fd);
	r->env = (struct env){.clock = &r->clock.clock, .timers = timerq_new(), .seed = 1};
	r->env.journal = journal_open(r->journal, &r->clock.clock, &e);
	assert_non_null(r->env.journal);
	r->set = impairment_set_new();
	if (faults && impairment_set_text(r->set, faults, &e) == -1)
		fail_msg("%s", e.text);
	hooks.open = open_conn;
	hooks.close = close_conn;
	hooks.holds_syns = syn_hold;
	hooks.arg = r;
	for (size_t i = 0; i < ARRAY_LEN(select); i++)
		select[i] = (struct pkt_select){.match.forwarded = forwarded, .hooks = hooks};
	assert_int_equal(addr_parse("198.51.100.3:80", &select[0].match.addr, &e), 0);
	assert_int_equal(addr_parse("[2001:db8:2::3]:80", &select[1].match.addr, &e), 0);
	r->tracker = pkt_tracker_new(&r->env, select, 2, &rig_ops, r);
}

void pkt_rig_open(struct pkt_rig *r, const char *faults)
{
	open_rig(r, faults, true, NULL);
}

void pkt_rig_open_client_leg(struct pkt_rig *r, const char *faults)
{
	open_rig(r, faults, false, NULL);
}

void pkt_rig_open_syn_hold(struct pkt_rig *r, const char *faults, const struct pkt_hooks *syn_hold)
{
	open_rig(r, faults, false, syn_hold);
}

void pkt_rig_close(struct pkt_rig *r)
{
	pkt_tracker_free(r->tracker, NULL);
	for (unsigned i = 0; i < r->packets; i++)
		assert_int_not_equal(pkt_rig_fate(r, i), RIG_HELD);
	impairment_set_stop(r->set);
	impairment_set_free(r->set);
	journal_close(r->env.journal);
	timerq_free(r->env.timers);
	unlink(r->journal);
}

static size_t put_ip(const struct pkt_rig *r, uint8_t *p, const struct rig_segment *s,
		     size_t tcp_len)
{
	enum dir dir = s->dir;
	static const uint8_t v4[2][4] = {{192, 0, 2, 1}, {198, 51, 100, 3}};
	static const uint8_t v6[2][16] = {{0x20, 1, 0xd, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1},
					  {0x20, 1, 0xd, 0xb8, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3}};

	if (r->ipv6) {
		put_be32(p, 6U << 28 | (uint32_t)s->tos << 20 | RIG_FLOW_LABEL);
		put_be16(p + 4, (uint16_t)tcp_len);
		p[6] = IPPROTO_TCP;
		p[7] = s->ttl ? s->ttl : 64;
		memcpy(p + 8, v6[dir], 16);
		memcpy(p + 24, v6[dir_reverse(dir)], 16);
		return 40;
	}
	p[0] = 0x45;
	p[1] = s->tos;
	put_be16(p + 2, (uint16_t)(20 + tcp_len));
	put_be16(p + 4, s->id);
	p[6] = s->id ? 0x40 : 0;
	p[8] = s->ttl ? s->ttl : 64;
	p[9] = IPPROTO_TCP;
	memcpy(p + 12, v4[dir], 4);
	memcpy(p + 16, v4[dir_reverse(dir)], 4);
	return 20;
}

static uint32_t isn_of(enum dir dir)
{
	return dir == DIR_UPSTREAM ? RIG_ISN_CLIENT : RIG_ISN_SERVER;
}

static size_t put_options(const struct rig_segment *s, uint8_t *p)
{
	uint8_t *begin = p;

	if (s->flags & TCP_SYN) {
		memcpy(p, "\2\4", 2);
		put_be16(p + 2, RIG_MSS);
		p += 4;
		if (s->wscale) {
			memcpy(p, "\1\3\3", 3);
			p[3] = (uint8_t)s->wscale;
			p += 4;
		}
	}
	if (s->timestamps) {
		memcpy(p, "\1\1\10\12", 4);
		put_be32(p + 4, s->tsval ? s->tsval : 1);
		put_be32(p + 8, s->tsecr ? s->tsecr : 1);
		p += 12;
	}
	if (s->sack[0] != s->sack[1]) {
		memcpy(p, "\1\1\5\12", 4);
		put_be32(p + 4, isn_of(dir_reverse(s->dir)) + s->sack[0]);
		put_be32(p + 8, isn_of(dir_reverse(s->dir)) + s->sack[1]);
		p += 12;
	}
	return (size_t)(p - begin);
}

static size_t build_segment(const struct pkt_rig *r, const struct rig_segment *s, uint8_t *data)
{
	uint8_t options[40];
	size_t n = put_options(s, options), at = put_ip(r, data, s, 20 + n + s->len);
	uint8_t *tcp = data + at;
	bool up = s->dir == DIR_UPSTREAM;
	struct tcp_view v;

	put_be16(tcp, up ? 40000 : 80);
	put_be16(tcp + 2, up ? 80 : 40000);
	put_be32(tcp + 4, isn_of(s->dir) + s->seq);
	put_be32(tcp + 8, s->flags & TCP_ACK ? isn_of(dir_reverse(s->dir)) + s->ack : 0);
	tcp[12] = (uint8_t)((20 + n) / 4 << 4);
	tcp[13] = s->flags;
	put_be16(tcp + 14, s->window);
	memcpy(tcp + 20, options, n);
	for (uint32_t i = 0; i < s->len; i++)
		tcp[20 + n + i] = (uint8_t)(s->seq + i);
	assert_true(tcp_view_parse(&v, data, at + 20 + n + s->len));
	checksum_write(&v, data);
	return at + 20 + n + s->len;
}

unsigned pkt_rig_send(struct pkt_rig *r, struct rig_segment s)
{
	uint8_t data[2048] = {0};
	enum pkt_hook hook = PKT_HOOK_FORWARD;
	size_t len;

	assert_true(s.len <= RIG_MSS);
	if (!s.flags)
		s.flags = TCP_ACK;
	if (!s.window)
		s.window = 1000;
	len = build_segment(r, &s, data);
	if (!r->forwarded)
		hook = (s.dir == DIR_UPSTREAM) != !!r->server_leg_mark ? PKT_HOOK_IN : PKT_HOOK_OUT;
	pkt_tracker_packet(r->tracker, r->packets++, hook, r->socketless ? 0 : r->server_leg_mark,
			   r->waited, data, len);
	return r->packets - 1;
}

unsigned pkt_rig_data(struct pkt_rig *r, enum dir dir, uint32_t seq, uint32_t len)
{
	return pkt_rig_send(
	    r, (struct rig_segment){
		   .dir = dir, .flags = TCP_ACK | TCP_PSH, .seq = seq, .ack = 1, .len = len});
}

unsigned pkt_rig_ack(struct pkt_rig *r, enum dir dir, uint32_t ack)
{
	return pkt_rig_send(r, (struct rig_segment){.dir = dir, .seq = 1, .ack = ack});
}

void pkt_rig_handshake(struct pkt_rig *r)
{
	pkt_rig_send(r, (struct rig_segment){.dir = DIR_UPSTREAM, .flags = TCP_SYN});
	pkt_rig_send(
	    r, (struct rig_segment){.dir = DIR_DOWNSTREAM, .flags = TCP_SYN | TCP_ACK, .ack = 1});
	pkt_rig_ack(r, DIR_UPSTREAM, 1);
}

void pkt_rig_wait(struct pkt_rig *r, int64_t ns)
{
	int64_t end = r->clock.t + ns, next;

	while ((next = timerq_next(r->env.timers)) <= end) {
		if (next > r->clock.t)
			r->clock.t = next;
		timerq_run(r->env.timers, r->clock.t);
	}
	r->clock.t = end;
}

const struct rig_event *pkt_rig_event(const struct pkt_rig *r, unsigned packet)
{
	for (size_t i = 0; i < r->nevents; i++)
		if (!r->events[i].injected && r->events[i].packet == packet)
			return &r->events[i];
	return NULL;
}

enum rig_fate pkt_rig_fate(const struct pkt_rig *r, unsigned packet)
{
	const struct rig_event *ev = pkt_rig_event(r, packet);

	return ev ? ev->fate : RIG_HELD;
}

int64_t pkt_rig_when(const struct pkt_rig *r, unsigned packet)
{
	const struct rig_event *ev = pkt_rig_event(r, packet);

	assert_non_null(ev);
	return ev->at;
}

static struct tcp_view view_whole(const struct rig_event *ev)
{
	struct tcp_view v;

	assert_non_null(ev);
	assert_true(tcp_view_parse(&v, ev->data, ev->len));
	assert_int_equal(v.ip_len, ev->len);
	assert_true(checksum_tcp_ok(&v));
	if (v.version == 4)
		assert_int_equal(checksum_end(checksum_add(0, v.ip, (v.ip[0] & 0xfu) * 4)), 0);
	return v;
}

struct tcp_view pkt_rig_arrived(const struct pkt_rig *r, unsigned packet)
{
	const struct rig_event *ev = pkt_rig_event(r, packet);

	assert_true(ev && ev->fate == RIG_ACCEPTED && ev->modified);
	return view_whole(ev);
}

bool pkt_rig_modified(const struct pkt_rig *r, unsigned packet)
{
	const struct rig_event *ev = pkt_rig_event(r, packet);

	return ev && ev->modified;
}

unsigned pkt_rig_injected(const struct pkt_rig *r)
{
	unsigned n = 0;

	for (size_t i = 0; i < r->nevents; i++)
		n += r->events[i].injected;
	return n;
}

struct tcp_view pkt_rig_injection(const struct pkt_rig *r)
{
	const struct rig_event *last = NULL;

	for (size_t i = 0; i < r->nevents; i++)
		if (r->events[i].injected)
			last = &r->events[i];
	return view_whole(last);
}

bool pkt_rig_journalled(const struct pkt_rig *r, const char *text)
{
	char line[1024];
	bool found = false;
	FILE *f;

	journal_flush(r->env.journal);
	f = fopen(r->journal, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		found |= strstr(line, text) != NULL;
	fclose(f);
	return found;
}
