# Compiler options shared by every room. Warnings are errors in our own code only.

option(KUBEWALK_SANITIZE "Address and undefined-behaviour sanitizers (native only)" OFF)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # Paths count from the tree, so that another clone or build folder finds what this one compiled.
  set(launcher "${CMAKE_COMMAND}" -E env "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" CCACHE_NOHASHDIR=1
    CCACHE_SLOPPINESS=pch_defines,time_macros "${CCACHE_PROGRAM}")
  set(CMAKE_C_COMPILER_LAUNCHER "${launcher}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${launcher}")
endif()

# Everything we write. -ffp-contract=off: the same seed must give the same bytes
# natively and in WebAssembly, so no fused multiply-add may sneak in.
add_library(kubewalk_options INTERFACE)
target_compile_options(kubewalk_options INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wno-sign-conversion
  -Wnon-virtual-dtor -Woverloaded-virtual -ffp-contract=off)

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 sees overlapping copies and uninitialised optionals that are not there when it inlines
  # std::string and std::optional (GCC bugs 105329, 105562), and bounds of the short string's buffer. Sanitizers and clang
  # watch for the real ones.
  target_compile_options(kubewalk_options INTERFACE -Wno-restrict -Wno-maybe-uninitialized -Wno-array-bounds
    -Wno-stringop-overflow -Wno-stringop-overread)
endif()
# -O3 takes twice as long to compile as -O2 and gains nothing that could be measured here.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_C_FLAGS_RELEASE "-O2 -DNDEBUG")

# core: no exceptions, no RTTI (architecture.md, "Errors").
add_library(kubewalk_core_options INTERFACE)
target_link_libraries(kubewalk_core_options INTERFACE kubewalk_options)
target_compile_options(kubewalk_core_options INTERFACE -fno-exceptions -fno-rtti)

if(KUBEWALK_SANITIZE AND NOT EMSCRIPTEN)
  # -Og: unoptimised sanitized code is too slow for the property tests, -O1 takes twice as long to compile.
  # vptr needs RTTI, which core does not have. A null or misaligned pointer needs no check of its own at every use of a
  # member: the address sanitizer reports the access; the checks are a fifth of the build.
  add_compile_options(-Og -g1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize=vptr,null,alignment -fno-sanitize-recover=all)
  add_link_options(-fsanitize=address,undefined)
endif()

# For tests/fuzz with clang: code that tells libFuzzer where it has been.
option(KUBEWALK_LIBFUZZER "Build tests/fuzz for libFuzzer (clang only)" OFF)
if(KUBEWALK_LIBFUZZER)
  # clang 14 declares the sized operator delete (core/base/pool.h) on request only.
  add_compile_options(-fsanitize=fuzzer-no-link $<$<COMPILE_LANGUAGE:CXX>:-fsized-deallocation>)
  add_link_options(-fsanitize=fuzzer-no-link)
endif()

if(EMSCRIPTEN)
  # size_t has 32 bits here. Counts that large do not occur; g++ (64 bits) still sees every other narrowing.
  # EM_ASM and EM_JS name their arguments $0, $1. clang takes a local name for one that hides a neighbour's of the same
  # unit (Unity.cmake) more often than g++, which looks for hidden names too.
  target_compile_options(kubewalk_options INTERFACE -Wno-shorten-64-to-32 -Wno-shadow
    -Wno-dollar-in-identifier-extension -Wno-gnu-zero-variadic-macro-arguments)
  # Size first: the page is downloaded. Tests set -O1 for themselves, it links faster. emcc 3.1.6 adds -fno-inline-functions
  # to -Oz and -Os, which makes a call of every vector::size(): without it programs are 5 % smaller and 4 times as fast.
  set(CMAKE_C_FLAGS_MINSIZEREL "-Oz -finline-functions -DNDEBUG")
  set(CMAKE_CXX_FLAGS_MINSIZEREL "-Oz -finline-functions -DNDEBUG")
  # Optimised once more when all parts are known: 6 % smaller. Not the system's libraries: what the optimiser turns into calls
  # of libc (printf into fputc) must not be bitcode itself ("attempt to add bitcode file after LTO"). The page names what it needs.
  add_compile_options(-flto)
  add_compile_options(-fno-exceptions)
  add_link_options(-fno-exceptions -sALLOW_MEMORY_GROWTH=1 -sTOTAL_STACK=2097152)
  # 3.1.6 warns about options that a newer emsdk has renamed and the other way round.
  add_link_options(-Wno-deprecated)
endif()

# The standard library's headers are read once per preset instead of once per file, which saves a second of each
# file's two to four. Only they are precompiled: our own files go on naming what they need of ours.
# kubewalk_precompiled(TARGET [KIND]): KIND is the library whose precompiled headers are used; both have the options
# of their users, as compilers demand.
#   kubewalk_standard_headers  rooms and the interface
#   kubewalk_hot_headers       rooms whose speed is worth their size (kubewalk_hot, Rooms.cmake)
#   kubewalk_test_headers      test files, with doctest (tests/CMakeLists.txt)
set(KUBEWALK_STANDARD_HEADERS <algorithm> <array> <cmath> <cstdint> <cstdio> <functional> <map> <memory> <optional> <set>
  <span> <string> <string_view> <tuple> <unordered_map> <utility> <variant> <vector>)
set(precompiled_source "${CMAKE_BINARY_DIR}/generated/precompiled.cpp")
if(NOT EXISTS "${precompiled_source}")
  file(WRITE "${precompiled_source}" "// Only carries the precompiled headers (cmake/Options.cmake).\n")
endif()
# ccache finds a file compiled with precompiled headers again only if it may look through them.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(kubewalk_options INTERFACE -fpch-preprocess)
elseif(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  target_compile_options(kubewalk_options INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
endif()
function(kubewalk_precompiled_headers name)
  cmake_parse_arguments(HEADERS "" "" "LINK;MORE" ${ARGN})
  add_library(${name} OBJECT EXCLUDE_FROM_ALL "${precompiled_source}")
  target_link_libraries(${name} PRIVATE kubewalk_core_options ${HEADERS_LINK})
  target_precompile_headers(${name} PRIVATE ${KUBEWALK_STANDARD_HEADERS} ${HEADERS_MORE})
endfunction()
kubewalk_precompiled_headers(kubewalk_standard_headers)
# What every packet passes. In WebAssembly the other rooms are compiled for size alone; -O2 would be a
# little faster yet and costs 20 kB more to download.
function(kubewalk_hot target)
  if(EMSCRIPTEN)
    target_compile_options(${target} PRIVATE -Os -finline-functions)
  endif()
endfunction()
kubewalk_precompiled_headers(kubewalk_hot_headers)
kubewalk_hot(kubewalk_hot_headers)
function(kubewalk_precompiled target)
  set(from kubewalk_standard_headers)
  if(ARGC GREATER 1)
    set(from "${ARGV1}")
  endif()
  target_precompile_headers(${target} REUSE_FROM ${from})
endfunction()

# A program that runs under Node.js with the machine's own files, like its native twin.
function(kubewalk_node_program target)
  if(EMSCRIPTEN)
    # Compiled synchronously: 3.1.6's other way would ask Node.js's fetch for a file path.
    target_link_options(${target} PRIVATE -sENVIRONMENT=node -sNODERAWFS=1 -sEXIT_RUNTIME=1
      -sWASM_ASYNC_COMPILATION=0 -sINITIAL_MEMORY=67108864)
  endif()
endfunction()

# Programs for people stand in build/<preset> itself: build/native/kubewalk, build/wasm/kubewalk.js.
function(kubewalk_top_level_program target)
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
endfunction()

# A program of one thread: all of its operator new comes from the pool (core/base/pool_new.cpp). For WebAssembly everything does.
if(EMSCRIPTEN)
  function(kubewalk_pooled target)
  endfunction()
else()
  add_library(kubewalk_pooled_new OBJECT EXCLUDE_FROM_ALL "${CMAKE_SOURCE_DIR}/core/base/pool_new.cpp")
  target_include_directories(kubewalk_pooled_new PRIVATE "${CMAKE_SOURCE_DIR}")
  target_link_libraries(kubewalk_pooled_new PRIVATE kubewalk_core_options)
  target_compile_definitions(kubewalk_pooled_new PRIVATE KUBEWALK_POOLED)
  function(kubewalk_pooled target)
    if(NOT KUBEWALK_SANITIZE)  # its allocator sees wrong use
      target_sources(${target} PRIVATE $<TARGET_OBJECTS:kubewalk_pooled_new>)
    endif()
  endfunction()
endif()
