/* version.h - wedge's version, as CMakeLists.txt has it. */
#ifndef WEDGE_BASE_VERSION_H
#define WEDGE_BASE_VERSION_H

#define WEDGE_VERSION "0.3.0"

#endif
