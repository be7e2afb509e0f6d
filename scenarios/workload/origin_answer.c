/* origin_answer.c - pieces end where they are full, not where chunks do. */
#include "scenarios/workload/origin_answer.h"

#include "scenarios/workload/origin_body.h"

#include <string.h>

void origin_answer_begin(struct origin_answer *a, const struct origin_server_cfg *cfg,
			 uint64_t seed, const struct http_parser *request, int64_t date)
{
	bool http10 = !request->minor; /* which knows no chunks */
	bool chunked = cfg->ends == ORIGIN_CHUNKED && !http10;
	bool until_close = cfg->ends != ORIGIN_LENGTH && !chunked;

	*a = (struct origin_answer){
	    .head = {.status = 200,
		     .type = "text/plain",
		     .chunked = chunked,
		     .until_close = until_close,
		     .close = until_close || !request->keep_alive,
		     .http10 = http10,
		     .len = cfg->body,
		     .date = date},
	    .bodiless = !strcmp(request->method, "HEAD"),
	    .seed = seed,
	    .chunk = chunked ? cfg->chunk : 0,
	};
}

void origin_answer_refuse(struct origin_answer *a, int64_t date)
{
	*a = (struct origin_answer){.head = {.status = 400, .close = true, .date = date},
				    .bodiless = true};
}

static uint64_t min_of(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Adds as much of the body, or of the chunk, as fits. */
static void add_body(struct origin_answer *a, struct http_text *out)
{
	uint64_t in_chunk = a->chunk ? a->at % a->chunk : 0;
	uint64_t left = a->head.len - a->at;
	uint64_t part = a->chunk ? min_of(left, a->chunk - in_chunk) : left;
	size_t n = (size_t)min_of(part, ORIGIN_PIECE - out->len);

	if (a->chunk && !in_chunk)
		http_text_add(out, "%llx\r\n", (unsigned long long)part);
	origin_body(a->seed, a->at, http_text_extend(out, n), n);
	a->at += n;
	if (a->chunk && n == part)
		http_text_add(out, "\r\n");
}

void origin_answer_write(struct origin_answer *a, struct http_text *out)
{
	if (!a->begun)
		http_text_head(out, &a->head);
	a->begun = true;
	while (!a->bodiless && a->at < a->head.len && out->len < ORIGIN_PIECE)
		add_body(a, out);
	a->over = a->bodiless || a->at == a->head.len;
	if (a->over && a->chunk && !a->bodiless)
		http_text_last_chunk(out);
}
