/* root_files.h - files of root's whose owner a program checks, and which would have no owner in the
 * command's user namespace: private copies of them, as the user's own. */
#ifndef WEDGE_EXEC_ROOT_FILES_H
#define WEDGE_EXEC_ROOT_FILES_H

struct root_files;

/* Reads what ssh(1) includes from its system-wide and the user's configuration, of the files that
 * belong to root; ssh takes files of root's and of the user's only. To be called in the caller's
 * user namespace. The result is freed by root_files_free, which takes NULL. */
struct root_files *root_files_read(void);
void root_files_free(struct root_files *files);

/* Finds the files, in a mount namespace of the caller's own, before a folder is hidden. NULL is
 * fine, here and below. */
void root_files_find(struct root_files *files);

/* Writes the copies into folder, in memory, and mounts each over its file. One that can't be
 * mounted stays as it is. */
void root_files_mount(struct root_files *files, const char *folder);

#endif
