# Makes a C file of every YAML file in CATALOG: cmake -DCATALOG=dir -DOUT=file.c -P embed.cmake
file(GLOB files ${CATALOG}/*.yaml)
list(SORT files)
set(arrays "")
set(rows "")
set(n 0)
foreach(file ${files})
	get_filename_component(name ${file} NAME_WE)
	file(READ ${file} hex HEX)
	string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
	string(APPEND arrays "static const unsigned char text${n}[] = {${bytes}0};\n")
	string(APPEND rows "\t{\"${name}\", text${n}, sizeof(text${n}) - 1},\n")
	math(EXPR n "${n} + 1")
endforeach()
file(WRITE ${OUT} "/* Made by scenarios/scenario/embed.cmake from scenarios/catalog: don't edit. */\n"
	"#include \"scenarios/scenario/catalog_embedded.h\"\n\n${arrays}\n"
	"const struct catalog_entry catalog_embedded[] = {\n${rows}\t{NULL, NULL, 0},\n};\n")
