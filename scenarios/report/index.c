/* index.c - one row a scenario, with a link to its report; its test cases are taken from its own
 * junit.xml as they are. */
#include "scenarios/report/index.h"

#include "proxy/base/mem.h"
#include "scenarios/base/whole_file.h"
#include "scenarios/report/html_head.h"
#include "scenarios/report/html_text.h"
#include "scenarios/report/junit.h"
#include "scenarios/report/verdict.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PAGE_BEGIN HTML_DOCTYPE "<!-- wedge run: several scenarios -->\n"

static bool begins_with(const char *start, size_t len, const char *mark)
{
	size_t n = strlen(mark);

	return len >= n && !memcmp(start, mark, n);
}

static bool begins_page(const char *start, size_t len)
{
	return begins_with(start, len, PAGE_BEGIN);
}

static bool begins_junit(const char *start, size_t len)
{
	return begins_with(start, len, JUNIT_ALL_BEGIN);
}

static const struct own_kind page_kind = {.what = "an index of reports", .begins = begins_page};
static const struct own_kind junit_kind = {.what = "a JUnit file of several scenarios",
					   .begins = begins_junit};

static int make_folder(const char *folder, struct err *e)
{
	char *path = xstrdup(folder);
	int rc = 0;

	for (char *slash = strchr(path + 1, '/'); rc == 0 && slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0777) == -1 && errno != EEXIST)
			rc = err_errno(e, "can't make the folder %s", path);
		*slash = '/';
	}
	if (rc == 0 && mkdir(path, 0777) == -1 && errno != EEXIST)
		rc = err_errno(e, "can't make the folder %s", path);
	free(path);
	return rc;
}

int index_check(const char *folder, struct err *e)
{
	char *page = xasprintf("%s/" INDEX_PAGE, folder);
	char *junit = xasprintf("%s/" INDEX_JUNIT, folder);
	int rc = make_folder(folder, e);

	if (rc == 0)
		rc = whole_file_check(page, &page_kind, e);
	if (rc == 0)
		rc = whole_file_check(junit, &junit_kind, e);
	free(page);
	free(junit);
	return rc;
}

static size_t count_verdict(const struct index *x, enum run_verdict v)
{
	size_t n = 0;

	for (size_t i = 0; i < x->n; i++)
		n += x->entries[i].verdict == v;
	return n;
}

static void write_entry(const struct index_entry *t, FILE *out)
{
	fprintf(out, "<tr><td data-is=\"failure\">%s</td><td>", t->failure ? t->failure : "");
	if (t->has_report) {
		fputs("<a href=\"", out);
		html_text(out, t->name);
		fputs("/report.html\">", out);
	}
	html_text(out, t->name);
	fputs(t->has_report ? "</a><br><span class=\"faint\">" : "<br><span class=\"faint\">", out);
	html_text(out, t->title);
	fprintf(out, "</span></td><td class=\"word %s\">%s</td><td>", verdict_name(t->verdict),
		verdict_words(t->verdict));
	html_text(out, t->why);
	fprintf(out, "</td><td class=\"number\" data-is=\"seconds\">%.1f</td></tr>\n", t->elapsed);
}

static void write_page(const void *index, FILE *out)
{
	const struct index *x = index;
	char *title =
	    xasprintf("wedge: %zu of %zu reproduced", count_verdict(x, VERDICT_REPRODUCED), x->n);

	fputs(PAGE_BEGIN, out);
	html_head(out, title);
	free(title);
	fprintf(out,
		"<header>\n<p class=\"name\">wedge run</p>\n"
		"<h1 id=\"sum\">%zu of %zu scenarios reproduced</h1>\n<p>%s%zu not reproduced, %zu "
		"invalid; %.1f s in all</p>\n</header>\n<main>\n",
		count_verdict(x, VERDICT_REPRODUCED), x->n,
		x->quick ? "<span class=\"quick\">quick</span>" : "",
		count_verdict(x, VERDICT_NOT_REPRODUCED), count_verdict(x, VERDICT_INVALID),
		x->elapsed);
	fputs("<table class=\"stack\" id=\"scenarios\"><thead><tr><th "
	      "class=\"word\">failure</th><th>scenario</th>"
	      "<th>verdict</th><th>because</th><th class=\"number\">seconds</th></tr></thead>"
	      "<tbody>\n",
	      out);
	for (size_t i = 0; i < x->n; i++)
		write_entry(&x->entries[i], out);
	fputs("</tbody></table>\n<h2>Again</h2>\n<pre>", out);
	html_text(out, x->command);
	fprintf(out,
		"</pre>\n<p>Seed %llu. All expectations as test cases: <a href=\"" INDEX_JUNIT
		"\">" INDEX_JUNIT "</a></p>\n</main>\n</body>\n</html>\n",
		(unsigned long long)x->seed);
}

struct index_junit {
	const char *folder;
	const struct index *index;
};

static void write_junit(const void *arg, FILE *out)
{
	const struct index_junit *j = arg;
	const struct index *x = j->index;

	fputs(JUNIT_ALL_BEGIN, out);
	for (size_t i = 0; i < x->n; i++) {
		const struct index_entry *t = &x->entries[i];
		char *path = xasprintf("%s/%s/junit.xml", j->folder, t->name);

		if (!t->has_report || junit_copy_suite(path, out) == -1)
			junit_failed_run(t->name, t->why, t->elapsed, out);
		free(path);
	}
	fputs(JUNIT_END, out);
}

int index_write(const char *folder, const struct index *x, struct err *e)
{
	char *path = xasprintf("%s/" INDEX_PAGE, folder);
	char *junit = xasprintf("%s/" INDEX_JUNIT, folder);
	const struct index_junit suites = {folder, x};
	int rc = whole_file_print(path, write_page, x, &page_kind, e);

	if (rc == 0)
		rc = whole_file_print(junit, write_junit, &suites, &junit_kind, e);
	free(path);
	free(junit);
	return rc;
}
