/* cell_words.c - the variables are those that OpenSSL, curl, requests, node and git look at. */
#include "scenarios/check/cell_words.h"

#include "proxy/base/mem.h"
#include "scenarios/base/text_fill.h"
#include "scenarios/scenario/words.h"

#include <stdlib.h>

static char *make_url(const struct check_plan *plan)
{
	char port[8] = "";

	if (plan->port != check_port(plan->protocol))
		snprintf(port, sizeof(port), ":%u", plan->port);
	return xasprintf("%s://%s%s/", check_protocol_names[plan->protocol], plan->host, port);
}

char **cell_words(const struct check_plan *plan, char *const *argv, const char *folder)
{
	char **words = words_copy(argv), *url = make_url(plan), port[8];
	char *ca = xasprintf("%s/ca.pem", folder);
	const struct text_place places[] = {{"{url}", url},
					    {"{host}", plan->host},
					    {"{port}", port},
					    {"{ca}", ca},
					    {"{dir}", plan->dir}};

	snprintf(port, sizeof(port), "%u", plan->port);
	for (char **w = words; *w; w++) {
		char *filled = text_fill(*w, places, ARRAY_LEN(places));

		free(*w);
		*w = filled;
	}
	free(ca);
	free(url);
	return words;
}

void cell_offer_authority(const char *folder)
{
	static const char *const variables[] = {"SSL_CERT_FILE", "CURL_CA_BUNDLE",
						"REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS",
						"GIT_SSL_CAINFO"};
	char *ca = xasprintf("%s/ca.pem", folder);

	for (size_t i = 0; i < ARRAY_LEN(variables); i++)
		setenv(variables[i], ca, 1);
	free(ca);
}
