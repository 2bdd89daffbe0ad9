# Every external library, found once and made into a target. Versions, licences and reasons:
# docs/dependencies.md. One folder or file of src/ adapts each; tools/check_code holds that table.
#
# Targets: Threads::Threads OpenSSL::Crypto OpenSSL::SSL fmt::fmt spdlog::spdlog yaml-cpp
# nlohmann_json::nlohmann_json simdjson::simdjson CLI11::CLI11 ZLIB::ZLIB zstd xxhash re2 Eigen3::Eigen
# Boost::headers soci_core soci_sqlite3 soci_postgresql sqlite3 prometheus_core GTest::gtest GTest::gmock
# GTest::gtest_main benchmark::benchmark rapidcheck duckdb lightgbm gRPC::grpc++ gRPC::grpc++_reflection
# protobuf::libprotobuf protobuf::protoc gRPC::grpc_cpp_plugin
find_package(Threads REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(simdjson REQUIRED)
find_package(CLI11 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Eigen3 REQUIRED NO_MODULE)
find_package(Boost 1.74 REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
find_package(Protobuf REQUIRED)
find_package(gRPC CONFIG REQUIRED)

# Libraries whose packages bring no CMake file that can be relied on.
function(millrace_system_library name file header)
  find_library(MILLRACE_LIBRARY_${name} ${file})
  find_path(MILLRACE_INCLUDE_${name} ${header})
  mark_as_advanced(MILLRACE_LIBRARY_${name} MILLRACE_INCLUDE_${name})
  if(NOT MILLRACE_LIBRARY_${name} OR NOT MILLRACE_INCLUDE_${name})
    message(FATAL_ERROR "${header} or lib${file} is not installed. Run tools/setup first.")
  endif()
  add_library(${name} INTERFACE IMPORTED GLOBAL)
  target_link_libraries(${name} INTERFACE ${MILLRACE_LIBRARY_${name}})
  target_include_directories(${name} SYSTEM INTERFACE ${MILLRACE_INCLUDE_${name}})
endfunction()
millrace_system_library(xxhash xxhash xxhash.h)
millrace_system_library(re2 re2 re2/re2.h)
millrace_system_library(zstd zstd zstd.h)
millrace_system_library(rapidcheck rapidcheck rapidcheck.h)
millrace_system_library(sqlite3 sqlite3 sqlite3.h)
millrace_system_library(soci_core soci_core soci/soci.h)
millrace_system_library(soci_sqlite3 soci_sqlite3 soci/sqlite3/soci-sqlite3.h)
millrace_system_library(soci_postgresql soci_postgresql soci/postgresql/soci-postgresql.h)
find_path(MILLRACE_INCLUDE_libpq libpq-fe.h PATH_SUFFIXES postgresql)
mark_as_advanced(MILLRACE_INCLUDE_libpq)
if(NOT MILLRACE_INCLUDE_libpq)
  message(FATAL_ERROR "libpq-fe.h is not installed. Run tools/setup first.")
endif()
target_include_directories(soci_postgresql SYSTEM INTERFACE ${MILLRACE_INCLUDE_libpq})
millrace_system_library(prometheus_core prometheus-cpp-core prometheus/registry.h)

# Pinned packages that tools/setup places into the cache folder.
if(DEFINED ENV{MILLRACE_DEPS})
  set(millrace_deps $ENV{MILLRACE_DEPS})
elseif(DEFINED ENV{XDG_CACHE_HOME})
  set(millrace_deps $ENV{XDG_CACHE_HOME}/millrace/deps)
else()
  set(millrace_deps $ENV{HOME}/.cache/millrace/deps)
endif()
set(MILLRACE_DEPS ${millrace_deps} CACHE PATH "Folder of the pinned dependencies (tools/setup)")
if(MILLRACE_SANITIZE MATCHES "thread")
  set(millrace_lightgbm lightgbm-serial)  # the OpenMP runtime is not instrumented
  set(millrace_setup "tools/setup --tsan")
else()
  set(millrace_lightgbm lightgbm)
  set(millrace_setup "tools/setup")
endif()
foreach(needed duckdb/include/duckdb.h duckdb/lib/libduckdb.so
               ${millrace_lightgbm}/include/LightGBM/c_api.h
               ${millrace_lightgbm}/lib/lib_lightgbm.a)
  if(NOT EXISTS ${MILLRACE_DEPS}/${needed})
    message(FATAL_ERROR "${needed} is not in ${MILLRACE_DEPS}. Run ${millrace_setup} first.")
  endif()
endforeach()

add_library(duckdb SHARED IMPORTED GLOBAL)
set_target_properties(duckdb PROPERTIES
  IMPORTED_LOCATION ${MILLRACE_DEPS}/duckdb/lib/libduckdb.so
  IMPORTED_SONAME libduckdb.so)
target_include_directories(duckdb SYSTEM INTERFACE ${MILLRACE_DEPS}/duckdb/include)

add_library(lightgbm STATIC IMPORTED GLOBAL)
set_target_properties(lightgbm PROPERTIES
  IMPORTED_LOCATION ${MILLRACE_DEPS}/${millrace_lightgbm}/lib/lib_lightgbm.a)
target_include_directories(lightgbm SYSTEM INTERFACE
  ${MILLRACE_DEPS}/${millrace_lightgbm}/include)
target_link_libraries(lightgbm INTERFACE Threads::Threads ${CMAKE_DL_LIBS})
if(millrace_lightgbm STREQUAL "lightgbm")
  target_link_libraries(lightgbm INTERFACE gomp)  # built by gcc; clang links the same runtime
endif()
