# Compiler options shared by every room. Warnings are errors in our own code only.

option(KUBEWALK_SANITIZE "Address and undefined-behaviour sanitizers (native only)" OFF)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_C_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()

# Everything we write. -ffp-contract=off: the same seed must give the same bytes
# natively and in WebAssembly, so no fused multiply-add may sneak in.
add_library(kubewalk_options INTERFACE)
target_compile_options(kubewalk_options INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wno-sign-conversion
  -Wnon-virtual-dtor -Woverloaded-virtual -ffp-contract=off)

# core: no exceptions, no RTTI (architecture.md, "Errors").
add_library(kubewalk_core_options INTERFACE)
target_link_libraries(kubewalk_core_options INTERFACE kubewalk_options)
target_compile_options(kubewalk_core_options INTERFACE -fno-exceptions -fno-rtti)

if(KUBEWALK_SANITIZE AND NOT EMSCRIPTEN)
  # -O1: unoptimised sanitized code is too slow for the property tests.
  # vptr needs RTTI, which core does not have.
  add_compile_options(-O1 -g1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=all)
  add_link_options(-fsanitize=address,undefined)
endif()
