# embed_page(TARGET MODULE FOLDER…): compiles the files of the folders of src/ into TARGET as the definition of nx::MODULE::page_files() (src/MODULE/page_files.hpp).
# Run as a script (-DMODULE= -DFILES= -DOUT=) it writes that source. Text files only: each becomes a raw string literal.
if(CMAKE_SCRIPT_MODE_FILE)
  set(code "#include \"${MODULE}/page_files.hpp\"\n\nnamespace nx::${MODULE} {\nnamespace {\nconstexpr web::EmbeddedFile kFiles[] = {\n")
  foreach(path IN LISTS FILES)
    get_filename_component(name ${path} NAME)
    file(READ ${path} content)
    string(LENGTH "${content}" length)
    string(APPEND code "{\"${name}\", R\"embedded(${content})embedded\"},\n")
    if(length GREATER 65000)
      message(FATAL_ERROR "${path} has ${length} bytes; string literals may have 65,536: split the file")
    endif()
  endforeach()
  string(APPEND code "};\n}  // namespace\n\nstd::span<const web::EmbeddedFile> page_files() { return kFiles; }\n\n}  // namespace nx::${MODULE}\n")
  file(WRITE ${OUT} "${code}")
  return()
endif()

set(SIGNAL_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})

function(embed_page target module)
  set(files)
  foreach(folder IN LISTS ARGN)
    file(GLOB found CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${folder}/*)
    list(APPEND files ${found})
  endforeach()
  set(out ${CMAKE_BINARY_DIR}/generated/${module}_page_files.cpp)
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DMODULE=${module} "-DFILES=${files}" -DOUT=${out} -P ${SIGNAL_EMBED_SCRIPT}
    DEPENDS ${files} ${SIGNAL_EMBED_SCRIPT} COMMENT "Embedding the page of src/${module}" VERBATIM)
  target_sources(${target} PRIVATE ${out})
endfunction()

# embed_texts(TARGET NAME HEADER NAMESPACE FUNCTION=FILE…): compiles each file into TARGET as what FUNCTION() of HEADER returns.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
function(embed_texts target name header namespace)
  set(out ${CMAKE_BINARY_DIR}/generated/${name}.cpp)
  set(files ${ARGN})
  list(TRANSFORM files REPLACE "^[^=]*=" "")
  add_custom_command(OUTPUT ${out}
    COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tools/embed.py ${out} ${header} ${namespace} ${ARGN}
    DEPENDS ${files} ${CMAKE_SOURCE_DIR}/tools/embed.py COMMENT "Embedding ${name}" VERBATIM)
  target_sources(${target} PRIVATE ${out})
endfunction()

# embed_contracts(TARGET): composes the documents of contracts/ and compiles them into TARGET (src/rest/documents.hpp).
function(embed_contracts target)
  set(folder ${CMAKE_BINARY_DIR}/contracts)
  set(made ${folder}/openapi.json ${folder}/asyncapi.json ${folder}/schemas.json ${folder}/explorer.html ${folder}/explorer.policy)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/contracts/*.json)
  set(tools ${CMAKE_SOURCE_DIR}/tools/compose_contracts.py ${CMAKE_SOURCE_DIR}/tools/contracts_page.py)
  add_custom_command(OUTPUT ${made} COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_SOURCE_DIR}/tools/compose_contracts.py ${folder}
    DEPENDS ${sources} ${tools} COMMENT "Composing contracts" VERBATIM)
  embed_texts(${target} documents rest/documents.hpp nx::rest openapi_document=${folder}/openapi.json
    asyncapi_document=${folder}/asyncapi.json explorer_page=${folder}/explorer.html explorer_policy=${folder}/explorer.policy)
endfunction()
