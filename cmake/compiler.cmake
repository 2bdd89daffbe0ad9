# Language level, warnings, sanitizers, linker and compiler cache.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# Build folders of one checkout share cache hits: paths are made relative to the checkout, and
# the name of the build folder stays out of the key.
find_program(MILLRACE_CCACHE ccache)
if(MILLRACE_CCACHE)
  foreach(language C CXX)
    set(CMAKE_${language}_COMPILER_LAUNCHER
        env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=true ${MILLRACE_CCACHE})
  endforeach()
endif()

# The fastest linker there is; the default one works too.
find_program(MILLRACE_MOLD mold)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  find_program(MILLRACE_LLD NAMES ld.lld-14 ld.lld)
endif()
if(MILLRACE_MOLD)
  add_link_options(-fuse-ld=mold)
elseif(MILLRACE_LLD)
  add_link_options(-fuse-ld=lld)
endif()

# Flags of our own code. External headers are SYSTEM and stay out of the warnings.
add_library(millrace_flags INTERFACE)
target_compile_options(millrace_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-missing-field-initializers -Werror
  -ffp-contract=off)  # a fused multiply-add would give other bytes on other processors
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # gcc 12 reports overlapping copies inside std::string's operator+ (gcc bug 105651), and at -O2
  # the unset value of an empty std::optional that is copied (gcc bug 80635).
  target_compile_options(millrace_flags INTERFACE -Wno-restrict -Wno-maybe-uninitialized)
endif()
target_include_directories(millrace_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)

if(MILLRACE_SANITIZE)
  add_compile_options(-fsanitize=${MILLRACE_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${MILLRACE_SANITIZE})
  if(MILLRACE_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Instrumented code confuses these two analyses of gcc: they report paths that cannot be.
    target_compile_options(millrace_flags INTERFACE -Wno-maybe-uninitialized -Wno-stringop-overflow)
  endif()
endif()
if(MILLRACE_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "The fuzz targets need clang. Use the preset: cmake --preset fuzz")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
