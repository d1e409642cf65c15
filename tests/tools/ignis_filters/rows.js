// `data` and `extra` are JSON text, so that numbers stay as they are written.
module.exports = [
  {
    key: "k1",
    title: "alpha",
    body: "Hello",
    occurredAt: "2026-01-01T00:00:00.000Z",
    data: '{"x":5,"tags":["a","b"],"s":"b","n":null,"flag":true,"nested":{"a":1}}',
  },
  {
    key: null,
    title: "Beta",
    body: "hello",
    occurredAt: "2026-01-02T00:00:00.000Z",
    extra: "{}",
    data: '{"x":5.0,"s":"a","n":1,"flag":false,"big":1e3,"neg":-0.0,"d":1.50e1}',
  },
  {
    key: "k3",
    title: "5",
    body: null,
    occurredAt: "2026-01-03T00:00:00.000Z",
    extra: '{"a":1}',
    data: '{"x":"5","s":"C","flag":"true","arr":[1,2]}',
  },
  {
    key: "k4",
    title: "ĐƠN hàng",
    body: "100%",
    occurredAt: "2026-01-04T00:00:00.000Z",
    data: '{"x":"abc","s":"é","e":{},"z":[]}',
  },
  { key: "k5", title: "a_b", body: "a\nb", occurredAt: null },
  {
    key: "K5",
    title: "Zebra",
    body: "a\\b",
    occurredAt: "2026-01-05T00:00:00.123Z",
    extra: '{"b":[1,{"c":"d"}],"aa":"t"}',
    data: '{"x":-7.25,"s":"","00":1,"deep":{"a":[{"b":"y"}]},"text":"12"}',
  },
  {
    key: "k7",
    title: "ångström",
    body: "x",
    occurredAt: "2025-12-31T23:59:59.999Z",
    data: '{"x":1e-7,"s":"ab","flag":null,"arr":[2],"n":"1"}',
  },
];
