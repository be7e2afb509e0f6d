/* cell_words.c - the variables are those that OpenSSL, curl, requests, node and git look at. */
#include "scenarios/check/cell_words.h"

#include "proxy/base/mem.h"
#include "scenarios/scenario/words.h"

#include <stdlib.h>
#include <string.h>

static char *make_url(const struct check_plan *plan)
{
	char port[8] = "";

	if (plan->port != check_port(plan->protocol))
		snprintf(port, sizeof(port), ":%u", plan->port);
	return xasprintf("%s://%s%s/", check_protocol_names[plan->protocol], plan->host, port);
}

/* What has been put in isn't looked at again: a folder's or a host's name may have such words. */
static char *replace_all(char *text, const char *name, const char *value)
{
	size_t from = 0;
	char *at;

	while ((at = strstr(text + from, name))) {
		size_t before = (size_t)(at - text);
		char *longer = xasprintf("%.*s%s%s", (int)before, text, value, at + strlen(name));

		free(text);
		text = longer;
		from = before + strlen(value);
	}
	return text;
}

char **cell_words(const struct check_plan *plan, char *const *argv, const char *folder)
{
	char **words = words_copy(argv), *url = make_url(plan), port[8];
	char *ca = xasprintf("%s/ca.pem", folder);

	snprintf(port, sizeof(port), "%u", plan->port);
	for (char **w = words; *w; w++) {
		*w = replace_all(*w, "{url}", url);
		*w = replace_all(*w, "{host}", plan->host);
		*w = replace_all(*w, "{port}", port);
		*w = replace_all(*w, "{ca}", ca);
		*w = replace_all(*w, "{dir}", plan->dir);
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
