# What is made at build time from data: the Kubernetes schema, the files inside the program, the fonts.

set(generated "${CMAKE_BINARY_DIR}/generated")

# --- schema: field names, types and texts from the official JavaScript client -------------------
set(client_node "${KUBEWALK_CACHE}/npm/node_modules/@kubernetes/client-node")
kubewalk_require("${client_node}/package.json")
set(KUBEWALK_SCHEMA "${generated}/schema/kubernetes.json")
set(KUBEWALK_SCHEMA_DOCS "${generated}/schema/kubernetes-docs.json")
add_custom_command(
  OUTPUT "${KUBEWALK_SCHEMA}" "${KUBEWALK_SCHEMA_DOCS}"
  COMMAND "${KUBEWALK_NODE}" "${CMAKE_SOURCE_DIR}/cmake/schema/generate.mjs" "${client_node}" "${generated}/schema"
  DEPENDS "${CMAKE_SOURCE_DIR}/cmake/schema/generate.mjs" "${client_node}/package.json"
  COMMENT "Kubernetes schema" VERBATIM)
add_custom_target(schema DEPENDS "${KUBEWALK_SCHEMA}" "${KUBEWALK_SCHEMA_DOCS}")

# --- time zones: names and rules from the machine's tzdata ----------------------------------------
set(KUBEWALK_ZONEINFO "/usr/share/zoneinfo" CACHE PATH "Compiled time zones (package tzdata)")
kubewalk_require("${KUBEWALK_ZONEINFO}/Europe/Berlin")
set(time_zones "${generated}/include/kubewalk/time_zones.inc")
add_custom_command(
  OUTPUT "${time_zones}"
  COMMAND "${KUBEWALK_NODE}" "${CMAKE_SOURCE_DIR}/cmake/zones/generate.mjs" "${KUBEWALK_ZONEINFO}" "${time_zones}"
  DEPENDS "${CMAKE_SOURCE_DIR}/cmake/zones/generate.mjs" "${KUBEWALK_ZONEINFO}/Europe/Berlin"
  COMMENT "Time zones" VERBATIM)
add_custom_target(time_zones DEPENDS "${time_zones}")

# --- files inside the program: <kubewalk/embedded.h> ----------------------------------------------
# kubewalk_assets       all of them; for the command line, the desktop program and the tests
# kubewalk_assets_page  without the schema's texts, the lessons after the first and everything Chinese, which the page
#                       fetches when it is wanted (make_dist.py puts it beside it), and without the tests' own data
# kubewalk_assets_headers  the header only; the program decides which of the two it links
file(GLOB_RECURSE asset_files CONFIGURE_DEPENDS
  "${CMAKE_SOURCE_DIR}/assets/*.yaml" "${CMAKE_SOURCE_DIR}/assets/*.json" "${CMAKE_SOURCE_DIR}/assets/lesson-skeleton/*.md")
file(GLOB_RECURSE lesson_files CONFIGURE_DEPENDS
  "${CMAKE_SOURCE_DIR}/lessons/*.yaml" "${CMAKE_SOURCE_DIR}/lessons/*.json"
  "${CMAKE_SOURCE_DIR}/lessons/*.md" "${CMAKE_SOURCE_DIR}/lessons/*.txt" "${CMAKE_SOURCE_DIR}/lessons/*.script")

set(embed "${CMAKE_SOURCE_DIR}/cmake/embed/embed.py")
add_library(kubewalk_assets_headers INTERFACE)
target_include_directories(kubewalk_assets_headers INTERFACE "${CMAKE_SOURCE_DIR}/cmake/embed/include")

# One generated .cpp per set, so that an edited lesson does not compile the schema anew. Two sources may fill the same
# set for different programs: NAME tells them apart.
function(kubewalk_embed output)
  cmake_parse_arguments(EMBED "" "SET;NAME;WITHOUT" "ROOTS;FILES" ${ARGN})
  if(NOT EMBED_NAME)
    set(EMBED_NAME "${EMBED_SET}")
  endif()
  # The list goes through a file: it may be longer than a command line.
  set(list "${generated}/embedded/${EMBED_NAME}.list")
  set(without "")
  if(EMBED_WITHOUT)
    set(without --without "${EMBED_WITHOUT}")
  endif()
  string(REPLACE ";" "\n" content "${EMBED_FILES}")
  file(GENERATE OUTPUT "${list}" CONTENT "${content}\n")
  add_custom_command(
    OUTPUT "${generated}/embedded/${EMBED_NAME}.cpp"
    COMMAND "${KUBEWALK_PYTHON}" "${embed}" ${without} "${EMBED_SET}" "${list}" "${generated}/embedded/${EMBED_NAME}.cpp" ${EMBED_ROOTS}
    DEPENDS ${EMBED_FILES} "${embed}" "${list}"
    COMMENT "Embedding ${EMBED_NAME}" VERBATIM)
  set(${output} "${generated}/embedded/${EMBED_NAME}.cpp" PARENT_SCOPE)
endfunction()

kubewalk_embed(embedded_data SET data ROOTS "${CMAKE_SOURCE_DIR}" FILES ${asset_files} ${lesson_files})
# The page opens with the course's first lesson; the others would be a tenth of the first load.
file(READ "${CMAKE_SOURCE_DIR}/lessons/course.json" course)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/lessons/course.json")
string(JSON first_lesson GET "${course}" parts 0 lessons 0)
set(page_lesson_files ${lesson_files})
list(FILTER page_lesson_files INCLUDE REGEX "/lessons/(course\\.json|${first_lesson}/.*)$")
set(page_asset_files ${asset_files})
list(FILTER page_asset_files EXCLUDE REGEX "/assets/glossary\\.json$")  # `lessons check` alone reads it
list(FILTER page_asset_files EXCLUDE REGEX "/assets/strings/(.*\\.)?zh-CN\\.json$")
list(FILTER page_lesson_files EXCLUDE REGEX "/text\\.zh-CN\\.md$")
kubewalk_embed(embedded_data_page SET data ROOTS "${CMAKE_SOURCE_DIR}" FILES ${page_asset_files} ${page_lesson_files} NAME data_page WITHOUT zh-CN)
kubewalk_embed(embedded_schema SET schema ROOTS "${generated}" FILES "${KUBEWALK_SCHEMA}")
kubewalk_embed(embedded_docs SET docs ROOTS "${generated}" FILES "${KUBEWALK_SCHEMA_DOCS}")

file(GLOB parity_files CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/parity/*.json")
kubewalk_embed(embedded_parity SET parity ROOTS "${CMAKE_SOURCE_DIR}" FILES ${parity_files})

set(embedded_index "${CMAKE_SOURCE_DIR}/cmake/embed/embedded.cpp")
add_library(kubewalk_assets STATIC "${embedded_index}" "${embedded_data}" "${embedded_schema}" "${embedded_docs}" "${embedded_parity}")
target_compile_definitions(kubewalk_assets PRIVATE KUBEWALK_EMBED_DOCS)
add_library(kubewalk_assets_page STATIC EXCLUDE_FROM_ALL "${embedded_index}" "${embedded_data_page}" "${embedded_schema}")
foreach(library kubewalk_assets kubewalk_assets_page)
  target_link_libraries(${library} PUBLIC kubewalk_assets_headers PRIVATE kubewalk_core_options)
endforeach()

# --- fonts: cut to what is drawn -------------------------------------------------------------------
set(KUBEWALK_FONTS
  "${CMAKE_BINARY_DIR}/fonts/Inter-Regular.otf" "${CMAKE_BINARY_DIR}/fonts/Inter-SemiBold.otf"
  "${CMAKE_BINARY_DIR}/fonts/JetBrainsMono-Regular.ttf" "${CMAKE_BINARY_DIR}/fonts/NotoSansSC-Regular.otf")
add_custom_command(
  OUTPUT ${KUBEWALK_FONTS}
  COMMAND "${KUBEWALK_PYTHON}" "${CMAKE_SOURCE_DIR}/assets/fonts/subset.py" "${CMAKE_SOURCE_DIR}" "${CMAKE_BINARY_DIR}/fonts"
  DEPENDS "${CMAKE_SOURCE_DIR}/assets/fonts/subset.py" ${asset_files} ${lesson_files}
  COMMENT "Cutting fonts" VERBATIM)
add_custom_target(fonts DEPENDS ${KUBEWALK_FONTS})

# --- dist/: the static site --------------------------------------------------------------------------
# Called at the end, when the page's own target is known: kubewalk_dist().
function(kubewalk_dist)
  if(EMSCRIPTEN AND TARGET kubewalk-page)
    add_custom_target(dist
      COMMAND "${KUBEWALK_PYTHON}" "${CMAKE_SOURCE_DIR}/cmake/dist/make_dist.py"
        "${CMAKE_SOURCE_DIR}" "${CMAKE_BINARY_DIR}" "${KUBEWALK_CACHE}" "${CMAKE_SOURCE_DIR}/dist"
      COMMENT "Putting dist/ together" VERBATIM)
    add_dependencies(dist page_program fonts schema)
  endif()
endfunction()
