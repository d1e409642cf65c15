// A payment service: kafkajs to the embedded broker.
import { Kafka, logLevel, type Producer } from "kafkajs";

export const topic = "signal.activity-notification";

export async function connectProducer(broker: string): Promise<Producer> {
  const kafka = new Kafka({ clientId: "payment", brokers: [broker], logLevel: logLevel.ERROR, retry: { retries: 8 } });
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  return producer;
}
