# SIGNAL_SANITIZE applies to everything we compile, so that no report is lost at a library border.
if(SIGNAL_SANITIZE)
  add_compile_options(-fsanitize=${SIGNAL_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${SIGNAL_SANITIZE})
endif()
