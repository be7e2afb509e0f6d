/* trace_script.c - each line becomes one call of the trace. */
#include "tests/rig/trace_script.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "proxy/packet/tcp_view.h"

#include <string.h>

static void send_probe(struct trace *t, enum dir dir)
{
	trace_segment(t, &(struct trace_segment){
			     .dir = dir,
			     .flags = TCP_ACK,
			     .seq = t->next[dir] - 1,
			     .ack = t->acked[dir],
			     .window = t->window[dir],
			 });
}

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

/* Returns whether the words were understood. */
static bool send_words(struct trace *t, enum dir dir, const char *words)
{
	unsigned n, of;
	char rest[8];

	if (!strncmp(words, "text ", 5))
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
		send_probe(t, dir);
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

static void send_line(struct trace *t, int64_t start, char *line)
{
	char sign, *words, *window = strstr(line, " win ");
	enum dir dir;
	double ms;
	int used;

	if (sscanf(line, "%lf %c %n", &ms, &sign, &used) < 2) {
		fprintf(stderr, "trace_script: '%s' isn't TIME >|< WHAT\n", line);
		BUG_ON(true);
	}
	dir = sign == '>' ? DIR_UPSTREAM : DIR_DOWNSTREAM;
	if (window) {
		t->window[dir] = (uint16_t)strtoul(window + 5, NULL, 10);
		*window = '\0';
	}
	t->now = start + (int64_t)(ms * (double)NS_PER_MS);
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
	int64_t start = t->now;

	while ((line = strsep(&rest, "\n"))) {
		line += strspn(line, " \t");
		if (*line)
			send_line(t, start, line);
	}
	free(copy);
}
