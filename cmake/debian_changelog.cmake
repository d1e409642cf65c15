# install(SCRIPT): the changelog of a Debian package. Its time is SOURCE_DATE_EPOCH (script/package: that of the commit).
string(TIMESTAMP time "%a, %d %b %Y %H:%M:%S +0000" UTC)
foreach(package IN LISTS debian_packages)
  set(file $ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/share/doc/${package}/changelog)
  file(WRITE ${file} "nx-signal (${debian_version}) unstable; urgency=medium\n\n  * The changes are listed in CHANGELOG.md of the source.\n\n -- ${debian_maintainer}  ${time}\n")
  execute_process(COMMAND gzip -9nf ${file} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
