/* engine_intercept.c - tproxy for what passes this host, redirect for what its own programs open:
 * each is made when the first match asks for it. */
#include "proxy/engine/engine_intercept.h"

#include "proxy/base/mem.h"

/* A FIN that is sent again, since its acknowledgement was lost, comes sooner (RFC 6298: 1 s at
 * first, Linux 0.2 s). */
#define PASSING (1 * NS_PER_S)

static int intercept_passing(struct engine *en, const struct intercept_match *match, size_t n,
			     struct err *e)
{
	if (en->tproxy)
		return tproxy_change(en->tproxy, match, n, e);
	if (n == 0)
		return 0;
	en->tproxy = tproxy_new(match, n, e);
	return en->tproxy ? 0 : -1;
}

static int intercept_own(struct engine *en, const struct intercept_match *match, size_t n,
			 struct err *e)
{
	if (en->redirect)
		return redirect_change(en->redirect, match, n, e);
	if (n == 0)
		return 0;
	en->redirect = redirect_new(match, n, e);
	return en->redirect ? 0 : -1;
}

int engine_intercept_set(struct engine *en, const struct intercept_match *match, size_t n,
			 struct err *e)
{
	struct intercept_match *passing = xcalloc(n + 1, sizeof(*passing));
	struct intercept_match *own = xcalloc(n + 1, sizeof(*own));
	size_t npassing = 0, nown = 0;
	int rc;

	for (size_t i = 0; i < n; i++)
		if (*match[i].interface)
			passing[npassing++] = match[i];
		else
			own[nown++] = match[i];
	rc = intercept_passing(en, passing, npassing, e);
	if (rc == 0)
		rc = intercept_own(en, own, nown, e);
	free(passing);
	free(own);
	return rc;
}

static void passing_cb(void *arg, int64_t now)
{
	struct engine *en = arg;

	tproxy_let_pass();
	timer_arm(en->env.timers, &en->passing, now + PASSING);
}

void engine_intercept_stop(struct engine *en)
{
	struct err why;

	if (engine_intercept_set(en, NULL, 0, &why) == -1)
		log_error(en->env.log, "connections are still intercepted: %s", why.text);
	en->passing.fn = passing_cb;
	en->passing.arg = en;
	if (en->tproxy)
		timer_arm(en->env.timers, &en->passing, clock_now(en->env.clock) + PASSING);
}

void engine_intercept_free(struct engine *en)
{
	timer_cancel(en->env.timers, &en->passing);
	tproxy_free(en->tproxy);
	redirect_free(en->redirect);
}
