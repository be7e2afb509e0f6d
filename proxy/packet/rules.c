/* rules.c - sends the selected packets to a queue: nftables where the kernel has its queue
 * statement, else xtables, chosen by trying. Nothing of it outlives this process. */
#include "proxy/packet/rules.h"

#include "proxy/base/mem.h"
#include "proxy/packet/guard.h"
#include "proxy/packet/nft_rules.h"
#include "proxy/packet/xtables.h"

#include <errno.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

enum { ID_BYTES = 16, ID_TRIES = 26 };

struct rules {
	char id[ID_BYTES];
	int alive; /* an abstract socket of the network namespace: who can bind its name finds the
		      owner of the id dead, in whatever PID namespace it was */
	struct nft_rules *nft;
	const struct xtables *x;
	struct xtables_jumps jumps;
	struct guard *guard;
	const char *backend;
};

/* Binds the name that says that id is alive. Returns the socket, or -1 with errno. */
static int bind_id(const char *id)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), n, saved;

	if (fd == -1)
		return -1;
	n = snprintf(sa.sun_path + 1, sizeof(sa.sun_path) - 1, "wedge-rules-%s", id);
	if (bind(fd, (struct sockaddr *)&sa,
		 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n)) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/* PID, then PIDb, PIDc ... when it is taken: another engine of this process, another PID namespace.
 */
static int take_id(struct rules *r, struct err *e)
{
	for (int i = 0; i < ID_TRIES; i++) {
		snprintf(r->id, sizeof(r->id), "%d%c", (int)getpid(), i ? 'a' + i : '\0');
		r->alive = bind_id(r->id);
		if (r->alive != -1)
			return 0;
		if (errno != EADDRINUSE)
			break;
	}
	return err_errno(e, "can't take a name for the packet rules");
}

static bool is_mine(void *arg, const char *id)
{
	const struct rules *r = arg;

	return strcmp(id, r->id) == 0;
}

static bool is_dead(void *arg, const char *id)
{
	int fd = bind_id(id);

	(void)arg;
	if (fd == -1)
		return false;
	close(fd);
	return true;
}

static void remove_mine(void *arg)
{
	struct rules *r = arg;

	xtables_remove(r->x, is_mine, r);
}

/* The guard comes first: from the first rule on there is somebody to remove it. */
static int try_xtables(struct rules *r, const struct xtables *x, const struct pkt_select *select,
		       size_t n, uint16_t queue, struct err *e)
{
	r->x = x;
	r->guard = guard_new(remove_mine, r, e);
	if (!r->guard)
		return -1;
	if (xtables_set(x, r->id, &r->jumps, select, n, queue, e) == 0) {
		r->backend = xtables_name(x);
		return 0;
	}
	guard_end(r->guard);
	r->guard = NULL;
	r->jumps = (struct xtables_jumps){0};
	return -1;
}

struct rules *rules_new(const struct pkt_select *select, size_t n, uint16_t queue, struct err *e)
{
	struct rules *r = xcalloc(1, sizeof(*r));
	struct err nft, first = {{0}}, later;

	r->alive = -1;
	if (take_id(r, e) == -1)
		goto fail;
	r->nft = nft_rules_new(r->id, select, n, queue, &nft);
	if (r->nft) {
		r->backend = "nftables queue";
		return r;
	}
	for (const struct xtables *x = xtables_ways; x->v4; x++) {
		xtables_remove(x, is_dead, NULL);
		if (try_xtables(r, x, select, n, queue, *first.text ? &later : &first) == 0)
			return r;
	}
	err_set(e, "no way to send packets to a queue: %.300s; %.300s", nft.text, first.text);
fail:
	rules_free(r);
	return NULL;
}

int rules_change(struct rules *r, const struct pkt_select *select, size_t n, uint16_t queue,
		 struct err *e)
{
	if (r->nft)
		return nft_rules_change(r->nft, r->id, select, n, queue, e);
	return xtables_set(r->x, r->id, &r->jumps, select, n, queue, e);
}

void rules_free(struct rules *r)
{
	if (!r)
		return;
	nft_rules_free(r->nft);
	guard_end(r->guard);
	if (r->alive != -1)
		close(r->alive);
	free(r);
}

const char *rules_backend(const struct rules *r)
{
	return r->backend;
}
