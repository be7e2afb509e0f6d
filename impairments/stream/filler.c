/* filler.c - adds useless bytes every so often, so that a stream without progress never looks idle.
 */
#include "impairments/impairment.h"
#include "impairments/stream/parts/chunked.h"

#include <event2/buffer.h>
#include <string.h>

enum kind { KIND_SPACE, KIND_NEWLINE, KIND_TEXT, KIND_HTTP_CHUNK };

struct filler {
	int64_t interval;
	int kind;
	char *text;
	uint64_t zeros;
};

static const char *const kind_names[] = {"space", "newline", "text", "http_chunk", NULL};

static const struct param params[] = {
    P_DURATION("interval", struct filler, interval, .def = "1s", .min = "1ms", .max = "1d",
	       .help = "from one addition to the next"),
    P_ENUM("kind", struct filler, kind, kind_names, .def = "space",
	   .help =
	       "a space; CR LF; the text; or, in HTTP/1.1 chunked coding, a leading zero of the "
	       "next chunk's size, which means nothing (RFC 9112 section 7.1)"),
    P_TEXT("text", struct filler, text, .def = "", .help = "for kind=text: what is added"),
    P_COUNT("zeros", struct filler, zeros, .def = "8", .min = "1", .max = "4096", .needs = "kind",
	    .help = "for kind=http_chunk: so many at most before one chunk; curl and Go refuse a "
		    "size of more than 16 digits"),
    P_END,
};

struct state {
	int64_t next;
	struct chunked at;
	uint64_t zeros; /* added before the coming chunk */
};

static int filler_check(const void *config, struct err *e)
{
	const struct filler *cfg = config;

	if (cfg->kind == KIND_TEXT && !cfg->text[0])
		return err_set(e, "kind=text needs a text");
	if (cfg->kind != KIND_TEXT && cfg->text[0])
		return err_set(e, "text needs kind=text");
	return 0;
}

/* Returns the text to be added now, or NULL when nothing fits here. */
static const char *choose_text(struct stage *st)
{
	const struct filler *cfg = st->cfg;
	struct state *s = stage_state(st);

	switch ((enum kind)cfg->kind) {
	case KIND_SPACE:
		return " ";
	case KIND_NEWLINE:
		return "\r\n";
	case KIND_TEXT:
		return cfg->text;
	case KIND_HTTP_CHUNK:
		if (!chunked_before_chunk(&s->at) || s->zeros == cfg->zeros)
			return NULL;
		s->zeros++;
		return "0";
	}
	return NULL;
}

static void add_text(struct stage *st, const char *text)
{
	struct evbuffer *buf = evbuffer_new();
	size_t n = strlen(text);

	BUG_ON(!buf || evbuffer_add(buf, text, n) == -1);
	stage_add(st, n, "filler");
	stage_pass(st, buf);
	evbuffer_free(buf);
}

static void filler_open(struct stage *st)
{
	const struct filler *cfg = st->cfg;
	struct state *s = stage_state(st);

	if (st->end_out != END_NONE)
		return;
	*s = (struct state){.next = stage_now(st) + cfg->interval};
	stage_arm(st, s->next);
}

static void filler_data(struct stage *st, struct evbuffer *buf)
{
	const struct filler *cfg = st->cfg;
	struct state *s = stage_state(st);
	size_t n = evbuffer_get_length(buf);

	if (cfg->kind == KIND_HTTP_CHUNK) {
		chunked_feed(&s->at, evbuffer_pullup(buf, -1), n);
		s->zeros = 0;
	}
	stage_pass(st, buf);
}

static void filler_end(struct stage *st, enum flow_end end)
{
	stage_disarm(st);
	stage_pass_end(st, end);
}

/* Adds on a grid of intervals; a missed addition isn't made up for. */
static void filler_timer(struct stage *st, int64_t now)
{
	const struct filler *cfg = st->cfg;
	struct state *s = stage_state(st);
	const char *text = choose_text(st);

	s->next = now - s->next < cfg->interval ? s->next + cfg->interval : now + cfg->interval;
	stage_arm(st, s->next);
	if (text)
		add_text(st, text);
}

static void filler_update(struct stage *st)
{
	const struct filler *cfg = st->cfg;
	struct state *s = stage_state(st);
	int64_t latest = stage_now(st) + cfg->interval;

	if (st->end_out != END_NONE)
		return;
	if (s->next > latest)
		s->next = latest;
	stage_arm(st, s->next);
}

static const struct stage_ops ops = {
    .state_size = sizeof(struct state),
    .open = filler_open,
    .data = filler_data,
    .end = filler_end,
    .timer = filler_timer,
    .update = filler_update,
    .drain = stage_default_drain,
    .close = stage_default_close,
};

const struct impairment filler_impairment = {
    .name = "filler",
    .summary = "adds useless bytes every so often, which keeps idle timers quiet",
    .impersonates = "the application, or a proxy, that sends the bytes and puts in some to keep "
		    "the connection busy",
    .doc = "Every interval it adds bytes between those that pass: the connection makes no progress "
	   "and is never idle, so a client that only watches for silence waits for ever. The bytes "
	   "that pass are neither changed nor delayed, and the journal has each addition.\n\n"
	   "space, newline and text are added wherever the stream stands, also in the middle of a "
	   "message: use them where the protocol ignores them, such as before an XML or JSON body "
	   "that a stage before this one holds back. http_chunk adds only exactly before a chunk, "
	   "so that the message stays the same; it follows the messages from the moment on at "
	   "which it acts, which must be the beginning of one, and adds nothing more behind a "
	   "message that isn't chunked, in the middle of a chunk, or when zeros of them stand "
	   "before the same chunk.\n\n"
	   "When it is changed, the running interval is at most the new one. When it is disabled "
	   "or removed, nothing more is added. It keeps nothing and loses nothing. After the end "
	   "it adds nothing.",
    .params = params,
    .cfg_size = sizeof(struct filler),
    .check = filler_check,
    .stream = &ops,
    .example = "filler{direction=downstream,interval=5s,kind=space}",
};
