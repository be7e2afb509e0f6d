/* run_options.c - the parser of the options puts the option's name in front. */
#include "scenarios/cli/run_options.h"

#include "proxy/base/units.h"
#include "proxy/config/place_words.h"

int run_option_count(const char *value, uint64_t least, uint64_t most, uint64_t *n, struct err *e)
{
	if (parse_count(value, n, e) == -1)
		return -1;
	return *n < least || *n > most
		   ? err_set(e, "%llu to %llu", (unsigned long long)least, (unsigned long long)most)
		   : 0;
}

int run_option_seed(const char *value, uint64_t *seed, struct err *e)
{
	if (parse_count(value, seed, e) == -1)
		return -1;
	return *seed > INT64_MAX ? err_set(e, "at most %lld", (long long)INT64_MAX) : 0;
}

int run_option_watch(const char *value, struct addr *a, struct err *e)
{
	if (own_place_parse(value, a, e) == -1)
		return -1;
	return addr_is_loopback(a)
		   ? 0
		   : err_set(e,
			     "'%.60s' can be reached by others: 127.0.0.1 or ::1, to which "
			     "'ssh -L' leads from elsewhere",
			     value);
}
