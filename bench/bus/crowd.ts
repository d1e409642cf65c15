// Many clients, each in one of a few processes, since one process cannot hold the descriptors of all.
import { join } from "node:path";
import type { Entry } from "./ledger";

export type Member = { user: string; url: string };
export type Question =
  | { ask: "connect"; members: Member[]; tokens: Record<string, string> }
  | { ask: "expect"; entries: Entry[][] }
  | { ask: "heard" };
export type Answers = {
  connect: { ids: string[] };
  expect: object;
  heard: { open: number; wrong: number; closed: string[] };
};

export class Crowd {
  ids: string[] = []; // of the members' connections, in their order
  private readonly waiting: { resolve: (answer: any) => void; reject: (error: Error) => void }[] = [];
  private readonly process;

  private constructor(readonly members: Member[]) {
    this.process = Bun.spawn([process.execPath, join(import.meta.dir, "crowd_process.ts")], {
      stdout: "inherit",
      stderr: "inherit",
      ipc: (answer) => {
        const one = this.waiting.shift();
        if (answer.error !== undefined) one?.reject(new Error(answer.error));
        else one?.resolve(answer);
      },
      onExit: (_, code) => {
        for (const one of this.waiting.splice(0)) one.reject(new Error(`a process of clients ended with ${code}`));
      },
    });
  }

  /** Resolves when all are connected. */
  static async connect(members: Member[], tokens: Record<string, string>): Promise<Crowd> {
    const crowd = new Crowd(members);
    crowd.ids = (await crowd.ask({ ask: "connect", members, tokens })).ids;
    return crowd;
  }
  /** What each member is to hear, before it is published. */
  async expect(entries: Entry[][]): Promise<void> {
    await this.ask({ ask: "expect", entries });
  }
  heard(): Promise<Answers["heard"]> {
    return this.ask({ ask: "heard" });
  }
  async end(): Promise<void> {
    this.process.disconnect();
    await this.process.exited;
  }

  private ask<Asked extends Question>(question: Asked): Promise<Answers[Asked["ask"]]> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.process.send(question);
    });
  }
}
