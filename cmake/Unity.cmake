# Several files make one translation unit: the headers and what they instantiate are compiled once for all of them, which
# halves the time of a build. What the files of a room call their own (anonymous namespaces) must differ within a unit; the
# compiler says so when it does not. Two files that both have good reason for the same names stand alone.
#
# A file's unit follows from its own path, so that a new file leaves the others' units as they are.
# For a look at one file at a time: cmake --preset debug -DKUBEWALK_UNITY=OFF

option(KUBEWALK_UNITY "Compile several files of a room as one" ON)

# kubewalk_unity(TARGET ALONE FILE...): FILE as a path's end
function(kubewalk_unity target)
  cmake_parse_arguments(UNITY "" "" "ALONE" ${ARGN})
  if(NOT KUBEWALK_UNITY)
    return()
  endif()
  get_target_property(sources ${target} SOURCES)
  list(LENGTH sources count)
  set(units 1)
  while(units LESS 256)
    math(EXPR room "${units} * 6")
    if(room GREATER_EQUAL count)
      break()
    endif()
    math(EXPR units "${units} * 2")
  endwhile()
  foreach(source IN LISTS sources)
    set(alone NO)
    foreach(end IN LISTS UNITY_ALONE)
      if(source MATCHES "/${end}$")
        set(alone YES)
      endif()
    endforeach()
    if(NOT alone)
      file(RELATIVE_PATH path "${CMAKE_SOURCE_DIR}" "${source}")
      string(MD5 hash "${path}")
      string(SUBSTRING "${hash}" 0 6 hash)
      math(EXPR unit "0x${hash} % ${units}")
      set_source_files_properties("${source}" PROPERTIES UNITY_GROUP "${unit}")
    endif()
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
endfunction()
