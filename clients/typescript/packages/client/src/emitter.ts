// Handlers by name. A handler that throws stops neither the others nor the client.
export class Emitter {
  #handlers = new Map<string, Set<(value: any) => void>>();
  #onFault;
  constructor(onFault: (fault: unknown) => void) {
    this.#onFault = onFault;
  }

  on(name: string, handler: (value: any) => void): () => void {
    const all = this.#handlers.get(name) ?? new Set();
    this.#handlers.set(name, all.add(handler));
    return () => void all.delete(handler);
  }

  /** False when nobody listens. */
  emit(name: string, value?: unknown): boolean {
    const all = [...(this.#handlers.get(name) ?? [])];
    for (const handler of all)
      try {
        handler(value);
      } catch (fault) {
        this.#onFault(fault);
      }
    return all.length > 0;
  }
}
