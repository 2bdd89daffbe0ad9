# One library and one test program per folder of src/. Usage, for a folder "model":
#   millrace_library(model SOURCES a.cc HEADERS a.h DEPS base table LIBS Eigen3::Eigen)
#   millrace_test(model SOURCES a_test.cc DEPS json LIBS rapidcheck)
# DEPS are folders (linked publicly), LIBS external targets (linked privately; PUBLIC_LIBS where
# a header of the folder cannot hide them). Sources may lie one component folder deep.

# The version and source digest of the program: rewritten, and so compiled again, only when a
# source file changes.
set(MILLRACE_BUILD_INFO ${CMAKE_BINARY_DIR}/generated/build_info.cc)
add_custom_target(millrace_source_digest
  COMMAND ${CMAKE_COMMAND} -D SOURCE_DIR=${CMAKE_SOURCE_DIR} -D OUTPUT=${MILLRACE_BUILD_INFO}
          -D VERSION=${PROJECT_VERSION} -P ${CMAKE_SOURCE_DIR}/cmake/source_digest.cmake
  BYPRODUCTS ${MILLRACE_BUILD_INFO}
  COMMENT "Source digest")
add_library(millrace_build_info STATIC ${MILLRACE_BUILD_INFO})
target_link_libraries(millrace_build_info PUBLIC millrace_flags)
add_dependencies(millrace_build_info millrace_source_digest)

function(millrace_link target visibility)
  foreach(folder IN LISTS ARGN)
    if(NOT TARGET millrace::${folder})
      message(WARNING "${target}: there is no folder ${folder} yet; left out")
      continue()
    endif()
    target_link_libraries(${target} ${visibility} millrace::${folder})
  endforeach()
endfunction()

# Leaves out files that are not there (yet), with a warning, so that the rest can be built.
function(millrace_present out)
  set(present "")
  foreach(file IN LISTS ARGN)
    if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${file})
      list(APPEND present ${file})
    else()
      message(WARNING "${CMAKE_CURRENT_SOURCE_DIR}/${file} is not there yet; left out")
    endif()
  endforeach()
  set(${out} ${present} PARENT_SCOPE)
endfunction()

function(millrace_library folder)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;HEADERS;DEPS;LIBS;PUBLIC_LIBS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "millrace_library(${folder}): unknown: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_SOURCES)
    message(FATAL_ERROR "millrace_library(${folder}): SOURCES is empty")
  endif()
  millrace_present(files ${arg_SOURCES} ${arg_HEADERS})
  add_library(millrace_${folder} STATIC ${files})
  set_target_properties(millrace_${folder} PROPERTIES LINKER_LANGUAGE CXX)
  add_library(millrace::${folder} ALIAS millrace_${folder})
  target_link_libraries(millrace_${folder} PUBLIC millrace_flags ${arg_PUBLIC_LIBS}
                                           PRIVATE ${arg_LIBS})
  millrace_link(millrace_${folder} PUBLIC ${arg_DEPS})
  if(folder STREQUAL "base")
    target_link_libraries(millrace_base PUBLIC millrace_build_info)
  endif()
endfunction()

# One GoogleTest program <folder>_test, one entry in ctest, label "unit".
function(millrace_test folder)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPS;LIBS")
  millrace_present(files ${arg_SOURCES})
  if(NOT files)
    return()
  endif()
  add_executable(${folder}_test ${files})
  target_link_libraries(${folder}_test PRIVATE millrace::${folder} GTest::gmock
                                               GTest::gtest_main ${arg_LIBS})
  millrace_link(${folder}_test PRIVATE ${arg_DEPS})
  target_compile_definitions(${folder}_test PRIVATE MILLRACE_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  add_test(NAME ${folder} COMMAND ${folder}_test --gtest_brief=1)
  set_tests_properties(${folder} PROPERTIES LABELS unit TIMEOUT 600)
endfunction()

# A program that is installed. DuckDB's library is looked for beside it: ../lib.
function(millrace_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPS;LIBS")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE millrace_flags ${arg_LIBS})
  millrace_link(${name} PRIVATE ${arg_DEPS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin
                                           INSTALL_RPATH "$ORIGIN/../lib")
  install(TARGETS ${name} RUNTIME DESTINATION bin)
endfunction()
install(FILES $<TARGET_FILE:duckdb> DESTINATION lib)

# A libFuzzer program; built with the preset "fuzz" only. Its kept inputs lie in fuzz/corpus/<name>.
function(millrace_fuzz name)
  if(NOT MILLRACE_FUZZ)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPS;LIBS")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE millrace_flags ${arg_LIBS})
  millrace_link(${name} PRIVATE ${arg_DEPS})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
endfunction()

# A measuring program, on Google Benchmark (LIBS benchmark::benchmark) or plain.
function(millrace_bench name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPS;LIBS")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE millrace_flags ${arg_LIBS})
  millrace_link(${name} PRIVATE ${arg_DEPS})
  target_compile_definitions(${name} PRIVATE MILLRACE_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
endfunction()

# A test that is a script or program of its own; exit code 77 means skipped. LABELS: check, scenario.
function(millrace_script_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABELS;TIMEOUT" "COMMAND")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 600)
  endif()
  add_test(NAME ${name} COMMAND ${arg_COMMAND} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT}
                                          SKIP_RETURN_CODE 77)
endfunction()
