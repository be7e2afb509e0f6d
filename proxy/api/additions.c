/* additions.c - one list for each proxy and session, in the order of their coming. */
#include "proxy/api/additions.h"

#include "proxy/base/mem.h"

#include <string.h>

static void clear_addition(struct addition *a)
{
	for (size_t i = 0; i < a->n; i++)
		free(a->text[i]);
	free(a->text);
	a->text = NULL;
	a->n = 0;
}

static void free_addition(struct addition *a)
{
	clear_addition(a);
	free(a->proxy);
}

void additions_fini(struct additions *a)
{
	for (size_t i = 0; i < a->n; i++)
		free_addition(&a->v[i]);
	free(a->v);
	*a = (struct additions){0};
}

struct additions additions_copy(const struct additions *a)
{
	struct additions copy = {0};

	for (size_t i = 0; i < a->n; i++) {
		const struct addition *from = &a->v[i];
		struct addition *to =
		    additions_renew(&copy, from->proxy, from->mode, from->session);

		for (size_t k = 0; k < from->n; k++)
			addition_append(to, from->text[k]);
	}
	return copy;
}

struct addition *additions_renew(struct additions *a, const char *proxy, enum proxy_mode mode,
				 uint64_t session)
{
	for (size_t i = 0; i < a->n; i++) {
		struct addition *old = &a->v[i];

		if (old->session != session || old->mode != mode || strcmp(old->proxy, proxy) != 0)
			continue;
		clear_addition(old);
		return old;
	}
	a->v = xrealloc(a->v, a->n + 1, sizeof(*a->v));
	a->v[a->n] = (struct addition){.proxy = xstrdup(proxy), .mode = mode, .session = session};
	return &a->v[a->n++];
}

void addition_append(struct addition *a, const char *text)
{
	a->text = xrealloc(a->text, a->n + 1, sizeof(*a->text));
	a->text[a->n++] = xstrdup(text);
}

void additions_prune(struct additions *a, bool (*stays)(const void *arg, const struct addition *of),
		     const void *arg)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n; i++)
		if (stays(arg, &a->v[i]))
			a->v[n++] = a->v[i];
		else
			free_addition(&a->v[i]);
	a->n = n;
}

int additions_put(const struct additions *a, const struct impairments_ops *ops,
		  struct config_proxy *cp, struct err *e)
{
	int n = 0;

	for (size_t i = 0; i < a->n; i++) {
		const struct addition *of = &a->v[i];

		if ((int)of->mode != cp->mode || strcmp(of->proxy, cp->name) != 0)
			continue;
		for (size_t k = 0; k < of->n; k++, n++)
			if (ops->add_text(cp->impairments, of->text[k], e) == -1)
				return -1;
	}
	return n;
}
