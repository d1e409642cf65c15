# libnxsignal-emitter.a for other services: the modules that src/emitter stands on in one object, of which only the names of
# `nxsignal` are visible, so that simdjson's inline code and our modules in it meet no other copy. `cmake --install … --component emitter`.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(emitter_modules nx_emitter nx_redis nx_stream nx_json nx_model)
foreach(module ${emitter_modules})
  list(APPEND emitter_objects $<TARGET_OBJECTS:${module}>)
  target_compile_options(${module} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique>)  # which objcopy cannot hide
endforeach()
set(emitter_object ${CMAKE_CURRENT_BINARY_DIR}/nxsignal-emitter.o)
set(emitter_archive ${CMAKE_CURRENT_BINARY_DIR}/libnxsignal-emitter.a)
add_custom_command(OUTPUT ${emitter_archive}
  COMMAND ${CMAKE_LINKER} --relocatable --force-group-allocation -o ${emitter_object} ${emitter_objects}
  COMMAND ${CMAKE_OBJCOPY} --wildcard --keep-global-symbol=_Z*8nxsignal* $<$<CONFIG:Release>:--strip-debug> ${emitter_object}
  COMMAND ${CMAKE_COMMAND} -E rm -f ${emitter_archive}
  COMMAND ${CMAKE_AR} qcs ${emitter_archive} ${emitter_object}
  DEPENDS ${emitter_modules} ${emitter_objects}
  COMMENT "Merging libnxsignal-emitter.a"
  COMMAND_EXPAND_LISTS VERBATIM)
add_custom_target(nxsignal_emitter ALL DEPENDS ${emitter_archive})

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/NxSignalEmitter)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/NxSignalEmitterConfig.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/NxSignalEmitterConfig.cmake
  INSTALL_DESTINATION ${package_folder} PATH_VARS CMAKE_INSTALL_LIBDIR CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/NxSignalEmitterConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
file(RELATIVE_PATH to_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" to_prefix ${to_prefix})
configure_file(${CMAKE_CURRENT_LIST_DIR}/nxsignal-emitter.pc.in ${CMAKE_CURRENT_BINARY_DIR}/nxsignal-emitter.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/nxsignal-emitter.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT emitter)
install(FILES ${emitter_archive} DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT emitter)
install(FILES ${CMAKE_CURRENT_SOURCE_DIR}/emitter/include/nxsignal/emitter.hpp
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/nxsignal COMPONENT emitter)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/NxSignalEmitterConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/NxSignalEmitterConfigVersion.cmake DESTINATION ${package_folder} COMPONENT emitter)
