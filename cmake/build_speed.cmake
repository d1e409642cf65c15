# ccache and mold where the machine has them; the build works without either.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # Precompiled headers need this sloppiness, or ccache never hits (ccache manual, "Precompiled headers").
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime)
  if(NOT CMAKE_BUILD_TYPE STREQUAL "Release")
    list(APPEND launcher CCACHE_BASEDIR=${CMAKE_SOURCE_DIR})  # it would write other paths into the debug information than a compiler without ccache
  endif()
  list(APPEND launcher ${CCACHE_PROGRAM})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()

find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM AND NOT CMAKE_INTERPROCEDURAL_OPTIMIZATION)
  add_link_options(-fuse-ld=mold)
endif()
