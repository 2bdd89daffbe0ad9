# Script: writes OUTPUT, a C++ file that implements src/base/build_info.h with the digest of all
# program sources, and leaves the file untouched when nothing changed.
#   cmake -D SOURCE_DIR=... -D OUTPUT=... -D VERSION=... -P cmake/source_digest.cmake
# The digest is the SHA-256 over one line "<sha256 of the file>  <path>" per file of src/ and
# server/, sorted by path. Tests and texts are left out: they change no behaviour of the program.
file(GLOB_RECURSE paths RELATIVE ${SOURCE_DIR}
     ${SOURCE_DIR}/src/*.h ${SOURCE_DIR}/src/*.cc ${SOURCE_DIR}/src/*.inc
     ${SOURCE_DIR}/server/*.h ${SOURCE_DIR}/server/*.cc)
list(FILTER paths EXCLUDE REGEX "_test\\.cc$")
list(SORT paths)
set(listing "")
foreach(path IN LISTS paths)
  if(EXISTS ${SOURCE_DIR}/${path})
    file(SHA256 ${SOURCE_DIR}/${path} digest)
    string(APPEND listing "${digest}  ${path}\n")
  endif()
endforeach()
string(SHA256 SOURCE_DIGEST "${listing}")
configure_file(${CMAKE_CURRENT_LIST_DIR}/build_info.cc.in ${OUTPUT} @ONLY)
