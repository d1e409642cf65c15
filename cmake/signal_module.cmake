# signal_module(NAME DEPS room… LIBS library…): one folder of src/ is one static library nx_NAME.
# DEPS are the arrows of docs/architecture.md; tools/check_layers.py reads them here and fails on an include against them.
function(signal_module name)
  cmake_parse_arguments(arg "" "" "DEPS;LIBS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cpp)
  list(TRANSFORM arg_DEPS PREPEND nx_)
  if(NOT sources)
    add_library(nx_${name} INTERFACE)
    target_include_directories(nx_${name} INTERFACE ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(nx_${name} INTERFACE ${arg_DEPS} ${arg_LIBS})
    return()
  endif()
  add_library(nx_${name} STATIC ${sources})
  target_include_directories(nx_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(nx_${name} PUBLIC ${arg_DEPS} ${arg_LIBS} PRIVATE signal_warnings)
  signal_precompile(nx_${name})
endfunction()

# All targets share the precompiled header of nx_pch: it is built once.
function(signal_precompile target)
  if(NOT target STREQUAL "nx_pch")
    target_precompile_headers(${target} REUSE_FROM nx_pch)
  endif()
endfunction()
