# Makes a C file of every file in PAGE: cmake -DPAGE=dir -DOUT=file.c -P embed_page.cmake
file(GLOB files ${PAGE}/*)
list(SORT files)
set(arrays "")
set(rows "")
set(n 0)
foreach(file ${files})
	get_filename_component(name ${file} NAME)
	file(READ ${file} hex HEX)
	string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
	string(APPEND arrays "static const unsigned char file${n}[] = {${bytes}0};\n")
	string(APPEND rows "\t{\"${name}\", file${n}, sizeof(file${n}) - 1},\n")
	math(EXPR n "${n} + 1")
endforeach()
file(WRITE ${OUT} "/* Made by proxy/api/embed_page.cmake from proxy/api/page: don't edit. */\n"
	"#include \"proxy/api/page_embedded.h\"\n\n${arrays}\n"
	"const struct page_file page_embedded[] = {\n${rows}\t{NULL, NULL, 0},\n};\n")
