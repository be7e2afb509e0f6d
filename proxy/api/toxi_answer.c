/* toxi_answer.c - the members' order is that of Toxiproxy's structs. */
#include "proxy/api/toxi_answer.h"

#include "proxy/api/json_out.h"
#include "proxy/base/mem.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

static void begin_json(struct http_answer *a, int status)
{
	a->status = status;
	a->type = "application/json";
}

static void write_error(struct evbuffer *out, const char *text, int status)
{
	json_out_plain(out, "{\"error\":");
	json_out_text(out, text);
	evbuffer_add_printf(out, ",\"status\":%d", status);
}

void toxi_answer_error(struct http_answer *a, int status, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	a->status = status;
	a->type = NULL;
	a->nosniff = true;
	write_error(a->body, text, status);
	json_out_plain(a->body, "}\n");
}

static void write_member(struct evbuffer *out, const char *name, const char *text)
{
	evbuffer_add_printf(out, ",\"%s\":", name);
	json_out_text(out, text);
}

static void write_toxic(struct evbuffer *out, const struct toxi_toxic *t)
{
	json_out_plain(out, "{\"attributes\":{");
	for (int i = 0; i < TOXI_ATTRIBUTES && t->type->attribute[i]; i++)
		evbuffer_add_printf(out, "%s\"%s\":%" PRId64, i ? "," : "", t->type->attribute[i],
				    t->attribute[i]);
	json_out_plain(out, "}");
	write_member(out, "name", t->name);
	write_member(out, "type", t->type->name);
	write_member(out, "stream", t->stream);
	json_out_plain(out, ",\"toxicity\":");
	json_out_float(out, t->toxicity);
	json_out_plain(out, "}");
}

/* Those of one direction behind those of the other. */
static void write_toxics(struct evbuffer *out, const struct toxi_proxy *p)
{
	bool first = true;

	json_out_plain(out, "[");
	for (enum dir dir = 0; dir < DIR_COUNT; dir++)
		for (size_t i = 0; i < p->n; i++) {
			if (p->toxic[i].dir != dir)
				continue;
			json_out_plain(out, first ? "" : ",");
			first = false;
			write_toxic(out, &p->toxic[i]);
		}
	json_out_plain(out, "]");
}

static void write_proxy(struct evbuffer *out, const struct toxi_proxy *p)
{
	json_out_plain(out, "{\"name\":");
	json_out_text(out, p->name);
	write_member(out, "listen", p->listen);
	write_member(out, "upstream", p->upstream);
	evbuffer_add_printf(
	    out, ",\"enabled\":%s,\"Logger\":{},\"toxics\":", p->enabled ? "true" : "false");
	write_toxics(out, p);
	json_out_plain(out, "}");
}

void toxi_answer_proxy(struct http_answer *a, int status, const struct toxi_proxy *p)
{
	begin_json(a, status);
	write_proxy(a->body, p);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp((*(struct toxi_proxy *const *)a)->name,
		      (*(struct toxi_proxy *const *)b)->name);
}

void toxi_answer_proxies(struct http_answer *a, const struct toxi_model *m)
{
	struct toxi_proxy **sorted = xcalloc(m->n + 1, sizeof(struct toxi_proxy *));

	begin_json(a, 200);
	for (size_t i = 0; i < m->n; i++)
		sorted[i] = m->proxy[i];
	qsort(sorted, m->n, sizeof(struct toxi_proxy *), compare_names);
	json_out_plain(a->body, "{");
	for (size_t i = 0; i < m->n; i++) {
		json_out_plain(a->body, i ? "," : "");
		json_out_text(a->body, sorted[i]->name);
		json_out_plain(a->body, ":");
		write_proxy(a->body, sorted[i]);
	}
	json_out_plain(a->body, "}");
	free(sorted);
}

void toxi_answer_toxic(struct http_answer *a, const struct toxi_toxic *t)
{
	begin_json(a, 200);
	write_toxic(a->body, t);
}

void toxi_answer_toxics(struct http_answer *a, const struct toxi_proxy *p)
{
	begin_json(a, 200);
	write_toxics(a->body, p);
}

void toxi_answer_populated(struct http_answer *a, int status, const char *error,
			   const struct toxi_proxy *const *list, size_t n)
{
	begin_json(a, status);
	if (error) {
		write_error(a->body, error, status);
		json_out_plain(a->body, ",\"proxies\":");
	} else {
		json_out_plain(a->body, "{\"proxies\":");
	}
	json_out_plain(a->body, error && !n ? "null" : "[");
	for (size_t i = 0; i < n; i++) {
		json_out_plain(a->body, i ? "," : "");
		write_proxy(a->body, list[i]);
	}
	json_out_plain(a->body, error && !n ? "}" : "]}");
}
