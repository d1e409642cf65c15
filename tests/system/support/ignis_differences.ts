// Where the server of npm @venizia/ignis-helpers differs from docs/protocol.md: the fact, what is expected, what it
// does.
const refused = '{"event":"error","data":{"message":"Authentication failed"}}, then close 4003 `Authentication failed`';
const error = (message: string) => JSON.stringify({ event: "error", data: { message } });

export const ignisDifferences = [
  [
    "no extension and no subprotocol is chosen, whatever is offered",
    "no Sec-WebSocket-Protocol: ",
    "no Sec-WebSocket-Protocol: chat",
  ],
  ["a plain request on the path is answered 426 with a JSON error", "426", "404"],
  ["invalid UTF-8 in a binary message closes 1007", "close 1007", "nothing"],
  [
    "before connected, 16,384 bytes are accepted and one more byte closes 1009 `Received too big message`",
    "close 1009 `Received too big message`",
    `message ${error("Not authenticated")}`,
  ],
  ["200 messages at once close 1008 `Rate limit`", "close 1008 `Rate limit`", "nothing"],
  ["200 empty fragments at once close 1008 `Rate limit`", "close 1008 `Rate limit`", "nothing"],
  ["a token without exp is refused with 4003", refused, "connected"],
  ["a token without userId is refused with 4003", refused, "connected"],
  ["a token whose userId is not an id is refused with 4003", refused, "connected"],
  ["a token whose userId has the shape of a room is refused with 4003", refused, "connected"],
  ["a token over 8 KiB is refused with 4003", refused, "connected"],
  ["a type that is not Bearer is refused with 4003", refused, "connected"],
  [
    "a compressed clientPublicKey is refused with 4003",
    '{"event":"error","data":{"message":"Authentication error"}}, then close 4003 `Authentication failed`',
    "connected",
  ],
  ["ping is answered `pong` with its id as sent and the time", "`pong`", "nothing"],
  ["50 answers come in the order of their questions", "`pong`", "nothing"],
  ["a message sealed under the client's key is handled like the message inside", "`pong`", "nothing"],
  ["an envelope within an envelope is not answered", "`pong`", "nothing"],
  [
    "the third envelope that does not open closes 4004 `Decryption failed`",
    "close 4004 `Decryption failed`",
    "nothing",
  ],
  ["an envelope that opens in between resets the count", "`pong`", "nothing"],
  ["the server's own envelopes, sent back, do not open", "close 4004 `Decryption failed`", "nothing"],
  ["refresh is answered `refreshed` with `expiresAt`", "`refreshed`", "nothing"],
  ["a sealed refresh that is repeated is not answered", "`refreshed`", "nothing"],
  [
    "a refresh with a bad token is answered `Refresh failed`; the third closes 4003",
    error("Refresh failed"),
    "nothing",
  ],
  ["a refresh with another user's token is answered `Refresh failed`", error("Refresh failed"), "nothing"],
  ["since 0: hints in the order of seq, then `caught-up` with their number", "`caught-up`", "nothing"],
  ["since the end: `caught-up` alone, complete", "`caught-up`", "nothing"],
  ["a since above the inbox: complete is false, and seq is that of the inbox", "`caught-up`", "nothing"],
  ["another epoch is answered like since 0, with the current epoch", "`caught-up`", "nothing"],
  [
    "a since that is not an integer from 0 on: `Invalid since`, the connection stays",
    error("Invalid since"),
    "nothing",
  ],
];
