# embed.cmake - a file as C bytes: cmake -DIN=file -DOUT=file.c -P embed.cmake (api/openapi.h declares what is made here).
file(READ ${IN} HEX_BYTES HEX)
string(LENGTH "${HEX_BYTES}" HEX_LENGTH)
math(EXPR BYTES "${HEX_LENGTH} / 2")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," C_BYTES "${HEX_BYTES}")
string(REGEX REPLACE "((0x[0-9a-f][0-9a-f],)(0x[0-9a-f][0-9a-f],)(0x[0-9a-f][0-9a-f],)(0x[0-9a-f][0-9a-f],)(0x[0-9a-f][0-9a-f],)(0x[0-9a-f][0-9a-f],)(0x[0-9a-f][0-9a-f],)(0x[0-9a-f][0-9a-f],))" "\\1\n" C_BYTES "${C_BYTES}")
file(WRITE ${OUT} "#include \"api/openapi.h\"\nconst size_t openapi_json_bytes = ${BYTES};\nconst unsigned char openapi_json[] = {\n${C_BYTES}};\n")
