/* wedge_news.h - what the wedge of a phase says to whoever watches the run: its journal as it is
 * written, and now and then what passes through it and is held. */
#ifndef WEDGE_SCENARIOS_RUN_WEDGE_NEWS_H
#define WEDGE_SCENARIOS_RUN_WEDGE_NEWS_H

#include "proxy/base/loop.h"
#include "proxy/engine/engine.h"
#include "scenarios/base/run_news.h"
#include "scenarios/run/wedge_proxies.h"

struct wedge_news {
	struct run_news out;
	struct loop *loop;
	struct engine *engine;
	struct journal *journal;
	const struct wedge_proxies *proxies;
	struct timer timer;
};

/* Begins to tell; news is where to, and what else is given must last as long. */
void wedge_news_begin(struct wedge_news *n, const struct run_news *news, struct loop *loop,
		      struct engine *engine, struct journal *journal,
		      const struct wedge_proxies *proxies);

/* Tells of the last state, and no more. Does nothing where nothing has begun. */
void wedge_news_end(struct wedge_news *n);

#endif
