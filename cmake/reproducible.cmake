# The same commit gives the same release build, in whatever folder and with or without ccache: neither a path of this machine nor the options of the compiler are in it.
add_compile_options("$<$<CONFIG:Release>:-ffile-prefix-map=${CMAKE_BINARY_DIR}=build;-ffile-prefix-map=${CMAKE_SOURCE_DIR}=.;-gno-record-gcc-switches>")
