# The same commit gives the same release build, in whatever folder: no path of this machine is in it.
add_compile_options("$<$<CONFIG:Release>:-ffile-prefix-map=${CMAKE_BINARY_DIR}=build;-ffile-prefix-map=${CMAKE_SOURCE_DIR}=.>")
