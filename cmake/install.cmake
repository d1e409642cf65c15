# `cmake --install`: the program with what it prints of itself (manual, completions, a commented environment file) and its systemd unit. Component `signal`;
# the component `emitter` is in emitter_package.cmake.
if(NOT TARGET nx-signal OR SIGNAL_SANITIZE)
  return()
endif()
set(documents ${CMAKE_BINARY_DIR}/documents)
# NAME=FILE…: the output of `nx-signal NAME` is the file. Words of NAME are separated by commas.
set(printed man,nx-signal=nx-signal.1.gz man,nx-signal.env=nx-signal.env.5.gz completion,bash=nx-signal completion,zsh=_nx-signal completion,fish=nx-signal.fish
  config,--env=nx-signal.env)
list(TRANSFORM printed REPLACE "^.*=" "${documents}/" OUTPUT_VARIABLE files)
add_custom_command(OUTPUT ${files}
  COMMAND ${CMAKE_COMMAND} -DPROGRAM=$<TARGET_FILE:nx-signal> -DFOLDER=${documents} "-DPRINTED=${printed}" -P ${CMAKE_CURRENT_LIST_DIR}/documents.cmake
  DEPENDS nx-signal ${CMAKE_CURRENT_LIST_DIR}/documents.cmake COMMENT "Printing manual and completions" VERBATIM)
add_custom_target(signal_documents ALL DEPENDS ${files})

set(units lib/systemd/system)
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  set(units /lib/systemd/system)  # where Debian 12 has them
endif()
set(environment_folder ${CMAKE_INSTALL_FULL_SYSCONFDIR}/nx-signal)
configure_file(${CMAKE_SOURCE_DIR}/deploy/systemd/nx-signal.service.in ${CMAKE_BINARY_DIR}/nx-signal.service @ONLY)
install(TARGETS nx-signal RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT signal)
install(FILES ${documents}/nx-signal.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT signal)
install(FILES ${documents}/nx-signal.env.5.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man5 COMPONENT signal)
install(FILES ${documents}/nx-signal DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT signal)
install(FILES ${documents}/_nx-signal DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions COMPONENT signal)
install(FILES ${documents}/nx-signal.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT signal)
# It may contain passwords; systemd reads it as root.
install(FILES ${documents}/nx-signal.env DESTINATION ${environment_folder} PERMISSIONS OWNER_READ OWNER_WRITE COMPONENT signal)
install(FILES ${CMAKE_BINARY_DIR}/nx-signal.service DESTINATION ${units} COMPONENT signal)
