/* connection_limit.c - denies new sessions above a number of open ones, of the proxy or of one
 * client; slots of sessions that have ended may leak. */
#include "impairments/impairment.h"
#include "proxy/base/text_escape.h"

#include "proxy/base/mem.h"

#include <jansson.h>
#include <search.h>
#include <string.h>
#include <sys/queue.h>

enum key { KEY_PROXY, KEY_CLIENT };
enum deny { DENY_REFUSED, DENY_RESET, DENY_CLOSE, DENY_SILENT, DENY_REPLY };

struct connection_limit {
	uint64_t limit;
	int key, deny;
	char *reply, *one_user;
	bool leak;
	int64_t expire, keepalive, await_request;
};

static const char *const key_names[] = {"proxy", "client", NULL};
static const char *const deny_names[] = {"refused", "reset", "close", "silent", "reply", NULL};

static const struct param params[] = {
    P_COUNT("limit", struct connection_limit, limit, .def = "32", .max = "1000000",
	    .help =
		"sessions that may be open (32: MAPI sessions of one user, Exchange event 9646, "
		"KB 842022); 0 denies all"),
    P_ENUM("key", struct connection_limit, key, key_names, .def = "client",
	   .help = "whose sessions are counted: all of the proxy, or those of one client address"),
    P_TEXT("one_user", struct connection_limit, one_user, .def = "",
	   .help = "of key=client: IP addresses, separated by commas, that are one user's, whose "
		   "sessions are counted together: a laptop and what its user goes on from; a "
		   "server tells users by their logon, wherever they are"),
    P_ENUM("deny", struct connection_limit, deny, deny_names, .def = "close",
	   .help =
	       "what becomes of one too many: an RST in answer to its SYN; or after the handshake "
	       "RST, FIN, no answer for ever, or the reply and then FIN"),
    P_TEXT("reply", struct connection_limit, reply, .def = "", .check = text_escape_check,
	   .help = "of deny=reply: what is sent; \\r \\n \\t \\0 \\\\ \\xHH are bytes"),
    P_DURATION("await_request", struct connection_limit, await_request, .def = "0", .max = "1h",
	       .help = "of reset, close and reply: the client's first bytes are awaited for so "
		       "long, read and thrown away: a server that denies the request; 0: not"),
    P_FLAG("leak", struct connection_limit, leak, .def = "false",
	   .help = "a session that has ended keeps its slot until expire, as on a server that "
		   "doesn't notice that its client has gone"),
    P_DURATION("expire", struct connection_limit, expire, .needs = "leak", .def = "2h",
	       .min = "1ms", .max = "30d",
	       .help = "with leak: how long after its end a session still has its slot (2 h: "
		       "the keep-alive time of Windows and Linux)"),
    P_DURATION("keepalive", struct connection_limit, keepalive, .def = "0", .max = "8h",
	       .help = "how long a client is silent before the server asks whether it is still "
		       "there (KeepAliveTime; 2 h where nobody has set it), whole seconds: it asks "
		       "five times, once a second; then the session of one that is gone ends, and "
		       "its slot is free; 0: never"),
    P_END,
};

/* A client or user with their slots, or with KEY_PROXY the proxy, whose address is empty. */
struct holder {
	struct addr addr;
	uint64_t used;
};

/* A slot that a session uses, or has leaked. */
struct slot {
	uint64_t session; /* first: the tree's key */
	struct holder *holder;
	int64_t ended;
	TAILQ_ENTRY(slot) entry;
};

TAILQ_HEAD(slots, slot);

struct shared {
	void *holders, *slots; /* trees; slots: of open sessions */
	struct slots leaked;   /* oldest end first */
	unsigned char *reply;
};

/* Takes the next of the addresses at *text, which moves behind it. 0: there is none any more; -1
 * with *e: it is none. */
static int take_address(const char **text, struct addr *a, struct err *e)
{
	size_t n = strcspn(*text, ",");
	char one[ADDR_TEXT];

	if (!**text)
		return 0;
	snprintf(one, sizeof(one), "%.*s", (int)n, *text);
	*text += n + ((*text)[n] == ',');
	return addr_parse_host(one, 0, a, e) == -1 ? -1 : 1;
}

static int limit_check(const void *config, struct err *e)
{
	const struct connection_limit *cfg = config;
	const char *text = cfg->one_user;
	struct addr ignored;
	int rc;

	while ((rc = take_address(&text, &ignored, e)) == 1)
		;
	if (rc == -1)
		return err_wrap(e, "one_user");
	if (cfg->one_user[0] && cfg->key != KEY_CLIENT)
		return err_set(e, "one_user needs key=client");
	if (cfg->deny == DENY_REPLY && !cfg->reply[0])
		return err_set(e, "deny=reply needs a reply");
	if (cfg->deny != DENY_REPLY && cfg->reply[0])
		return err_set(e, "reply needs deny=reply");
	if (cfg->await_request && (cfg->deny == DENY_REFUSED || cfg->deny == DENY_SILENT))
		return err_set(e, "await_request is for deny=reset, deny=close and deny=reply");
	if (cfg->keepalive % NS_PER_S)
		return err_set(e, "keepalive: the kernel counts it in whole seconds");
	return 0;
}

static int by_host(const void *a, const void *b)
{
	const struct addr *x = a, *y = b;

	if (x->sa.sa_family != y->sa.sa_family)
		return x->sa.sa_family < y->sa.sa_family ? -1 : 1;
	if (x->sa.sa_family == AF_INET)
		return memcmp(&x->in.sin_addr, &y->in.sin_addr, sizeof(x->in.sin_addr));
	if (x->sa.sa_family == AF_INET6)
		return memcmp(&x->in6.sin6_addr, &y->in6.sin6_addr, sizeof(x->in6.sin6_addr));
	return 0;
}

static int by_session(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Returns whose sessions a client's count as: for all addresses of one user the first of them. */
static struct addr find_owner(const struct connection_limit *cfg, const struct addr *client)
{
	const char *text = cfg->one_user;
	struct addr first = *client, a;

	for (int i = 0; take_address(&text, &a, NULL) == 1; i++) {
		if (i == 0)
			first = a;
		if (by_host(&a, client) == 0)
			return first;
	}
	return *client;
}

static uint64_t used_by(struct shared *sh, const struct addr *who)
{
	struct holder **found = tfind(who, &sh->holders, by_host);

	return found ? (*found)->used : 0;
}

static void slot_take(struct shared *sh, const struct addr *who, uint64_t session)
{
	struct holder **found = tfind(who, &sh->holders, by_host), *h;
	struct slot *slot = xcalloc(1, sizeof(*slot));

	if (found) {
		h = *found;
	} else {
		h = xcalloc(1, sizeof(*h));
		h->addr = *who;
		BUG_ON(!tsearch(h, &sh->holders, by_host));
	}
	h->used++;
	slot->session = session;
	slot->holder = h;
	BUG_ON(!tsearch(slot, &sh->slots, by_session));
}

/* The caller has taken the slot off its tree or list. */
static void slot_free(struct shared *sh, struct slot *slot)
{
	struct holder *h = slot->holder;

	if (--h->used == 0) {
		tdelete(h, &sh->holders, by_host);
		free(h);
	}
	free(slot);
}

static void expire_slots(struct shared *sh, const struct connection_limit *cfg,
			 const struct accept_info *info, int64_t now)
{
	struct slot *slot = TAILQ_FIRST(&sh->leaked), *next;

	for (; slot && (!cfg->leak || now - slot->ended >= cfg->expire); slot = next) {
		next = TAILQ_NEXT(slot, entry);
		journal_event(info->env->journal, "slot_freed", "s:s, s:I, s:f", "stage",
			      info->name, "session", (json_int_t)slot->session, "leaked",
			      clock_seconds(now - slot->ended));
		TAILQ_REMOVE(&sh->leaked, slot, entry);
		slot_free(sh, slot);
	}
}

static void deny_session(struct shared *sh, const struct connection_limit *cfg,
			 const struct accept_info *info, uint64_t used, struct accept_verdict *v)
{
	static const enum accept_action action[] = {
	    [DENY_REFUSED] = ACCEPT_REFUSE, [DENY_RESET] = ACCEPT_RESET,
	    [DENY_CLOSE] = ACCEPT_CLOSE,    [DENY_SILENT] = ACCEPT_SILENT,
	    [DENY_REPLY] = ACCEPT_CLOSE,
	};

	v->action = action[cfg->deny];
	v->read = true;
	v->await_request = cfg->await_request;
	if (cfg->deny == DENY_REPLY) {
		sh->reply = xrealloc(sh->reply, strlen(cfg->reply), 1);
		v->reply = sh->reply;
		v->reply_len = text_escape_decode(cfg->reply, sh->reply);
	}
	snprintf(v->why, sizeof(v->why), "%s: %llu of %llu session%s open", info->name,
		 (unsigned long long)used, (unsigned long long)cfg->limit,
		 cfg->limit == 1 ? " is" : "s are");
}

static void limit_accept(void *shared, const void *config, const struct accept_info *info,
			 struct accept_verdict *v)
{
	const struct connection_limit *cfg = config;
	const struct addr who =
	    cfg->key == KEY_CLIENT ? find_owner(cfg, &info->client) : (struct addr){0};
	struct shared *sh = shared;
	uint64_t used;

	expire_slots(sh, cfg, info, clock_now(info->env->clock));
	used = used_by(sh, &who);
	if (info->active && used >= cfg->limit)
		deny_session(sh, cfg, info, used, v);
	else
		slot_take(sh, &who, info->session);
	v->keepalive = cfg->keepalive;
}

static void limit_gone(void *shared, const void *config, const struct accept_info *info)
{
	const struct connection_limit *cfg = config;
	struct shared *sh = shared;
	struct slot **found = tfind(&info->session, &sh->slots, by_session), *slot;

	if (!found)
		return;
	slot = *found;
	tdelete(slot, &sh->slots, by_session);
	if (!cfg->leak) {
		slot_free(sh, slot);
		return;
	}
	slot->ended = clock_now(info->env->clock);
	TAILQ_INSERT_TAIL(&sh->leaked, slot, entry);
	journal_event(info->env->journal, "slot_leaked", "s:s, s:I", "stage", info->name, "session",
		      (json_int_t)slot->session);
}

static void limit_shared_init(void *shared, const struct env *env, const void *cfg)
{
	struct shared *sh = shared;

	(void)env;
	(void)cfg;
	TAILQ_INIT(&sh->leaked);
}

static void limit_shared_fini(void *shared)
{
	struct shared *sh = shared;
	struct slot *slot;

	while ((slot = TAILQ_FIRST(&sh->leaked))) {
		TAILQ_REMOVE(&sh->leaked, slot, entry);
		free(slot);
	}
	tdestroy(sh->slots, free);
	tdestroy(sh->holders, free);
	free(sh->reply);
}

static bool limit_refuses(const void *cfg)
{
	return ((const struct connection_limit *)cfg)->deny == DENY_REFUSED;
}

static uint64_t limit_spares(const void *cfg)
{
	return ((const struct connection_limit *)cfg)->limit;
}

static const struct accept_ops accept_ops = {.accept = limit_accept, .gone = limit_gone};

const struct impairment connection_limit_impairment = {
    .name = "connection_limit",
    .summary = "above so many sessions new ones are denied; slots may leak",
    .impersonates = "the server's application, which has no more room for a session",
    .doc =
	"Counts the sessions that are open, of the whole proxy or of each client address (of "
	"several, where they are one user's), "
	"and denies those above the limit. refused: the SYN is answered by an RST; where a "
	"SYN can't be held (see refuse) the client is accepted first and then reset, and "
	"wedge says so. Else its handshake succeeds, and then comes an RST, a FIN, the "
	"reply and a FIN, or nothing ever. What a denied client has sent until then is read and "
	"thrown away. What it sends after the FIN is answered by an RST, as by the kernel of "
	"a process that has closed; behind a reply not before 2 s without a byte, or 30 s, since "
	"the RST might take the reply away (Apache waits as long). A denied session has no slot, "
	"and sessions that are open aren't "
	"touched.\n\n"
	"A slot is free again when wedge's session has ended, FINs both ways or RST. With "
	"leak it stays used until expire has passed since, so that a client that comes and "
	"goes reaches the limit: sessions that its server doesn't know to be gone. A client "
	"that vanishes without a FIN keeps its session, and its slot, until the server asks "
	"after it: keepalive.\n\n"
	"Every session is counted from the first one after it was added, whether or not the "
	"triggers let it deny. When it is changed, the new limit and treatment hold for new "
	"sessions; slots stay with whom they were counted for; leaked ones follow the new "
	"expire, and are free when leak is off. When it is disabled or removed nothing is "
	"denied any more, and a client that was denied keeps its fate. It holds no bytes.",
    .params = params,
    .cfg_size = sizeof(struct connection_limit),
    .check = limit_check,
    .accept = &accept_ops,
    .refuses = limit_refuses,
    .spares = limit_spares,
    .shared_size = sizeof(struct shared),
    .shared_init = limit_shared_init,
    .shared_fini = limit_shared_fini,
    .example = "connection_limit{limit=32,key=client,leak=true,expire=2h}",
};
