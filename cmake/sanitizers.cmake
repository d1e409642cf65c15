# SIGNAL_SANITIZE applies to everything we compile, so that no report is lost at a library border.
# What fuzz targets count besides, the edges they reach, only the program and the targets need: signal_count_edges() in their folders.
if(SIGNAL_SANITIZE)
  add_compile_options(-fsanitize=${SIGNAL_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  if(SIGNAL_SANITIZE MATCHES "undefined")
    # The vptr check opens a pipe to probe memory and reports a bad object when it cannot: a false alarm in tests that use up all descriptors.
    add_compile_options(-fno-sanitize=vptr)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Instrumented code yields false positives of these warnings (GCC manual, -fsanitize); the dev and release presets keep them.
    add_compile_options(-Wno-maybe-uninitialized -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND SIGNAL_SANITIZE MATCHES "thread")
    # Boost.Asio has fences, which ThreadSanitizer does not model; each io_context here runs on one thread and does not need them.
    add_compile_options(-Wno-tsan)
  endif()
  add_link_options(-fsanitize=${SIGNAL_SANITIZE})
  # What tests ask for: GCC and clang name it differently.
  if(SIGNAL_SANITIZE MATCHES "address")
    add_compile_definitions(SIGNAL_SANITIZES_ADDRESSES)
  elseif(SIGNAL_SANITIZE MATCHES "thread")
    add_compile_definitions(SIGNAL_SANITIZES_THREADS)
  endif()
endif()
if(SIGNAL_SANITIZE MATCHES "thread")
  add_library(tsan_c11_threads SHARED ${CMAKE_SOURCE_DIR}/tests/tsan/c11_threads.c)
  link_libraries(-Wl,--no-as-needed tsan_c11_threads)
endif()

function(signal_count_edges)
  if(SIGNAL_BUILD_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
  endif()
endfunction()
