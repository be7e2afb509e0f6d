/* api_options.c - a port alone is the safe choice, so it needs no address. */
#include "proxy/cli/api_options.h"

#include "proxy/base/mem.h"
#include "proxy/config/place_words.h"

#include <string.h>

int api_options_listen(struct control_config *c, const char *text, struct err *e)
{
	bool port = strspn(text, "0123456789") == strlen(text);
	char *place = xasprintf("%s%s", port ? "127.0.0.1:" : "", text);
	int rc = listen_place_parse(place, &c->listen, e);

	free(place);
	c->listens = true;
	return rc;
}

int api_options_check(const struct control_config *c, struct err *e)
{
	return c->token && !c->listens
		   ? err_set(e, "--api-token has no effect without --api [ADDR:]PORT")
		   : 0;
}
