# The options of Debian's own packages (dpkg-buildflags with hardening=+all), for release builds: the sanitizers of other builds find more.
add_compile_options("$<$<CONFIG:Release>:-fstack-protector-strong;-D_FORTIFY_SOURCE=2>")
add_link_options("$<$<CONFIG:Release>:LINKER:-z,relro,-z,now>")
