/* page.c - a browser may load nothing but these files, and speak with nobody but wedge. */
#include "proxy/api/page.h"

#include "proxy/api/page_embedded.h"
#include "proxy/base/mem.h"

#include <string.h>

static const char folder[] = "/page/";

static const struct {
	const char *ending, *type;
} types[] = {
    {".html", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".svg", "image/svg+xml"},
};

static const struct page_file *find_file(const char *name)
{
	for (const struct page_file *f = page_embedded; f->name; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

static const struct page_file *find_path(const char *path)
{
	if (strcmp(path, "/") == 0)
		return find_file("index.html");
	return strncmp(path, folder, strlen(folder)) == 0 ? find_file(path + strlen(folder)) : NULL;
}

bool page_has(const char *path)
{
	return find_path(path) != NULL;
}

static const char *type_of(const struct page_file *f)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		size_t n = strlen(f->name), ending = strlen(types[i].ending);

		if (n > ending && strcmp(f->name + n - ending, types[i].ending) == 0)
			return types[i].type;
	}
	BUG_ON(true); /* a file that nobody can read was built in */
	return NULL;
}

/* Toxiproxy's server has nothing at "/", and its clients don't ask for pages. */
static bool wants_page(struct evhttp_request *in)
{
	const char *accept = evhttp_find_header(evhttp_request_get_input_headers(in), "Accept");

	return accept && strstr(accept, "text/html");
}

bool page_answer(const struct http_request *r, struct evhttp_request *in, struct http_answer *a)
{
	const struct page_file *f = find_path(r->path);
	struct evkeyvalq *headers = evhttp_request_get_output_headers(in);

	if (!f || r->method != EVHTTP_REQ_GET || (strcmp(r->path, "/") == 0 && !wants_page(in)))
		return false;
	a->status = 200;
	a->type = type_of(f);
	a->nosniff = true;
	evbuffer_add(a->body, f->data, f->len);
	evhttp_add_header(headers, "Cache-Control", "no-cache");
	evhttp_add_header(
	    headers, "Content-Security-Policy",
	    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
	    "connect-src 'self'; base-uri 'none'; form-action 'none'; "
	    "frame-ancestors 'none'");
	evhttp_add_header(headers, "Referrer-Policy", "no-referrer");
	return true;
}
