// Which tab shows a notification: the first one that writes its id. IndexedDB is one for all tabs of a browser, and its
// transactions exclude each other; it also knows what was shown before a reload.

/** More ids are pruned to half as many, the oldest first: ids are UUIDs of version 7, which begin with the time. */
const mostIds = 2_000;
const store = "shown";

const answered = <Value>(request: IDBRequest<Value>): Promise<Value> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

export class Claims {
  #database: Promise<IDBDatabase>;
  #leads;
  #here = new Set<string>(); // without IndexedDB

  /** `leads`: this tab is the one that may show something where the browser forbids IndexedDB. */
  constructor(name: string, leads: () => boolean) {
    this.#leads = leads;
    this.#database = this.#open(`${name} toasts`);
    this.#database.catch(() => undefined); // `claim` sees it
  }

  /** Those of `ids` that no tab has claimed before; they are this tab's now. */
  async claim(ids: string[]): Promise<Set<string>> {
    const won = new Set<string>();
    try {
      const transaction = (await this.#database).transaction(store, "readwrite");
      const shown = transaction.objectStore(store);
      for (const id of ids) {
        const request = shown.add(1, id);
        request.onsuccess = () => won.add(id);
        // Another tab has it. Without this, the whole transaction would be taken back.
        request.onerror = (event) => {
          event.preventDefault();
          event.stopPropagation();
        };
      }
      const done = new Promise<void>((resolve, reject) => {
        transaction.oncomplete = () => resolve();
        transaction.onabort = () => reject(transaction.error);
      });
      await Promise.all([done, this.#prune(shown)]);
      return won;
    } catch {
      return this.#claimHere(ids);
    }
  }

  async end(): Promise<void> {
    await this.#database.then((database) => database.close()).catch(() => undefined);
  }

  async #open(name: string): Promise<IDBDatabase> {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(store);
    return answered(request);
  }

  async #prune(shown: IDBObjectStore): Promise<void> {
    const count = await answered(shown.count());
    if (count <= mostIds) return;
    const keys = await answered(shown.getAllKeys(null, count - mostIds / 2));
    await answered(shown.delete(IDBKeyRange.upperBound(keys.at(-1))));
  }

  #claimHere(ids: string[]): Set<string> {
    const won = new Set(this.#leads() ? ids.filter((id) => !this.#here.has(id)) : []);
    for (const id of won) this.#here.add(id);
    return won;
  }
}
