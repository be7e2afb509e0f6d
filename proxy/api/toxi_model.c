/* toxi_model.c - an array of pointers, so that a proxy can be exchanged, and put back when what it
 * asked for could not be done. */
#include "proxy/api/toxi_model.h"

#include "proxy/base/mem.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

void toxi_model_fini(struct toxi_model *m)
{
	for (size_t i = 0; i < m->n; i++)
		toxi_proxy_free(m->proxy[i]);
	free(m->proxy);
	*m = (struct toxi_model){0};
}

ssize_t toxi_model_find(const struct toxi_model *m, const char *name)
{
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->proxy[i]->name, name) == 0)
			return (ssize_t)i;
	return -1;
}

void toxi_model_add(struct toxi_model *m, struct toxi_proxy *p)
{
	toxi_model_put(m, m->n, p);
}

struct toxi_proxy *toxi_model_swap(struct toxi_model *m, size_t i, struct toxi_proxy *p)
{
	struct toxi_proxy *old = m->proxy[i];

	m->proxy[i] = p;
	return old;
}

struct toxi_proxy *toxi_model_take(struct toxi_model *m, size_t i)
{
	struct toxi_proxy *old = m->proxy[i];

	m->n--;
	memmove(&m->proxy[i], &m->proxy[i + 1], (m->n - i) * sizeof(m->proxy[0]));
	return old;
}

void toxi_model_put(struct toxi_model *m, size_t i, struct toxi_proxy *p)
{
	m->proxy = xrealloc(m->proxy, m->n + 1, sizeof(m->proxy[0]));
	memmove(&m->proxy[i + 1], &m->proxy[i], (m->n - i) * sizeof(m->proxy[0]));
	m->proxy[i] = p;
	m->n++;
}

struct toxi_proxy *toxi_proxy_new(const char *name, const char *listen, const char *upstream)
{
	struct toxi_proxy *p = xcalloc(1, sizeof(*p));

	p->name = xstrdup(name);
	p->listen = xstrdup(listen);
	p->upstream = xstrdup(upstream);
	return p;
}

struct toxi_proxy *toxi_proxy_copy(const struct toxi_proxy *from)
{
	struct toxi_proxy *p = toxi_proxy_new(from->name, from->listen, from->upstream);

	p->enabled = from->enabled;
	p->bound = from->bound;
	p->exact = from->exact;
	p->base = from->base;
	p->toxic = xcalloc(from->n + 1, sizeof(*p->toxic));
	p->n = from->n;
	for (size_t i = 0; i < p->n; i++)
		toxi_toxic_copy(&p->toxic[i], &from->toxic[i]);
	return p;
}

void toxi_proxy_clear(struct toxi_proxy *p)
{
	for (size_t i = 0; i < p->n; i++)
		toxi_toxic_fini(&p->toxic[i]);
	p->n = 0;
}

void toxi_proxy_free(struct toxi_proxy *p)
{
	if (!p)
		return;
	toxi_proxy_clear(p);
	free(p->toxic);
	free(p->name);
	free(p->listen);
	free(p->upstream);
	free(p);
}

ssize_t toxi_proxy_find(const struct toxi_proxy *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->toxic[i].name, name) == 0)
			return (ssize_t)i;
	return -1;
}

static bool is_instance_taken(const struct toxi_proxy *p, const char *instance)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->toxic[i].instance, instance) == 0)
			return true;
	return false;
}

/* A toxic's name may be any text, an instance's may not; and those of the configuration have names
 * already. */
static char *choose_instance(const struct toxi_proxy *p, const char *name)
{
	size_t n = strlen(name);
	char *instance;

	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)name[i]) && !strchr("_-.", name[i]))
			n = 0;
	instance =
	    n > 0 && n <= 50 ? xasprintf("%s%s", p->base ? "toxic." : "", name) : xstrdup("toxic");
	for (unsigned k = 2; is_instance_taken(p, instance) || strcmp(instance, "toxic") == 0;
	     k++) {
		free(instance);
		instance = xasprintf("toxic#%u", k - 1);
	}
	return instance;
}

void toxi_proxy_add(struct toxi_proxy *p, const struct toxi_toxic *t)
{
	p->toxic = xrealloc(p->toxic, p->n + 1, sizeof(*p->toxic));
	p->toxic[p->n] = *t;
	free(p->toxic[p->n].instance);
	p->toxic[p->n].instance = choose_instance(p, t->name);
	p->n++;
}

void toxi_proxy_remove(struct toxi_proxy *p, size_t i)
{
	toxi_toxic_fini(&p->toxic[i]);
	p->n--;
	memmove(&p->toxic[i], &p->toxic[i + 1], (p->n - i) * sizeof(*p->toxic));
}
