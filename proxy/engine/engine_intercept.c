/* engine_intercept.c - an engine's rules that take connections for its proxies: those that pass
 * this host, and those that its own programs open. */
#include "proxy/engine/engine_state.h"

#include "proxy/base/mem.h"

/* A FIN that is sent again, since its acknowledgement was lost, comes sooner (RFC 6298: 1 s at
 * first, Linux 0.2 s). */
#define PASSING (1 * NS_PER_S)

bool engine_intercepts_for(const struct engine_proxy_config *pc)
{
	return pc->mode == PROXY_TRANSPARENT ||
	       (pc->mode == PROXY_REDIRECT && !pc->caught_elsewhere);
}

static int intercept_passing(struct engine *en, const struct intercept_match *select, size_t n,
			     struct err *e)
{
	if (en->tproxy)
		return tproxy_change(en->tproxy, select, n, e);
	if (n == 0)
		return 0;
	en->tproxy = tproxy_new(select, n, e);
	return en->tproxy ? 0 : -1;
}

static int intercept_own(struct engine *en, const struct intercept_match *select, size_t n,
			 struct err *e)
{
	if (en->redirect)
		return redirect_change(en->redirect, select, n, e);
	if (n == 0)
		return 0;
	en->redirect = redirect_new(select, n, e);
	return en->redirect ? 0 : -1;
}

int engine_intercept(struct engine *en, const struct intercept_match *select, size_t n,
		     struct err *e)
{
	struct intercept_match *passing = xcalloc(n + 1, sizeof(*passing));
	struct intercept_match *own = xcalloc(n + 1, sizeof(*own));
	size_t npassing = 0, nown = 0;
	int rc;

	for (size_t i = 0; i < n; i++)
		if (*select[i].interface)
			passing[npassing++] = select[i];
		else
			own[nown++] = select[i];
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

void engine_intercept_nothing(struct engine *en)
{
	struct err why;

	if (engine_intercept(en, NULL, 0, &why) == -1)
		log_error(en->env.log, "connections are still intercepted: %s", why.text);
	en->passing.fn = passing_cb;
	en->passing.arg = en;
	if (en->tproxy)
		timer_arm(en->env.timers, &en->passing, clock_now(en->env.clock) + PASSING);
}

void engine_intercept_end(struct engine *en)
{
	timer_cancel(en->env.timers, &en->passing);
	tproxy_free(en->tproxy);
	redirect_free(en->redirect);
}

const char *engine_intercept_backend(const struct engine *en, enum proxy_mode mode)
{
	if (mode == PROXY_TRANSPARENT)
		return en->tproxy ? tproxy_backend(en->tproxy) : NULL;
	return mode == PROXY_REDIRECT && en->redirect ? redirect_backend(en->redirect) : NULL;
}
