/* cmd_proxy_mode.c - judges the options by the column "modes" of their rows; only the refusals that
 * can say more than that know an option by its name. */
#include "proxy/cli/cmd_proxy_mode.h"

#include <string.h>

enum proxy_mode proxy_mode_given(const struct options_given *given)
{
	return options_have(given, "transparent") ? PROXY_TRANSPARENT
	       : options_have(given, "redirect")  ? PROXY_REDIRECT
	       : options_have(given, "forward")	  ? PROXY_FORWARD
						  : PROXY_EXPLICIT;
}

static int refuse_two(const struct options_given *given, struct err *e)
{
	bool forward = options_have(given, "forward"), redirect = options_have(given, "redirect");
	bool transparent = options_have(given, "transparent");

	if (forward && transparent)
		return err_set(e, "--transparent terminates connections and --forward doesn't: "
				  "one of them");
	if (forward && redirect)
		return err_set(e, "--redirect terminates connections and --forward doesn't: one "
				  "of them");
	if (transparent && redirect)
		return err_set(e, "--transparent takes connections that pass this host, --redirect "
				  "its own: one of them; --config FILE can have both");
	return 0;
}

static int refuse_foreign(const char *name, enum proxy_mode mode, struct err *e)
{
	static const char *const by[] = {"an explicit proxy", "--forward", "--transparent",
					 "--redirect"};
	bool map = strcmp(name, "map-upstream") == 0;

	if (map && mode == PROXY_EXPLICIT)
		return err_set(e,
			       "--%s is no option of an explicit proxy: all its connections go to "
			       "--upstream; --transparent or --redirect is missing",
			       name);
	if (map)
		return err_set(e,
			       "--%s is no option of --forward, which terminates no connection "
			       "that could go elsewhere",
			       name);
	return err_set(
	    e, "--%s is no option of %s%s", name, by[mode],
	    mode == PROXY_EXPLICIT ? "; --transparent, --redirect or --forward is missing" : "");
}

int proxy_mode_check(const struct option_row *rows, const struct options_given *given,
		     struct err *e)
{
	enum proxy_mode mode = proxy_mode_given(given);
	unsigned bit = 1u << mode;

	if (refuse_two(given, e) == -1)
		return -1;
	for (const struct option_row *row = rows; row->name; row++)
		if (row->modes && !(row->modes & bit) && options_have(given, row->name))
			return refuse_foreign(row->name, mode, e);
	for (const struct option_row *row = rows; row->name; row++)
		if (row->missing && row->modes == bit && !options_have(given, row->name))
			return err_set(e, "%s", row->missing);
	return 0;
}
