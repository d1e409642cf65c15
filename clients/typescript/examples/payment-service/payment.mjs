// A payment service. It takes `POST /payments {orderId, merchantId, amount, currency}` and tells two kinds of
// listeners: people, by a notification that is stored, and programs, by a push that is not.
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { activityTopic, createEmitter, encodeMessage, MessageError } from "@nx-signal/producer";
import { Redis } from "ioredis";
import kafkajs from "kafkajs";

const { KAFKA_BROKERS = "127.0.0.1:9092", KAFKA_TOPIC = activityTopic } = process.env;
const { REDIS_URL = "redis://127.0.0.1:6379", PORT = "8090" } = process.env;

const kafka = new kafkajs.Kafka({ clientId: "payment-service", brokers: KAFKA_BROKERS.split(",") });
// A retry that Kafka had stored already is stored once by Signal, because the message has an `id`.
const producer = kafka.producer({ allowAutoTopicCreation: false });
// A push while Redis is away is late when Redis is back: it is dropped, not queued.
const redis = new Redis(REDIS_URL, { enableOfflineQueue: false });
const emitter = createEmitter(redis);

/** The payment is reported when Kafka has the message; the same payment reported again is stored once, by its `id`. */
async function report({ orderId, merchantId, amount, currency }) {
  const value = encodeMessage({
    recipientScope: "merchant",
    merchantId,
    type: "payment.success",
    id: `payment-${orderId}`,
    title: "Payment received",
    body: `${amount} ${currency}`,
    data: { orderId, amount, currency },
    occurredAt: new Date().toISOString(),
  });
  // One key for one merchant: its payments stay in order.
  await producer.send({ topic: KAFKA_TOPIC, messages: [{ key: String(merchantId), value }] });
  const push = { room: `merchant:${merchantId}`, event: "sale/order/paid", data: { orderId, amount, currency } };
  await emitter.toRoom(push).catch((error) => console.error(`no push for order ${orderId}: ${error.message}`));
}

const server = createServer(async (request, response) => {
  const answer = (status, body) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  };
  if (request.method !== "POST" || request.url !== "/payments") return answer(404, { message: "POST /payments" });
  try {
    await report(JSON.parse(await text(request)));
    answer(202, { message: "reported" });
  } catch (error) {
    if (error instanceof MessageError) answer(422, { message: error.message, problems: error.problems });
    else if (error instanceof SyntaxError) answer(400, { message: "the body is not JSON" });
    else {
      console.error(error);
      answer(503, { message: "the payment could not be reported: send it again" });
    }
  }
});

redis.on("error", ({ message }) => console.error(`redis: ${message}`));
await producer.connect();
server.listen(Number(PORT), "127.0.0.1", () => console.log(`payments: http://127.0.0.1:${server.address().port}`));

for (const name of ["SIGINT", "SIGTERM"])
  process.once(name, () => {
    server.close(async () => {
      await producer.disconnect();
      redis.disconnect();
    });
  });
