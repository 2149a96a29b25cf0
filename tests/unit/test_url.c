#include "client/url.h"
#include "core/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

typedef struct good_case {
  const char *text;
  int is_tls;
  const char *host;
  uint16_t port;
  int has_path;
  const char *endpoint; /* with the port that the rule gives gRPC */
} good_case;

static const good_case good_cases[] = {
    {"http://localhost", 0, "localhost", 0, 0, "http://localhost:6334"},
    {"http://localhost:6334", 0, "localhost", 6334, 0, "http://localhost:6334"},
    {"http://localhost:6333", 0, "localhost", 6333, 0, "http://localhost:6334"},
    {"http://localhost:7000", 0, "localhost", 7000, 0, "http://localhost:7000"},
    {"HTTPS://Xyz.Cloud.example.ORG/", 1, "xyz.cloud.example.org", 0, 0, "https://xyz.cloud.example.org:6334"},
    {"https://q.example/prefix/x", 1, "q.example", 0, 1, "https://q.example:6334"},
    {"http://127.0.0.1:1", 0, "127.0.0.1", 1, 0, "http://127.0.0.1:1"},
    {"http://[::1]:65535", 0, "::1", 65535, 0, "http://[::1]:65535"},
    {"http://[FE80::1]/", 0, "fe80::1", 0, 0, "http://[fe80::1]:6334"},
    {"http://my_host-1", 0, "my_host-1", 0, 0, "http://my_host-1:6334"},
};

static void test_url_parse_good_urls_read(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof good_cases / sizeof good_cases[0]; i++) {
    const good_case *each = &good_cases[i];
    qd_url url;
    qdrant_error err = {0};
    char endpoint[QD_MAX_ENDPOINT_BYTES];
    assert_int_equal(qd_url_parse(each->text, &url, &err), QDRANT_OK);
    assert_int_equal(url.is_tls, each->is_tls);
    assert_string_equal(url.host, each->host);
    assert_int_equal(url.port, each->port);
    assert_int_equal(url.n_path > 0, each->has_path);
    assert_false(url.is_memory);
    qd_url_format(&url, qd_url_ports(&url, 0, 0).grpc, endpoint);
    assert_string_equal(endpoint, each->endpoint);
  }
}

static void test_url_parse_memory_read(void **state) {
  (void)state;
  qd_url url;
  char endpoint[QD_MAX_ENDPOINT_BYTES];
  assert_int_equal(qd_url_parse(":memory:", &url, NULL), QDRANT_OK);
  assert_true(url.is_memory);
  qd_url_format(&url, 6334, endpoint);
  assert_string_equal(endpoint, ":memory:");
}

typedef struct bad_case {
  const char *text;
  const char *rule; /* what the error has to say */
} bad_case;

static const bad_case bad_cases[] = {
    {"", "the scheme is missing"},
    {"localhost:6334", "the scheme is missing"},
    {"ftp://host", "the scheme is not known"},
    {"grpc://host:6334", "expected http://HOST[:PORT]"},
    {"http://", "the host is missing"},
    {"http://:6334", "the host is missing"},
    {"http:///path", "the host is missing"},
    {"http://host:", "the port is not a number"},
    {"http://host:0", "from 1 to 65535"},
    {"http://host:65536", "from 1 to 65535"},
    {"http://host:99999999999", "from 1 to 65535"},
    {"http://host:12x", "a character that is not allowed"},
    {"http://host:-1", "the port is not a number"},
    {"http://ho st", "white space"},
    {"http://host\n", "byte 11 is 0x0a"},
    {"http://h\xc3\xb6st", "printable ASCII"},
    {"http://host%20x", "a character that is not allowed"},
    {"http://::1:6334", "needs brackets"},
    {"http://fe80::1", "needs brackets"},
    {"http://[::1", "has no \"]\""},
    {"http://[::g]", "no IPv6 address"},
    {"http://[127.0.0.1]", "no IPv6 address"},
    {"http://[]", "no IPv6 address"},
    {"http://[::1]x", "a character that is not allowed"},
    {"http://[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]", "no IPv6 address"},
};

static void test_url_parse_bad_urls_refused_with_the_rule(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof bad_cases / sizeof bad_cases[0]; i++) {
    qd_url url;
    qdrant_error err = {0};
    if (qd_url_parse(bad_cases[i].text, &url, &err) != QDRANT_CONFIG_INVALID ||
        strstr(err.message, bad_cases[i].rule) == NULL)
      fail_msg("\"%s\": %s", bad_cases[i].text, err.message);
  }
}

static void test_url_parse_long_host_refused(void **state) {
  (void)state;
  char text[7 + 255] = "http://";
  qd_url url;
  qdrant_error err = {0};
  memset(text + 7, 'a', 254);
  assert_int_equal(qd_url_parse(text, &url, &err), QDRANT_CONFIG_INVALID);
  assert_non_null(strstr(err.message, "longer than 253"));
  text[7 + 253] = '\0';
  assert_int_equal(qd_url_parse(text, &url, NULL), QDRANT_OK);
}

static void test_url_parse_credentials_refused_unprinted(void **state) {
  (void)state;
  const char *texts[] = {"http://user:hunter2@host", "https://hunter2@host:6334/", "http://host?api_key=hunter2",
      "ftp://x:hunter2@host", "http://host/#hunter2"};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    qd_url url;
    qdrant_error err = {0};
    assert_int_equal(qd_url_parse(texts[i], &url, &err), QDRANT_CONFIG_INVALID);
    assert_null(strstr(err.message, "hunter2"));
    assert_non_null(strstr(err.message, "does not belong"));
  }
}

typedef struct port_case {
  uint16_t in_url;
  uint16_t grpc_key;
  uint16_t rest_key;
  uint16_t grpc;
  uint16_t rest;
} port_case;

static const port_case port_cases[] = {
    {0, 0, 0, 6334, 6333},
    {6333, 0, 0, 6334, 6333},
    {6334, 0, 0, 6334, 6333},
    {7000, 0, 0, 7000, 0},
    {7000, 0, 7001, 7000, 7001},
    {6333, 9000, 0, 9000, 6333},
    {7000, 9000, 9001, 9000, 9001},
    {7000, 9000, 0, 9000, 7000},
};

static void test_url_ports_all_combinations_follow_the_rule(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof port_cases / sizeof port_cases[0]; i++) {
    const port_case *each = &port_cases[i];
    qd_url url = {.port = each->in_url};
    qd_ports ports = qd_url_ports(&url, each->grpc_key, each->rest_key);
    assert_int_equal(ports.grpc, each->grpc);
    assert_int_equal(ports.rest, each->rest);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_url_parse_good_urls_read),
      cmocka_unit_test(test_url_parse_memory_read),
      cmocka_unit_test(test_url_parse_bad_urls_refused_with_the_rule),
      cmocka_unit_test(test_url_parse_long_host_refused),
      cmocka_unit_test(test_url_parse_credentials_refused_unprinted),
      cmocka_unit_test(test_url_ports_all_combinations_follow_the_rule),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
