/* limits.c - each try counts with two keys; that which explains all is preferred. */
#include "scenarios/diagnosis/limits.h"

#include "proxy/base/mem.h"

#include <string.h>

static int find_client(struct limits *x, const struct addr *client)
{
	struct addr host = *client;

	addr_set_port(&host, 0);
	for (size_t i = 0; i < x->n; i++)
		if (addr_equal(&x->clients[i].client, &host))
			return (int)i;
	if (x->n == LIMIT_CLIENTS)
		return -1;
	if (!x->clients)
		x->clients = xcalloc(LIMIT_CLIENTS, sizeof(*x->clients));
	x->clients[x->n] = (struct client_limit){.client = host};
	return (int)x->n++;
}

static void begin_try(struct limits *x, struct limit_try *t, const struct connection *c, int64_t at)
{
	t->begun = true;
	t->at = at;
	t->client = find_client(x, &c->wire.client);
	t->open = limit_begin(&x->all);
	if (t->client >= 0)
		t->open_of_client = limit_begin(&x->clients[t->client].limit);
}

/* Returns whether the server's first words are that it has too much to do (RFC 9110 15.6.4, RFC
 * 6585 4): 503 or 429. Other errors are of the request, and an answer. */
static bool says_too_much(const struct segment *s)
{
	const char *text = (const char *)s->v->payload;
	size_t len = s->captured < s->v->payload_len ? s->captured : s->v->payload_len;

	return len >= 12 && memcmp(text, "HTTP/1.", 7) == 0 &&
	       (memcmp(text + 8, " 503", 4) == 0 || memcmp(text + 8, " 429", 4) == 0);
}

static void hear_server(struct limits *x, struct limit_try *t, int64_t at)
{
	struct limit *client = t->client < 0 ? NULL : &x->clients[t->client].limit;

	if (!t->answered) {
		limit_succeed(&x->all, t->open, t->at);
		if (client)
			limit_succeed(client, t->open_of_client, t->at);
	}
	t->answered = true;
	limit_hear(&x->all, at);
	if (client)
		limit_hear(client, at);
}

static void fail_try(struct limits *x, struct limit_try *t, const struct connection *c,
		     const struct outline *o, int64_t at)
{
	uint32_t frames[FINDING_FRAMES] = {o->syn_frame, o->end.frame};

	limit_fail(&x->all, t->open, at, c->wire.index, frames);
	if (t->client >= 0)
		limit_fail(&x->clients[t->client].limit, t->open_of_client, at, c->wire.index,
			   frames);
}

static void end_try(struct limits *x, struct limit_try *t, const struct connection *c,
		    const struct outline *o)
{
	bool by_server = o->end.at && o->end.dir == DIR_DOWNSTREAM;

	t->ended = true;
	limit_end(&x->all);
	if (t->client >= 0)
		limit_end(&x->clients[t->client].limit);
	/* A client that asked nothing, and leaves, wanted nothing. */
	if (!t->answered && (by_server || o->asked || !c->wire.syn_ack))
		fail_try(x, t, c, o, o->end.at ? o->end.at : c->wire.last);
}

void limits_take_segment(struct limits *x, struct limit_try *t, const struct connection *c,
			 const struct outline *o, const struct segment *s)
{
	x->late = x->late || c->wire.midstream;
	if (!t->begun && c->wire.syn)
		begin_try(x, t, c, s->at);
	if (!t->begun || t->ended)
		return;
	if (s->dir == DIR_DOWNSTREAM && s->fresh) {
		t->refused = t->refused || (!t->answered && says_too_much(s));
		if (!t->refused)
			hear_server(x, t, s->at);
	}
	if (o->end.at)
		end_try(x, t, c, o);
}

void limits_end_connection(struct limits *x, struct limit_try *t, const struct connection *c,
			   const struct outline *o)
{
	if (t->begun && !t->ended)
		end_try(x, t, c, o);
}

static void add_limit(const struct limit *l, uint32_t number, const struct addr *server,
		      const char *label, struct findings *f)
{
	struct found found = {
	    .kind = FINDING_CONNECTION_LIMIT,
	    .server = *server,
	    .label = label,
	    .connection = l->connection,
	    .number = number,
	};

	memcpy(found.frames, l->frames, sizeof(found.frames));
	findings_add(f, &found);
}

/* What the clients' own numbers say. */
struct client_numbers {
	size_t failing; /* clients that met a limit of their own */
	uint32_t number;
	bool differ, freed;
	const struct limit *first;
};

static struct client_numbers ask_clients(const struct limits *x)
{
	struct client_numbers n = {.freed = true};

	for (size_t i = 0; i < x->n; i++) {
		bool freed;
		uint32_t number = limit_find(&x->clients[i].limit, &freed);

		if (!number)
			continue;
		if (!n.failing++) {
			n.number = number;
			n.first = &x->clients[i].limit;
		}
		n.differ = n.differ || number != n.number;
		n.freed = n.freed && freed;
	}
	return n;
}

enum limit_key { KEY_UNKNOWN, KEY_ALL, KEY_CLIENT };

static const char *key_words(enum limit_key key, bool freed)
{
	static const char *const words[][2] = {
	    [KEY_UNKNOWN] = {"of the client that failed, or of all: no other one tried meanwhile. "
			     "No place was freed: something else may have begun then",
			     "of the client that failed, or of all: no other one tried meanwhile"},
	    [KEY_ALL] = {"of all clients together. No place was freed: something else may have "
			 "begun then",
			 "of all clients together; where one ends, another succeeds"},
	    [KEY_CLIENT] = {"of each client. No place was freed: something else may have begun "
			    "then",
			    "of each client; where one ends, another succeeds"},
	};

	return words[key][freed];
}

bool limits_are_of_all(const char *label)
{
	return label == key_words(KEY_ALL, false) || label == key_words(KEY_ALL, true);
}

/* Returns how many clients met a failure. */
static size_t count_failing(const struct limits *x)
{
	size_t n = 0;

	for (size_t i = 0; i < x->n; i++)
		n += x->clients[i].limit.first_bad != 0;
	return n;
}

void limits_judge(const struct limits *x, const struct addr *server, struct findings *f)
{
	bool freed = false;
	uint32_t all = limit_find(&x->all, &freed);
	struct client_numbers own = ask_clients(x);

	if (x->late)
		return;
	if (own.differ)
		own.failing = 0; /* numbers that differ are none of one rule */
	if (own.failing)
		add_limit(own.first, own.number, server,
			  key_words(all ? KEY_UNKNOWN : KEY_CLIENT, own.freed), f);
	else if (all && count_failing(x) > 1)
		add_limit(&x->all, all, server, key_words(KEY_ALL, freed), f);
}

void limits_fini(struct limits *x)
{
	for (size_t i = 0; i < x->n; i++)
		limit_fini(&x->clients[i].limit);
	limit_fini(&x->all);
	free(x->clients);
	*x = (struct limits){.n = 0};
}
