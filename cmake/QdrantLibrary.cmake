# libqdrant (shared and static) and libqdrant-mock, made of the layers' objects.

set(QD_LAYERS qd_generated qd_core qd_codec qd_memory qd_tls qd_pool qd_fallback_rest qd_endpoints qd_ingest qd_client)
set(QD_OBJECTS "")
foreach(layer ${QD_LAYERS})
  list(APPEND QD_OBJECTS $<TARGET_OBJECTS:${layer}>)
endforeach()

# qd_add_library(target TYPE sources...): what the shared and the static library have in common.
function(qd_add_library target type output)
  add_library(${target} ${type} ${ARGN})
  set_target_properties(${target} PROPERTIES OUTPUT_NAME ${output} VERSION ${PROJECT_VERSION} SOVERSION 0 LINKER_LANGUAGE C)
  target_include_directories(${target} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/generated>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(${target} PUBLIC PkgConfig::PROTOBUF_C PRIVATE PkgConfig::GRPC PkgConfig::CURL PkgConfig::OPENSSL PkgConfig::ZLIB PkgConfig::SODIUM
    Stemmer::Stemmer Threads::Threads m)
endfunction()

qd_add_library(qdrant SHARED qdrant ${QD_OBJECTS})
qd_add_library(qdrant_static STATIC qdrant ${QD_OBJECTS})

# The test server uses internals (engine, allocator), so it carries its own copy of them, hidden: linking both libraries is fine.
set(QD_MOCK_OBJECTS $<TARGET_OBJECTS:qd_server> $<TARGET_OBJECTS:qd_core> $<TARGET_OBJECTS:qd_codec> $<TARGET_OBJECTS:qd_memory>)
qd_add_library(qdrant_mock SHARED qdrant-mock ${QD_MOCK_OBJECTS})
target_link_libraries(qdrant_mock PUBLIC qdrant PRIVATE PkgConfig::MICROHTTPD)
target_link_options(qdrant_mock PRIVATE -Wl,--version-script=${PROJECT_SOURCE_DIR}/cmake/mock.map)
set_target_properties(qdrant_mock PROPERTIES LINK_DEPENDS ${PROJECT_SOURCE_DIR}/cmake/mock.map)
qd_add_library(qdrant_mock_static STATIC qdrant-mock $<TARGET_OBJECTS:qd_server>)
target_link_libraries(qdrant_mock_static PUBLIC qdrant_static PRIVATE PkgConfig::MICROHTTPD)

include(QdrantInstall)
