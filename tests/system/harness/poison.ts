// Records that can never be handled, one of each kind.
const users = (more: string) => `{"recipientScope":"users","recipientIds":["user-1"],"type":"t","title":"x"${more}}`;

export const poisons = [
  "{",
  "null",
  "[]",
  "5",
  "\u0000",
  "[".repeat(10_000),
  JSON.stringify({ recipientScope: "planet", type: "t", title: "x" }),
  JSON.stringify({ recipientScope: "users", type: "t", title: "x" }),
  JSON.stringify({ recipientScope: "users", recipientIds: ["user-1"], type: "", title: "x" }),
  JSON.stringify({ recipientScope: "users", recipientIds: ["user-1"], type: "t", title: "x\u0000" }),
  '{"recipientScope":"users","recipientIds":["user-1"],"type":"t\\ud800","title":"x"}',
  users(',"data":{"n":1e200000}'),
  users(`,"deep":${"[".repeat(80)}${"]".repeat(80)}`),
];
