/* run_options.c - the parser of the options puts the option's name in front. */
#include "scenarios/cli/run_options.h"

#include "proxy/base/units.h"

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
