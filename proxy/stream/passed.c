/* passed.c - a list of names, each a copy. */
#include "proxy/stream/passed.h"

#include "proxy/base/mem.h"

#include <string.h>

struct passed passed_copy(const struct passed *p)
{
	struct passed copy = {.proxy = xcalloc(p->n + 1, sizeof(*copy.proxy)),
			      .session = p->session};

	for (size_t i = 0; i < p->n; i++)
		copy.proxy[copy.n++] = xstrdup(p->proxy[i]);
	return copy;
}

void passed_add(struct passed *p, const char *proxy)
{
	p->proxy = xrealloc(p->proxy, p->n + 1, sizeof(*p->proxy));
	p->proxy[p->n++] = xstrdup(proxy);
}

void passed_remove(struct passed *p, const char *proxy)
{
	size_t left = 0;

	for (size_t i = 0; i < p->n; i++) {
		if (strcmp(p->proxy[i], proxy) == 0)
			free(p->proxy[i]);
		else
			p->proxy[left++] = p->proxy[i];
	}
	p->n = left;
}

void passed_fini(struct passed *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->proxy[i]);
	free(p->proxy);
	*p = (struct passed){0};
}

void passed_free(struct passed *p)
{
	if (p)
		passed_fini(p);
	free(p);
}

bool passed_has(const struct passed *p, const char *proxy)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->proxy[i], proxy) == 0)
			return true;
	return false;
}
