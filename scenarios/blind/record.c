/* record.c - the run's own folder, with a journal and telling names, is inside of the one that is
 * being made, and gone before that gets its name. */
#include "scenarios/blind/record.h"

#include "proxy/base/log.h"
#include "proxy/base/mem.h"
#include "scenarios/base/layout.h"
#include "scenarios/blind/folder.h"
#include "scenarios/blind/pick.h"
#include "scenarios/blind/plain_capture.h"
#include "scenarios/blind/seal.h"
#include "scenarios/run/run.h"
#include "scenarios/run/workdir.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ATTEMPTS 3

static const char explanation[] =
    "\n"
    "client.pcapng and server.pcapng are one and the same traffic, taken beside the clients and "
    "beside the\n"
    "servers, while somebody complained in these words. healthy-client.pcapng and "
    "healthy-server.pcapng are of\n"
    "another time, when all was well. Waits that last minutes or days in an office may last "
    "seconds "
    "here.\n"
    "\n"
    "Who thinks to know what it is asks: wedge answer FOLDER NAME (wedge list shows the names).\n";

/* What a run has written, all of it files of one folder. */
static void remove_raw(const char *raw)
{
	DIR *dir = opendir(raw);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			(void)!unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
}

static int copy_capture(const char *raw, const char *from, const char *folder, const char *to,
			struct err *e)
{
	char *source = xasprintf("%s/%s", raw, from), *copy = xasprintf("%s/%s", folder, to);
	int rc = plain_capture_write(source, copy, e);

	free(source);
	free(copy);
	return rc;
}

/* Of a sweep the last point is kept. */
static int copy_captures(const struct result *r, const char *raw, const char *folder, struct err *e)
{
	const struct result_phase *healthy = NULL, *impaired = NULL;

	for (size_t i = 0; i < r->nphases; i++)
		*(r->phases[i].breaks ? &impaired : &healthy) = &r->phases[i];
	if (!healthy || !impaired)
		return err_set(e, "a phase is missing");
	if (copy_capture(raw, impaired->client_capture, folder, BLIND_CLIENT, e) == -1 ||
	    copy_capture(raw, impaired->server_capture, folder, BLIND_SERVER, e) == -1 ||
	    copy_capture(raw, healthy->client_capture, folder, BLIND_HEALTHY_CLIENT, e) == -1 ||
	    copy_capture(raw, healthy->server_capture, folder, BLIND_HEALTHY_SERVER, e) == -1)
		return -1;
	return 0;
}

static int write_complaint(const struct scenario *s, const char *folder, struct err *e)
{
	char *path = xasprintf("%s/%s", folder, BLIND_COMPLAINT);
	FILE *f = fopen(path, "wxe");
	int rc = 0;

	if (f) {
		layout_wrap(f, "", 0, s->complaint);
		fputs(explanation, f);
	}
	if (!f || ferror(f))
		rc = err_errno(e, "can't write '%s'", BLIND_COMPLAINT);
	if (f && fclose(f) == EOF && rc == 0)
		rc = err_errno(e, "can't write '%s'", BLIND_COMPLAINT);
	free(path);
	return rc;
}

/* When each file was written says how much there was to write. */
static void level_times(const char *folder)
{
	const struct timespec now[2] = {{.tv_sec = time(NULL)}, {.tv_sec = time(NULL)}};

	for (size_t i = 0; i <= BLIND_FILES; i++) {
		char *path =
		    xasprintf("%s/%s", folder, i < BLIND_FILES ? blind_files[i] : SEAL_FILE);

		(void)!utimensat(AT_FDCWD, path, now, 0);
		free(path);
	}
}

/* Writes all but the mark. */
static int fill_folder(const struct scenario *s, const struct result *r, const char *raw,
		       const char *folder, struct err *e)
{
	if (copy_captures(r, raw, folder, e) == -1 || write_complaint(s, folder, e) == -1 ||
	    seal_write(folder, blind_files, BLIND_FILES, s->name, e) == -1)
		return -1;
	remove_raw(raw);
	if (rmdir(raw) == -1)
		return err_errno(e, "the folder's rest can't be removed");
	level_times(folder);
	return 0;
}

/* Plays it once. Returns 0, 1 when the captures don't show for sure what they should, -1 with *e.
 */
static int play_once(const struct scenario *s, uint64_t seed, const char *folder, struct err *e)
{
	struct blind_phases p = blind_phases(s);
	const char *const phases[] = {p.healthy, p.impaired, NULL};
	char *raw = xasprintf("%s/raw", folder);
	struct run_options o = {.folder = raw,
				.command = "wedge run --blind",
				.phases = phases,
				.seed = seed,
				.log_level = LOG_LEVEL_ERROR};
	struct err hidden = {""};
	struct result *r = NULL;
	int rc = mkdir(raw, 0700) == -1 ? err_errno(e, "can't make a folder in '%s'", folder) : 0;

	if (rc == 0) {
		r = run_scenario(s, &o, &hidden);
		rc = r && r->verdict == VERDICT_REPRODUCED ? fill_folder(s, r, raw, folder, e) : 1;
	}
	if (rc == 1) {
		remove_raw(raw);
		(void)!rmdir(raw);
	}
	result_free(r);
	free(raw);
	return rc;
}

/* A busy machine spoils what is measured in milliseconds. */
static int play_failure(const struct scenario *s, uint64_t seed, const char *folder, struct err *e)
{
	int rc = 1;

	for (int i = 0; rc == 1 && i < ATTEMPTS; i++)
		rc = play_once(s, seed, folder, e);
	return rc == 0 ? 0 : -1;
}

int blind_record(const struct scenario *s, uint64_t seed, const char *out, struct err *e)
{
	struct workdir *w = workdir_open(out, "--out", e);
	char *kept;

	if (!w)
		return -1;
	*e = (struct err){""};
	if (play_failure(s, seed, workdir_path(w), e) == -1) {
		workdir_discard(w);
		return -1;
	}
	kept = workdir_commit(w, e);
	free(kept);
	return kept ? -1 : 0;
}
