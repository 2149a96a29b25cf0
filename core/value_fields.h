#ifndef QD_VALUE_FIELDS_H
#define QD_VALUE_FIELDS_H

/* Field numbers for those who write and read payloads without messages: of Value, of Struct, of ListValue, and of an
 * entry of any map. */
enum {
  QD_VALUE_NULL = 1,
  QD_VALUE_DOUBLE = 2,
  QD_VALUE_INTEGER = 3,
  QD_VALUE_STRING = 4,
  QD_VALUE_BOOL = 5,
  QD_VALUE_STRUCT = 6,
  QD_VALUE_LIST = 7,
};
enum { QD_STRUCT_FIELDS = 1, QD_LIST_VALUES = 1 };
enum { QD_ENTRY_KEY = 1, QD_ENTRY_VALUE = 2 };

#endif
