# CPack: nx-signal_VERSION_ARCH.deb (component `signal`) and libnxsignal-emitter-dev_VERSION_ARCH.deb (component `emitter`). script/package runs it.
if(NOT TARGET nx-signal OR NOT SIGNAL_BUILD_EMITTER_PACKAGE OR SIGNAL_SANITIZE)
  return()
endif()
set(CPACK_PACKAGE_CONTACT "The Signal authors <signal@signal.invalid>")
set(debian ${CMAKE_SOURCE_DIR}/deploy/debian)
foreach(pair signal=nx-signal emitter=libnxsignal-emitter-dev)
  string(REGEX MATCH "^(.*)=(.*)$" matched ${pair})
  install(FILES ${debian}/copyright DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${CMAKE_MATCH_2} COMPONENT ${CMAKE_MATCH_1})
  install(CODE "set(debian_packages ${CMAKE_MATCH_2})\nset(debian_version \"${PROJECT_VERSION}\")\nset(debian_maintainer \"${CPACK_PACKAGE_CONTACT}\")"
    COMPONENT ${CMAKE_MATCH_1})
  install(SCRIPT ${CMAKE_CURRENT_LIST_DIR}/debian_changelog.cmake COMPONENT ${CMAKE_MATCH_1})
endforeach()

set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)  # script/package builds what is packed; tests and benchmarks are not
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME nx-signal)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/packages)
set(CPACK_COMPONENTS_ALL signal emitter)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_SET_DESTDIR ON)  # /etc and /lib are outside of the prefix
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

set(CPACK_DEBIAN_SIGNAL_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_SIGNAL_PACKAGE_NAME nx-signal)
set(CPACK_DEBIAN_SIGNAL_PACKAGE_SECTION net)
set(CPACK_DEBIAN_SIGNAL_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_SIGNAL_PACKAGE_DEPENDS "adduser, ca-certificates")
set(CPACK_DEBIAN_SIGNAL_PACKAGE_CONTROL_EXTRA ${debian}/postinst ${debian}/prerm ${debian}/postrm ${debian}/conffiles)
set(CPACK_COMPONENT_SIGNAL_DESCRIPTION "realtime notification gateway
Signal stores notifications from Kafka in PostgreSQL and shows them at once to
the connected clients of their recipients, over encrypted WebSockets. Other
services push to users and rooms through Redis.

The service is not started before it is configured in
/etc/nx-signal/nx-signal.env.")
install(FILES ${debian}/lintian-overrides DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides RENAME nx-signal COMPONENT signal)

set(CPACK_DEBIAN_EMITTER_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_EMITTER_PACKAGE_NAME libnxsignal-emitter-dev)
set(CPACK_DEBIAN_EMITTER_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_EMITTER_PACKAGE_DEPENDS "libssl-dev, libsimdjson-dev, libsodium-dev")
set(CPACK_COMPONENT_EMITTER_DESCRIPTION "pushes to the clients of Signal from C++ services
A static library with one header: a C++17 service sends messages to users,
rooms and clients that are connected to Signal, through Redis. For CMake
(NxSignalEmitter) and pkg-config (nxsignal-emitter).")
include(CPack)
