/* service_options.c - of the API a port alone is the safe choice, so it needs no address. */
#include "proxy/cli/service_options.h"

#include "proxy/config/config.h"
#include "proxy/config/place_words.h"

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
	c->listens = true;
	return own_place_parse(text, &c->listen, e);
}

int service_options_check(const struct control_config *c, struct err *e)
{
	return c->token && !c->listens
		   ? err_set(e, "--api-token has no effect without --api [ADDR:]PORT")
		   : 0;
}
