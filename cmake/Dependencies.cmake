# Third-party code. Nothing of it is committed: headers come from Debian packages through
# symlinks in the build folder (never -I/usr/include), sources are fetched at set-up.

set(KUBEWALK_DEPS_INCLUDE "${CMAKE_BINARY_DIR}/deps-include")
file(MAKE_DIRECTORY "${KUBEWALK_DEPS_INCLUDE}")

function(kubewalk_link_headers path)
  get_filename_component(name "${path}" NAME)
  if(NOT EXISTS "${path}")
    message(FATAL_ERROR "Missing ${path}. Run ./run.sh or ./test.sh once: they install what is missing.")
  endif()
  file(CREATE_LINK "${path}" "${KUBEWALK_DEPS_INCLUDE}/${name}" SYMBOLIC)
endfunction()

kubewalk_link_headers(/usr/include/nlohmann)
kubewalk_link_headers(/usr/include/doctest)

add_library(nlohmann_json_headers INTERFACE)
target_include_directories(nlohmann_json_headers SYSTEM INTERFACE "${KUBEWALK_DEPS_INCLUDE}")
add_library(doctest_headers INTERFACE)
target_include_directories(doctest_headers SYSTEM INTERFACE "${KUBEWALK_DEPS_INCLUDE}")
target_compile_definitions(doctest_headers INTERFACE DOCTEST_CONFIG_NO_EXCEPTIONS_BUT_WITH_ALL_ASSERTS)

if(NOT EMSCRIPTEN)
  add_library(yaml_c INTERFACE)
  target_link_libraries(yaml_c INTERFACE yaml)
  add_library(md4c_c INTERFACE)
  target_link_libraries(md4c_c INTERFACE md4c)
endif()
