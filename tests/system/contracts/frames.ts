// Each frame that a test's client hears, and each message that an instance publishes, is held against asyncapi.json.
import { breach, documents, shape } from "./documents";
import { breached, breaches } from "./answers";

let byEvent: Map<string, string> | null = null;

/** The shapes of what the server says, by the event that each names. */
function shapes(): Map<string, string> {
  if (byEvent) return byEvent;
  byEvent = new Map();
  const { asyncapi, schemas } = documents();
  for (const { $ref } of asyncapi.operations.tellClients.messages) {
    const message = asyncapi.channels.stream.messages[$ref.split("/").at(-1)].$ref.split("/").at(-1);
    const name = asyncapi.components.messages[message].payload.$ref.split("/").at(-1);
    const event = schemas.$defs[name].properties.event.const;
    if (event) byEvent.set(event, name);
  }
  return byEvent;
}

/** What is wrong with a message of the stream, in clear; null for nothing. An event that the document does not name
 *  is a service's push. */
export function frameBreach(frame: any): string | null {
  const name = shapes().get(frame?.event);
  // A service may push an event of the same name: then nothing of Signal's is beside its data.
  const pushed = !name || (name.startsWith("Notification") && !("seq" in frame) && !("unread" in frame));
  return breach(shape(pushed ? "PushFrame" : name), frame);
}

export function checkFrame(frame: unknown): void {
  const why = frameBreach(frame);
  if (!why) return;
  breached(`a frame breaches contracts/asyncapi.json: ${why}; frame ${JSON.stringify(frame).slice(0, 400)}`);
}

const channels: [RegExp, string][] = [
  [/^signal:instances$/, "InstanceAnnouncement"],
  [/^signal:users$/, "UsersHint"],
  [/^signal:probe:/, "Probe"],
  [/^signal:operators$/, "OperatorQuestion"],
  [/^signal:answers:/, "OperatorAnswer"],
  [/^ws:/, "BusEnvelope"],
];

/** What is wrong with what an instance has published; null for nothing, and for what services publish. */
export function busBreach(channel: string, text: string): string | null {
  const name = channels.find(([pattern]) => pattern.test(channel))?.[1];
  if (!name) return channel.startsWith("signal:") ? "the channel is not documented" : null;
  if (name === "Probe") return breach(shape(name), text);
  let message: any;
  try {
    message = JSON.parse(text);
  } catch {
    return name === "BusEnvelope" ? null : "it is no JSON";
  }
  // Only an instance has a UUID; what services and tests publish is theirs.
  if (name === "BusEnvelope" && !/^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(String(message?.serverId))) return null;
  return breach(shape(name), message);
}

export function checkBus(channel: string, text: string): void {
  const why = busBreach(channel, text);
  if (why)
    breaches.push(`a message on ${channel} breaches contracts/asyncapi.json: ${why}; message ${text.slice(0, 400)}`);
}
