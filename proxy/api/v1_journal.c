/* v1_journal.c - the journal is tapped only while somebody follows it. */
#include "proxy/api/v1_journal.h"

#include "proxy/api/followers.h"
#include "proxy/base/mem.h"

struct v1_journal {
	struct journal *journal;
	struct followers *followers;
};

static void tap_cb(void *arg, const char *line, size_t len)
{
	followers_send(arg, line, len - 1); /* without its newline */
}

static void changed_cb(void *arg, bool any)
{
	struct v1_journal *v = arg;

	journal_tap(v->journal, any ? tap_cb : NULL, v->followers);
}

struct v1_journal *v1_journal_new(struct journal *j)
{
	struct v1_journal *v = xcalloc(1, sizeof(*v));

	v->journal = j;
	v->followers = followers_new(changed_cb, v);
	return v;
}

void v1_journal_free(struct v1_journal *v)
{
	if (!v)
		return;
	followers_free(v->followers);
	free(v);
}

bool v1_journal_follow(struct v1_journal *v, struct evhttp_request *in)
{
	return v->journal && followers_add(v->followers, in);
}
