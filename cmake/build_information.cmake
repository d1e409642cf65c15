# The build in the words of `nx-signal --version`. Libraries that do not know their version at run time are named as they were found here.
string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
string(STRIP "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${type}}" flags)
set(sanitizers "")
if(SIGNAL_SANITIZE)
  set(sanitizers ", -fsanitize=${SIGNAL_SANITIZE}")
endif()
set_source_files_properties(app/build_information.cpp PROPERTIES COMPILE_DEFINITIONS
  "NX_SIGNAL_BUILD=\"${CMAKE_BUILD_TYPE}, ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}, ${flags}${sanitizers}\";NX_SIGNAL_LIBRARIES=\"simdjson ${SIMDJSON_VERSION}, liburing ${URING_VERSION}, libsystemd ${SYSTEMD_VERSION}\"")
