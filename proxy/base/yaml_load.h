/* yaml_load.h - reads a file or a text into a YAML document (yaml.h). */
#ifndef WEDGE_BASE_YAML_LOAD_H
#define WEDGE_BASE_YAML_LOAD_H

#include "proxy/base/err.h"

struct yaml;

/* Reads a file, or standard input when path is "-". NULL with *e, which reads "FILE:LINE:COLUMN:
 * what". The caller frees the document (yaml_free). */
struct yaml *yaml_load_file(const char *path, struct err *e) WG_MUSTUSE;
/* Reads len bytes of text; name stands for FILE in errors. */
struct yaml *yaml_load_text(const char *name, const char *text, size_t len,
			    struct err *e) WG_MUSTUSE;

#endif
