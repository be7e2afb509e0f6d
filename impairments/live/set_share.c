/* set_share.c - a reference count, the numbers of sessions, and sums that aren't complete yet, all
 * under one lock. */
#include "impairments/live/set_share.h"

#include "impairments/live/draw_counts.h"
#include "proxy/base/mem.h"

#include <pthread.h>
#include <search.h>
#include <string.h>

/* Of an instance that some of the sharers have ended. */
struct sum {
	char *name;
	struct impair_tally tally;
	unsigned missing; /* sharers */
	LIST_ENTRY(sum) entry;
};

/* Of a session that one sharer has met, for another one. */
struct left_draw {
	uint64_t session, draw;
};

struct set_share {
	pthread_mutex_t lock;
	unsigned users;
	bool begun;
	struct journal *journal;
	const struct log *log;
	struct draw_counts draws;
	void *left; /* a tree of struct left_draw (tsearch(3)) */
	LIST_HEAD(, sum) sums;
};

static struct set_share *get_share(struct impairment_set *s)
{
	if (s->share)
		return s->share;
	s->share = xcalloc(1, sizeof(*s->share));
	pthread_mutex_init(&s->share->lock, NULL);
	s->share->users = 1;
	return s->share;
}

void set_share_join(struct impairment_set *s, struct impairment_set *with)
{
	struct set_share *share = get_share(with);

	BUG_ON(s->share || s->run);
	pthread_mutex_lock(&share->lock);
	share->users++;
	pthread_mutex_unlock(&share->lock);
	s->share = share;
}

static void free_sum(struct sum *sum)
{
	LIST_REMOVE(sum, entry);
	free(sum->name);
	free(sum);
}

void set_share_leave(struct impairment_set *s)
{
	struct set_share *share = s->share;
	unsigned left;

	if (!share)
		return;
	s->share = NULL;
	pthread_mutex_lock(&share->lock);
	left = --share->users;
	pthread_mutex_unlock(&share->lock);
	if (left)
		return;
	while (!LIST_EMPTY(&share->sums))
		free_sum(LIST_FIRST(&share->sums));
	draw_counts_fini(&share->draws);
	tdestroy(share->left, free);
	pthread_mutex_destroy(&share->lock);
	free(share);
}

void set_share_begin(struct impairment_set *s, struct journal *journal, const struct log *log)
{
	struct set_share *share = get_share(s);

	pthread_mutex_lock(&share->lock);
	share->begun = true;
	share->journal = journal;
	share->log = log;
	pthread_mutex_unlock(&share->lock);
}

bool set_share_has_begun(const struct impairment_set *s)
{
	struct set_share *share = s->share;
	bool begun;

	if (!share)
		return false;
	pthread_mutex_lock(&share->lock);
	begun = share->begun;
	pthread_mutex_unlock(&share->lock);
	return begun;
}

uint64_t set_share_draw(struct set_share *share, const struct draw_identity *id,
			const struct addr *client)
{
	uint64_t draw;

	pthread_mutex_lock(&share->lock);
	draw = draw_counts_next(&share->draws, id, client);
	pthread_mutex_unlock(&share->lock);
	return draw;
}

static int compare_sessions(const void *a, const void *b)
{
	uint64_t first = ((const struct left_draw *)a)->session;
	uint64_t second = ((const struct left_draw *)b)->session;

	return first < second ? -1 : first > second;
}

void set_share_leave_draw(struct set_share *share, uint64_t session, uint64_t draw)
{
	struct left_draw *d = xcalloc(1, sizeof(*d)), **place;

	*d = (struct left_draw){session, draw};
	pthread_mutex_lock(&share->lock);
	place = tsearch(d, &share->left, compare_sessions);
	BUG_ON(!place || *place != d);
	pthread_mutex_unlock(&share->lock);
}

bool set_share_take_draw(struct set_share *share, uint64_t session, uint64_t *draw)
{
	const struct left_draw wanted = {.session = session};
	struct left_draw *d = NULL, **place;

	pthread_mutex_lock(&share->lock);
	place = tfind(&wanted, &share->left, compare_sessions);
	if (place) {
		d = *place;
		*draw = d->draw;
		tdelete(&wanted, &share->left, compare_sessions);
	}
	pthread_mutex_unlock(&share->lock);
	free(d);
	return place;
}

static struct sum *get_sum(struct set_share *share, const char *name)
{
	struct sum *sum;

	LIST_FOREACH (sum, &share->sums, entry)
		if (strcmp(sum->name, name) == 0)
			return sum;
	sum = xcalloc(1, sizeof(*sum));
	sum->name = xstrdup(name);
	sum->missing = share->users;
	LIST_INSERT_HEAD(&share->sums, sum, entry);
	return sum;
}

static void add_tally(struct impair_tally *to, const struct impair_tally *t)
{
	to->sessions += t->sessions;
	to->acted += t->acted;
	to->placed |= t->placed;
	to->matched |= t->matched;
	to->chosen |= t->chosen;
	to->active |= t->active;
	to->counted |= t->counted;
	to->enabled |= t->enabled;
}

void set_share_records(const struct impairment_set *s, struct journal **journal,
		       const struct log **log)
{
	pthread_mutex_lock(&s->share->lock);
	*journal = s->share->journal;
	*log = s->share->log;
	pthread_mutex_unlock(&s->share->lock);
}

bool set_share_complete(const struct impairment_set *s, const char *name,
			struct impair_tally *tally)
{
	struct set_share *share = s->share;
	struct sum *sum;
	bool complete;

	if (!share)
		return true;
	pthread_mutex_lock(&share->lock);
	sum = get_sum(share, name);
	add_tally(&sum->tally, tally);
	complete = --sum->missing == 0;
	if (complete) {
		*tally = sum->tally;
		free_sum(sum);
	}
	pthread_mutex_unlock(&share->lock);
	return complete;
}
