# Warnings for our own targets only; dependencies are SYSTEM.
add_library(signal_warnings INTERFACE)
target_compile_options(signal_warnings INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast -Werror>)
