#include "codec/shape.h"
#include "qdrant/pb/collections.pb-c.h"

static const char *choose_setting(const qd_json_node *value) {
  return value->kind == QD_JSON_TEXT ? "setting" : NULL;
}

static qdrant_status write_diff(qd_json_writer *out, const ProtobufCMessage *message) {
  const Qdrant__QuantizationConfigDiff *config = (const void *)message;
  if (config->quantization_case != QDRANT__QUANTIZATION_CONFIG_DIFF__QUANTIZATION_DISABLED)
    return qd_json_write_shape(out, message);
  qd_json_write_raw(out, "\"Disabled\"");
  return QDRANT_OK;
}

static qdrant_status read_diff(qd_json_reader *in, const qd_json_node *value, ProtobufCMessage *message) {
  Qdrant__QuantizationConfigDiff *config = (void *)message;
  if (!qd_json_text_is(value, "Disabled"))
    return value->kind == QD_JSON_OBJECT ? qd_json_read_shape(in, value, message)
                                         : qd_json_expected(in, value, "an object or \"Disabled\"");
  config->disabled = qd_json_alloc(in, sizeof *config->disabled);
  if (config->disabled == NULL)
    return QDRANT_NO_MEMORY;
  qdrant__disabled__init(config->disabled);
  config->quantization_case = QDRANT__QUANTIZATION_CONFIG_DIFF__QUANTIZATION_DISABLED;
  return QDRANT_OK;
}

static const qd_field_shape config_fields[] = {{.name = "turboquant", .key = "turbo"}, {0}};

static const qd_field_shape product_fields[] = {{.name = "compression", .flags = QD_FIELD_ALWAYS}, {0}};

const qd_shape qd_shapes_quantization[] = {
    {.type = &qdrant__quantization_config__descriptor, .fields = config_fields},
    {.type = &qdrant__quantization_config_diff__descriptor,
        .fields = config_fields,
        .write = write_diff,
        .read = read_diff},
    {.type = &qdrant__product_quantization__descriptor, .fields = product_fields},
    {.type = &qdrant__binary_quantization_query_encoding__descriptor,
        .kind = QD_SHAPE_BARE,
        .flags = QD_SHAPE_NONE_IS_ABSENT,
        .choose = choose_setting,
        .expected = "\"default\", \"binary\", \"scalar4bits\" or \"scalar8bits\""},
    {0},
};
