# Warnings for our own targets only; dependencies are SYSTEM.
add_library(signal_warnings INTERFACE)
target_compile_options(signal_warnings INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast -Werror>)
# GCC 12 takes copies of short strings for overflows when it inlines them at -O2 (its bugs 105329, 105651): seen, not fatal, in release builds. The others hold the code to them.
target_compile_options(signal_warnings INTERFACE
  "$<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release>>:-Wno-error=array-bounds;-Wno-error=stringop-overflow;-Wno-error=stringop-overread;-Wno-error=restrict>")
