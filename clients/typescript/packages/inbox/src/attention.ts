// What reaches a user who does not look at the page: a sound, and a notification of the operating system. Both are off
// unless the app asks for them.
import type { Notification as Row } from "@nx-signal/client";

const soundEveryMs = 2_000;
let soundedAt = -Infinity;
let context: AudioContext | undefined;

/** Plays the file, or a short tone. Silent before the user has clicked or typed in the page: no browser allows it. */
export function sound(file: string): void {
  const now = performance.now();
  if (now - soundedAt < soundEveryMs || navigator.userActivation?.hasBeenActive === false) return;
  soundedAt = now;
  if (file) return void new Audio(file).play().catch((cause) => console.warn(`no sound from ${file}: ${cause}`));
  context ??= new AudioContext();
  void context.resume();
  const tone = context.createOscillator();
  const volume = context.createGain();
  const start = context.currentTime;
  tone.frequency.setValueAtTime(660, start);
  tone.frequency.setValueAtTime(880, start + 0.12);
  volume.gain.setValueAtTime(0.15, start);
  volume.gain.exponentialRampToValueAtTime(0.001, start + 0.45);
  tone.connect(volume).connect(context.destination);
  tone.start();
  tone.stop(start + 0.45);
}

export const isPermitted = (): boolean => globalThis.Notification?.permission === "granted";

/** The answer of the user; `unsupported` where there is no such thing. */
export const requestPermission = async (): Promise<NotificationPermission | "unsupported"> =>
  globalThis.Notification ? Notification.requestPermission() : "unsupported";

/** False where a page may not do this, e.g. on Android. */
export function notify({ id, title, body }: Pick<Row, "id" | "title" | "body">, onSelect: () => void): boolean {
  try {
    const shown = new Notification(title, { body: body ?? "", tag: id, dir: "auto" });
    shown.onclick = () => {
      window.focus();
      shown.close();
      onSelect();
    };
    return true;
  } catch {
    return false;
  }
}
