# What `cmake --install` puts where: headers, libraries, tool, pkg-config and CMake package files.
include(CMakePackageConfigHelpers)

install(TARGETS qdrant qdrant_mock qdrant_static qdrant_mock_static
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/qdrant DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h" PATTERN "*.def")
install(DIRECTORY generated/qdrant DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(FILES LICENSE NOTICE DESTINATION ${CMAKE_INSTALL_DOCDIR})

# The prefix as seen from the .pc file, so that an installed tree can be moved.
file(RELATIVE_PATH QDRANT_PC_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
foreach(package qdrant qdrant-mock)
  configure_file(cmake/${package}.pc.in ${PROJECT_BINARY_DIR}/${package}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${package}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()

# Imported targets are written by hand: exported ones would name this machine's pkg-config targets.
configure_package_config_file(cmake/qdrant-config.cmake.in ${PROJECT_BINARY_DIR}/qdrant-config.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/qdrant
  PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_LIBDIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/qdrant-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/qdrant-config.cmake ${PROJECT_BINARY_DIR}/qdrant-config-version.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/qdrant)
