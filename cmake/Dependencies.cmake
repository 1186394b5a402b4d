# Third-party code. Nothing of it is committed: headers come from Debian packages through
# symlinks in the build folder (never -I/usr/include), sources are fetched at set-up (cmake/setup.sh)
# into a cache outside the tree.

if(DEFINED ENV{KUBEWALK_CACHE})
  set(default_cache "$ENV{KUBEWALK_CACHE}")
elseif(DEFINED ENV{XDG_CACHE_HOME})
  set(default_cache "$ENV{XDG_CACHE_HOME}/kubewalk")
else()
  set(default_cache "$ENV{HOME}/.cache/kubewalk")
endif()
set(KUBEWALK_CACHE "${default_cache}" CACHE PATH "Where cmake/setup.sh puts what it fetches")

set(KUBEWALK_DEPS_INCLUDE "${CMAKE_BINARY_DIR}/deps-include")
file(MAKE_DIRECTORY "${KUBEWALK_DEPS_INCLUDE}")

function(kubewalk_require path)
  if(NOT EXISTS "${path}")
    message(FATAL_ERROR "Missing ${path}. Run ./run.sh or ./test.sh (or cmake/setup.sh) once: they install what is missing.")
  endif()
endfunction()

function(kubewalk_link_headers path)
  get_filename_component(name "${path}" NAME)
  kubewalk_require("${path}")
  file(CREATE_LINK "${path}" "${KUBEWALK_DEPS_INCLUDE}/${name}" SYMBOLIC)
endfunction()

kubewalk_link_headers(/usr/include/nlohmann)
kubewalk_link_headers(/usr/include/doctest)

add_library(nlohmann_json_headers INTERFACE)
target_include_directories(nlohmann_json_headers SYSTEM INTERFACE "${KUBEWALK_DEPS_INCLUDE}")
add_library(doctest_headers INTERFACE)
target_include_directories(doctest_headers SYSTEM INTERFACE "${KUBEWALK_DEPS_INCLUDE}")
target_compile_definitions(doctest_headers INTERFACE DOCTEST_CONFIG_NO_EXCEPTIONS_BUT_WITH_ALL_ASSERTS)

add_library(yaml_c INTERFACE)  # #include <yaml.h>
add_library(md4c_c INTERFACE)  # #include <md4c.h>
add_library(sdl2 INTERFACE)    # #include <SDL.h>; the desktop window only, the page does without (ARCHITECTURE.md)
add_library(opengl INTERFACE)

if(EMSCRIPTEN)
  set(wasm_libs "${KUBEWALK_CACHE}/wasm/emscripten-${EMSCRIPTEN_VERSION}")
  kubewalk_require("${wasm_libs}/libyaml/VERSION")
  target_include_directories(yaml_c SYSTEM INTERFACE "${wasm_libs}/libyaml/include")
  target_link_libraries(yaml_c INTERFACE "${wasm_libs}/libyaml/lib/libyaml.a")
  target_include_directories(md4c_c SYSTEM INTERFACE "${wasm_libs}/md4c/include")
  target_link_libraries(md4c_c INTERFACE "${wasm_libs}/md4c/lib/libmd4c.a")
  target_link_options(opengl INTERFACE -sMIN_WEBGL_VERSION=2 -sMAX_WEBGL_VERSION=2)
else()
  target_link_libraries(yaml_c INTERFACE yaml)
  target_link_libraries(md4c_c INTERFACE md4c)
  kubewalk_link_headers(/usr/include/SDL2)
  target_include_directories(sdl2 SYSTEM INTERFACE "${KUBEWALK_DEPS_INCLUDE}/SDL2")
  target_link_libraries(sdl2 INTERFACE SDL2)
  target_link_libraries(opengl INTERFACE GL ${CMAKE_DL_LIBS})
endif()

# Dear ImGui. imgui_headless is the library itself, enough for panels and for tests without a window;
# imgui adds the OpenGL backend and, for the desktop, SDL2's. IMGUI_ENABLE_TEST_ENGINE makes it call the
# ImGuiTestEngineHook_* functions that web/ui defines: every widget's id, label and rectangle.
set(imgui_source "${KUBEWALK_CACHE}/src/imgui")
kubewalk_require("${imgui_source}/imgui.h")
add_library(imgui_headless STATIC EXCLUDE_FROM_ALL
  "${imgui_source}/imgui.cpp" "${imgui_source}/imgui_draw.cpp" "${imgui_source}/imgui_tables.cpp"
  "${imgui_source}/imgui_widgets.cpp" "${imgui_source}/imgui_demo.cpp" "${imgui_source}/misc/cpp/imgui_stdlib.cpp")
target_include_directories(imgui_headless SYSTEM PUBLIC "${imgui_source}" "${imgui_source}/misc/cpp")
target_compile_definitions(imgui_headless PUBLIC
  IMGUI_DISABLE_OBSOLETE_FUNCTIONS IMGUI_ENABLE_TEST_ENGINE IMGUI_DISABLE_DEMO_WINDOWS IMGUI_DISABLE_DEBUG_TOOLS
  # Thousands of nodes on one canvas are more than 65,536 vertices, and WebGL has no offset for a draw call's vertices.
  "ImDrawIdx=unsigned int"
  # The page has no files: fonts come as bytes, the layout is the interface's own.
  $<$<BOOL:${EMSCRIPTEN}>:IMGUI_DISABLE_FILE_FUNCTIONS>)
# Its own font, 10 kB that do not compress: the page brings its own before the first frame.
target_compile_definitions(imgui_headless PRIVATE $<$<BOOL:${EMSCRIPTEN}>:IMGUI_DISABLE_DEFAULT_FONT>)
target_compile_options(imgui_headless PRIVATE -w -fno-exceptions -fno-rtti)

add_library(imgui STATIC EXCLUDE_FROM_ALL "${imgui_source}/backends/imgui_impl_opengl3.cpp")
target_include_directories(imgui SYSTEM PUBLIC "${imgui_source}/backends")
target_compile_options(imgui PRIVATE -w -fno-exceptions -fno-rtti)
target_link_libraries(imgui PUBLIC imgui_headless sdl2 opengl)
if(EMSCRIPTEN)
  target_compile_definitions(imgui PUBLIC IMGUI_IMPL_OPENGL_ES3)
else()
  target_sources(imgui PRIVATE "${imgui_source}/backends/imgui_impl_sdl2.cpp")
endif()

# Scripts of the build. Debian's Python by its path: a Python of the user's first on the PATH lacks Debian's modules.
find_program(KUBEWALK_NODE NAMES node nodejs REQUIRED NO_CMAKE_FIND_ROOT_PATH)
set(KUBEWALK_PYTHON /usr/bin/python3)
