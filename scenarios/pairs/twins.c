/* twins.c - both lists are sorted by what must be equal, the surest kind first; runs of equals are
 * paired in order of time when there are as many of them on both sides. */
#include "scenarios/pairs/twins.h"

#include "proxy/base/mem.h"

#include <string.h>

/* By what twins are looked for, one after the other. An answer that was held or cut on the way is
 * in one capture only. */
enum twin_way {
	WAY_SAME,
	WAY_NAT,
	WAY_SAID,	/* the same in both directions */
	WAY_UNANSWERED, /* the client's, and nothing came back to it */
	WAY_OWN_ANSWER, /* the client's, and the server said nothing */
	TWIN_WAYS,
};

static const enum twin_kind kinds[TWIN_WAYS] = {
    [WAY_SAME] = TWIN_SAME,	   [WAY_NAT] = TWIN_NAT,	  [WAY_SAID] = TWIN_PROXY,
    [WAY_UNANSWERED] = TWIN_PROXY, [WAY_OWN_ANSWER] = TWIN_PROXY,
};

/* What must be equal for a kind of twins; and when, for the order among equals. */
struct twin_key {
	uint64_t words[6];
	int64_t at;
	uint32_t index;
};

static uint64_t pack_address(const struct addr *a)
{
	const uint8_t *p = (const uint8_t *)&a->in6.sin6_addr;
	uint64_t high, low;

	if (a->sa.sa_family == AF_INET)
		return (uint64_t)a->in.sin_addr.s_addr << 16 | addr_port(a);
	memcpy(&high, p, 8);
	memcpy(&low, p + 8, 8);
	return high * 31 + low * 17 + addr_port(a);
}

/* Fills the key of what was said. far: it is of the capture nearer to the server. */
static bool make_text_key(const struct identity *id, enum twin_way way, bool far,
			  struct twin_key *k)
{
	uint64_t up = id->text[DIR_UPSTREAM], down = id->text[DIR_DOWNSTREAM];

	k->words[0] = up;
	if (way == WAY_SAID) {
		k->words[1] = down;
		return up || down;
	}
	return up && (!down || far != (way == WAY_OWN_ANSWER));
}

/* Returns whether that way can be gone with the identity; then *k is filled. */
static bool make_key(const struct identity *id, enum twin_way way, bool far, struct twin_key *k)
{
	*k = (struct twin_key){.at = id->at, .index = id->index};
	if (!id->at)
		return false;
	if (kinds[way] == TWIN_PROXY)
		return make_text_key(id, way, far, k);
	for (int d = 0; d < DIR_COUNT; d++)
		k->words[d] = id->isn_known[d] ? id->isn[d] : id->first[d];
	if (way == WAY_NAT)
		return id->isn_known[DIR_UPSTREAM] && id->isn_known[DIR_DOWNSTREAM];
	/* Without SYNs the first numbers may differ: addresses and ports have to do. */
	if (!id->isn_known[DIR_UPSTREAM])
		k->words[0] = k->words[1] = 0;
	k->words[2] = pack_address(&id->client);
	k->words[3] = pack_address(&id->server);
	return true;
}

static int compare_keys(const void *a, const void *b)
{
	const struct twin_key *x = a, *y = b;
	int order = memcmp(x->words, y->words, sizeof(x->words));

	if (order)
		return order;
	return x->at < y->at ? -1 : x->at > y->at ? 1 : (int)(x->index > y->index) - 1;
}

/* Returns the sorted keys of those that have no twin yet, and how many in *n. */
static struct twin_key *sort_keys(const struct identities *ids, const uint32_t *taken,
				  enum twin_way way, bool far, size_t *n)
{
	struct twin_key *keys = xcalloc(ids->n + 1, sizeof(*keys));

	*n = 0;
	for (size_t i = 0; i < ids->n; i++)
		if (taken[i] == NO_TWIN && make_key(&ids->list[i], way, far, &keys[*n]))
			++*n;
	qsort(keys, *n, sizeof(*keys), compare_keys);
	return keys;
}

static size_t run_length(const struct twin_key *k, size_t left)
{
	size_t n = 1;

	while (n < left && !memcmp(k[0].words, k[n].words, sizeof(k->words)))
		n++;
	return n;
}

static void pair_runs(struct twins *t, const struct twin_key *a, size_t na,
		      const struct twin_key *b, size_t nb, enum twin_kind kind)
{
	for (size_t i = 0; i < na; i++) {
		t->doubtful[a[i].index] = na != nb;
		if (na != nb)
			continue;
		t->of[a[i].index] = b[i].index;
		t->back[b[i].index] = a[i].index;
		t->kind[a[i].index] = (uint8_t)kind;
	}
}

static void find_by(struct twins *t, const struct identities *a, const struct identities *b,
		    enum twin_way way)
{
	size_t na, nb, i = 0, j = 0;
	struct twin_key *x = sort_keys(a, t->of, way, false, &na);
	struct twin_key *y = sort_keys(b, t->back, way, true, &nb);

	while (i < na && j < nb) {
		int order = memcmp(x[i].words, y[j].words, sizeof(x->words));
		size_t m = run_length(x + i, na - i), n = run_length(y + j, nb - j);

		if (!order)
			pair_runs(t, x + i, m, y + j, n, kinds[way]);
		i += order <= 0 ? m : 0;
		j += order >= 0 ? n : 0;
	}
	free(x);
	free(y);
}

void twins_find(const struct identities *a, const struct identities *b, struct twins *t)
{
	*t = (struct twins){
	    .kind = xcalloc(a->n + 1, sizeof(uint8_t)),
	    .of = xcalloc(a->n + 1, sizeof(uint32_t)),
	    .back = xcalloc(b->n + 1, sizeof(uint32_t)),
	    .doubtful = xcalloc(a->n + 1, sizeof(bool)),
	};
	memset(t->of, 0xff, a->n * sizeof(uint32_t));
	memset(t->back, 0xff, b->n * sizeof(uint32_t));
	for (int way = 0; way < TWIN_WAYS; way++)
		find_by(t, a, b, (enum twin_way)way);
}

void twins_fini(struct twins *t)
{
	free(t->kind);
	free(t->of);
	free(t->back);
	free(t->doubtful);
	*t = (struct twins){.of = NULL};
}
