/* folder.c - each file is written under another name and renamed when it is whole. */
#include "scenarios/report/folder.h"

#include "proxy/base/mem.h"
#include "proxy/base/text_print.h"
#include "scenarios/report/html.h"
#include "scenarios/report/json.h"
#include "scenarios/report/junit.h"
#include "scenarios/report/text.h"

#include <errno.h>
#include <unistd.h>

static int write_file(const struct result *r, const char *folder, const char *name,
		      int (*write)(const struct result *, FILE *), struct err *e)
{
	char *path = xasprintf("%s/%s", folder, name);
	char *temporary = xasprintf("%s/.%s.new", folder, name);
	FILE *f = text_print_stream(fopen(temporary, "wxe"));
	int rc = -1;

	if (!f) {
		err_errno(e, "can't write %s", path);
		goto out;
	}
	errno = 0;
	rc = write(r, f);
	if (fclose(f) != 0)
		rc = -1;
	if (rc == 0)
		rc = rename(temporary, path);
	if (rc == -1) {
		err_errno(e, "can't write %s", path);
		unlink(temporary);
	}
out:
	free(temporary);
	free(path);
	return rc;
}

int report_write_folder(const struct result *r, const char *folder, struct err *e)
{
	static const struct {
		const char *name;
		int (*write)(const struct result *, FILE *);
	} files[] = {
	    {"report.txt", report_text},
	    {"report.html", report_html},
	    {"result.json", report_json},
	    {"junit.xml", report_junit},
	};

	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		if (write_file(r, folder, files[i].name, files[i].write, e) == -1)
			return -1;
	return 0;
}
