/* service_options.c - of the API a port alone is the safe choice, so it needs no address. */
#include "proxy/cli/service_options.h"

#include "proxy/base/mem.h"
#include "proxy/config/config.h"
#include "proxy/config/place_words.h"

#include <string.h>

int service_option_hold_limit(void *args, const struct option_row *row, const char *value,
			      struct err *e)
{
	return config_parse_hold_limit(value, (void *)((char *)args + row->offset), e);
}

int service_option_api(void *args, const struct option_row *row, const char *value, struct err *e)
{
	return service_options_listen((void *)((char *)args + row->offset), value, e);
}

int service_options_listen(struct control_config *c, const char *text, struct err *e)
{
	bool port = strspn(text, "0123456789") == strlen(text);
	char *place = xasprintf("%s%s", port ? "127.0.0.1:" : "", text);
	int rc = listen_place_parse(place, &c->listen, e);

	free(place);
	c->listens = true;
	return rc;
}

int service_options_check(const struct control_config *c, struct err *e)
{
	return c->token && !c->listens
		   ? err_set(e, "--api-token has no effect without --api [ADDR:]PORT")
		   : 0;
}
