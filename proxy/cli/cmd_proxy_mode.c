/* cmd_proxy_mode.c - which options of "wedge proxy" say what its one proxy is, and which of them
 * may stand together. */
#include "proxy/cli/cmd_proxy_mode.h"

#include "proxy/base/mem.h"

enum {
	EXPLICIT = 1 << PROXY_EXPLICIT,
	FORWARD = 1 << PROXY_FORWARD,
	TRANSPARENT = 1 << PROXY_TRANSPARENT,
	REDIRECT = 1 << PROXY_REDIRECT,
	EVERY = EXPLICIT | FORWARD | TRANSPARENT | REDIRECT
};

struct own_option {
	const char *name;
	unsigned modes;	     /* in which it has a meaning */
	const char *lacking; /* in the one mode that can't do without, what is said; else NULL */
};

/* In the order of OPT_OWN. */
static const struct own_option own[] = {
    {"--listen", EXPLICIT,
     "--listen is missing; for instance --listen 127.0.0.1:8080, or --transparent, or --redirect, "
     "or "
     "--config FILE"},
    {"--upstream", EXPLICIT, "--upstream is missing; for instance --upstream 192.0.2.1:80"},
    {"--transparent", TRANSPARENT, NULL},
    {"--in", TRANSPARENT,
     "--in is missing: the interface that the clients are behind, for instance --in eth1"},
    {"--redirect", REDIRECT, NULL},
    {"--user", REDIRECT, NULL},
    {"--port", TRANSPARENT | REDIRECT, NULL},
    {"--to", TRANSPARENT | REDIRECT, NULL},
    {"--own-address", TRANSPARENT, NULL},
    {"--early-accept", TRANSPARENT | REDIRECT, NULL},
    {"--map-upstream", TRANSPARENT | REDIRECT, NULL},
    {"--print-rules", TRANSPARENT | REDIRECT, NULL},
    {"--forward", FORWARD, NULL},
    {"--server", FORWARD, "--server is missing; for instance --server 192.0.2.1:80"},
    {"--impair", EVERY, NULL},
};

_Static_assert(ARRAY_LEN(own) == OPT_OWN_END - OPT_OWN, "one row for each option");

const char *own_option_name(int opt)
{
	return own[opt - OPT_OWN].name;
}

static bool has(own_set given, int opt)
{
	return given & own_bit(opt);
}

enum proxy_mode own_mode(own_set given)
{
	return has(given, OPT_TRANSPARENT) ? PROXY_TRANSPARENT
	       : has(given, OPT_REDIRECT)  ? PROXY_REDIRECT
	       : has(given, OPT_FORWARD)   ? PROXY_FORWARD
					   : PROXY_EXPLICIT;
}

static int refuse_two(own_set given, struct err *e)
{
	if (has(given, OPT_FORWARD) && has(given, OPT_TRANSPARENT))
		return err_set(e, "--transparent terminates connections and --forward doesn't: "
				  "one of them");
	if (has(given, OPT_FORWARD) && has(given, OPT_REDIRECT))
		return err_set(e, "--redirect terminates connections and --forward doesn't: one "
				  "of them");
	if (has(given, OPT_TRANSPARENT) && has(given, OPT_REDIRECT))
		return err_set(e, "--transparent takes connections that pass this host, --redirect "
				  "its own: one of them; --config FILE can have both");
	return 0;
}

static int refuse_foreign(int opt, enum proxy_mode mode, struct err *e)
{
	static const char *const by[] = {"an explicit proxy", "--forward", "--transparent",
					 "--redirect"};
	const char *name = own_option_name(opt);

	if (opt == OPT_MAP_UPSTREAM && mode == PROXY_EXPLICIT)
		return err_set(e,
			       "%s is no option of an explicit proxy: all its connections go to "
			       "--upstream; --transparent or --redirect is missing",
			       name);
	if (opt == OPT_MAP_UPSTREAM)
		return err_set(e,
			       "%s is no option of --forward, which terminates no connection "
			       "that could go elsewhere",
			       name);
	return err_set(
	    e, "%s is no option of %s%s", name, by[mode],
	    mode == PROXY_EXPLICIT ? "; --transparent, --redirect or --forward is missing" : "");
}

int own_options_check(own_set given, struct err *e)
{
	enum proxy_mode mode = own_mode(given);

	if (refuse_two(given, e) == -1)
		return -1;
	for (int opt = OPT_OWN; opt < OPT_OWN_END; opt++)
		if (has(given, opt) && !(own[opt - OPT_OWN].modes & 1u << mode))
			return refuse_foreign(opt, mode, e);
	for (int opt = OPT_OWN; opt < OPT_OWN_END; opt++) {
		const struct own_option *o = &own[opt - OPT_OWN];

		if (o->lacking && o->modes == 1u << mode && !has(given, opt))
			return err_set(e, "%s", o->lacking);
	}
	return 0;
}
