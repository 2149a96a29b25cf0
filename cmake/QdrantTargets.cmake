# One object library a folder, so that a folder is a layer and can be built alone.

if(QDRANT_SANITIZE)
  add_compile_options(-fsanitize=${QDRANT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=${QDRANT_SANITIZE})
endif()

add_library(qd_warnings INTERFACE)
target_compile_options(qd_warnings INTERFACE -Wall -Wextra -Wconversion -Wshadow -Werror)

# qd_add_layer(name SOURCES ... LINK ...): objects of one folder, with our warnings, includes written from the root.
function(qd_add_layer name)
  cmake_parse_arguments(LAYER "" "" "SOURCES;LINK" ${ARGN})
  add_library(${name} OBJECT ${LAYER_SOURCES})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/generated)
  target_compile_definitions(${name} PRIVATE _GNU_SOURCE)
  target_link_libraries(${name} PUBLIC ${LAYER_LINK} PkgConfig::PROTOBUF_C Threads::Threads PRIVATE qd_warnings)
endfunction()
