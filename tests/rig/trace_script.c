/* trace_script.c - each line becomes one call of the trace. */
#include "tests/rig/trace_script.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "proxy/packet/tcp_view.h"

#include <string.h>

static void send_text(struct trace *t, enum dir dir, const char *text)
{
	char out[TRACE_TEXT_MAX] = "";
	size_t n = 0;

	for (; *text && n + 2 < sizeof(out); text++) {
		if (*text != '~') {
			out[n++] = *text;
			continue;
		}
		out[n++] = '\r';
		out[n++] = '\n';
	}
	t->acked[dir] = t->next[dir_reverse(dir)];
	trace_text(t, dir, out, (uint32_t)n);
}

static void send_hex(struct trace *t, enum dir dir, const char *hex, uint32_t len)
{
	char bytes[TRACE_TEXT_MAX];
	unsigned n = 0, byte;

	while (n < sizeof(bytes) && sscanf(hex + 2 * n, "%2x", &byte) == 1)
		bytes[n++] = (char)byte;
	t->acked[dir] = t->next[dir_reverse(dir)];
	trace_segment(t, &(struct trace_segment){
			     .dir = dir,
			     .flags = TCP_ACK,
			     .seq = t->next[dir],
			     .ack = t->acked[dir],
			     .len = len,
			     .window = t->window[dir],
			     .text = bytes,
			     .shown = n,
			 });
	t->next[dir] += len;
}

/* An RST as a host sends it that doesn't know the connection, or a DSACK. */
static void send_odd(struct trace *t, enum dir dir, uint8_t flags, uint32_t dsack)
{
	if (dsack)
		t->acked[dir] = t->next[dir_reverse(dir)];
	trace_segment(t, &(struct trace_segment){
			     .dir = dir,
			     .flags = flags,
			     .seq = dsack ? t->next[dir] : t->acked[dir_reverse(dir)],
			     .ack = dsack ? t->acked[dir] : 0,
			     .window = t->window[dir],
			     .dsack = dsack,
			 });
}

/* Returns whether the words were understood. */
static bool send_words(struct trace *t, enum dir dir, const char *words)
{
	unsigned n, of;
	char rest[8], hex[2 * TRACE_TEXT_MAX + 1];

	if (sscanf(words, "hex %512[0-9a-f] of %u", hex, &n) == 2)
		send_hex(t, dir, hex, n);
	else if (sscanf(words, "dsack %u", &n) == 1)
		send_odd(t, dir, TCP_ACK, n);
	else if (!strcmp(words, "rst unknown"))
		send_odd(t, dir, TCP_RST, 0);
	else if (!strncmp(words, "text ", 5))
		send_text(t, dir, words + 5);
	else if (!strcmp(words, "syn"))
		trace_syn(t);
	else if (!strcmp(words, "again syn")) {
		t->next[dir]--;
		trace_syn(t);
	} else if (!strcmp(words, "syn-ack"))
		trace_syn_ack(t);
	else if (!strcmp(words, "ack"))
		trace_ack(t, dir);
	else if (!strcmp(words, "fin"))
		trace_fin(t, dir);
	else if (!strcmp(words, "rst"))
		trace_rst(t, dir);
	else if (!strcmp(words, "probe"))
		trace_resend(t, dir, 1, 0);
	else if (sscanf(words, "again %u of %u", &n, &of) == 2)
		trace_resend(t, dir, of, n);
	else if (sscanf(words, "again %u", &n) == 1)
		trace_resend(t, dir, n, n);
	else if (sscanf(words, "hole %u", &n) == 1)
		trace_lose(t, dir, n);
	else if (sscanf(words, "%u %7s", &n, rest) == 2 && !strcmp(rest, "ack"))
		trace_reply(t, dir, n);
	else if (sscanf(words, "%u%7s", &n, rest) == 1)
		trace_data(t, dir, n);
	else
		return false;
	return true;
}

/* What a connection has of its own in a trace. */
struct script_connection {
	uint16_t client_port;
	uint32_t next[DIR_COUNT], acked[DIR_COUNT];
	uint16_t window[DIR_COUNT];
};

struct script {
	struct script_connection connections[TRACE_SCRIPT_CONNECTIONS];
	unsigned now; /* whose numbers the trace has */
	int64_t start;
};

static void keep_connection(struct script *s, const struct trace *t)
{
	struct script_connection *c = &s->connections[s->now];

	c->client_port = t->client_port;
	memcpy(c->next, t->next, sizeof(c->next));
	memcpy(c->acked, t->acked, sizeof(c->acked));
	memcpy(c->window, t->window, sizeof(c->window));
}

static void change_connection(struct script *s, struct trace *t, unsigned to)
{
	const struct script_connection *c = &s->connections[to];

	BUG_ON(to >= TRACE_SCRIPT_CONNECTIONS);
	keep_connection(s, t);
	s->now = to;
	t->client_port = c->client_port;
	memcpy(t->next, c->next, sizeof(c->next));
	memcpy(t->acked, c->acked, sizeof(c->acked));
	memcpy(t->window, c->window, sizeof(c->window));
}

static void begin_script(struct script *s, const struct trace *t)
{
	s->start = t->now;
	for (s->now = TRACE_SCRIPT_CONNECTIONS; s->now-- > 0;) {
		keep_connection(s, t);
		s->connections[s->now].client_port = (uint16_t)(t->client_port + s->now);
	}
	s->now = 0;
}

static void send_line(struct trace *t, struct script *s, char *line)
{
	char sign, *words, *window = strstr(line, " win ");
	char *stamps = strstr(line, " ts "), *ttl = strstr(line, " ttl ");
	unsigned connection = 0;
	enum dir dir;
	double ms;
	int used;

	if (sscanf(line, "%lf %u%c %n", &ms, &connection, &sign, &used) < 3 &&
	    sscanf(line, "%lf %c %n", &ms, &sign, &used) < 2) {
		fprintf(stderr, "trace_script: '%s' isn't TIME [N]>|< WHAT\n", line);
		BUG_ON(true);
	}
	dir = sign == '>' ? DIR_UPSTREAM : DIR_DOWNSTREAM;
	change_connection(s, t, connection);
	t->tsval = t->tsecr = 0;
	if (stamps) {
		sscanf(stamps, " ts %u %u", &t->tsval, &t->tsecr);
		*stamps = '\0';
	}
	if (ttl) {
		t->ttl[dir] = (uint8_t)strtoul(ttl + 5, NULL, 10);
		*ttl = '\0';
	}
	if (window) {
		t->window[dir] = (uint16_t)strtoul(window + 5, NULL, 10);
		*window = '\0';
	}
	t->now = s->start + (int64_t)(ms * (double)NS_PER_MS);
	words = line + used;
	for (size_t n = strlen(words); n && words[n - 1] == ' ';)
		words[--n] = '\0';
	if (!send_words(t, dir, words)) {
		fprintf(stderr, "trace_script: '%s' is nothing that can be sent\n", words);
		BUG_ON(true);
	}
}

void trace_script(struct trace *t, const char *script)
{
	char *copy = xstrdup(script), *rest = copy, *line;
	struct script s;

	begin_script(&s, t);
	while ((line = strsep(&rest, "\n"))) {
		line += strspn(line, " \t");
		if (*line)
			send_line(t, &s, line);
	}
	free(copy);
}
