# Finds the Emscripten on the PATH (Debian's 3.1.6, or a newer emsdk) and uses its own toolchain file,
# so that `cmake --preset wasm` needs no wrapper and no absolute path in the preset.
find_program(KUBEWALK_EMCC emcc REQUIRED)
file(REAL_PATH "${KUBEWALK_EMCC}" emcc_real)
get_filename_component(emscripten_root "${emcc_real}" DIRECTORY)
include("${emscripten_root}/cmake/Modules/Platform/Emscripten.cmake")

# Where node is not Debian's own, the link step's JavaScript optimiser does not find Debian's acorn.
if(EXISTS /usr/share/nodejs)
  set_property(GLOBAL PROPERTY RULE_LAUNCH_LINK "env NODE_PATH=$ENV{NODE_PATH}:/usr/share/nodejs")
endif()
